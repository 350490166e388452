// The values of a workflow run: sealed where they are kept, opened for the expressions that ask for them.
import { findJob } from '../history/find.ts'
import { queueIdOf } from '../job/record-id.ts'
import { runPlace } from '../state/sealed-values.ts'
import type { RunNodeRow, RunRow } from '../state/run-tables.ts'
import type { Mapping } from '../workflow/document.ts'
import { readExpression, type Root } from '../workflow/expression.ts'
import type { Rooms } from './rooms.ts'

export const NODE_ITSELF = -1

/** What expressions may ask for, `item` and `index` aside. */
export interface Known {
  readonly input: unknown
  readonly run: unknown
  readonly steps: Readonly<Record<string, { readonly state: string; readonly output: unknown }>>
}

export function sealValue(
  rooms: Rooms,
  runId: string,
  what: string,
  value: unknown,
): Promise<string> {
  return rooms.vault.seal(JSON.stringify(value ?? null), runPlace(runId, what), 'encrypted')
}

export async function openValue(
  rooms: Rooms,
  runId: string,
  what: string,
  sealed: string | null,
): Promise<unknown> {
  return sealed === null ? null : JSON.parse(await rooms.vault.open(sealed, runPlace(runId, what)))
}

/** Everything the expressions of a run may look at now. */
export async function openKnown(
  rooms: Rooms,
  run: RunRow,
  nodes: readonly RunNodeRow[],
): Promise<Known> {
  const ended = nodes.filter(({ item, ended_at }) => item === NODE_ITSELF && ended_at !== null)
  const steps = await Promise.all(
    ended.map(
      async ({ node, state, output }) =>
        [node, { state, output: await openValue(rooms, run.id, `node/${node}`, output) }] as const,
    ),
  )
  return {
    input: await openValue(rooms, run.id, 'input', run.input),
    run: {
      id: run.id,
      workflow: run.workflow,
      version: run.version,
      started: new Date(run.created_at).toISOString(),
    },
    steps: Object.fromEntries(steps),
  }
}

const RUN: readonly Root[] = ['input', 'steps', 'run']
const EACH: readonly Root[] = [...RUN, 'item', 'index']

/** The value of one expression. @throws what reading or evaluating throws */
export function evaluate(text: string, known: Known): unknown {
  return readExpression(text, RUN).evaluate({ ...known })
}

/** The input that a mapping makes; an empty object where there is none. */
export function mapInput(
  mapping: Mapping | undefined,
  known: Known,
  each?: { readonly item: unknown; readonly index: number },
): unknown {
  if (mapping === undefined) return each ? each.item : {}
  const roots = each ? EACH : RUN
  const values = { ...known, ...(each ? { item: each.item, index: BigInt(each.index) } : {}) }
  const one = (text: string): unknown => readExpression(text, roots).evaluate(values)
  if (typeof mapping === 'string') return one(mapping)
  return Object.fromEntries(Object.entries(mapping).map(([field, text]) => [field, one(text)]))
}

/** How the job of a node ended, by the record; undefined while it has not. */
export async function endOfJob(
  rooms: Rooms,
  jobId: string,
): Promise<
  { readonly ok: boolean; readonly output: unknown; readonly error: string | null } | undefined
> {
  const job = await findJob(rooms.history, jobId)
  if (!job || job.finished_at === null) return undefined
  if (job.state !== 'completed')
    return { ok: false, output: null, error: job.error_code ?? 'ORDERLY_CANCELLED' }
  if (job.output === null) return { ok: true, output: null, error: null }
  const place = {
    queue: job.queue,
    slot: 'output',
    anchor: queueIdOf(job.queue, jobId),
    seq: 0,
  } as const
  return { ok: true, output: JSON.parse(await rooms.vault.open(job.output, place)), error: null }
}
