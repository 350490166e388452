// One transition of one workflow run: what has ended is noted, what comes next is begun.
import type { JobDefinition } from '../job/define-job.ts'
import { recordIdOf } from '../job/record-id.ts'
import { milliseconds, type Duration } from '../primitives/duration.ts'
import { OrderlyError } from '../primitives/errors.ts'
import type { OutgoingJob } from '../state/outgoing.ts'
import type { RunNodeRow, RunRow } from '../state/run-tables.ts'
import type { LogEntry, Transition } from '../state/move-runs.ts'
import { findRun, type EndedJob } from '../state/runs.ts'
import type { WorkflowEdge, WorkflowNode } from '../workflow/document.ts'
import { lastStep, nextStep, type NodeState } from '../workflow/progress.ts'
import { blankRow, said } from './cancel-run.ts'
import { entryFor } from './entry.ts'
import type { OpenedEvent } from './event-keys.ts'
import { beginItems, lookAtItems } from './move-items.ts'
import { beginWait, findEventFor, patience } from './move-waits.ts'
import { newRunRow } from './new-run.ts'
import { sealOutgoing, withoutKey } from './outgoing.ts'
import type { Rooms } from './rooms.ts'
import { runningJobs, type Picture } from './run-picture.ts'
import {
  NODE_ITSELF,
  openValue,
  outputName,
  outputOfJob,
  RunValues,
  sealValue,
} from './run-values.ts'
import type { SubRuns } from './sub-runs.ts'

const MOST_STEPS = 10_000
/** Why a run is cancelled that nobody cancelled. */
const ABOVE_FAILED = 'the run that it is within has failed'

/** What is to be brought to an end once the transition has happened. */
export interface Stops {
  readonly jobs: string[]
  readonly runs: string[]
}

/** A run comes to a job that this process does not know: one that does moves it on. */
export class LeftToOthers extends Error {
  constructor(job: string) {
    super(`job "${job}" is not registered here`)
  }
}

export class Move {
  readonly rooms: Rooms
  readonly picture: Picture
  readonly values: RunValues
  readonly now: number
  readonly stops: Stops = { jobs: [], runs: [] }
  /** Whether something may have come while the transition was worked out, so that the run is looked at once more. */
  isToBeSeenAgain = false
  readonly #changed = new Map<string, RunNodeRow>()
  readonly #fresh = new Map<string, Map<number, unknown>>()
  readonly #jobs: OutgoingJob[] = []
  /** The runs that this transition begins, and those that are to end with what works in them. */
  readonly children: RunRow[] = []
  readonly wound: string[] = []
  readonly #subRuns: SubRuns
  readonly #log: LogEntry[] = []
  #look: boolean | undefined
  /** An event that has just come, which nodes may wait for. */
  readonly told: OpenedEvent | undefined

  constructor(rooms: Rooms, picture: Picture, subRuns: SubRuns, told?: OpenedEvent) {
    this.rooms = rooms
    this.picture = picture
    this.#subRuns = subRuns
    this.told = told
    this.now = rooms.clock.now()
    const { run, rows, plan } = picture
    this.values = new RunValues(rooms, run, rows, plan.document.params)
  }

