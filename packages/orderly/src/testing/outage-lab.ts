// An instance on a store that comes and goes, with everything its tests need to prove that no job is lost or done twice.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import type { HistoryTables } from '../history/tables.ts'
import {
  createOrderly,
  defineJob,
  handle,
  type JobDefinition,
  type Orderly,
  type OrderlyOptions,
} from '../index.ts'
import { systemClock } from '../primitives/clock.ts'

type Numbered = z.ZodObject<{ n: z.ZodNumber }>
const numbered: Numbered = z.object({ n: z.number() })

export const work: JobDefinition<Numbered, Numbered> = defineJob({
  name: 'work',
  input: numbered,
  output: numbered,
})

export interface Line {
  readonly level: 'info' | 'warn' | 'error'
  readonly text: string
  readonly fields: Readonly<Record<string, unknown>>
}

export interface Lab {
  readonly orderly: Orderly
  readonly home: string
  readonly log: readonly Line[]
  /** Ids of the jobs that handlers have ended, once for each time. */
  readonly runs: readonly string[]
  /** Ids that were given to callers. */
  readonly accepted: readonly string[]
  /** Milliseconds that each enqueue took. */
  readonly waits: readonly number[]
  /** How long a handler takes, in milliseconds. */
  pace: number
  /** Enqueues this many jobs, one after the other. */
  add(count: number): Promise<string[]>
  /** Resolves once every accepted job is completed on record. */
  settled(): Promise<void>
  /** What the record says, by job. */
  record(): Promise<Map<string, { state: string; engine: string; completions: number }>>
  close(): Promise<void>
}

export async function openLab(
  url: string,
  options: Partial<OrderlyOptions> = {},
  start = true,
): Promise<Lab> {
  const home = options.home ?? mkdtempSync(join(tmpdir(), 'orderly-outage-'))
  const log: Line[] = []
  const runs: string[] = []
  const accepted: string[] = []
  const waits: number[] = []
  const write =
    (level: Line['level']) =>
    (fields: object, text?: string): void =>
      void log.push({ level, text: text ?? '', fields: fields as Line['fields'] })
  const orderly = await createOrderly({
    home,
    queueUrl: url,
    log: {
      debug: () => undefined,
      info: write('info'),
      warn: write('warn'),
      error: write('error'),
    },
    jobs: [work],
    handlers: [
      handle(work, async (ctx) => {
        if (lab.pace > 0) await systemClock.sleep(lab.pace)
        runs.push(ctx.jobId)
        return { n: ctx.input.n }
      }),
    ],
    ...options,
  })
  const history = orderly.database.withTables<HistoryTables>()
  const lab: Lab = {
    orderly,
    home,
    log,
    runs,
    accepted,
    waits,
    pace: 0,
    async add(count) {
      const ids: string[] = []
      for (let n = 0; n < count; n++) {
        const before = systemClock.elapsed()
        const { id } = await orderly.enqueue(work, { n })
        waits.push(systemClock.elapsed() - before)
        accepted.push(id)
        ids.push(id)
      }
      return ids
    },
    async settled() {
      await until(async () => {
        const record = await lab.record()
        return accepted.every((id) => record.get(id)?.state === 'completed')
      })
    },
    async record() {
      const jobs = await history.query
        .selectFrom('orderly_jobs')
        .select(['id', 'state', 'engine'])
        .execute()
      const endings = await history.query
        .selectFrom('orderly_events')
        .select((select) => ['job_id', select.fn.countAll<number>().as('n')])
        .where('type', '=', 'completed')
        .groupBy('job_id')
        .execute()
      const counts = new Map(endings.map(({ job_id, n }) => [job_id, n]))
      return new Map(
        jobs.map(({ id, state, engine }) => [
          id,
          { state, engine, completions: counts.get(id) ?? 0 },
        ]),
      )
    },
    async close() {
      await orderly.close()
      if (!options.home) rmSync(home, { recursive: true, force: true })
    },
  }
  if (start) await orderly.start()
  return lab
}

const LOOK_MS = 25
const GIVE_UP_MS = 50_000

/** Resolves once `condition` holds. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const begun = systemClock.elapsed()
  while (!(await condition())) {
    if (systemClock.elapsed() - begun > GIVE_UP_MS)
      throw new Error(`this did not come true: ${condition.toString()}`)
    await systemClock.sleep(LOOK_MS)
  }
}
