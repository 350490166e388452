// The heart: runs one attempt and says how it ended.
import { waitAfter } from '../job/backoff.ts'
import { Verdict, type Outcome } from '../job/outcome.ts'
import { parseInput, parseOutput } from '../job/payload.ts'
import { OrderlyError } from '../primitives/errors.ts'
import type { Attempt } from './attempt.ts'
import { openContext } from './context.ts'
import type { Rooms } from './rooms.ts'

/** Runs one attempt. Every ending of the handler is an Outcome; it throws only when a room itself fails. */
export async function execute(attempt: Attempt, rooms: Rooms): Promise<Outcome> {
  const { signal } = attempt.stop
  const disarm = startTimeout(attempt, rooms)
  try {
    const input = await parseInput(attempt.job, attempt.input)
    const context = openContext(attempt, input, signal, rooms)
    const returned = await untilAborted(attempt.handler.run(context), signal)
    if (returned instanceof Verdict) return returned.outcome
    const output = await parseOutput(attempt.job, returned)
    // What cannot be written as JSON fails here, as an error of the job; further on it would be one of the store.
    JSON.stringify(output)
    return { type: 'completed', output }
  } catch (error) {
    return classify(error, signal, attempt, rooms)
  } finally {
    disarm()
  }
}

function startTimeout({ job, stop }: Attempt, rooms: Rooms): () => void {
  const { timeout } = job.options
  return rooms.clock.after(timeout, () =>
    stop.abort(
      new OrderlyError(
        'ORDERLY_TIMEOUT',
        `job "${job.name}" ran longer than ${timeout} ms; raise its timeout or make it stop on ctx.signal`,
      ),
    ),
  )
}

/** A handler that ignores its signal must not hold its slot for ever. */
async function untilAborted<T>(running: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  let onAbort = (): void => {}
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason)
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

function classify(thrown: unknown, signal: AbortSignal, attempt: Attempt, rooms: Rooms): Outcome {
  // A handler that stops on its signal throws whatever its library throws; the signal knows the real reason.
  const error = asError(signal.aborted ? signal.reason : thrown)
  if (error instanceof OrderlyError) {
    if (error.code === 'ORDERLY_LOCK_LOST') return { type: 'fenced' }
    if (error.code === 'ORDERLY_CLOSED') return { type: 'interrupted' }
    if (error.code === 'ORDERLY_CANCELLED') return { type: 'cancelled', reason: error.message }
    if (error.code === 'ORDERLY_INPUT_INVALID') return { type: 'failed', error }
  }
  const { attempts, backoff } = attempt.job.options
  if (attempt.number >= attempts) return { type: 'failed', error }
  return { type: 'retry', error, delay: waitAfter(backoff, attempt.number, rooms.random()) }
}

function asError(thrown: unknown): Error {
  if (thrown instanceof Error) return thrown
  return new Error(`the handler threw something that is no Error (${typeof thrown})`)
}