  /**
   * Undefined when nothing is to be done now. It changes the picture, which holds once the transition has happened.
   *
   * @param ended jobs of the run that have ended, by id
   */
  async prepare(ended: ReadonlyMap<string, EndedJob>): Promise<Transition | undefined> {
    if (this.picture.run.look === 1) this.#look = false
    await this.#takeInJobs(ended)
    for (const name of this.picture.running) await this.#lookAt(this.picture.rows.get(name)!)
    await lookAtItems(this)
    let end: ReturnType<typeof lastStep>['end']
    for (let step = 0; step < MOST_STEPS && end === undefined; step++) {
      const next = await this.#next()
      for (const name of next.skip) this.#end(this.row(name), 'skipped')
      for (const name of next.cancel) this.#cancel(name)
      for (const name of next.wind ?? []) this.#windDown(name)
      for (const name of [...next.start, ...next.compensate]) await this.#begin(name)
      end = next.end
      const begun = [...next.start, ...next.compensate, ...next.cancel]
      // What ended as soon as it began may let others begin.
      if (!begun.some((name) => this.picture.rows.get(name)!.ended_at !== null)) break
    }
    const { run } = this.picture
    const isIdle = this.#changed.size === 0 && this.#look === undefined
    if (isIdle && end === undefined && run.revision > 0) return undefined
    if (run.revision === 0) this.#log.unshift(said('began', '', run.who))
    const to = end === undefined ? undefined : { state: end, output: await this.#output(end) }
    if (end !== undefined) this.log(end, '', end === 'cancelled' ? ABOVE_FAILED : '')
    return {
      nodes: [...this.#changed.values()],
      jobs: this.#jobs,
      children: this.children,
      wound: this.wound,
      log: this.#log,
      look: this.#look,
      ...(to ? { to } : {}),
    }
  }

  /** Notes in the picture that the transition has happened. */
  settle({ to, look }: Transition): void {
    const { run } = this.picture
    run.revision++
    if (look !== undefined) run.look = Number(look)
    if (to) run.state = to.state
  }

  async #next(): Promise<ReturnType<typeof lastStep>> {
    const { plan, rows, completed, holds } = this.picture
    const states = new Map<string, NodeState>()
    for (const [name, { state }] of rows) if (state !== 'waiting') states.set(name, state)
    await this.#askConditions(states)
    const taken = (edge: WorkflowEdge): boolean => holds.get(edge) === true
    if (this.picture.run.ending === 0) return nextStep(plan, states, completed, taken)
    const last = lastStep(plan, states, completed, taken)
    const isCut = [...rows.values()].some(({ error }) => error === 'ORDERLY_CANCELLED')
    return last.end === 'completed' && isCut ? { ...last, end: 'cancelled' } : last
  }

  /** Works out the conditions that the next step depends on. */
  async #askConditions(states: ReadonlyMap<string, NodeState>): Promise<void> {
    const { plan, holds } = this.picture
    for (const edge of plan.document.edges) {
      if (edge.when === undefined || holds.has(edge)) continue
      const from = states.get(edge.from)
      if (from === undefined || from === 'running' || from === 'skipped') continue
      if (plan.document.nodes[edge.from]!.type !== 'branch' && states.has(edge.to)) continue
      holds.set(edge, await this.#holds(edge.from, edge.when))
    }
  }

  async #holds(node: string, text: string): Promise<boolean> {
    try {
      return (await this.values.evaluate(text)) === true
    } catch {
      // A condition over something that is not there does not hold.
      this.rooms.log.warn(
        { run: this.picture.run.id, node },
        'a condition of a workflow could not be evaluated',
      )
      return false
    }
  }

  row(node: string, item: number = NODE_ITSELF): RunNodeRow {
    return (
      (item === NODE_ITSELF ? this.picture.rows.get(node) : undefined) ??
      blankRow(this.picture.run.id, node, this.now, item)
    )
  }

  put(row: RunNodeRow): void {
    this.#changed.set(`${row.item}/${row.node}`, row)
    if (row.item !== NODE_ITSELF) return
    const { rows, running } = this.picture
    rows.set(row.node, row)
    if (row.state === 'running') running.add(row.node)
    else running.delete(row.node)
  }

  log(what: string, node: string, detail = ''): void {
    this.#log.push(said(what, node, '', detail))
  }

  async complete(row: RunNodeRow, output: unknown): Promise<void> {
    const what = outputName(row.node, row.item)
    const sealed = await sealValue(this.rooms, this.picture.run.id, what, output)
    if (row.item === NODE_ITSELF) {
      this.values.put(row.node, output ?? null)
      this.picture.completed.push(row.node)
    } else this.itemOutputs(row.node).set(row.item, output ?? null)
    this.#end({ ...row, output: sealed }, 'completed')
  }

