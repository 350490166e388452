// The items of a for-each: so many at a time, and what has come of them once the last has ended.
import { OrderlyError } from '../primitives/errors.ts'
import { findItemOutputs } from '../state/runs.ts'
import type { RunNodeRow } from '../state/run-tables.ts'
import type { ForEachNode } from '../workflow/document.ts'
import type { Move } from './move-run.ts'
import { newEach, type EachPicture } from './run-picture.ts'
import { openValue, outputName } from './run-values.ts'

const USUAL_PARALLEL = 10
const MOST_ITEMS = 100_000
/** Items of all the lists of one run. */
const MOST_OF_ALL = 1_000_000

/** @throws OrderlyError `ORDERLY_INPUT_INVALID` when there is no list to go through */
export async function beginItems(
  move: Move,
  name: string,
  node: ForEachNode,
  row: RunNodeRow,
): Promise<void> {
  const items = await listOf(move, name, node)
  if (items.length === 0) return move.complete(row, [])
  const others = [...move.picture.rows.values()].reduce(
    (sum, { node: own, total }) => sum + (own === name ? 0 : (total ?? 0)),
    0,
  )
  if (others + items.length > MOST_OF_ALL)
    throw new OrderlyError(
      'ORDERLY_RUN_TOO_LARGE',
      `the lists of a run have ${MOST_OF_ALL} items at most; begin parts of it as runs of their own`,
    )
  const each: EachPicture = { ...newEach(), items }
  move.picture.each.set(name, each)
  const begun = { ...row, total: items.length }
  move.put(begun)
  await fillItems(move, name, node, each)
  // All of those that began may have been refused by their job.
  if (each.running.size === 0) await endItems(move, name, node, begun, each)
}

async function listOf(move: Move, name: string, node: ForEachNode): Promise<readonly unknown[]> {
  const items = await move.values.evaluate(node.items)
  if (Array.isArray(items) && items.length <= MOST_ITEMS) return items
  throw new OrderlyError(
    'ORDERLY_INPUT_INVALID',
    `the items of "${name}" are no list of at most ${MOST_ITEMS}`,
  )
}

/** Starts as many items as may run at once, and ends each for-each whose items have all ended. */
export async function lookAtItems(move: Move): Promise<void> {
  const { picture } = move
  for (const [name, each] of picture.each) {
    const row = picture.rows.get(name)
    const node = picture.plan.document.nodes[name]!
    if (node.type !== 'for-each' || row?.state !== 'running') continue
    if (!isLost(node, row, each)) await fillItems(move, name, node, each)
    if (each.running.size === 0) await endItems(move, name, node, row, each)
  }
}

/** Whether more have failed than may: those that run end by themselves, and nobody begins another. */
function isLost(
  { failureThreshold = 0 }: ForEachNode,
  row: RunNodeRow,
  each: EachPicture,
): boolean {
  const most = failureThreshold < 1 ? failureThreshold * row.total! : failureThreshold
  return each.failed > most
}

async function endItems(
  move: Move,
  name: string,
  node: ForEachNode,
  row: RunNodeRow,
  each: EachPicture,
): Promise<void> {
  move.picture.each.delete(name)
  if (isLost(node, row, each)) return move.fail(row, 'ORDERLY_JOB_FAILED')
  const { rooms, picture } = move
  const { id } = picture.run
  const stored = await findItemOutputs(rooms.state, id, name)
  const sealed = new Map(stored.map(({ item, output }) => [item, output]))
  const fresh = move.itemOutputs(name)
  const outputs: unknown[] = []
  for (let item = 0; item < row.total!; item++)
    outputs.push(
      fresh.has(item)
        ? fresh.get(item)
        : await openValue(rooms, id, outputName(name, item), sealed.get(item) ?? null),
    )
  await move.complete(row, outputs)
}

async function fillItems(
  move: Move,
  name: string,
  node: ForEachNode,
  each: EachPicture,
): Promise<void> {
  const total = move.picture.rows.get(name)!.total!
  const most = node.maxParallel ?? USUAL_PARALLEL
  if (each.again.length === 0 && each.begun >= total) return
  const items = (each.items ??= await listOf(move, name, node))
  const make = await move.values.mapEach(node.input)
  while (each.running.size < most && (each.again.length > 0 || each.begun < total)) {
    const before = each.again.shift()
    const item = before?.item ?? each.begun++
    const row: RunNodeRow = {
      ...(before ?? move.row(name, item)),
      state: 'running',
      started_at: move.now,
    }
    try {
      const running = { ...row, job_id: await move.enqueue(node.job, make(items[item], item)) }
      move.put(running)
      each.running.set(item, running)
    } catch (error) {
      if (move.isLeftToOthers(error)) throw error
      move.fail(row, error instanceof OrderlyError ? error.code : 'ORDERLY_INPUT_INVALID')
      each.ended++
      each.failed++
      if (isLost(node, move.picture.rows.get(name)!, each)) return
    }
  }
}
