// Workflows written in TypeScript: the same documents, with jobs named by their definitions and inputs checked by the compiler.
import type { JobDefinition } from '../job/define-job.ts'
import { jobSchemas, jsonSchemaOf, type JsonSchema } from '../job/json-schema.ts'
import type { Accepted, Parsed, Schema } from '../job/schema.ts'
import { OrderlyError } from '../primitives/errors.ts'
import { namesOf, refuseUnknown } from '../primitives/known-names.ts'
import type {
  CompensateNode,
  ForEachNode,
  JobNode,
  Mapping,
  WorkflowDocument,
  WorkflowEdge,
  WorkflowNode,
} from './document.ts'
import { validateWorkflow } from './validate.ts'

type AnyJob = JobDefinition<any, any>

type RequiredKeys<T> = { [K in keyof T]-?: object extends Pick<T, K> ? never : K }[keyof T]

/** The fields of a job's input, each with the expression that makes it; or one expression for all of it. */
export type InputOf<Job> =
  Job extends JobDefinition<infer Input, any>
    ? | string
      | (Accepted<Input> extends Readonly<Record<string, unknown>>
          ? Readonly<
              Record<RequiredKeys<Accepted<Input>> & string, string> &
                Partial<Record<keyof Accepted<Input> & string, string>>
            >
          : never)
    : never

/** A node whose job is known by its definition. */
interface Typed {
  readonly definition: AnyJob
}

export type TypedNode = WorkflowNode | (WorkflowNode & Typed)

type More<Node> = Omit<Node, 'type' | 'job' | 'input'>

/** A node that runs a job. */
export function runs<Job extends AnyJob>(
  job: Job,
  more: Omit<More<JobNode>, never> & { readonly input?: InputOf<Job> } = {},
): JobNode & Typed {
  return { type: 'job', job: job.name, ...(more as Partial<JobNode>), definition: job }
}

/** A node that runs a job for each value of a list. */
export function runsForEach<Job extends AnyJob>(
  items: string,
  job: Job,
  more: Omit<More<ForEachNode>, 'items'> & { readonly input?: InputOf<Job> } = {},
): ForEachNode & Typed {
  return {
    type: 'for-each',
    items,
    job: job.name,
    ...(more as Partial<ForEachNode>),
    definition: job,
  }
}

/** A node that undoes what another has done, when the run fails after that. */
export function undoes<Job extends AnyJob>(
  node: string,
  job: Job,
  more: Omit<More<CompensateNode>, 'undoes'> & { readonly input?: InputOf<Job> } = {},
): CompensateNode & Typed {
  return {
    type: 'compensate',
    undoes: node,
    job: job.name,
    ...(more as Partial<CompensateNode>),
    definition: job,
  }
}

type Edge<Name extends string> =
  | readonly [from: Name, to: Name]
  | readonly [from: Name, to: Name, more: Pick<WorkflowEdge, 'when' | 'otherwise'>]
  | (Omit<WorkflowEdge, 'from' | 'to'> & { readonly from: Name; readonly to: Name })

export interface WorkflowSpec<
  Name extends string,
  Input extends Schema | JsonSchema | undefined = Schema | JsonSchema | undefined,
> extends Pick<WorkflowDocument, 'id' | 'title' | 'params' | 'from' | 'output' | 'design'> {
  /** 1 unless told. */
  readonly version?: number
  /** What a run takes: a Standard Schema, or JSON Schema. */
  readonly input?: Input
  /** Where a run begins; the first node unless told. */
  readonly start?: NoInfer<Name>
  readonly nodes: Readonly<Record<Name, TypedNode>>
  readonly edges?: readonly Edge<NoInfer<Name>>[]
}

const WORKFLOW = namesOf<WorkflowSpec<string>>({
  id: true,
  version: true,
  title: true,
  input: true,
  params: true,
  from: true,
  start: true,
  nodes: true,
  edges: true,
  output: true,
  design: true,
})

declare const INPUT: unique symbol

/** A document that knows the type of what its runs take; at run time it is a document like any other. */
export interface TypedWorkflow<Input = unknown> extends WorkflowDocument {
  /** For the compiler alone: nothing stands there. */
  readonly [INPUT]?: (input: Input) => void
}

/** What runs of a workflow with this input take: what its schema accepts, anything where JSON Schema says it. */
export type RunInput<Input> = Input extends Schema ? Accepted<Input> : unknown

/**
 * Makes a workflow document.
 *
 * @throws OrderlyError `ORDERLY_DEFINITION_INVALID` naming the first fault
 */
export function defineWorkflow<
  const Name extends string,
  Input extends Schema | JsonSchema | undefined = undefined,
>(spec: WorkflowSpec<Name, Input>): TypedWorkflow<RunInput<Input>> {
  refuseUnknown('a workflow', spec ?? null, WORKFLOW, 'ORDERLY_DEFINITION_INVALID')
  if (typeof spec.nodes !== 'object' || spec.nodes === null)
    throw new OrderlyError('ORDERLY_DEFINITION_INVALID', 'a workflow has nodes, by their names')
  const { id, version = 1, title, input, params, from, start, edges = [], output, design } = spec
  const given = Object.entries<TypedNode>(spec.nodes)
  const definitions = new Map<string, AnyJob>()
  const nodes = given.map(([name, node]) => {
    if (!('definition' in node)) return [name, node] as const
    const { definition, ...plain } = node
    definitions.set(definition.name, definition)
    return [name, plain] as const
  })
  const document = {
    format: 'orderly.workflow/1' as const,
    id,
    version,
    ...present({ title, input: input && inputSchema(input), params, from }),
    start: start ?? given[0]?.[0] ?? '',
    nodes: Object.fromEntries(nodes),
    edges: edges.map(edgeOf),
    ...present({ output, design }),
  }
  const isTyped = nodes.every(([, node]) => !('job' in node) || definitions.has(node.job))
  const checked = validateWorkflow(document, isTyped ? { jobs: schemasOf(definitions) } : {})
  if (checked.valid) return checked.document
  throw new OrderlyError(
    'ORDERLY_DEFINITION_INVALID',
    `workflow "${id}" cannot run: ${checked.findings[0]!.message}`,
  )
}

