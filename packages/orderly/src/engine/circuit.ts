// Whether the main store is used now. Opened by the first failure, closed by a sign of life.
import type { Clock } from '../primitives/clock.ts'

export type CircuitState =
  /** Everything goes to the main store. */
  | 'closed'
  /** The main store is worked on, and gets nothing new. */
  | 'full'
  /** The main store is left alone. */
  | 'open'

export interface Circuit {
  readonly state: CircuitState
  /** Why it is not closed; empty when it is. */
  readonly reason: string
  /** Since when it has been in this state. Milliseconds since 1970 UTC. */
  readonly since: number
  set(state: CircuitState, reason?: string): void
  /** Calls `listener` after each change of state. */
  onChange(listener: (state: CircuitState, before: CircuitState) => void): void
}

export function openCircuit(clock: Clock, initial: CircuitState, reason = ''): Circuit {
  const listeners: ((state: CircuitState, before: CircuitState) => void)[] = []
  let now = { state: initial, reason, since: clock.now() }
  return {
    get state() {
      return now.state
    },
    get reason() {
      return now.reason
    },
    get since() {
      return now.since
    },
    set(state, why = '') {
      if (state === now.state) return
      const before = now.state
      now = { state, reason: why, since: clock.now() }
      for (const listener of listeners) listener(state, before)
    },
    onChange: (listener) => void listeners.push(listener),
  }
}
