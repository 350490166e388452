// Plays a workflow on a clock of its own: what would begin and end when, if jobs took and returned what is assumed.
import { milliseconds, type Duration } from '../primitives/duration.ts'
import type { Mapping, WorkflowDocument, WorkflowNode } from './document.ts'
import { readExpression, type Root } from './expression.ts'
import { planOf, type Plan } from './plan.ts'
import { nextStep, type NodeState } from './progress.ts'
import { sampleOf } from './sample.ts'

/** What is assumed of a node; of a for-each, of each of its items. */
export interface Assumption {
  /** How long it works, or how long it is until what it waits for comes. */
  readonly duration?: Duration
  readonly output?: unknown
  /** It fails, or is refused; a number: its first so many tries fail. */
  readonly fails?: boolean | number
  /** What it waits for never comes. */
  readonly never?: boolean
}

export interface SimulationOptions {
  readonly input?: unknown
  /** When it begins, in milliseconds since 1970 UTC. */
  readonly start?: number
  /** By the names of nodes. */
  readonly nodes?: Readonly<Record<string, Assumption>>
}

export interface SimulatedEvent {
  /** Milliseconds since 1970 UTC. */
  readonly at: number
  readonly node: string
  readonly what:
    'began' | 'completed' | 'failed' | 'skipped' | 'cancelled' | 'retrying' | 'escalated'
  /** Of a for-each: how many items it has. */
  readonly items?: number
}

export interface Simulation {
  readonly events: readonly SimulatedEvent[]
  /** `stuck`: it waits for something that is assumed never to come. */
  readonly end: 'completed' | 'failed' | 'stuck'
  /** Milliseconds from its beginning to its end. */
  readonly duration: number
  /** The nodes on the way that took longest, in order. */
  readonly longest: readonly string[]
  /** What could not be worked out with what is assumed, in sentences that name the node. */
  readonly unsure: readonly string[]
  readonly output: unknown
}

export interface SimulationRooms {
  /** JSON Schema of what a job returns. */
  readonly outputOf?: (job: string) => unknown
  readonly workflow?: (id: string, version?: number) => WorkflowDocument | undefined
}

const USUAL_WORK = '1s'
const USUAL_WAIT = '1h'
const USUAL_PARALLEL = 10
const MOST_EVENTS = 100_000
const MOST_DEPTH = 8

const ROOTS: readonly Root[] = ['input', 'params', 'steps', 'run']

/** @param document one that was checked */
export function simulate(
  document: WorkflowDocument,
  options: SimulationOptions = {},
  rooms: SimulationRooms = {},
): Simulation {
  return new Play(document, options, rooms, 0).run()
}

interface Ending {
  readonly at: number
  readonly node: string
  readonly state: 'completed' | 'failed'
  readonly output: unknown
  readonly attempt: number
}

class Play {
  readonly #plan: Plan
  readonly #options: SimulationOptions
  readonly #rooms: SimulationRooms
  readonly #depth: number
  readonly #states = new Map<string, NodeState>()
  readonly #steps: Record<string, { state: string; output: unknown }> = {}
  readonly #completed: string[] = []
  readonly #began = new Map<string, number>()
  readonly #ended = new Map<string, number>()
  readonly #pending: Ending[] = []
  readonly #events: SimulatedEvent[] = []
  readonly #unsure = new Set<string>()
  readonly #start: number
  #now: number

  constructor(
    document: WorkflowDocument,
    options: SimulationOptions,
    rooms: SimulationRooms,
    depth: number,
  ) {
    this.#plan = planOf(document)
    this.#options = options
    this.#rooms = rooms
    this.#depth = depth
    this.#start = this.#now = options.start ?? 0
  }

