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

/** States a job does not leave by itself. */
const FINAL_STATES: readonly State[] = ['completed', 'failed']
/** States of work that is still owed. */
export const OPEN_STATES: readonly State[] = STATES.filter((state) => !FINAL_STATES.includes(state))
