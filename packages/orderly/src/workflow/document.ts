// A workflow as it is written down: nodes by name, edges between them, expressions over what is known by then.
import { z } from 'zod'

/** The input of a job: one expression for all of it, or one for each field. */
export type Mapping = string | Readonly<Record<string, string>>

interface Shown {
  readonly title?: string | undefined
  /** Where the designer has it. */
  readonly at?: { readonly x: number; readonly y: number } | undefined
}

interface Failing extends Shown {
  /** What becomes of the run when it fails for good; the run fails unless told. */
  readonly onFailure?: 'fail' | 'continue' | 'compensate' | undefined
  /** What runs at the same time is cancelled when its failure fails the run. */
  readonly cancelSiblings?: boolean | undefined
}

/** How often a node begins anew after it has failed for good, and how long it waits before it does. */
export interface NodeRetry {
  readonly times: number
  readonly wait?: string | undefined
}

export interface JobNode extends Failing {
  readonly type: 'job'
  readonly job: string
  readonly input?: Mapping | undefined
  /** Beside the attempts that the job itself has. */
  readonly retry?: NodeRetry | undefined
}

export interface ForEachNode extends Failing {
  readonly type: 'for-each'
  /** A list; each of its values is `item`, and its place `index`. */
  readonly items: string
  readonly job: string
  readonly input?: Mapping | undefined
  readonly maxParallel?: number | undefined
  /** How many may fail before the node does; a share of them when below 1. */
  readonly failureThreshold?: number | undefined
}

export interface WaitNode extends Failing {
  readonly type: 'wait'
  readonly until:
    | { readonly time: string }
    | { readonly signal: string }
    | { readonly event: string; readonly where?: string | undefined }
  readonly timeout?: string | undefined
}

export interface ApprovalNode extends Failing {
  readonly type: 'approval'
  /** Roles, any of which may decide, and people, written `user:<id>`. */
  readonly who: readonly string[]
  readonly question: string
  readonly deadline?: string | undefined
  /** Who is asked too when the deadline is over; they have as long again. */
  readonly escalation?: readonly string[] | undefined
}

export interface SubWorkflowNode extends Failing {
  readonly type: 'sub-workflow'
  readonly workflow: string
  readonly version?: number | undefined
  readonly input?: Mapping | undefined
  readonly retry?: NodeRetry | undefined
}

/** Undoes what a job has done, when the run fails after it. */
export interface CompensateNode extends Shown {
  readonly type: 'compensate'
  readonly undoes: string
  readonly job: string
  readonly input?: Mapping | undefined
}

export type WorkflowNode =
  | JobNode
  | ForEachNode
  /** Exactly one of its edges is taken: the first whose condition holds, or the one marked `otherwise`. */
  | (Shown & { readonly type: 'branch' })
  /** All of its edges are taken. */
  | (Shown & { readonly type: 'parallel' })
  /** Goes on when all that lead to it have ended, or the first has. */
  | (Shown & { readonly type: 'join'; readonly wait: 'all' | 'any' })
  | (Shown & { readonly type: 'delay'; readonly for: string })
  | WaitNode
  | ApprovalNode
  | SubWorkflowNode
  | CompensateNode

export interface WorkflowEdge {
  readonly from: string
  readonly to: string
  /** Taken only if this holds. */
  readonly when?: string | undefined
  /** Taken when no other edge of its branch is. */
  readonly otherwise?: true | undefined
}

/** What the designer keeps beside the workflow: nothing of it changes what a run does. */
export interface WorkflowDesign {
  readonly notes?: Readonly<Record<string, DesignNote>> | undefined
  readonly groups?: Readonly<Record<string, DesignGroup>> | undefined
  /** What a step is taken to have returned when a step is tried or the workflow is played: made-up values. */
  readonly pins?: Readonly<Record<string, unknown>> | undefined
}

export interface DesignNote {
  readonly text: string
  readonly at: { readonly x: number; readonly y: number }
}

export interface DesignGroup {
  readonly title: string
  readonly nodes: readonly string[]
}

export interface WorkflowDocument {
  readonly format: 'orderly.workflow/1'
  readonly id: string
  readonly version: number
  readonly title?: string | undefined
  /** JSON Schema of the input of a run. */
  readonly input?: Readonly<Record<string, unknown>> | undefined
  /** Values that are the same for every run: what expressions see as `params`. */
  readonly params?: Readonly<Record<string, unknown>> | undefined
  /** The template it was made from. */
  readonly from?: { readonly template: string; readonly version: number } | undefined
  /** Where a run begins. */
  readonly start: string
  readonly nodes: Readonly<Record<string, WorkflowNode>>
  readonly edges: readonly WorkflowEdge[]
  /** What a run yields. */
  readonly output?: Mapping | undefined
  readonly design?: WorkflowDesign | undefined
}

const NAME = /^[A-Za-z][A-Za-z0-9_]{0,63}$/
const MOST_NODES = 5_000
const MOST_EDGES = 20_000
const LONGEST_EXPRESSION = 4_000

