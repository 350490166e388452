// What a search can go on with: its keys first, then the values there are, with how many jobs each has.
import { useRead } from '../../api/use.ts'
import { STATE_TOKENS } from '../../look/tokens.ts'

export interface Completion {
  readonly option: string
  readonly count?: number | undefined
}

const KEYS = [
  'state:',
  'type:',
  'queue:',
  'created:',
  'duration:',
  'attempt:',
  'error:',
  'fp:',
  'tag:',
  'schedule:',
  'worker:',
  'priority:',
  'id:',
  'sort:',
] as const

const FIXED: Readonly<Record<string, readonly string[]>> = {
  created: ['-15m', '-1h', '-24h', '-7d'],
  duration: ['>1s', '>10s', '>1m', '<100ms'],
  attempt: ['>1', '>2'],
  sort: ['-created', 'created', '-duration', 'duration'],
}

const NOT_JOB_STATES = new Set(['retrying', 'approval', 'dead', 'cancelled', 'paused'])
const MOST = 14

/** @param word what stands under the cursor, such as `-queue:ma` */
export function useCompletion(word: string, isOpen: boolean): readonly Completion[] {
  const queues = useRead('queues.list', {}, { enabled: isOpen })
  const types = useRead('types.list', {}, { enabled: isOpen })
  const [, not = '', key, value = ''] = /^(-?)(?:([a-z]+):)?(.*)$/s.exec(word) ?? []
  if (key === undefined)
    return KEYS.filter((each) => each.startsWith(value)).map((each) => ({ option: not + each }))
  const last = value.split(',').at(-1) ?? ''
  const before = value.slice(0, value.length - last.length)
  const rows = queues.data?.data ?? []
  const known: readonly { text: string; count?: number }[] =
    key === 'state'
      ? Object.keys(STATE_TOKENS)
          .filter((state) => !NOT_JOB_STATES.has(state))
          .map((state) => ({
            text: state,
            count: rows.reduce((sum, { counts }) => sum + (counts[state as 'active'] ?? 0), 0),
          }))
      : key === 'queue'
        ? rows.map(({ name }) => ({ text: name }))
        : key === 'type'
          ? (types.data?.data ?? []).map(({ name }) => ({ text: name }))
          : (FIXED[key] ?? []).map((text) => ({ text }))
  return known
    .filter(({ text }) => text.startsWith(last) && text !== last)
    .slice(0, MOST)
    .map(({ text, count }) => ({ option: `${not}${key}:${before}${text}`, count }))
}
