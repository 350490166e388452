// Calls of jobs to outside services: bounded, counted, held back while a service fails.
import { stateOf, type BreakerState } from '../job/breaker.ts'
import type { JobContext } from '../job/context.ts'
import { kindOf } from '../job/faults.ts'
import { HeldBack, heldBackBy } from '../job/held-back.ts'
import type { Outcome } from '../job/outcome.ts'
import { newId } from '../primitives/ids.ts'
import { beginCall, breakerOf, endCall, findServices, type CallEnd } from '../state/services.ts'
import type { Attempt } from './attempt.ts'
import type { Rooms } from './rooms.ts'

/** Longer than a handler that was told to stop needs to give its call up. */
const GIVEN_UP_MS = 5_000
/** Those who wait for one moment do not all come in it. */
const SPREAD_MS = 1_000

export function openCalls(
  { job, end, stop: { signal } }: Pick<Attempt, 'job' | 'end' | 'stop'>,
  rooms: Rooms,
): JobContext['call'] {
  const { state, clock } = rooms
  return async (service, fn) => {
    end.refuse()
    const now = clock.now()
    const id = newId(now)
    const until = now + job.options.timeout + GIVEN_UP_MS
    const start = await beginCall(state, service, { id, now, until })
    if (start.type === 'wait') throw new HeldBack(service.name, start.why, start.wait)
    const isTrial = start.type === 'trial'
    const ended = (how: CallEnd): Promise<void> =>
      endCall(state, service, { id, isTrial, end: how, now: clock.now() }).catch((error: Error) =>
        rooms.log.warn(
          { service: service.name, error: error.message },
          'how a call to a service ended could not be noted',
        ),
      )
    try {
      const answer = await fn()
      await ended('answered')
      return answer
    } catch (error) {
      // A call that was broken off says nothing of the service, whatever its library throws.
      const how = signal.aborted ? 'unknown' : kindOf(error) === 'external' ? 'failed' : 'answered'
      await ended(how)
      throw error
    }
  }
}

/** The outcome of an attempt that a service held back: it comes back, and does not count. */
export function outcomeOfHeldBack(
  error: unknown,
  { stop: { signal } }: Pick<Attempt, 'stop'>,
  { random }: Rooms,
): Outcome | undefined {
  const held = heldBackBy(error)
  if (!held || signal.aborted) return undefined
  const delay = held.wait + Math.floor(random() * Math.min(held.wait, SPREAD_MS))
  return { type: 'snoozed', delay, reason: 'a service is held back' }
}

/** The breaker of an outside service. */
export interface ServiceState {
  readonly name: string
  readonly state: BreakerState
  /** Failures that count towards its opening. */
  readonly failures: number
  /** Since when it is open. Milliseconds since 1970 UTC, as is the next. */
  readonly openedAt: number | null
  /** When one call may try again. */
  readonly triesAt: number | null
}

/** The breakers of services that have failed since they last were open; those of all others are closed. */
export async function readServices({ state, clock }: Rooms): Promise<ServiceState[]> {
  const now = clock.now()
  return (await findServices(state)).map((row) => {
    const breaker = breakerOf(row)
    const rules = { failures: 0, within: row.span, cooldown: row.cooldown }
    return {
      name: row.name,
      state: stateOf(breaker, rules, now),
      failures: breaker.failedAt.filter((at) => at > now - row.span).length,
      openedAt: breaker.openedAt,
      triesAt: breaker.openedAt === null ? null : breaker.openedAt + row.cooldown,
    }
  })
}
