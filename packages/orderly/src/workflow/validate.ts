// Finds what is wrong with a workflow before anybody runs it: each finding names its node.
import {
  workflowDocument,
  type WorkflowDocument,
  type WorkflowEdge,
  type WorkflowNode,
} from './document.ts'
import { ExpressionError, readExpression, type Expression, type Root } from './expression.ts'

export type FindingCode =
  | 'shape'
  | 'unknown-node'
  | 'unreachable'
  | 'dead-end'
  | 'cycle'
  | 'unknown-job'
  | 'unknown-workflow'
  | 'expression'
  | 'unknown-step'
  | 'step-not-before'
  | 'type'
  | 'missing-field'
  | 'unknown-field'
  | 'branch'

export interface Finding {
  readonly code: FindingCode
  /** The node it is about; empty where it is about the document as a whole. */
  readonly node: string
  readonly message: string
}

/** What is known of the jobs a workflow may use. */
export interface KnownJob {
  readonly name: string
  /** JSON Schema of its input, where that can be told. */
  readonly input?: Readonly<Record<string, unknown>>
}

export interface Surroundings {
  /** Left out, any job will do. */
  readonly jobs?: readonly KnownJob[]
  /** Left out, any workflow will do. */
  readonly workflows?: readonly string[]
}

export type Validation =
  | { readonly valid: true; readonly document: WorkflowDocument; readonly findings: readonly [] }
  | { readonly valid: false; readonly findings: readonly Finding[] }

const MOST_FINDINGS = 200

/** Checks a document as it was written. */
export function validateWorkflow(value: unknown, known: Surroundings = {}): Validation {
  const parsed = workflowDocument.safeParse(value)
  if (!parsed.success) {
    const findings = parsed.error.issues.slice(0, MOST_FINDINGS).map(({ path, message }) => ({
      code: 'shape' as const,
      node: path[0] === 'nodes' && path.length > 1 ? String(path[1]) : '',
      message: `${path.map(String).join('.') || 'the document'}: ${message}`,
    }))
    return { valid: false, findings }
  }
  const document = parsed.data
  const findings = [...checkGraph(document), ...checkNodes(document, known)].slice(0, MOST_FINDINGS)
  if (findings.length > 0) return { valid: false, findings }
  return { valid: true, document, findings: [] }
}

function checkGraph(document: WorkflowDocument): Finding[] {
  const { nodes, edges, start } = document
  const findings: Finding[] = []
  if (!Object.hasOwn(nodes, start))
    findings.push({
      code: 'unknown-node',
      node: start,
      message: `the run starts at "${start}", which is no node`,
    })
  for (const { from, to } of edges)
    for (const end of [from, to])
      if (!Object.hasOwn(nodes, end))
        findings.push({
          code: 'unknown-node',
          node: end,
          message: `the edge from "${from}" to "${to}" leads to "${end}", which is no node`,
        })
  if (findings.length > 0) return findings
  const circle = findCycle(document)
  if (circle)
    findings.push({
      code: 'cycle',
      node: circle[0]!,
      message: `${circle.join(' → ')} goes round in a circle; use for-each for work that repeats`,
    })
  const reached = reachable(document)
  for (const [name, node] of Object.entries(nodes)) {
    if (node.type === 'compensate') {
      if (nodes[node.undoes]?.type !== 'job' && nodes[node.undoes]?.type !== 'for-each')
        findings.push({
          code: 'unknown-node',
          node: name,
          message: `"${name}" undoes "${node.undoes}", which is no job of this workflow`,
        })
      if (edges.some(({ from, to }) => from === name || to === name))
        findings.push({
          code: 'branch',
          node: name,
          message: `"${name}" compensates: it runs when the run fails, and has no edges`,
        })
    } else if (!reached.has(name))
      findings.push({
        code: 'unreachable',
        node: name,
        message: `nothing leads from "${start}" to "${name}"`,
      })
  }
  for (const [name, node] of Object.entries(nodes)) findings.push(...checkEdges(name, node, edges))
  return findings
}

