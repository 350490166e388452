// Forks a workflow run: another run goes on from one of its steps, and the first one stays as it is.
import { OrderlyError } from '../primitives/errors.ts'
import { newId } from '../primitives/ids.ts'
import { forkRunRows } from '../state/move-runs.ts'
import { findOutputs, findRun, findRunNodes, keepRunDocument } from '../state/runs.ts'
import type { RunNodeRow } from '../state/run-tables.ts'
import { inputFor } from '../workflow/check-input.ts'
import type { WorkflowDocument } from '../workflow/document.ts'
import { nodesAfter, planOf } from '../workflow/plan.ts'
import { advanceRuns } from './advance-runs.ts'
import { planOfRun } from './cancel-run.ts'
import type { Rooms } from './rooms.ts'
import { NODE_ITSELF, openValue, outputName, sealValue } from './run-values.ts'
import { findWorkflow } from './workflow-store.ts'

export interface ForkOptions {
  /** The node that runs anew, with all that comes after it. */
  readonly from: string
  /** Another input than the first run had. */
  readonly input?: unknown
  /** Another version of the workflow, such as one where a fault is mended; that of the first run unless told. */
  readonly version?: number
  readonly by?: string
}

function undoneBy({ nodes }: WorkflowDocument, name: string): string | undefined {
  const node = nodes[name]
  return node?.type === 'compensate' ? node.undoes : undefined
}

/**
 * Begins a run that has behind it what the first one had before `from`, with the same results, and goes on from there.
 *
 * @throws OrderlyError `ORDERLY_NOT_FOUND` for a run, a node or a version that is not there, `ORDERLY_INPUT_INVALID` for
 *   an input that it does not take
 */
export async function forkRun(
  rooms: Rooms,
  id: string,
  { from, input, version, by = '' }: ForkOptions,
): Promise<{ readonly id: string }> {
  const run = await findRun(rooms.state, id)
  if (!run) throw new OrderlyError('ORDERLY_NOT_FOUND', 'there is no run of this id')
  const own = await planOfRun(rooms, run)
  const document: WorkflowDocument =
    version === undefined ? own.document : await findWorkflow(rooms, run.workflow, version)
  const plan = planOf(document)
  if (!plan.order.includes(from))
    throw new OrderlyError('ORDERLY_NOT_FOUND', 'there is no node of this name to go on from')
  const now = rooms.clock.now()
  const forked = newId(now)
  const anew = nodesAfter(plan, from)
  const all = await findRunNodes(rooms.state, id, { items: false })
  // What was undone, if only in part, is done anew.
  const undone = new Set(all.map(({ node }) => undoneBy(own.document, node)))
  const rows = all.filter(
    ({ node, state }) =>
      plan.order.includes(node) &&
      !anew.has(node) &&
      !(state === 'completed' && undone.has(node)) &&
      ['completed', 'skipped', 'bypassed'].includes(state),
  )
  const outputs = await findOutputs(
    rooms.state,
    id,
    rows.map(({ node }) => node),
  )
  const kept: RunNodeRow[] = []
  for (const row of rows) {
    const what = outputName(row.node, NODE_ITSELF)
    const value = await openValue(rooms, id, what, outputs.get(row.node) ?? null)
    // What was cancelled or passed over because of the failure has its turn again.
    if (row.state === 'skipped' && row.error !== null) continue
    kept.push({ ...row, run_id: forked, output: await sealValue(rooms, forked, what, value) })
  }
  const taken = input === undefined ? await openValue(rooms, id, 'input', run.input) : input
  const given = inputFor(document, taken)
  const digest = await keepRunDocument(rooms.state, JSON.stringify(document), now)
  await forkRunRows(
    rooms.state,
    {
      ...run,
      id: forked,
      version: document.version,
      document: digest,
      input: await sealValue(rooms, forked, 'input', given),
      output: null,
      state: 'running',
      who: by,
      revision: 0,
      created_at: now,
      finished_at: null,
      parent: null,
      forked_from: id,
      forked_at: from,
      root: null,
      look: 0,
      ending: 0,
    },
    kept,
    now,
  )
  await advanceRuns(rooms, [forked])
  return { id: forked }
}
