// Finds what is wrong with a workflow before anybody runs it: each finding names its node.
import { nearest } from '../primitives/known-names.ts'
import { checkApprovals } from './check-approvals.ts'
import { checkGraph } from './check-graph.ts'
import { faultOfInputSchema } from './check-input.ts'
import { checkValues } from './check-values.ts'
import { NODE_TYPES, workflowDocument, type WorkflowDocument } from './document.ts'
import type { Finding, Surroundings } from './finding.ts'

export type Validation =
  | { readonly valid: true; readonly document: WorkflowDocument; readonly findings: readonly [] }
  | { readonly valid: false; readonly findings: readonly Finding[] }

const MOST_FINDINGS = 200

/** Checks a document as it was written. */
export function validateWorkflow(value: unknown, known: Surroundings = {}): Validation {
  const parsed = workflowDocument.safeParse(value)
  if (!parsed.success) {
    const shapes = parsed.error.issues.map((issue) => misshapen(issue, value))
    const findings = [...shapes, ...checkOthers(value, shapes, known)].slice(0, MOST_FINDINGS)
    return { valid: false, findings }
  }
  const document = parsed.data
  const findings = [
    ...checkInputSchema(document),
    ...checkGraph(document),
    ...checkValues(document, known),
    ...checkApprovals(document, known),
  ].slice(0, MOST_FINDINGS)
  if (findings.length > 0) return { valid: false, findings }
  return { valid: true, document, findings: [] }
}

/** What is wrong with the shape of a place, in words that name what stands there. */
function misshapen(
  { path, message }: { readonly path: readonly PropertyKey[]; readonly message: string },
  value: unknown,
): Finding {
  const isNode = path[0] === 'nodes' && path.length > 1
  const place = path.map(String).join('.') || 'the document'
  const given = path.reduce<unknown>(
    (at, step) => (at as Record<PropertyKey, unknown> | undefined)?.[step],
    value,
  )
  const isKind = isNode && path.length === 3 && path[2] === 'type'
  return {
    code: 'shape',
    node: isNode ? String(path[1]) : '',
    message: `${place}: ${isKind && typeof given === 'string' ? noKind(given) : message}`,
  }
}

function noKind(given: string): string {
  const near = nearest(given, NODE_TYPES)
  const hint = near === undefined ? `there are ${NODE_TYPES.join(', ')}` : `did you mean "${near}"?`
  return `no node is of type "${given.slice(0, 40)}"; ${hint}`
}

/** Stands for a node whose shape is wrong, so that the rest of the document is looked at in the same go. */
const STAND_IN = { type: 'job', job: 'a node that does not fit' } as const

function checkOthers(value: unknown, shapes: readonly Finding[], known: Surroundings): Finding[] {
  const broken = new Set(shapes.map(({ node }) => node))
  if (broken.has('')) return []
  const { nodes, ...rest } = value as { nodes: Record<string, unknown> }
  const parsed = workflowDocument.safeParse({
    ...rest,
    nodes: Object.fromEntries(
      Object.entries(nodes).map(([name, node]) => [name, broken.has(name) ? STAND_IN : node]),
    ),
  })
  if (!parsed.success) return []
  const jobs = known.jobs && [...known.jobs, { name: STAND_IN.job }]
  return [
    ...checkInputSchema(parsed.data),
    ...checkGraph(parsed.data),
    ...checkValues(parsed.data, { ...known, ...(jobs ? { jobs } : {}) }),
    ...checkApprovals(parsed.data, known),
  ].filter(({ node }) => !broken.has(node))
}

/** Who begins a run is told what its input lacks, so there must be something to tell it by. */
function checkInputSchema(document: WorkflowDocument): Finding[] {
  const fault = faultOfInputSchema(document)
  if (fault === undefined) return []
  const message = `nothing can be checked by the schema of its input: ${fault}`
  return [{ code: 'shape', node: '', message }]
}