  run(): Simulation {
    let end: Simulation['end'] | undefined
    while (end === undefined && this.#events.length < MOST_EVENTS) {
      const step = nextStep(this.#plan, this.#states, this.#completed, (edge) =>
        this.#holds(edge.from, edge.when!),
      )
      for (const node of step.skip) this.#close(node, 'skipped', null)
      for (const node of step.cancel) this.#cancel(node)
      const begun = [...step.start, ...step.compensate]
      for (const node of begun) this.#begin(node, 1)
      end = step.end
      if (end !== undefined || begun.length > 0 || step.cancel.length > 0) continue
      if (!this.#advance()) end = 'stuck'
    }
    const last = this.#events.at(-1)?.at ?? this.#start
    return {
      events: this.#events,
      end: end ?? 'stuck',
      duration: last - this.#start,
      longest: this.#longest(),
      unsure: [...this.#unsure],
      output: end === 'completed' ? this.#map('', this.#plan.document.output, null) : null,
    }
  }

  /** Lets the next thing happen that ends. */
  #advance(): boolean {
    if (this.#pending.length === 0) return false
    let next = 0
    for (let at = 1; at < this.#pending.length; at++)
      if (this.#pending[at]!.at < this.#pending[next]!.at) next = at
    const [ending] = this.#pending.splice(next, 1)
    const { at, node: name, state, output, attempt } = ending!
    this.#now = at
    const node = this.#plan.document.nodes[name]!
    const retry = 'retry' in node ? node.retry : undefined
    if (state === 'failed' && retry && attempt <= retry.times) {
      this.#note(name, 'retrying')
      this.#now += retry.wait === undefined ? 0 : milliseconds(retry.wait as Duration)
      this.#begin(name, attempt + 1)
      this.#now = at
    } else this.#close(name, state, output)
    return true
  }

  #close(node: string, state: 'completed' | 'failed' | 'skipped', output: unknown): void {
    this.#states.set(node, state)
    this.#steps[node] = { state, output }
    this.#ended.set(node, this.#now)
    if (state === 'completed') this.#completed.push(node)
    this.#note(node, state)
  }

  #cancel(node: string): void {
    const at = this.#pending.findIndex((one) => one.node === node)
    if (at >= 0) this.#pending.splice(at, 1)
    this.#states.set(node, 'skipped')
    this.#note(node, 'cancelled')
  }

  #note(node: string, what: SimulatedEvent['what'], items?: number): void {
    this.#events.push({ at: this.#now, node, what, ...(items === undefined ? {} : { items }) })
  }

  #begin(name: string, attempt: number): void {
    const node = this.#plan.document.nodes[name]!
    this.#states.set(name, 'running')
    this.#began.set(name, this.#now)
    const assumed = this.#options.nodes?.[name] ?? {}
    const fails =
      assumed.fails === true || (typeof assumed.fails === 'number' && attempt <= assumed.fails)
    const end = (after: number, output: unknown, state?: 'failed'): void =>
      void this.#pending.push({
        at: this.#now + after,
        node: name,
        state: state ?? (fails ? 'failed' : 'completed'),
        output: this.#outputOf(name, node, output),
        attempt,
      })
    if (node.type !== 'for-each') this.#note(name, 'began')
    const work = milliseconds(assumed.duration ?? USUAL_WORK)
    switch (node.type) {
      case 'job':
      case 'compensate':
        this.#map(name, node.input, null)
        return end(work, sampleOf(this.#rooms.outputOf?.(node.job)))
      case 'for-each':
        return this.#beginItems(name, node, work, end)
      case 'branch':
      case 'parallel':
      case 'join':
        return this.#close(name, 'completed', null)
      case 'delay':
        return end(milliseconds(node.for as Duration), null)
      case 'wait':
      case 'approval':
        return this.#beginWait(name, node, assumed, end)
      case 'sub-workflow':
        return this.#beginChild(name, node, assumed, end)
    }
  }

  /** What is assumed for this play, else what is pinned, else what was made up. */
  #outputOf(name: string, { type }: WorkflowNode, made: unknown): unknown {
    const { output } = this.#options.nodes?.[name] ?? {}
    if (output !== undefined && type !== 'for-each') return output
    const pins = this.#plan.document.design?.pins ?? {}
    return output === undefined && Object.hasOwn(pins, name) ? pins[name] : made
  }

  #beginItems(
    name: string,
    node: Extract<WorkflowNode, { type: 'for-each' }>,
    work: number,
    end: (after: number, output: unknown) => void,
  ): void {
    const items = this.#evaluate(name, 'its items', node.items)
    const count = Array.isArray(items) ? items.length : 1
    this.#note(name, 'began', count)
    const turns = Math.ceil(count / (node.maxParallel ?? USUAL_PARALLEL))
    const one = this.#options.nodes?.[name]?.output ?? sampleOf(this.#rooms.outputOf?.(node.job))
    end(
      turns * work,
      Array.from({ length: count }, () => one),
    )
  }

  #beginWait(
    name: string,
    node: Extract<WorkflowNode, { type: 'wait' | 'approval' }>,
    assumed: Assumption,
    end: (after: number, output: unknown, state?: 'failed') => void,
  ): void {
    if (node.type === 'wait' && 'time' in node.until) {
      const time = this.#evaluate(name, 'its time', node.until.time)
      const at = typeof time === 'string' ? Date.parse(time) : Number(time)
      return end(Number.isFinite(at) ? Math.max(0, at - this.#now) : 0, null)
    }
    const comes = assumed.never ? Infinity : milliseconds(assumed.duration ?? USUAL_WAIT)
    const patience = node.type === 'wait' ? node.timeout : node.deadline
    const span = patience === undefined ? Infinity : milliseconds(patience as Duration)
    const isEscalated = node.type === 'approval' && node.escalation !== undefined
    const longest = isEscalated ? span * 2 : span
    if (comes <= longest)
      return end(comes, node.type === 'approval' ? { by: '', note: null } : null)
    if (longest !== Infinity) end(longest, null, 'failed')
  }

  #beginChild(
    name: string,
    node: Extract<WorkflowNode, { type: 'sub-workflow' }>,
    assumed: Assumption,
    end: (after: number, output: unknown, state?: 'failed') => void,
  ): void {
    const input = this.#map(name, node.input, {})
    const document = this.#rooms.workflow?.(node.workflow, node.version)
    if (assumed.duration !== undefined || !document || this.#depth >= MOST_DEPTH)
      return end(milliseconds(assumed.duration ?? '1m'), null)
    const inner = new Play(
      document,
      { input, start: this.#now },
      this.#rooms,
      this.#depth + 1,
    ).run()
    for (const sentence of inner.unsure) this.#unsure.add(`in "${name}": ${sentence}`)
    if (inner.end !== 'stuck')
      end(inner.duration, inner.output, inner.end === 'failed' ? 'failed' : undefined)
  }

  #holds(node: string, text: string): boolean {
    return this.#evaluate(node, 'the condition of an edge', text) === true
  }

  #evaluate(node: string, what: string, text: string): unknown {
    try {
      return readExpression(text, ROOTS).evaluate({
        input: this.#options.input ?? sampleOf(this.#plan.document.input),
        params: this.#plan.document.params ?? {},
        steps: this.#steps,
        run: {
          id: '',
          workflow: this.#plan.document.id,
          version: this.#plan.document.version,
          started: new Date(this.#start).toISOString(),
        },
      })
    } catch {
      this.#unsure.add(`"${node}": ${what} cannot be worked out with what is assumed`)
      return undefined
    }
  }

  #map(node: string, mapping: Mapping | undefined, none: unknown): unknown {
    if (mapping === undefined) return none
    if (typeof mapping === 'string') return this.#evaluate(node, 'its input', mapping)
    return Object.fromEntries(
      Object.entries(mapping).map(([field, text]) => [
        field,
        this.#evaluate(node, `"${field}"`, text),
      ]),
    )
  }

  /** Back from what ended last, each time to what it waited for. */
  #longest(): string[] {
    const end = (name: string): number => this.#ended.get(name) ?? -1
    const names = [...this.#ended.keys()].filter((name) => this.#began.has(name))
    if (names.length === 0) return []
    let at: string | undefined = names.reduce((last, name) =>
      end(name) >= end(last) ? name : last,
    )
    const way: string[] = []
    while (at !== undefined && way.length <= names.length) {
      way.unshift(at)
      const before: string[] = (this.#plan.into.get(at) ?? [])
        .map(({ from }) => from)
        .filter((name) => this.#began.has(name) && this.#ended.has(name))
      at = before.length === 0 ? undefined : before.reduce((a, b) => (end(b) >= end(a) ? b : a))
    }
    return way
  }
}