function schemasOf(definitions: ReadonlyMap<string, AnyJob>) {
  return [...definitions.values()].map((job) => {
    const { input, output } = jobSchemas(job)
    return { name: job.name, ...present({ input, output }) }
  })
}

/** Without what is not there: a document says nothing of what it does not say. */
function present<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>
  }
}

function edgeOf(edge: Edge<string>): WorkflowEdge {
  if (!isPair(edge)) return edge
  const [from, to, more] = edge
  return { from, to, ...more }
}

function isPair(edge: Edge<string>): edge is Exclude<Edge<string>, WorkflowEdge> {
  return Array.isArray(edge)
}

function inputSchema(input: Schema | JsonSchema): JsonSchema {
  if (!('~standard' in input)) return input
  const schema = jsonSchemaOf(input as Schema, 'input')
  if (schema) return schema
  throw new OrderlyError(
    'ORDERLY_DEFINITION_INVALID',
    'the input of a workflow is a schema that can say itself as JSON Schema; write that out instead',
  )
}

/** Jobs of which each takes what the one before returns. */
export type Chain<Jobs extends readonly AnyJob[]> = Jobs extends readonly [
  JobDefinition<any, infer Output>,
  infer Next extends AnyJob,
  ...infer Rest extends readonly AnyJob[],
]
  ? Next extends JobDefinition<infer Input, any>
    ? Parsed<Output> extends Accepted<Input>
      ? readonly [Jobs[0], ...Chain<readonly [Next, ...Rest]>]
      : readonly [Jobs[0], never, ...AnyJob[]]
    : never
  : Jobs

/**
 * A workflow of jobs one after the other: the first takes the run's input, each other what the one before returned, and
 * the run yields what the last returned. Its nodes are called `step1`, `step2` …
 *
 * @throws OrderlyError `ORDERLY_DEFINITION_INVALID`
 */
export function defineChain<const Jobs extends readonly [AnyJob, ...AnyJob[]]>(
  id: string,
  jobs: Jobs & Chain<Jobs>,
): TypedWorkflow<Jobs[0] extends JobDefinition<infer Input, any> ? Accepted<Input> : unknown> {
  const names = jobs.map((_, index) => `step${index + 1}`)
  const input = jobSchemas(jobs[0]).input
  return defineWorkflow({
    id,
    ...present({ input }),
    nodes: Object.fromEntries(
      jobs.map((job, index) => [
        names[index]!,
        runs(job, { input: index === 0 ? 'input' : `steps.${names[index - 1]}.output` }),
      ]),
    ),
    edges: names.slice(1).map((to, index) => ({ from: names[index]!, to })),
    output: `steps.${names.at(-1)}.output`,
  })
}

export interface FamilySpec<
  Input extends Schema | JsonSchema | undefined = Schema | JsonSchema | undefined,
> {
  readonly id: string
  readonly input?: Input
  /** By the names of their nodes: jobs that run at the same time. */
  readonly children: Readonly<
    Record<string, AnyJob | { readonly job: AnyJob; readonly input?: Mapping }>
  >
  /** Runs when all of them have completed; it may look at what they returned. */
  readonly parent: { readonly job: AnyJob; readonly input?: Mapping }
}

/**
 * A workflow of children that run at the same time and a parent that runs when all have completed, and whose result the
 * run yields. A child that is told nothing else takes the run's input.
 *
 * @throws OrderlyError `ORDERLY_DEFINITION_INVALID`
 */
export function defineFamily<Input extends Schema | JsonSchema | undefined = undefined>({
  id,
  input,
  children,
  parent,
}: FamilySpec<Input>): TypedWorkflow<RunInput<Input>> {
  const kids = Object.entries(children).map(([name, child]) => {
    const own = 'queue' in child ? { job: child } : child
    return [name, runs(own.job, { input: (own.input ?? 'input') as string })] as const
  })
  const names = kids.map(([name]) => name)
  // A join brings two ways or more together.
  const isOnly = names.length === 1
  const nodes: Record<string, TypedNode> = {
    children: { type: 'parallel' },
    ...Object.fromEntries(kids),
    ...(isOnly ? {} : { together: { type: 'join', wait: 'all' } }),
    parent: runs(parent.job, present({ input: parent.input as string | undefined })),
  }
  return defineWorkflow({
    id,
    ...present({ input }),
    start: 'children',
    nodes,
    edges: [
      ...names.map((to) => ({ from: 'children', to })),
      ...names.map((from) => ({ from, to: isOnly ? 'parent' : 'together' })),
      ...(isOnly ? [] : [{ from: 'together', to: 'parent' }]),
    ],
    output: 'steps.parent.output',
  })
}
