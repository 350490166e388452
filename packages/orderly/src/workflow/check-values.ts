// What is wrong with the expressions of a workflow: what they look at, and whether it fits what takes it.
import type { Mapping, WorkflowDocument, WorkflowEdge, WorkflowNode } from './document.ts'
import {
  ExpressionError,
  readExpression,
  type Expression,
  type Path,
  type Root,
} from './expression.ts'
import type { Finding, FindingCode, KnownJob, Surroundings } from './finding.ts'
import { edgesBy } from './plan.ts'
import { canFit, missingFields, schemaAt, wordsFor, type Schema, type Told } from './schema-walk.ts'

const RUN: readonly Root[] = ['input', 'params', 'steps', 'run']
const EACH: readonly Root[] = [...RUN, 'item', 'index']
const EVENT: readonly Root[] = [...RUN, 'event']

export function checkValues(document: WorkflowDocument, known: Surroundings): Finding[] {
  return new Check(document, known).all()
}

class Check {
  readonly #document: WorkflowDocument
  readonly #known: Surroundings
  readonly #jobs: ReadonlyMap<string, KnownJob>
  readonly #into: ReadonlyMap<string, readonly WorkflowEdge[]>
  readonly #findings: Finding[] = []

  constructor(document: WorkflowDocument, known: Surroundings) {
    this.#document = document
    this.#known = known
    this.#jobs = new Map((known.jobs ?? []).map((job) => [job.name, job]))
    this.#into = edgesBy(document.edges, 'to')
  }

  all(): Finding[] {
    const { nodes, edges, output } = this.#document
    for (const [name, node] of Object.entries(nodes)) this.#node(name, node)
    for (const { from, to, when } of edges) {
      if (!when) continue
      this.#condition(from, when, RUN, `the condition of the edge to "${to}"`, from)
    }
    this.#mapping('', output, RUN)
    return this.#findings
  }