  /** What items have returned that ended with this transition. */
  itemOutputs(node: string): Map<number, unknown> {
    const outputs = this.#fresh.get(node) ?? new Map<number, unknown>()
    this.#fresh.set(node, outputs)
    return outputs
  }

  fail(row: RunNodeRow, error: string): void {
    const node = this.picture.plan.document.nodes[row.node]!
    const retry = 'retry' in node && row.item === NODE_ITSELF ? node.retry : undefined
    const isOver = !retry || row.attempt > retry.times || this.picture.run.ending === 1
    if (isOver) return this.#end({ ...row, error }, 'failed')
    const wait = retry.wait === undefined ? 0 : milliseconds(retry.wait as Duration)
    this.put({
      ...row,
      job_id: null,
      child: null,
      waits_for: 'retry',
      due_at: this.now + wait,
      attempt: row.attempt + 1,
    })
    this.log('retrying', row.node, error)
    if (wait === 0) this.isToBeSeenAgain = true
  }

  #end(row: RunNodeRow, state: 'completed' | 'failed' | 'skipped'): void {
    const ended_at = this.#endOf(row)
    this.put({ ...row, state, waits_for: null, waits_key: null, ended_at })
    if (row.item === NODE_ITSELF) this.log(state, row.node, row.error ?? '')
  }

  /** Nodes end one after the other though clocks differ: what was done is undone in the reverse of this order. */
  #endOf({ item }: RunNodeRow): number {
    const rows = item === NODE_ITSELF ? [...this.picture.rows.values()] : []
    const latest = rows.reduce((most, { ended_at }) => Math.max(most, ended_at ?? 0), 0)
    return this.now < latest ? latest + 1 : this.now
  }

  #cancel(name: string): void {
    const each = this.picture.each.get(name)
    const items = each ? [...each.running.values()] : []
    for (const row of [...items, this.picture.rows.get(name)!]) {
      if (row.job_id !== null) this.stops.jobs.push(row.job_id)
      if (row.child !== null) this.stops.runs.push(row.child)
      this.#end({ ...row, error: 'ORDERLY_CANCELLED' }, 'skipped')
    }
    this.picture.each.delete(name)
  }

  /** Lets nothing begin any more in a sub-workflow. */
  #windDown(name: string): void {
    const { child } = this.picture.rows.get(name)!
    if (child === null) this.#cancel(name)
    else this.wound.push(child)
  }

  /** Has the run looked at once more when the transition has happened, whoever lives to do so. */
  lookAgain(): void {
    this.#look = true
    this.isToBeSeenAgain = true
  }

  /** Notes the jobs that have ended, of nodes and of items. */
  async #takeInJobs(ended: ReadonlyMap<string, EndedJob>): Promise<void> {
    if (ended.size === 0) return
    for (const row of runningJobs(this.picture)) {
      const job = ended.get(row.job_id!)
      if (!job) continue
      if (job.state === 'completed') await this.complete(row, await outputOfJob(this.rooms, job))
      else this.fail(row, job.error_code ?? 'ORDERLY_CANCELLED')
      if (row.item === NODE_ITSELF) continue
      const items = this.picture.each.get(row.node)!
      items.running.delete(row.item)
      items.ended++
      if (job.state !== 'completed') items.failed++
    }
  }

  /** Whether something that runs and is no job has ended. */
  async #lookAt(row: RunNodeRow): Promise<void> {
    if (row.job_id !== null) return
    const node = this.picture.plan.document.nodes[row.node]!
    if (row.child !== null) {
      const child = await findRun(this.rooms.state, row.child)
      if (!child || child.finished_at === null) return
      if (child.state !== 'completed' && child.ending === 1)
        return this.#end({ ...row, error: 'ORDERLY_CANCELLED' }, 'skipped')
      if (child.state !== 'completed') return this.fail(row, 'ORDERLY_JOB_FAILED')
      return this.complete(row, await openValue(this.rooms, child.id, 'output', child.output))
    }
    if (row.waits_for?.startsWith('event/')) {
      const event = await findEventFor(this, row)
      if (event) return this.complete({ ...row, event_id: event.id }, event.payload)
    }
    if (row.due_at === null || row.due_at > this.now) return
    await this.#passTime(row, node)
  }

  /** A time that was waited for has come, or the patience for something else is over. */
  async #passTime(row: RunNodeRow, node: WorkflowNode): Promise<void> {
    if (row.waits_for === 'retry') return this.#begin(row.node)
    if (row.waits_for === null) {
      if (node.type !== 'for-each') await this.complete(row, null)
      return
    }
    if (node.type === 'approval' && node.escalation && row.waits_for === 'approval') {
      this.put({ ...row, waits_for: 'escalation', due_at: patience(this.now, node.deadline) })
      return this.log('escalated', row.node, node.escalation.join(', '))
    }
    this.fail(row, 'ORDERLY_WAIT_TIMEOUT')
  }

  async #begin(name: string): Promise<void> {
    const node = this.picture.plan.document.nodes[name]!
    const started = {
      state: 'running' as const,
      started_at: this.now,
      waits_for: null,
      due_at: null,
    }
    const row: RunNodeRow = { ...this.row(name), ...started }
    this.log('began', name)
    try {
      await this.#beginNode(name, node, row)
    } catch (error) {
      if (error instanceof LeftToOthers) throw error
      // An expression that does not fit what there is, or an input that a job refuses, is the node's failure.
      this.fail(row, codeOf(error))
    }
  }

  async #beginNode(name: string, node: WorkflowNode, row: RunNodeRow): Promise<void> {
    switch (node.type) {
      case 'job':
      case 'compensate':
        return this.put({
          ...row,
          job_id: await this.enqueue(node.job, await this.values.map(node.input)),
        })
      case 'for-each':
        return beginItems(this, name, node, row)
      case 'branch':
      case 'parallel':
      case 'join':
        return this.complete(row, null)
      case 'delay':
        return this.put({ ...row, due_at: patience(this.now, node.for) })
      case 'approval':
        return this.put({
          ...row,
          waits_for: 'approval',
          due_at: patience(this.now, node.deadline),
        })
      case 'sub-workflow': {
        const input = await this.values.map(node.input)
        const { run } = this.picture
        const root = await this.#subRuns.add(run)
        const child = await newRunRow(this.rooms, node.workflow, input, {
          by: run.who,
          within: { parent: run.id, root },
          ...(node.version === undefined ? {} : { version: node.version }),
        })
        this.children.push(child)
        this.isToBeSeenAgain = true
        return this.put({ ...row, child: child.id })
      }
      case 'wait':
        return beginWait(this, node, row)
    }
  }

  isLeftToOthers(error: unknown): boolean {
    return error instanceof LeftToOthers
  }

  /** @returns the id that the job is recorded under */
  async enqueue(name: string, input: unknown): Promise<string> {
    const job: JobDefinition | undefined = this.rooms.registry.jobs.get(name)
    if (!job) throw new LeftToOthers(name)
    const marks = { run: this.picture.run.id }
    const made = await entryFor(this.rooms, job, input, {}, marks)
    const outgoing = await sealOutgoing(this.rooms, job.queue, withoutKey(made))
    this.#jobs.push(outgoing)
    return recordIdOf(job.queue, outgoing.id)
  }

  async #output(end: RunRow['state']): Promise<string | null> {
    if (end !== 'completed') return null
    const { output } = this.picture.plan.document
    let value: unknown = null
    try {
      value = output === undefined ? null : await this.values.map(output)
    } catch {
      this.rooms.log.warn(
        { run: this.picture.run.id },
        'the output of a workflow run could not be worked out; it yields nothing',
      )
    }
    return sealValue(this.rooms, this.picture.run.id, 'output', value)
  }
}

/** The code of what a node failed with. */
export function codeOf(error: unknown): string {
  return error instanceof OrderlyError ? error.code : 'ORDERLY_INPUT_INVALID'
}
