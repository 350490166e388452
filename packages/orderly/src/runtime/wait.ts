// Waits for a job to end, wherever it runs, and hands over what it returned.
import { findJob } from '../history/find.ts'
import type { JobDefinition } from '../job/define-job.ts'
import type { EnqueueOptions } from '../job/enqueue-options.ts'
import { queueIdOf, recordIdOf } from '../job/record-id.ts'
import type { Accepted, Parsed, Schema } from '../job/schema.ts'
import { spanOf, type Duration } from '../primitives/duration.ts'
import { OrderlyError } from '../primitives/errors.ts'
import { refuseKinds } from '../primitives/known-kinds.ts'
import { enqueue } from './enqueue.ts'
import type { Rooms } from './rooms.ts'

export interface WaitOptions extends Omit<EnqueueOptions, 'transaction'> {
  /** How long to wait for the end. 30 s unless told. The job goes on when the wait is over. */
  readonly timeout?: Duration
  readonly signal?: AbortSignal
}

/** The record is asked often at first, then less: a job that has taken long takes longer. */
const FIRST_LOOK_MS = 5
const LAST_LOOK_MS = 250

/**
 * Puts a job in its queue and resolves with its output once it has completed.
 *
 * @throws OrderlyError what `enqueue` throws, `ORDERLY_JOB_FAILED`, `ORDERLY_CANCELLED`, `ORDERLY_WAIT_TIMEOUT`,
 *   `ORDERLY_NOT_FOUND` where an earlier job answers the request and its output is gone
 */
export async function enqueueAndWait<Input extends Schema, Output extends Schema>(
  rooms: Rooms,
  job: JobDefinition<Input, Output>,
  input: Accepted<Input>,
  { timeout = '30s', signal, ...options }: WaitOptions = {},
): Promise<Parsed<Output>> {
  // Before the job is in its queue: after that nobody would know its id.
  const patience = spanOf('"timeout"', timeout, 'ORDERLY_INPUT_INVALID', 0)
  refuseKinds('enqueueAndWait', { signal }, { signal: 'signal' })
  signal?.throwIfAborted()
  const { id, duplicate } = await enqueue(rooms, job as JobDefinition<Input>, input, options)
  const recordId = recordIdOf(job.queue, id)
  // What answered this request long ago may be forgotten.
  if (duplicate && !(await findJob(rooms.history, recordId))) throw gone(id)
  const row = await untilEnded(rooms, recordId, patience, signal)
  if (row.state === 'removed' || row.error_code === 'ORDERLY_CANCELLED')
    throw new OrderlyError('ORDERLY_CANCELLED', `job ${id} was cancelled before it ended`)
  if (row.state === 'failed')
    throw new OrderlyError(
      'ORDERLY_JOB_FAILED',
      `job ${id} failed with ${row.error_code}#${row.fingerprint ?? ''}; its message is under seal with the attempt`,
    )
  // Its time was over, and its content went.
  if (row.expires_at === null) throw gone(id)
  // As its schema made it, before it was stored: a schema that transforms does not fit its own result.
  const output = row.output === null ? undefined : await open(rooms, row.output, job, id)
  return output as Parsed<Output>
}

function gone(id: string): OrderlyError {
  return new OrderlyError(
    'ORDERLY_NOT_FOUND',
    `job ${id} answers this request and has ended, and what it returned is not kept any more; use a new idempotency key to have it done again, or a longer "retention"`,
  )
}

type Row = NonNullable<Awaited<ReturnType<typeof findJob>>>

async function untilEnded(
  rooms: Rooms,
  id: string,
  timeout: number,
  signal: AbortSignal | undefined,
): Promise<Row> {
  const { clock } = rooms
  const until = clock.elapsed() + timeout
  for (let pause = FIRST_LOOK_MS; ; pause = Math.min(LAST_LOOK_MS, pause * 1.5)) {
    signal?.throwIfAborted()
    await rooms.recorder.flush()
    const row = await findJob(rooms.history, id)
    if (row && row.finished_at !== null) return row
    if (clock.elapsed() >= until)
      throw new OrderlyError(
        'ORDERLY_WAIT_TIMEOUT',
        `job ${id} had not ended after ${timeout} ms; it goes on, and its id finds it`,
      )
    await clock.sleep(pause, signal)
  }
}

async function open(
  rooms: Rooms,
  envelope: string,
  { queue }: Pick<JobDefinition, 'queue'>,
  id: string,
): Promise<unknown> {
  const place = { queue, slot: 'output', anchor: queueIdOf(queue, id), seq: 0 } as const
  return JSON.parse(await rooms.vault.open(envelope, place))
}