function checkEdges(name: string, node: WorkflowNode, edges: readonly WorkflowEdge[]): Finding[] {
  const out = edges.filter(({ from }) => from === name)
  const findings: Finding[] = []
  const say = (code: FindingCode, message: string): void =>
    void findings.push({ code, node: name, message })
  if ((node.type === 'branch' || node.type === 'parallel') && out.length === 0)
    say('dead-end', `"${name}" leads nowhere; give it edges`)
  if (node.type === 'branch') {
    if (out.some(({ when, otherwise }) => !when && !otherwise))
      say('branch', `each edge of branch "${name}" has a condition, or is marked otherwise`)
    if (out.filter(({ otherwise }) => otherwise).length > 1)
      say('branch', `branch "${name}" has one edge marked otherwise at most`)
  } else if (out.some(({ otherwise }) => otherwise))
    say('branch', `"otherwise" is for edges of a branch, and "${name}" is none`)
  if (node.type === 'join' && edges.filter(({ to }) => to === name).length < 2)
    say('branch', `join "${name}" brings two edges or more together`)
  return findings
}

/** The nodes of one circle, first and last the same; undefined where there is none. */
function findCycle({ nodes, edges }: WorkflowDocument): string[] | undefined {
  const next = following(edges)
  const done = new Set<string>()
  for (const root of Object.keys(nodes)) {
    if (done.has(root)) continue
    // An explicit stack: a document may be a chain of thousands.
    const trail: { name: string; rest: string[] }[] = [
      { name: root, rest: [...(next.get(root) ?? [])] },
    ]
    const on = new Set([root])
    while (trail.length > 0) {
      const top = trail.at(-1)!
      const to = top.rest.pop()
      if (to === undefined) {
        done.add(top.name)
        on.delete(top.name)
        trail.pop()
        continue
      }
      if (on.has(to)) {
        const names = trail.map(({ name }) => name)
        return [...names.slice(names.indexOf(to)), to]
      }
      if (done.has(to)) continue
      on.add(to)
      trail.push({ name: to, rest: [...(next.get(to) ?? [])] })
    }
  }
  return undefined
}

function reachable({ start, edges }: WorkflowDocument): Set<string> {
  const next = following(edges)
  const reached = new Set([start])
  const queue = [start]
  for (let name = queue.pop(); name !== undefined; name = queue.pop())
    for (const to of next.get(name) ?? [])
      if (!reached.has(to)) {
        reached.add(to)
        queue.push(to)
      }
  return reached
}

function following(edges: readonly WorkflowEdge[]): Map<string, string[]> {
  const next = new Map<string, string[]>()
  for (const { from, to } of edges) next.set(from, [...(next.get(from) ?? []), to])
  return next
}

function preceding(edges: readonly WorkflowEdge[]): Map<string, string[]> {
  return following(edges.map(({ from, to }) => ({ from: to, to: from })))
}

/** Whether `earlier` is on some way to `name`, found backwards. */
function isBefore(before: Map<string, string[]>, earlier: string, name: string): boolean {
  const seen = new Set<string>()
  const queue = [...(before.get(name) ?? [])]
  for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
    if (at === earlier) return true
    if (seen.has(at)) continue
    seen.add(at)
    queue.push(...(before.get(at) ?? []))
  }
  return false
}

const RUN: readonly Root[] = ['input', 'steps', 'run']
const EACH: readonly Root[] = [...RUN, 'item', 'index']

