// Moves a workflow run on: what has ended is noted, what comes next is begun, in one transaction for each step.
import type { JobDefinition } from '../job/define-job.ts'
import { recordIdOf } from '../job/record-id.ts'
import { milliseconds, type Duration } from '../primitives/duration.ts'
import { OrderlyError } from '../primitives/errors.ts'
import { newId } from '../primitives/ids.ts'
import type { OutgoingJob } from '../state/outgoing.ts'
import type { RunNodeRow, RunRow } from '../state/run-tables.ts'
import { findRun, findRunNodes, moveRun, type Transition } from '../state/runs.ts'
import type { ForEachNode, Mapping, WorkflowDocument, WorkflowNode } from '../workflow/document.ts'
import { nextStep, type NodeState } from '../workflow/progress.ts'
import { entryFor } from './entry.ts'
import { sealOutgoing, withoutKey } from './outgoing.ts'
import type { Rooms } from './rooms.ts'
import {
  endOfJob,
  evaluate,
  mapInput,
  NODE_ITSELF,
  openKnown,
  openValue,
  sealValue,
  type Known,
} from './run-values.ts'

const MOST_STEPS = 10_000
const USUAL_PARALLEL = 10
const MOST_ITEMS = 100_000

/** Moves a run on as far as it goes now. */
export async function advanceRun(rooms: Rooms, id: string): Promise<void> {
  for (let step = 0; step < MOST_STEPS; step++) {
    const run = await findRun(rooms.state, id)
    if (!run || run.state !== 'running') return
    const nodes = await findRunNodes(rooms.state, id)
    const transition = await new Move(rooms, run, nodes).next()
    if (!transition) return
    // Somebody else was faster: what they left is looked at anew.
    await moveRun(rooms.state, run, transition, rooms.clock.now())
  }
}

/** One transition of one run. */
class Move {
  readonly #rooms: Rooms
  readonly #run: RunRow
  readonly #document: WorkflowDocument
  readonly #rows: Map<string, RunNodeRow>
  readonly #changed = new Map<string, RunNodeRow>()
  readonly #jobs: OutgoingJob[] = []
  readonly #children: RunRow[] = []
  readonly #now: number

  constructor(rooms: Rooms, run: RunRow, nodes: readonly RunNodeRow[]) {
    this.#rooms = rooms
    this.#run = run
    this.#document = JSON.parse(run.document) as WorkflowDocument
    this.#rows = new Map(nodes.map((row) => [keyOf(row.node, row.item), row]))
    this.#now = rooms.clock.now()
  }

