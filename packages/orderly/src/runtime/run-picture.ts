// What a process remembers of the runs it moves on, so that a step costs what it changes and not what the run holds.
import type { RunNodeRow, RunRow } from '../state/run-tables.ts'
import {
  countItems,
  findOpenItems,
  findRun,
  findRunDocument,
  findRunNodes,
  findRunStates,
} from '../state/runs.ts'
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
  /** Takes out the pictures of runs as they stand in the store, those that run, in the order of `ids`. */
  take(rooms: Rooms, ids: readonly string[]): Promise<Picture[]>
  /** Keeps the picture of a run that has just begun. */
  begin(rooms: Rooms, run: RunRow): Promise<void>
  /** Keeps a picture that is as the store has it. */
  keep(picture: Picture): void
  /** Runs that something has happened to, to be moved on by whoever has their turn. */
  readonly moved: Map<string, Asked>
  /** When this process last kept a document for runs to begin with, by digest. `at` is in milliseconds since 1970 UTC. */
  readonly documents: Map<string, { readonly at: number; readonly done: Promise<unknown> }>
}

const MOST_ROWS = 400_000
/** Documents of runs, made ready. */
const MOST_PLANS = 100

export function openRunMemory(): RunMemory {
  const pictures = new Map<string, Picture>()
  const plans = new Map<string, Plan>()
  let rows = 0
  const planOfRun = async (rooms: Rooms, run: RunRow): Promise<Plan> => {
    const known = plans.get(run.document)
    if (known) return known
    const plan = planOf(JSON.parse(await findRunDocument(rooms.state, run)) as WorkflowDocument)
    if (plans.size >= MOST_PLANS) plans.clear()
    plans.set(run.document, plan)
    return plan
  }
  const drop = (id: string): Picture | undefined => {
    const picture = pictures.get(id)
    if (!picture) return undefined
    pictures.delete(id)
    rows -= sizeOf(picture)
    return picture
  }
  const keep = (picture: Picture): void => {
    drop(picture.run.id)
    if (picture.run.state !== 'running') return
    pictures.set(picture.run.id, picture)
    rows += sizeOf(picture)
    for (const id of pictures.keys()) {
      if (rows <= MOST_ROWS) break
      drop(id)
    }
  }
  return {
    moved: new Map(),
    documents: new Map(),
    async take(rooms, ids) {
      const states = await findRunStates(rooms.state, ids)
      const stands = new Map(states.map((run) => [run.id, run]))
      const taken: Picture[] = []
      for (const id of ids) {
        const known = drop(id)
        const now = stands.get(id)
        if (now?.state !== 'running') continue
        if (known?.run.revision === now.revision) taken.push(known)
        else {
          const run = await findRun(rooms.state, id)
          if (run?.state === 'running')
            taken.push(await loadPicture(rooms, run, await planOfRun(rooms, run)))
        }
      }
      return taken
    },
    async begin(rooms, run) {
      keep({
        run,
        plan: await planOfRun(rooms, run),
        rows: new Map(),
        running: new Set(),
        completed: [],
        each: new Map(),
        holds: new Map(),
      })
    },
    keep,
  }
}

function sizeOf({ rows, each, plan }: Picture): number {
  const lists = [...each.values()].reduce((sum, { items }) => sum + (items?.length ?? 0), 0)
  return Math.max(rows.size, plan.order.length) + lists + 1
}

async function loadPicture(rooms: Rooms, run: RunRow, plan: Plan): Promise<Picture> {
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
    plan,
    rows: new Map(nodes.map((row) => [row.node, row])),
    running: new Set(nodes.flatMap(({ node, state }) => (state === 'running' ? [node] : []))),
    completed: nodes.flatMap(({ node, state }) => (state === 'completed' ? [node] : [])),
    each,
    holds: new Map(),
  }
}

/** The nodes and items whose jobs have not ended yet, as far as the run knows. */
export function runningJobs({ rows, running, each }: Picture): RunNodeRow[] {
  const nodes = [...running].map((name) => rows.get(name)!)
  const items = [...each.values()].flatMap(({ running: own }) => [...own.values()])
  return [...nodes, ...items].filter(({ job_id }) => job_id !== null)
}

export function newEach(): EachPicture {
  return { begun: 0, ended: 0, failed: 0, running: new Map(), again: [] }
}