function checkNodes(document: WorkflowDocument, known: Surroundings): Finding[] {
  const { nodes, edges, output } = document
  const findings: Finding[] = []
  const before = preceding(edges)
  const look = (
    node: string,
    text: string,
    roots: readonly Root[],
    what: string,
  ): Expression | undefined => {
    let read: Expression
    try {
      read = readExpression(text, roots)
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error
      findings.push({ code: 'expression', node, message: `${what}: ${error.message}` })
      return undefined
    }
    for (const step of read.steps) {
      if (!Object.hasOwn(nodes, step))
        findings.push({
          code: 'unknown-step',
          node,
          message: `${what} looks at "${step}", which is no node`,
        })
      // A compensation runs after everything; a node sees what is on its own way, and its own end.
      else if (
        node !== '' &&
        nodes[node]?.type !== 'compensate' &&
        step !== node &&
        !isBefore(before, step, node)
      )
        findings.push({
          code: 'step-not-before',
          node,
          message: `${what} looks at "${step}", which does not come before "${node}"`,
        })
    }
    return read
  }
  const lookAll = (node: string, given: unknown, roots: readonly Root[], job?: KnownJob): void => {
    if (given === undefined) return
    if (typeof given === 'string') return void look(node, given, roots, 'its input')
    for (const [field, text] of Object.entries(given as Record<string, string>)) {
      const read = look(node, text, roots, `input "${field}"`)
      const expected = fieldTypes(job, field)
      if (read && expected && !fits(read.type, expected))
        findings.push({
          code: 'type',
          node,
          message: `input "${field}" is ${read.type}, and job "${job!.name}" takes ${expected.join(' or ')}`,
        })
    }
    for (const message of fieldFaults(job, Object.keys(given as object)))
      findings.push({ ...message, node })
  }
  for (const [name, node] of Object.entries(nodes)) {
    const job = 'job' in node ? known.jobs?.find((one) => one.name === node.job) : undefined
    if ('job' in node && known.jobs && !job)
      findings.push({
        code: 'unknown-job',
        node: name,
        message: `"${name}" runs job "${node.job}", which is not known here`,
      })
    if (node.type === 'sub-workflow' && known.workflows && !known.workflows.includes(node.workflow))
      findings.push({
        code: 'unknown-workflow',
        node: name,
        message: `"${name}" runs workflow "${node.workflow}", which is not known here`,
      })
    if (node.type === 'for-each') {
      const items = look(name, node.items, RUN, 'its items')
      if (items && items.type !== 'dyn' && !items.type.startsWith('list'))
        findings.push({
          code: 'type',
          node: name,
          message: `its items are ${items.type}, not a list`,
        })
      lookAll(name, node.input, EACH, job)
    } else if ('input' in node) lookAll(name, node.input, RUN, job)
    if (node.type === 'wait') {
      if ('time' in node.until) look(name, node.until.time, RUN, 'its time')
      if ('event' in node.until && node.until.where)
        look(name, node.until.where, RUN, 'its condition')
    }
  }
  for (const { from, to, when } of edges) {
    if (!when) continue
    const read = look(from, when, RUN, `the condition of the edge to "${to}"`)
    if (read && read.type !== 'dyn' && read.type !== 'bool')
      findings.push({
        code: 'type',
        node: from,
        message: `the condition of the edge to "${to}" is ${read.type}, not true or false`,
      })
  }
  lookAll('', output, RUN)
  return findings
}

/** What the fields of an input are made of, in JSON Schema's words. */
function fieldTypes(job: KnownJob | undefined, field: string): string[] | undefined {
  const properties = job?.input?.['properties'] as Record<string, { type?: unknown }> | undefined
  const type = properties && Object.hasOwn(properties, field) ? properties[field]!.type : undefined
  if (typeof type === 'string') return [type]
  return Array.isArray(type) && type.every((one) => typeof one === 'string') ? type : undefined
}

function fieldFaults(
  job: KnownJob | undefined,
  given: readonly string[],
): { code: 'missing-field' | 'unknown-field'; message: string }[] {
  const { properties, required, additionalProperties } = (job?.input ?? {}) as {
    properties?: Record<string, unknown>
    required?: readonly string[]
    additionalProperties?: unknown
  }
  if (!job || !properties) return []
  const missing = (required ?? []).filter((field) => !given.includes(field))
  const unknown = given.filter((field) => !Object.hasOwn(properties, field))
  return [
    ...missing.map((field) => ({
      code: 'missing-field' as const,
      message: `job "${job.name}" needs "${field}", which its input does not give`,
    })),
    ...(additionalProperties === false ? unknown : []).map((field) => ({
      code: 'unknown-field' as const,
      message: `job "${job.name}" takes no "${field}"`,
    })),
  ]
}

const JSON_TYPES: Readonly<Record<string, readonly string[]>> = {
  string: ['string'],
  bool: ['boolean'],
  int: ['integer', 'number'],
  uint: ['integer', 'number'],
  double: ['number'],
  null_type: ['null'],
  null: ['null'],
}

/** Whether what CEL knows of a value can be what a schema asks for. What it does not know may be anything. */
function fits(cel: string, expected: readonly string[]): boolean {
  if (cel.startsWith('list')) return expected.includes('array')
  if (cel.startsWith('map')) return expected.includes('object')
  const types = JSON_TYPES[cel]
  return types === undefined || types.some((type) => expected.includes(type))
}
