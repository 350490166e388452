// A state as a word, an icon and a colour; never the colour alone.
import { STATE_TOKENS, knownState, type StateIcon } from '../look/tokens.ts'
import {
  IconBan,
  IconCheck,
  IconChevronsUp,
  IconCircle,
  IconClock,
  IconHandStop,
  IconLoader2,
  IconPlayerPause,
  IconPoint,
  IconRepeat,
  IconSitemap,
  IconSkull,
  IconX,
} from '../look/icons.ts'
import { useTexts } from '../app/texts.ts'

export const STATE_TEXTS = {
  waiting: ['Waiting', 'En espera'],
  prioritized: ['Prioritized', 'Con prioridad'],
  delayed: ['Delayed', 'Aplazado'],
  active: ['Running', 'En curso'],
  retrying: ['Retrying', 'Reintentando'],
  'waiting-children': ['Waiting for children', 'Espera a sus hijos'],
  approval: ['Awaiting approval', 'Espera aprobación'],
  completed: ['Completed', 'Completado'],
  failed: ['Failed', 'Fallido'],
  dead: ['Dead letter', 'Sin solución'],
  cancelled: ['Cancelled', 'Cancelado'],
  paused: ['Paused', 'En pausa'],
} as const

/** What a word of a state does not say by itself. */
const HELP = {
  waiting: [
    'Taken in the order they came, before those with a priority',
    'Se toman por orden de llegada, antes que los que tienen prioridad',
  ],
  prioritized: [
    'They wait too: added with a priority, taken by it once those without one are done',
    'También esperan: se añadieron con prioridad, y se toman por ella tras los que no la tienen',
  ],
} as const

const ICONS: Readonly<Record<StateIcon, typeof IconCircle>> = {
  circle: IconCircle,
  chevrons: IconChevronsUp,
  clock: IconClock,
  spinner: IconLoader2,
  loop: IconRepeat,
  tree: IconSitemap,
  hand: IconHandStop,
  check: IconCheck,
  cross: IconX,
  skull: IconSkull,
  ban: IconBan,
  bars: IconPlayerPause,
}

/** Says a state as its badge does; undefined of none. */
export function useStateWord(): (state: string | undefined) => string | undefined {
  const say = useTexts(STATE_TEXTS)
  return (state) => {
    const known = state === undefined ? undefined : knownState(state)
    return known ? say(known) : state
  }
}

export interface StateBadgeProps {
  readonly state: string
  /** What it is called instead of the state's own word. */
  readonly label?: string
  readonly withLabel?: boolean
}

export function StateBadge({ state, label, withLabel = true }: StateBadgeProps) {
  const say = useTexts(STATE_TEXTS)
  const help = useTexts(HELP)
  const known = knownState(state)
  const Icon = known ? ICONS[STATE_TOKENS[known].icon] : IconPoint
  const word = label ?? (known ? say(known) : state)
  const told = known === 'waiting' || known === 'prioritized' ? help(known) : undefined
  const title = withLabel ? told : word
  return (
    <span className="state" data-state={known ?? 'other'} title={title}>
      <Icon
        size={14}
        stroke={2.2}
        aria-hidden
        className={known === 'active' ? 'turning' : undefined}
      />
      {withLabel ? <span>{word}</span> : <span className="only-read">{word}</span>}
    </span>
  )
}