const name = z.string().regex(NAME, 'a letter, then letters, digits and "_", 64 at most')
const expression = z.string().min(1).max(LONGEST_EXPRESSION)
const span = z
  .string()
  .regex(/^\d+(\.\d+)?(ms|s|m|h|d|w)$/, 'a number and a unit, such as "90s" or "7d"')
/** The input of a job: one expression for all of it, or one for each field. */
const mapping = z.union([expression, z.record(z.string().max(64), expression)])
const place = z.object({ x: z.number(), y: z.number() }).strict()
const common = {
  title: z.string().max(200).optional(),
  at: place.optional(),
}
const retry = z.object({ times: z.number().int().min(1).max(100), wait: span.optional() }).strict()
const failing = {
  ...common,
  onFailure: z.enum(['fail', 'continue', 'compensate']).optional(),
  cancelSiblings: z.boolean().optional(),
}

const job = z
  .object({
    type: z.literal('job'),
    job: z.string().max(100),
    input: mapping.optional(),
    retry: retry.optional(),
    ...failing,
  })
  .strict()

const forEach = z
  .object({
    type: z.literal('for-each'),
    items: expression,
    job: z.string().max(100),
    input: mapping.optional(),
    maxParallel: z.number().int().min(1).max(10_000).optional(),
    failureThreshold: z.number().min(0).optional(),
    ...failing,
  })
  .strict()

const node = z.discriminatedUnion('type', [
  job,
  forEach,
  z.object({ type: z.literal('branch'), ...common }).strict(),
  z.object({ type: z.literal('parallel'), ...common }).strict(),
  z.object({ type: z.literal('join'), wait: z.enum(['all', 'any']), ...common }).strict(),
  z
    .object({
      type: z.literal('wait'),
      until: z.union([
        z.object({ time: expression }).strict(),
        z.object({ signal: name }).strict(),
        z.object({ event: z.string().max(100), where: expression.optional() }).strict(),
      ]),
      timeout: span.optional(),
      ...failing,
    })
    .strict(),
  z
    .object({
      type: z.literal('approval'),
      who: z.array(z.string().max(100)).min(1),
      question: z.string().max(500),
      deadline: span.optional(),
      escalation: z.array(z.string().max(100)).optional(),
      ...failing,
    })
    .strict(),
  z
    .object({
      type: z.literal('sub-workflow'),
      workflow: z.string().max(100),
      version: z.number().int().min(1).optional(),
      input: mapping.optional(),
      retry: retry.optional(),
      ...failing,
    })
    .strict(),
  z.object({ type: z.literal('delay'), for: span, ...common }).strict(),
  z
    .object({
      type: z.literal('compensate'),
      undoes: name,
      job: z.string().max(100),
      input: mapping.optional(),
      ...common,
    })
    .strict(),
])

/** The types of node there are. */
export const NODE_TYPES: readonly string[] = node.options.map(({ shape }) => shape.type.value)

const edge = z
  .object({
    from: name,
    to: name,
    /** Taken only if this holds. */
    when: expression.optional(),
    /** Taken when no other edge of its branch is. */
    otherwise: z.literal(true).optional(),
  })
  .strict()

const MOST_NOTES = 500
const MOST_GROUPS = 200
const LONGEST_NOTE = 4_000
const design = z
  .object({
    notes: z
      .record(name, z.object({ text: z.string().max(LONGEST_NOTE), at: place }).strict())
      .refine((notes) => Object.keys(notes).length <= MOST_NOTES, `${MOST_NOTES} notes at most`)
      .optional(),
    groups: z
      .record(
        name,
        z.object({ title: z.string().max(200), nodes: z.array(name).max(MOST_NODES) }).strict(),
      )
      .refine((groups) => Object.keys(groups).length <= MOST_GROUPS, `${MOST_GROUPS} at most`)
      .optional(),
    pins: z.record(name, z.unknown()).optional(),
  })
  .strict()

/** What a document must look like. */
export const workflowDocument: z.ZodType<WorkflowDocument> = z
  .object({
    format: z.literal('orderly.workflow/1'),
    id: z.string().regex(/^[A-Za-z][A-Za-z0-9._-]{0,99}$/),
    version: z.number().int().min(1),
    title: z.string().max(200).optional(),
    /** JSON Schema of the input of a run. */
    input: z.record(z.string(), z.unknown()).optional(),
    /** Values that are the same for every run: what expressions see as `params`. */
    params: z.record(z.string(), z.unknown()).optional(),
    /** The template it was made from. */
    from: z
      .object({ template: z.string().max(100), version: z.number().int().min(1) })
      .strict()
      .optional(),
    /** Where a run begins. */
    start: name,
    nodes: z
      .record(name, node)
      .refine((nodes) => Object.keys(nodes).length <= MOST_NODES, `${MOST_NODES} nodes at most`),
    edges: z.array(edge).max(MOST_EDGES),
    /** What a run yields. */
    output: mapping.optional(),
    design: design.optional(),
  })
  .strict()

/** The JSON Schema (2020-12) of a workflow document, for editors. */
export function workflowSchema(): Record<string, unknown> {
  return z.toJSONSchema(workflowDocument) as Record<string, unknown>
}
