// The heart: runs one attempt and says how it ended.
import { HandlerCrash } from '../isolation/crash.ts'
import type { JobContext } from '../job/context.ts'
import { asError } from '../job/as-error.ts'
import { checkResult } from '../job/json-value.ts'
import { Suspension, Verdict, type Outcome } from '../job/outcome.ts'
import { parseInput, parseOutput } from '../job/payload.ts'
import { attemptsFor, nextWait } from '../job/retry.ts'
import { runChecks } from '../job/run-checks.ts'
import { upcast } from '../job/upcast.ts'
import { OrderlyError, type ErrorCode } from '../primitives/errors.ts'
import type { Attempt } from './attempt.ts'
import { openContext } from './context.ts'
import { endAfterCrash } from './crashes.ts'
import { collectEvidence, keepEvidence } from './evidence.ts'
import type { Rooms } from './rooms.ts'
import { outcomeOfHeldBack } from './service-calls.ts'
import { noteStuck } from './stuck.ts'
import { armTimers, deadlineOf } from './timers.ts'

/** Runs one attempt. Every ending of the handler is an Outcome; it throws only when a room itself fails. */
export async function execute(attempt: Attempt, rooms: Rooms): Promise<Outcome> {
  let leave: () => void
  try {
    leave = await rooms.admission.enter(attempt.job.options.cost, attempt.stop.signal)
  } catch (error) {
    return classify(error, attempt, rooms)
  }
  const startedAt = rooms.clock.now()
  const timers = armTimers(attempt, rooms)
  const evidence = collectEvidence(attempt.end)
  let outcome: Outcome
  try {
    const input = await readInput(attempt)
    const context = openContext({ ...attempt, alive: timers.alive }, input, evidence, rooms)
    outcome = await perform(attempt, context, rooms)
  } catch (error) {
    outcome =
      error instanceof HandlerCrash
        ? await endAfterCrash(error, attempt, rooms)
        : (outcomeOfHeldBack(error, attempt, rooms) ?? classify(error, attempt, rooms))
  } finally {
    attempt.end.reach()
    timers.disarm()
    leave()
  }
  return keepEvidence(outcome, evidence, attempt, startedAt, rooms)
}

/** What a handler is given: brought up to date, then parsed. */
async function readInput({ job, input, version }: Attempt): Promise<unknown> {
  return parseInput(job, upcast(job.name, input, { from: version, to: job.version }, job.upcast))
}

async function perform(attempt: Attempt, context: JobContext, rooms: Rooms): Promise<Outcome> {
  const { job, handler, stop } = attempt
  await runChecks(job, 'before', () => handler.checks.before?.(context), context)
  const running = rooms.telemetry.handle(attempt, () => rooms.isolation.run(attempt, context))
  const returned = await untilAborted(running, stop.signal, () =>
    noteStuck(running, attempt, rooms),
  )
  if (returned instanceof Verdict) return bounded(returned.outcome, attempt)
  const output = await parseOutput(job, returned)
  // What cannot be stored as it is fails here, as an error of the job; further on it would be one of the store.
  checkResult(job, 'output', output)
  await runChecks(job, 'after', () => handler.checks.after?.(context, output), context)
  return { type: 'completed', output }
}

/** A handler may ask for another attempt; it does not get more of them than its job has for this error. */
function bounded(outcome: Outcome, { job, number }: Attempt): Outcome {
  if (outcome.type !== 'retry' && outcome.type !== 'failed') return outcome
  const error = ownError(outcome.error)
  const isLast = outcome.type === 'failed' || number >= attemptsFor(job.options.retry, error)
  return isLast ? { type: 'failed', error } : { ...outcome, error }
}

/** What ended another job, whose end a handler waited for or whose context it kept. */
const OF_OTHERS = new Set<ErrorCode>(['ORDERLY_CANCELLED', 'ORDERLY_LOCK_LOST'])

/** That another job was cancelled or overtaken does not do the same to this one: its own signal would say so. */
function ownError(error: Error): Error {
  if (!(error instanceof OrderlyError && OF_OTHERS.has(error.code))) return error
  return new OrderlyError('ORDERLY_JOB_FAILED', error.message, { cause: error })
}

/** A handler that ignores its signal must not hold its slot for ever. */
async function untilAborted<T>(
  running: Promise<T>,
  signal: AbortSignal,
  aborts: () => void,
): Promise<T> {
  signal.throwIfAborted()
  let onAbort = (): void => {}
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => {
      aborts()
      reject(signal.reason)
    }
    signal.addEventListener('abort', onAbort, { once: true })
  })
  // Which of the two loses the race may still reject later.
  running.catch(() => {})
  aborted.catch(() => {})
  try {
    return await Promise.race([running, aborted])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

/** Codes that end the job whatever its attempts. */
const FINAL = new Set([
  'ORDERLY_INPUT_INVALID',
  'ORDERLY_CHECK_FAILED',
  'ORDERLY_EFFECT_UNSURE',
  'ORDERLY_DEFINITION_INVALID',
  'ORDERLY_DEADLINE',
  'ORDERLY_EVIDENCE_MISSING',
])

function classify(thrown: unknown, attempt: Attempt, rooms: Rooms): Outcome {
  const { signal } = attempt.stop
  const now = rooms.clock.now()
  if (!signal.aborted && thrown instanceof Suspension)
    return { type: 'snoozed', delay: Math.max(0, thrown.until - now), reason: 'sleeps' }
  // A handler that stops on its signal throws whatever its library throws; the signal knows the real reason.
  const error = signal.aborted ? asError(signal.reason) : ownError(asError(thrown))
  if (error instanceof OrderlyError) {
    if (error.code === 'ORDERLY_LOCK_LOST') return { type: 'fenced' }
    if (error.code === 'ORDERLY_CLOSED') return { type: 'interrupted' }
    if (error.code === 'ORDERLY_CANCELLED') return { type: 'cancelled', reason: error.message }
    if (FINAL.has(error.code)) return { type: 'failed', error }
  }
  const { retry } = attempt.job.options
  const delay = nextWait(retry, error, attempt.number, { now, random: rooms.random() })
  if (delay === undefined) return { type: 'failed', error }
  // An attempt that could only begin after the deadline is none.
  const { endBy } = attempt.marks
  if (endBy !== undefined && now + delay >= endBy)
    return { type: 'failed', error: withCause(deadlineOf(attempt.job.name), error) }
  return { type: 'retry', error, delay }
}

function withCause(error: OrderlyError, cause: Error): OrderlyError {
  return new OrderlyError(error.code, error.message, { cause })
}
