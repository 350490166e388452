// What a process remembers of the runs it moves on, so that a step costs what it changes and not what the run holds.
import type { RunNodeRow, RunRow } from '../state/run-tables.ts'
import { countItems, findOpenItems, findRun, findRunDocument, findRunNodes } from '../state/runs.ts'
import type { WorkflowDocument, WorkflowEdge } from '../workflow/document.ts'
import { planOf, type Plan } from '../workflow/plan.ts'
import type { Rooms } from './rooms.ts'

/** How the items of a for-each stand. */
export interface EachPicture {
  /** How many have begun; the next one to begin has this place. */
  begun: number
  ended: number
  failed: number
  readonly running: Map<number, RunNodeRow>
  /** Items that are to begin anew. */
  readonly again: RunNodeRow[]
  /** The list it goes through, once it was worked out. */
  items?: readonly unknown[]
}

/** A run at one of its revisions. Whoever takes it out of the memory may change it, and nobody else sees it. */
export interface Picture {
  readonly run: RunRow
  readonly plan: Plan
  /** The nodes themselves, without their items and outputs. */
  readonly rows: Map<string, RunNodeRow>
  readonly running: Set<string>
  /** Those that completed, in order. */
  readonly completed: string[]
  readonly each: Map<string, EachPicture>
  /** Which conditions hold: what they look at does not change any more once they are asked. */
  readonly holds: Map<WorkflowEdge, boolean>
}

/** Whoever wants a run to be moved on. */
export interface Asked {
  /** Set for one that is to begin. */
  readonly row: RunRow | undefined
  readonly done: readonly ((error?: unknown) => void)[]
}

export interface RunMemory {
  /** Takes out the picture of a run as it stands in the store; undefined where it does not run. */
  take(rooms: Rooms, id: string): Promise<Picture | undefined>
  /** Keeps a picture that is as the store has it. */
  keep(picture: Picture): void
  /** Runs that something has happened to, to be moved on by whoever has their turn. */
  readonly moved: Map<string, Asked>
  /** When this process last kept a document for runs to begin with, by digest. Milliseconds since 1970 UTC. */
  readonly documents: Map<string, number>
}

const MOST_ROWS = 400_000

export function openRunMemory(): RunMemory {
  const pictures = new Map<string, Picture>()
  let rows = 0
  const drop = (id: string): Picture | undefined => {
    const picture = pictures.get(id)
    if (!picture) return undefined
    pictures.delete(id)
    rows -= sizeOf(picture)
    return picture
  }
  return {
    moved: new Map(),
    documents: new Map(),
    async take(rooms, id) {
      const known = drop(id)
      const run = await findRun(rooms.state, id)
      if (run?.state !== 'running') return undefined
      if (known?.run.revision === run.revision) return known
      return loadPicture(rooms, run)
    },
    keep(picture) {
      drop(picture.run.id)
      if (picture.run.state !== 'running') return
      pictures.set(picture.run.id, picture)
      rows += sizeOf(picture)
      for (const id of pictures.keys()) {
        if (rows <= MOST_ROWS) break
        drop(id)
      }
    },
  }
}

function sizeOf({ rows, each, plan }: Picture): number {
  const lists = [...each.values()].reduce((sum, { items }) => sum + (items?.length ?? 0), 0)
  return Math.max(rows.size, plan.order.length) + lists + 1
}

async function loadPicture(rooms: Rooms, run: RunRow): Promise<Picture> {
  const document = JSON.parse(await findRunDocument(rooms.state, run)) as WorkflowDocument
  const nodes = await findRunNodes(rooms.state, run.id, { items: false })
  const each = new Map<string, EachPicture>()
  for (const { node, total, state } of nodes)
    if (total !== null && state === 'running') each.set(node, newEach())
  if (each.size > 0) {
    for (const { node, state, n, last } of await countItems(rooms.state, run.id)) {
      const picture = each.get(node)
      if (!picture) continue
      picture.begun = Math.max(picture.begun, last + 1)
      if (state === 'failed') picture.failed += n
      if (state !== 'running' && state !== 'waiting') picture.ended += n
    }
    for (const row of await findOpenItems(rooms.state, run.id)) {
      const picture = each.get(row.node)
      if (!picture) continue
      if (row.state === 'running') picture.running.set(row.item, row)
      else picture.again.push(row)
    }
  }
  return {
    run,
    plan: planOf(document),
    rows: new Map(nodes.map((row) => [row.node, row])),
    running: new Set(nodes.flatMap(({ node, state }) => (state === 'running' ? [node] : []))),
    completed: nodes.flatMap(({ node, state }) => (state === 'completed' ? [node] : [])),
    each,
    holds: new Map(),
  }
}

export function newEach(): EachPicture {
  return { begun: 0, ended: 0, failed: 0, running: new Map(), again: [] }
}
