// An instance for tests: on stores of its own that vanish with it, and with the questions that tests ask.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { JobDefinition } from '../job/define-job.ts'
import type { RunEvidence } from '../job/evidence.ts'
import type { Accepted, Parsed, Schema } from '../job/schema.ts'
import { createOrderly, roomsOf, type Orderly, type OrderlyOptions } from '../orderly.ts'
import { OrderlyError } from '../primitives/errors.ts'
import type { LifeEvent } from '../runtime/inspect.ts'

/** What became of a job that a test had run. */
export interface Performed<Output> {
  readonly id: string
  readonly state: string
  /** Set when it completed. */
  readonly output: Output | undefined
  /** Set when it failed: as it was thrown, unless the job holds PHI. */
  readonly error: string | null
  readonly errorCode: string | null
  readonly attempts: number
  readonly evidence: readonly RunEvidence[]
  readonly life: readonly LifeEvent[]
}

export interface EnqueuedInput<Input> {
  readonly id: string
  readonly input: Input
  readonly state: string
}

export interface Drained {
  readonly completed: number
  readonly failed: number
}

export interface TestOrderly extends Orderly {
  /**
   * Runs one job to its end, retries included, and says what became of it. One that sleeps or is snoozed is left where it
   * is: its state is `delayed` then.
   */
  perform<Input extends Schema, Output extends Schema>(
    job: JobDefinition<Input, Output>,
    input: Accepted<Input>,
  ): Promise<Performed<Parsed<Output>>>
  /**
   * Works off everything that waits, and what that enqueues.
   *
   * @param options `delayed`: run what is delayed too, at once, and what sleeps once more; else it is left
   */
  workOff(options?: { delayed?: boolean }): Promise<Drained>
  /** The jobs of a kind that wait, oldest first, with their inputs. */
  enqueued<Input extends Schema>(
    job: JobDefinition<Input>,
  ): Promise<readonly EnqueuedInput<Accepted<Input>>[]>
  /**
   * Throws unless such a job waits.
   *
   * @param input what its input holds at least; left out, any job of the kind will do
   */
  assertEnqueued<Input extends Schema>(
    job: JobDefinition<Input>,
    input?: Partial<Accepted<Input>>,
  ): Promise<void>
}

const WAITING = ['waiting', 'prioritized', 'delayed'] as const
const silent = { debug() {}, info() {}, warn() {}, error() {} }

/**
 * Opens an instance on stores in a folder of its own, which `close` removes. It is a real one: what works here works on
 * the embedded engine. Nothing runs before `perform`, `workOff` or `start`.
 */