  /** Undefined when nothing is to be done now. */
  async next(): Promise<Transition | undefined> {
    for (const row of this.#rows.values()) if (row.state === 'running') await this.#look(row)
    const known = await openKnown(this.#rooms, this.#run, [...this.#rows.values()])
    await this.#goThrough(known)
    const { start, skip, compensate, end } = nextStep(
      this.#document,
      this.#states(),
      this.#completedInOrder(),
      (edge) => this.#holds(edge.from, edge.when!, known),
    )
    for (const name of skip) this.#put(this.#row(name, { state: 'skipped', ended_at: this.#now }))
    for (const name of [...start, ...compensate]) await this.#begin(name, known)
    if (this.#changed.size === 0 && end === undefined && this.#run.revision > 0) return undefined
    // Only what did not change anything may end it: what has just begun may have ended too, and is looked at next.
    const isEnd = end !== undefined && this.#changed.size === 0
    return {
      nodes: [...this.#changed.values()],
      jobs: this.#jobs,
      children: this.#children,
      ...(isEnd ? { end: { state: end, output: await this.#output(end, known) } } : {}),
    }
  }

  #states(): Map<string, NodeState> {
    const states = new Map<string, NodeState>()
    for (const { node, item, state } of this.#rows.values())
      if (item === NODE_ITSELF) states.set(node, state)
    return states
  }

  #completedInOrder(): string[] {
    return [...this.#rows.values()]
      .filter(({ item, state }) => item === NODE_ITSELF && state === 'completed')
      .toSorted((a, b) => a.ended_at! - b.ended_at!)
      .map(({ node }) => node)
  }

  #holds(node: string, text: string, known: Known): boolean {
    try {
      return evaluate(text, known) === true
    } catch {
      // A condition over something that is not there does not hold.
      this.#rooms.log.warn(
        { run: this.#run.id, node },
        'a condition of a workflow could not be evaluated',
      )
      return false
    }
  }

  #row(node: string, more: Partial<RunNodeRow>): RunNodeRow {
    const empty: RunNodeRow = {
      run_id: this.#run.id,
      node,
      item: NODE_ITSELF,
      state: 'waiting',
      job_id: null,
      child: null,
      waits_for: null,
      due_at: null,
      output: null,
      error: null,
      started_at: this.#now,
      ended_at: null,
    }
    return { ...empty, ...this.#rows.get(keyOf(node, more.item ?? NODE_ITSELF)), ...more }
  }

  #put(row: RunNodeRow): void {
    const key = keyOf(row.node, row.item)
    this.#rows.set(key, row)
    this.#changed.set(key, row)
  }

  async #complete(row: RunNodeRow, output: unknown): Promise<void> {
    const what = row.item === NODE_ITSELF ? `node/${row.node}` : `node/${row.node}/${row.item}`
    const sealed = await sealValue(this.#rooms, this.#run.id, what, output)
    this.#put({ ...row, state: 'completed', output: sealed, ended_at: this.#now })
  }

  #fail(row: RunNodeRow, error: string): void {
    this.#put({ ...row, state: 'failed', error, ended_at: this.#now })
  }

  /** Whether something that runs has ended. */
  async #look(row: RunNodeRow): Promise<void> {
    const node = this.#document.nodes[row.node]!
    if (row.job_id !== null) {
      const end = await endOfJob(this.#rooms, row.job_id)
      if (end?.ok) await this.#complete(row, end.output)
      else if (end) this.#fail(row, end.error ?? 'ORDERLY_JOB_FAILED')
      return
    }
    if (row.child !== null) {
      const child = await findRun(this.#rooms.state, row.child)
      if (!child || child.state === 'running') return
      if (child.state !== 'completed') return this.#fail(row, 'ORDERLY_JOB_FAILED')
      return this.#complete(row, await openValue(this.#rooms, child.id, 'output', child.output))
    }
    if (row.due_at === null || row.due_at > this.#now) return
    // A time that was waited for has come, or the patience for something else is over.
    if (row.waits_for === null && node.type !== 'for-each') await this.#complete(row, null)
    else if (row.waits_for !== null) this.#fail(row, 'ORDERLY_WAIT_TIMEOUT')
  }

  async #begin(name: string, known: Known): Promise<void> {
    const node = this.#document.nodes[name]!
    const row = this.#row(name, { state: 'running' })
    try {
      await this.#beginNode(name, node, row, known)
    } catch (error) {
      // An expression that does not fit what there is, or an input that a job refuses, is the node's failure.
      const code = error instanceof OrderlyError ? error.code : 'ORDERLY_INPUT_INVALID'
      this.#fail(row, code)
    }
  }

  async #beginNode(name: string, node: WorkflowNode, row: RunNodeRow, known: Known): Promise<void> {
    switch (node.type) {
      case 'job':
      case 'compensate': {
        const job_id = await this.#enqueue(node.job, mapInput(node.input, known))
        return this.#put({ ...row, job_id })
      }
      case 'for-each':
        return this.#beginItems(name, node, row, known)
      case 'branch':
      case 'parallel':
      case 'join':
        return this.#complete(row, null)
      case 'delay':
        return this.#put({ ...row, due_at: this.#now + milliseconds(node.for as Duration) })
      case 'approval':
        return this.#put({ ...row, waits_for: 'approval', due_at: this.#patience(node.deadline) })
      case 'sub-workflow':
        return this.#beginChild(node, row, known)
      case 'wait': {
        const { until } = node
        if ('time' in until)
          return this.#put({ ...row, due_at: timeOf(evaluate(until.time, known)) })
        const waits_for = 'signal' in until ? `signal/${until.signal}` : `event/${until.event}`
        return this.#put({ ...row, waits_for, due_at: this.#patience(node.timeout) })
      }
    }
  }

  #patience(span: string | undefined): number | null {
    return span === undefined ? null : this.#now + milliseconds(span as Duration)
  }

  async #beginChild(
    node: Extract<WorkflowNode, { type: 'sub-workflow' }>,
    row: RunNodeRow,
    known: Known,
  ): Promise<void> {
    const document = this.#rooms.workflows.find(node.workflow, node.version)
    const id = newId(this.#now)
    const input = await sealValue(this.#rooms, id, 'input', mapInput(node.input, known))
    this.#children.push({
      id,
      workflow: document.id,
      version: document.version,
      document: JSON.stringify(document),
      input,
      output: null,
      state: 'running',
      who: this.#run.who,
      revision: 0,
      created_at: this.#now,
      finished_at: null,
    })
    this.#put({ ...row, child: id })
  }

  async #beginItems(name: string, node: ForEachNode, row: RunNodeRow, known: Known): Promise<void> {
    const items = evaluate(node.items, known)
    if (!Array.isArray(items) || items.length > MOST_ITEMS)
      throw new OrderlyError(
        'ORDERLY_INPUT_INVALID',
        `the items of "${name}" are no list of at most ${MOST_ITEMS}`,
      )
    if (items.length === 0) return this.#complete(row, [])
    this.#put(row)
    for (const [item] of items.entries()) this.#put(this.#row(name, { item }))
    await this.#fill(name, node, items, known)
  }

  /** Starts as many items as may run at once, and ends a for-each whose items have all ended. */
  async #goThrough(known: Known): Promise<void> {
    for (const [name, node] of Object.entries(this.#document.nodes)) {
      if (node.type !== 'for-each') continue
      const row = this.#rows.get(keyOf(name, NODE_ITSELF))
      if (row?.state !== 'running') continue
      const own = this.#items(name)
      const failed = own.filter(({ state }) => state === 'failed').length
      const threshold = node.failureThreshold ?? 0
      const most = threshold < 1 ? threshold * own.length : threshold
      const open = own.filter(({ state }) => state === 'running')
      if (failed > most) {
        // Those that run end by themselves; nobody begins another.
        if (open.length === 0) this.#fail(row, 'ORDERLY_JOB_FAILED')
        continue
      }
      if (own.every(({ ended_at }) => ended_at !== null)) {
        const outputs = await Promise.all(
          own.map(({ item, output }) =>
            openValue(this.#rooms, this.#run.id, `node/${name}/${item}`, output),
          ),
        )
        await this.#complete(row, outputs)
      } else await this.#fill(name, node, undefined, known)
    }
  }

  #items(name: string): RunNodeRow[] {
    return [...this.#rows.values()]
      .filter(({ node, item }) => node === name && item !== NODE_ITSELF)
      .toSorted((a, b) => a.item - b.item)
  }

  async #fill(
    name: string,
    node: ForEachNode,
    given: readonly unknown[] | undefined,
    known: Known,
  ): Promise<void> {
    const own = this.#items(name)
    const free =
      (node.maxParallel ?? USUAL_PARALLEL) - own.filter(({ state }) => state === 'running').length
    const next = own.filter(({ state }) => state === 'waiting').slice(0, Math.max(0, free))
    if (next.length === 0) return
    const items = given ?? (evaluate(node.items, known) as readonly unknown[])
    for (const row of next) {
      const running = { ...row, state: 'running' as const, started_at: this.#now }
      try {
        const each = { item: items[row.item], index: row.item }
        this.#put({
          ...running,
          job_id: await this.#enqueue(node.job, mapInput(node.input, known, each)),
        })
      } catch (error) {
        this.#fail(running, error instanceof OrderlyError ? error.code : 'ORDERLY_INPUT_INVALID')
      }
    }
  }

