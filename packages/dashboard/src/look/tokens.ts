// The states of jobs and runs as they look: a word, an icon, a shape and a colour that is readable on both grounds.

export const GROUNDS = {
  light: { ground: '#F6F8F9', surface: '#FFFFFF' },
  dark: { ground: '#0F1419', surface: '#1A2027' },
} as const

export interface StateToken {
  readonly light: string
  readonly dark: string
  readonly icon: StateIcon
}

export type StateIcon =
  | 'circle'
  | 'chevrons'
  | 'clock'
  | 'spinner'
  | 'loop'
  | 'tree'
  | 'hand'
  | 'check'
  | 'cross'
  | 'skull'
  | 'ban'
  | 'bars'

export const STATE_TOKENS = {
  waiting: { light: '#475569', dark: '#94A3B8', icon: 'circle' },
  prioritized: { light: '#7E22CE', dark: '#D8B4FE', icon: 'chevrons' },
  delayed: { light: '#4338CA', dark: '#A5B4FC', icon: 'clock' },
  active: { light: '#1D4ED8', dark: '#93C5FD', icon: 'spinner' },
  retrying: { light: '#92400E', dark: '#FCD34D', icon: 'loop' },
  'waiting-children': { light: '#0E7490', dark: '#67E8F9', icon: 'tree' },
  approval: { light: '#A21CAF', dark: '#F0ABFC', icon: 'hand' },
  completed: { light: '#15803D', dark: '#86EFAC', icon: 'check' },
  failed: { light: '#B91C1C', dark: '#FCA5A5', icon: 'cross' },
  dead: { light: '#7F1D1D', dark: '#F87171', icon: 'skull' },
  cancelled: { light: '#52525B', dark: '#A1A1AA', icon: 'ban' },
  paused: { light: '#57534E', dark: '#A8A29E', icon: 'bars' },
} as const satisfies Readonly<Record<string, StateToken>>

export type KnownState = keyof typeof STATE_TOKENS

/** What other words of the API look like. */
const SYNONYMS: Readonly<Record<string, KnownState>> = {
  running: 'active',
  retry: 'retrying',
  succeeded: 'completed',
  done: 'completed',
  pending: 'waiting',
  held: 'paused',
  'dead-lettered': 'dead',
  'waiting-approval': 'approval',
  skipped: 'cancelled',
  compensated: 'cancelled',
  compensating: 'retrying',
  quarantined: 'dead',
}

export function knownState(state: string): KnownState | undefined {
  return state in STATE_TOKENS ? (state as KnownState) : SYNONYMS[state]
}

/** WCAG 2.2 contrast of two colours, each `#RRGGBB`. */
export function contrast(one: string, other: string): number {
  const [light, dark] = [luminance(one), luminance(other)].toSorted((a, b) => b - a)
  return (light! + 0.05) / (dark! + 0.05)
}

function luminance(colour: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!
}