  #say(code: FindingCode, node: string, message: string): void {
    this.#findings.push({ code, node, message })
  }

  #node(name: string, node: WorkflowNode): void {
    const job = 'job' in node ? this.#jobs.get(node.job) : undefined
    if ('job' in node && this.#known.jobs && !job)
      this.#say('unknown-job', name, `"${name}" runs job "${node.job}", which is not known here`)
    if (node.type === 'sub-workflow' && this.#known.workflows?.includes(node.workflow) === false)
      this.#say(
        'unknown-workflow',
        name,
        `"${name}" runs workflow "${node.workflow}", which is not known here`,
      )
    if (node.type === 'for-each') {
      const items = this.#look(name, node.items, RUN, 'its items')
      const isList = !items || canFit(items.schema, { type: 'array' })
      if (!isList) this.#say('type', name, `its items are ${wordsFor(items.schema)}, not a list`)
      const item = items && isList ? schemaAt(items.schema, null) : undefined
      this.#mapping(name, node.input, EACH, job, item ?? undefined)
      if (node.input === undefined) this.#whole(name, item ?? undefined, job, 'each of its items')
    } else if ('input' in node) {
      this.#mapping(name, node.input, RUN, job)
      if (node.type !== 'sub-workflow' && node.input === undefined) this.#fields(name, [], job)
    }
    if ('job' in node && node.type !== 'for-each' && !('input' in node)) this.#fields(name, [], job)
    if (node.type !== 'wait') return
    if ('time' in node.until) this.#time(name, node.until.time)
    if ('event' in node.until && node.until.where)
      this.#condition(name, node.until.where, EVENT, 'its condition')
  }

  #time(node: string, text: string): void {
    const told = this.#look(node, text, RUN, 'its time')
    const value = told?.schema?.['const']
    const isText = typeof value === 'string' && Number.isNaN(Date.parse(value))
    if (told && (isText || !canFit(told.schema, TIME_SCHEMA)))
      this.#say(
        'type',
        node,
        `its time is ${wordsFor(told.schema)}, not ISO 8601 or milliseconds since 1970`,
      )
  }

  /** @param ended the node whose end it is asked at, which it may look at too */
  #condition(
    node: string,
    text: string,
    roots: readonly Root[],
    what: string,
    ended?: string,
  ): void {
    const told = this.#look(node, text, roots, what, undefined, ended)
    if (!told) return
    if (!canFit(told.schema, { type: 'boolean' }))
      this.#say('type', node, `${what} is ${wordsFor(told.schema)}, not true or false`)
    else if (told.schema?.['const'] === false) this.#say('dead-end', node, `${what} never holds`)
  }

  /** Reads an expression, and tells what it yields; undefined for one that cannot be read. */
  #look(
    node: string,
    text: string,
    roots: readonly Root[],
    what: string,
    item?: Schema,
    ended?: string,
  ): { readonly schema: Told } | undefined {
    let read: Expression
    try {
      read = readExpression(text, roots)
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error
      this.#say('expression', node, `${what}: ${error.message}`)
      return undefined
    }
    let isWhole = true
    for (const step of read.steps) if (!this.#checkStep(node, step, what, ended)) isWhole = false
    if (!isWhole) return undefined
    for (const path of read.paths) {
      if (this.#at(path, item) !== null) continue
      this.#say('unknown-field', node, `${what} looks at ${written(path)}, which cannot be there`)
      return undefined
    }
    return { schema: this.#yields(read, item) }
  }

  #checkStep(node: string, step: string, what: string, ended: string | undefined): boolean {
    const { nodes } = this.#document
    if (!Object.hasOwn(nodes, step)) {
      this.#say('unknown-step', node, `${what} looks at "${step}", which is no node`)
      return false
    }
    // A compensation runs after everything; a node sees what is on its own way, and its edges its own end.
    const isFree =
      node === '' || step === ended || (nodes[node]?.type === 'compensate' && step !== node)
    if (isFree || this.#isBefore(step, node)) return true
    this.#say(
      'step-not-before',
      node,
      `${what} looks at "${step}", which does not come before "${node}"`,
    )
    return false
  }

  /** Whether `earlier` is on some way to `name`, found backwards. */
  #isBefore(earlier: string, name: string): boolean {
    const seen = new Set([name])
    for (const at of seen)
      for (const { from } of this.#into.get(at) ?? []) {
        if (from === earlier) return true
        seen.add(from)
      }
    return false
  }

  #yields({ path, literal, type }: Expression, item: Schema | undefined): Told {
    if (path) return this.#at(path, item)
    if (literal) return { const: literal.value }
    return (
      CEL_TYPES[type] ??
      (type.startsWith('list')
        ? { type: 'array' }
        : type.startsWith('map')
          ? { type: 'object' }
          : undefined)
    )
  }

  /** What is at a place that an expression looks at. */
  #at([root, ...rest]: Path, item: Schema | undefined): Told {
    if (root === 'steps') {
      const [step, part, ...inner] = rest
      if (part === undefined) return undefined
      if (part === 'state') return inner.length === 0 ? { type: 'string' } : null
      if (part !== 'output') return part === null ? undefined : null
      return follow(this.#outputOf(String(step)), inner)
    }
    if (root === 'input') return follow(this.#document.input, rest)
    if (root === 'params') return follow(paramsSchema(this.#document.params ?? {}), rest)
    if (root === 'run') return follow(RUN_SCHEMA, rest)
    if (root === 'item') return follow(item, rest)
    return root === 'index' ? { type: 'integer' } : undefined
  }

  #outputOf(name: string): Told {
    const node = this.#document.nodes[name]!
    switch (node.type) {
      case 'job':
      case 'compensate':
        return this.#jobs.get(node.job)?.output
      case 'for-each':
        return { type: 'array', items: this.#jobs.get(node.job)?.output ?? {} }
      case 'approval':
        return APPROVAL_SCHEMA
      case 'wait':
        return 'time' in node.until ? { type: 'null' } : undefined
      case 'sub-workflow':
        return undefined
      case 'branch':
      case 'parallel':
      case 'join':
      case 'delay':
        return { type: 'null' }
    }
  }

  #mapping(
    node: string,
    given: Mapping | undefined,
    roots: readonly Root[],
    job?: KnownJob,
    item?: Schema,
  ): void {
    if (given === undefined) return
    if (typeof given === 'string') {
      const told = this.#look(node, given, roots, 'its input', item)
      if (told) this.#whole(node, told.schema ?? undefined, job, 'its input')
      return
    }
    for (const [field, text] of Object.entries(given)) {
      const told = this.#look(node, text, roots, `input "${field}"`, item)
      const expected = job?.input && schemaAt(job.input, field)
      if (told && expected && !canFit(told.schema, expected))
        this.#say(
          'type',
          node,
          `input "${field}" is ${wordsFor(told.schema)}, and job "${job.name}" takes ${wordsFor(expected)}`,
        )
    }
    this.#fields(node, Object.keys(given), job)
  }

  /** Checks a value that is the whole input of a job. */
  #whole(node: string, schema: Told, job: KnownJob | undefined, what: string): void {
    if (!job?.input || !schema) return
    if (!canFit(schema, job.input))
      return this.#say(
        'type',
        node,
        `${what} is ${wordsFor(schema)}, and job "${job.name}" takes ${wordsFor(job.input)}`,
      )
    for (const field of missingFields(schema, job.input))
      this.#say(
        'missing-field',
        node,
        `job "${job.name}" needs "${field}", which ${what} does not have`,
      )
  }

  #fields(node: string, given: readonly string[], job: KnownJob | undefined): void {
    const {
      properties,
      required,
      additionalProperties: more,
    } = (job?.input ?? {}) as {
      properties?: Record<string, unknown>
      required?: readonly string[]
      additionalProperties?: unknown
    }
    if (!job || !properties) return
    for (const field of required ?? [])
      if (!given.includes(field))
        this.#say(
          'missing-field',
          node,
          `job "${job.name}" needs "${field}", which its input does not give`,
        )
    // A schema that says nothing of other fields drops them; that is never what somebody meant who wrote one.
    if (more !== undefined && more !== false) return
    for (const field of given)
      if (!Object.hasOwn(properties, field))
        this.#say('unknown-field', node, `job "${job.name}" takes no "${field}"`)
  }
}