  /** @returns the id that the job is recorded under */
  async #enqueue(name: string, input: unknown): Promise<string> {
    const job: JobDefinition | undefined = this.#rooms.registry.jobs.get(name)
    if (!job) throw new OrderlyError('ORDERLY_JOB_UNKNOWN', `job "${name}" is not registered here`)
    const marks = { run: this.#run.id }
    const entry = await entryFor(this.#rooms, job, input, {}, marks)
    const outgoing = await sealOutgoing(this.#rooms, job.queue, withoutKey(entry))
    this.#jobs.push(outgoing)
    return recordIdOf(job.queue, outgoing.id)
  }

  async #output(end: RunRow['state'], known: Known): Promise<string | null> {
    if (end !== 'completed') return null
    const mapping: Mapping | undefined = this.#document.output
    const value = mapping === undefined ? null : mapInput(mapping, known)
    return sealValue(this.#rooms, this.#run.id, 'output', value)
  }
}

function keyOf(node: string, item: number): string {
  return `${item}/${node}`
}

/** A time that an expression yields: ISO 8601, or milliseconds since 1970 UTC. */
function timeOf(value: unknown): number {
  const time =
    typeof value === 'string' ? Date.parse(value) : value instanceof Date ? value.getTime() : value
  if (typeof time === 'number' && Number.isFinite(time)) return time
  throw new OrderlyError(
    'ORDERLY_INPUT_INVALID',
    'a time to wait for is ISO 8601, or milliseconds since 1970',
  )
}
