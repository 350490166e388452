// What one step would be given, by what is assumed of the steps before it; nothing runs.
import type { Mapping, WorkflowDocument, WorkflowNode } from './document.ts'
import { ExpressionError, readExpression, type Root } from './expression.ts'
import { edgesBy } from './plan.ts'
import { sampleOf } from './sample.ts'

export interface TryOptions {
  /** The input of the run; a small value that fits its schema unless told. */
  readonly input?: unknown
}

/** What an expression comes to: its value, or why it comes to none. */
export type Worked =
  | { readonly what: string; readonly text: string; readonly value: unknown; readonly wrong: null }
  | { readonly what: string; readonly text: string; readonly value: null; readonly wrong: string }

export interface TriedStep {
  /** What the job would be given: of a for-each for its first item. Null where it takes nothing. */
  readonly input: unknown
  /** Each expression of the step. */
  readonly worked: readonly Worked[]
  /** The edges that lead on, in order: whether each would be taken, null where that cannot be told. */
  readonly ways: readonly { readonly to: string; readonly taken: boolean | null }[]
  /** Steps before it whose result is a sample made of their schema, because none is pinned. */
  readonly assumed: readonly string[]
}

const ROOTS: readonly Root[] = ['input', 'params', 'steps', 'run']

/**
 * @param document one that has this node; it need not be able to run
 * @param outputOf JSON Schema of what a job returns
 */
export function tryStep(
  document: WorkflowDocument,
  name: string,
  { input = sampleOf(document.input) }: TryOptions = {},
  outputOf: (job: string) => unknown = () => undefined,
): TriedStep {
  const node = document.nodes[name]!
  const pins = document.design?.pins ?? {}
  const before = stepsBefore(document, name)
  const assumed = before.filter(
    (step) => !Object.hasOwn(pins, step) && returns(document.nodes[step]!),
  )
  const steps = Object.fromEntries(
    [...before, name].map((step) => [
      step,
      {
        state: 'completed',
        output: Object.hasOwn(pins, step) ? pins[step] : sampleFor(document.nodes[step]!, outputOf),
      },
    ]),
  )
  const known = {
    input,
    params: document.params ?? {},
    steps,
    run: { id: '', workflow: document.id, version: document.version, started: '' },
  }
  const worked: Worked[] = []
  const work = (
    what: string,
    text: string,
    more: Readonly<Partial<Record<Root, unknown>>> = {},
  ): unknown => {
    try {
      const roots = [...ROOTS, ...(Object.keys(more) as Root[])]
      const value = readExpression(text, roots).evaluate({ ...known, ...more }) ?? null
      worked.push({ what, text, value, wrong: null })
      return value
    } catch (error) {
      worked.push({ what, text, value: null, wrong: sentenceOf(error) })
      return null
    }
  }
  const given = inputOf(node, work)
  return {
    input: given,
    ways: waysFrom(document, name, (edge, text) => work(edge, text)),
    worked,
    assumed,
  }
}

type Work = (what: string, text: string, more?: Readonly<Partial<Record<Root, unknown>>>) => unknown

function inputOf(node: WorkflowNode, work: Work): unknown {
  switch (node.type) {
    case 'for-each': {
      const items = work('items', node.items)
      const item = Array.isArray(items) ? (items[0] ?? null) : null
      return mapped(node.input, (what, text) => work(what, text, { item, index: 0n }), item)
    }
    case 'job':
    case 'compensate':
      return mapped(node.input, work, null)
    case 'sub-workflow':
      return mapped(node.input, work, {})
    case 'wait':
      return 'time' in node.until ? work('time', node.until.time) : null
    case 'branch':
    case 'parallel':
    case 'join':
    case 'delay':
    case 'approval':
      return null
  }
}

function mapped(mapping: Mapping | undefined, work: Work, none: unknown): unknown {
  if (mapping === undefined) return none
  if (typeof mapping === 'string') return work('input', mapping)
  return Object.fromEntries(
    Object.entries(mapping).map(([field, text]) => [field, work(`input.${field}`, text)]),
  )
}

function waysFrom(
  { edges, nodes }: WorkflowDocument,
  name: string,
  work: (what: string, text: string) => unknown,
): TriedStep['ways'] {
  const isBranch = nodes[name]!.type === 'branch'
  let isTaken = false
  let isUnsure = false
  const own = edges.filter(({ from }) => from === name)
  const ways = own.map(({ to, when, otherwise }) => {
    if (otherwise) return { to, taken: isBranch ? null : true }
    if (when === undefined) return { to, taken: true }
    if (isBranch && isTaken) return { to, taken: false }
    const value = work(`→ ${to}`, when)
    const taken = typeof value === 'boolean' ? value : null
    if (taken === null) isUnsure = true
    isTaken ||= taken === true
    return { to, taken: isBranch && taken === true && isUnsure ? null : taken }
  })
  if (!isBranch) return ways
  return ways.map((way, at) =>
    own[at]!.otherwise ? { ...way, taken: isTaken ? false : isUnsure ? null : true } : way,
  )
}

function stepsBefore({ edges, nodes }: WorkflowDocument, name: string): string[] {
  const into = edgesBy(edges, 'to')
  const node = nodes[name]!
  const open = new Set([name, ...(node.type === 'compensate' ? [node.undoes] : [])])
  for (const at of open) for (const { from } of into.get(at) ?? []) open.add(from)
  return [...open].filter((step) => step !== name && Object.hasOwn(nodes, step))
}

function returns({ type }: WorkflowNode): boolean {
  return ['job', 'for-each', 'wait', 'approval', 'sub-workflow'].includes(type)
}

function sampleFor(node: WorkflowNode, outputOf: (job: string) => unknown): unknown {
  switch (node.type) {
    case 'job':
      return sampleOf(outputOf(node.job))
    case 'for-each':
      return [sampleOf(outputOf(node.job))]
    case 'approval':
      return { by: '', note: null }
    case 'branch':
    case 'parallel':
    case 'join':
    case 'delay':
    case 'wait':
    case 'sub-workflow':
    case 'compensate':
      return null
  }
}

function sentenceOf(error: unknown): string {
  if (error instanceof ExpressionError) return error.message
  // What CEL says of values that do not fit may hold the values.
  return 'it cannot be worked out with what is assumed'
}