export async function createTestOrderly(
  options: Omit<OrderlyOptions, 'home'>,
): Promise<TestOrderly> {
  const home = mkdtempSync(join(tmpdir(), 'orderly-test-'))
  const orderly = await createOrderly({ log: silent, grace: '100ms', ...options, home })
  const rooms = roomsOf(orderly)
  const waiting = async (job: JobDefinition<any, any>) => {
    const jobs = await rooms.engines
      .current()
      .engine.queue(job.queue)
      .getJobs([...WAITING], 0, -1, true)
    return Promise.all(
      jobs
        .filter(({ name }) => name === job.name)
        .map(async (found) => ({
          id: found.id!,
          input: found.data as unknown,
          state: await found.getState(),
        })),
    )
  }
  const promoteAll = async (): Promise<void> => {
    for (const name of rooms.registry.queues.keys())
      await rooms.engines.current().engine.queue(name).promoteJobs()
  }
  /** Each job once: one that sleeps again would do so for ever. @returns how many */
  const promoteOnce = async (done: Set<string>): Promise<number> => {
    let count = 0
    for (const name of rooms.registry.queues.keys())
      for (const job of await rooms.engines.current().engine.queue(name).getDelayed()) {
        if (done.has(job.id!)) continue
        const life = (await orderly.inspectJob(job.id!))?.life ?? []
        if (life.at(-1)?.type === 'snoozed') done.add(job.id!)
        // One that waits its turn in a lane may have been let run meanwhile.
        if (await rooms.engines.current().engine.raw(name).promote(job.id!)) count++
      }
    return count
  }
  const closeInstance = orderly.close
  const close = async (): Promise<void> => {
    await closeInstance()
    rmSync(home, { recursive: true, force: true })
  }
  // The instance itself, so that whatever takes one, such as `serve`, takes this one, too.
  return Object.assign(orderly, {
    async perform<Input extends Schema, Output extends Schema>(
      job: JobDefinition<Input, Output>,
      input: Accepted<Input>,
    ) {
      await orderly.start()
      const { id } = await orderly.enqueue(job as JobDefinition<any>, input as never)
      await ended(orderly, id, promoteAll)
      return performed(orderly, job, id)
    },
    async workOff({ delayed = false }: { delayed?: boolean } = {}) {
      const before = await orderly.countJobs()
      await orderly.start()
      const asleep = new Set<string>()
      for (;;) {
        const promoted = delayed ? await promoteOnce(asleep) : 0
        if (promoted === 0 && (await countPending(orderly)) === 0) break
        await orderly.clock.sleep(5)
      }
      const after = await orderly.countJobs()
      const count = (counts: typeof after, wanted: string): number =>
        counts.reduce((sum, { state, n }) => (state === wanted ? sum + n : sum), 0)
      return {
        completed: count(after, 'completed') - count(before, 'completed'),
        failed: count(after, 'failed') - count(before, 'failed'),
      }
    },
    enqueued: waiting as TestOrderly['enqueued'],
    async assertEnqueued<Input extends Schema>(
      job: JobDefinition<Input>,
      input?: Partial<Accepted<Input>>,
    ) {
      const found = await waiting(job)
      if (found.some((one) => holds(one.input, input))) return
      throw new OrderlyError(
        'ORDERLY_NOT_FOUND',
        found.length === 0
          ? `no job "${job.name}" waits`
          : `${found.length} jobs "${job.name}" wait, and none has the input that was asked for`,
      )
    },
    close,
    [Symbol.asyncDispose]: close,
  })
}

/** How many jobs are to be run now. */
async function countPending(orderly: Orderly): Promise<number> {
  const open = new Set(['waiting', 'prioritized', 'active'])
  const counts = await orderly.countJobs()
  return counts.reduce((sum, { state, n }) => (open.has(state) ? sum + n : sum), 0)
}

async function ended(orderly: Orderly, id: string, promoteAll: () => Promise<void>): Promise<void> {
  for (;;) {
    const job = await orderly.inspectJob(id)
    if (job && job.finished_at !== null) return
    if (job?.state === 'delayed') {
      // A test does not wait for a backoff; but what sleeps or was snoozed would only do so again.
      if (job.life.at(-1)?.type === 'snoozed') return
      await promoteAll()
    }
    await orderly.clock.sleep(2)
  }
}

async function performed<Output extends Schema>(
  orderly: Orderly,
  { queue }: JobDefinition<any, Output>,
  id: string,
): Promise<Performed<Parsed<Output>>> {
  const rooms = roomsOf(orderly)
  const [job, row] = await Promise.all([
    orderly.inspectJob(id),
    rooms.engines.current().engine.queue(queue).getJob(id),
  ])
  const isCompleted = job!.state === 'completed'
  return {
    id,
    state: job!.state,
    output: isCompleted ? ((row?.returnvalue ?? undefined) as Parsed<Output>) : undefined,
    error: isCompleted ? null : (row?.failedReason ?? null),
    errorCode: job!.error_code,
    attempts: job!.attempts,
    evidence: await orderly.evidence(id),
    life: job!.life,
  }
}

/** Whether `value` holds at least what `part` says. */
function holds(value: unknown, part: unknown): boolean {
  if (part === undefined) return true
  if (typeof part !== 'object' || part === null || Array.isArray(part))
    return isDeepStrictEqual(value, part)
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.entries(part).every(([key, inner]) =>
      holds((value as Record<string, unknown>)[key], inner),
    )
  )
}
