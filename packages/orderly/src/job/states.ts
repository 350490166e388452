// The states of a job, in BullMQ's own words, and the moves between them.

export const STATES = [
  'waiting',
  'prioritized',
  'delayed',
  'waiting-children',
  'active',
  'completed',
  'failed',
] as const

export type State = (typeof STATES)[number]

/** States of work that is still owed; a job leaves the other two only when somebody asks. */
export const OPEN_STATES: readonly State[] = STATES.filter(
  (state) => state !== 'completed' && state !== 'failed',
)

/** Whether a job in this state has come to its end. */
export function isFinishedState(state: State): state is 'completed' | 'failed' {
  return state === 'completed' || state === 'failed'
}