const RUN_SCHEMA: Schema = {
  type: 'object',
  properties: {
    id: { type: 'string' },
    workflow: { type: 'string' },
    version: { type: 'integer' },
    started: { type: 'string' },
  },
  additionalProperties: false,
}

const TIME_SCHEMA: Schema = { type: ['string', 'number', 'integer'] }

const APPROVAL_SCHEMA: Schema = {
  type: 'object',
  properties: { by: { type: 'string' }, note: { type: ['string', 'null'] } },
  additionalProperties: false,
}

const CEL_TYPES: Readonly<Record<string, Schema>> = {
  string: { type: 'string' },
  bool: { type: 'boolean' },
  int: { type: 'integer' },
  uint: { type: 'integer' },
  double: { type: 'number' },
  null_type: { type: 'null' },
  null: { type: 'null' },
}

function paramsSchema(params: Readonly<Record<string, unknown>>): Schema {
  const properties = Object.fromEntries(
    Object.entries(params).map(([name, value]) => [
      name,
      typeof value === 'object' && value !== null ? {} : { const: value },
    ]),
  )
  return { type: 'object', properties, additionalProperties: false }
}

function follow(schema: Told, path: readonly (string | number | null)[]): Told {
  let at = schema
  for (const key of path) at = schemaAt(at, key, schema)
  return at
}

function written([root, ...rest]: Path): string {
  return rest.reduce<string>(
    (text, key) => (typeof key === 'string' ? `${text}.${key}` : `${text}[${key ?? '…'}]`),
    root,
  )
}
