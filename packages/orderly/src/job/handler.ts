// A job's code, tied to its contract so that both sides are typed.
import { OrderlyError } from '../primitives/errors.ts'
import { namesOf, refuseUnknown } from '../primitives/known-names.ts'
import type { JobDefinition } from './define-job.ts'
import type { JobContext } from './context.ts'
import type { Check } from './evidence.ts'
import type { HandlerModule } from './handle-in.ts'
import type { Verdict } from './outcome.ts'
import type { Accepted, Parsed, Schema } from './schema.ts'

export type HandlerFunction<Input extends Schema, Output extends Schema> = (
  ctx: JobContext<Parsed<Input>>,
) => Promise<Accepted<Output> | Verdict>

/** What must hold before a handler runs, and of what it returned. A check that does not fails the job for good. */
export interface HandlerChecks<Input, Output> {
  before?(ctx: JobContext<Input>): readonly Check[] | Promise<readonly Check[]>
  after?(ctx: JobContext<Input>, output: Output): readonly Check[] | Promise<readonly Check[]>
}

export interface BatchOptions {
  /** Jobs handed over in one call, at most. */
  readonly size: number
  /** Milliseconds after the first job of a batch when it is handed over although it is not full. */
  readonly wait: number
}

export interface Handler {
  readonly job: JobDefinition
  readonly run: (ctx: JobContext) => Promise<unknown>
  readonly checks: HandlerChecks<any, any>
  /** Set where many jobs are handled in one call. */
  readonly batch?: BatchOptions & {
    readonly run: (contexts: readonly JobContext[]) => Promise<readonly unknown[]>
  }
  /** Set where it is named by a module, so that it can run apart from the worker. */
  readonly module?: HandlerModule
}

const CHECKS = namesOf<HandlerChecks<any, any>>({ before: true, after: true })
const BATCH = namesOf<BatchOptions>({ size: true, wait: true })

/**
 * Ties `run` to `job`. The input arrives parsed; the return value is checked against the job's output schema.
 *
 * @throws OrderlyError `ORDERLY_DEFINITION_INVALID`
 */
export function handle<Input extends Schema, Output extends Schema>(
  job: JobDefinition<Input, Output>,
  run: HandlerFunction<Input, Output>,
  checks: HandlerChecks<Parsed<Input>, Parsed<Output>> = {},
): Handler {
  const what = handlerOf(job, run)
  // A check of another name would never be made.
  refuseUnknown(`${what}: checks`, checks, CHECKS, 'ORDERLY_DEFINITION_INVALID')
  return Object.freeze({ job, run: run as Handler['run'], checks })
}

/** What to call a handler. @throws OrderlyError `ORDERLY_DEFINITION_INVALID` where it is none, or its job is none */
function handlerOf(job: JobDefinition<any, any>, run: unknown): string {
  if (typeof job !== 'object' || job === null || typeof job.name !== 'string')
    throw invalid('a handler is tied to the definition of a job, as defineJob returns it')
  if (typeof run === 'function') return `handler of job "${job.name}"`
  throw invalid(`the handler of job "${job.name}" is a function`)
}

function invalid(rule: string): OrderlyError {
  return new OrderlyError('ORDERLY_DEFINITION_INVALID', rule)
}

/** For each job of `Jobs` what handles it. */
export type HandlersOf<Jobs extends Readonly<Record<string, JobDefinition<any, any>>>> = {
  readonly [Key in keyof Jobs]: HandlerFunction<Jobs[Key]['input'], OutputOf<Jobs[Key]>>
}

type OutputOf<Job> = Job extends JobDefinition<any, infer Output> ? Output : never

/**
 * Ties many handlers to their jobs at once: leaving one out, or naming one that is no job here, does not compile.
 *
 * @param jobs the definitions, under whatever names the program knows them by
 */
export function handleAll<const Jobs extends Readonly<Record<string, JobDefinition<any, any>>>>(
  jobs: Jobs,
  handlers: HandlersOf<Jobs>,
): readonly Handler[] {
  return Object.entries(jobs).map(([key, job]) =>
    handle(job, handlers[key] as HandlerFunction<any, any>),
  )
}

/** What became of one job of a batch: its output, a verdict, or an error. */
export type BatchResult<Output extends Schema> = Accepted<Output> | Verdict | Error

/**
 * Ties `run` to `job` for many jobs at once. It is called with up to `size` contexts and returns one result for each, in
 * their order; what it throws is the error of every one of them.
 */
export function handleBatch<Input extends Schema, Output extends Schema>(
  job: JobDefinition<Input, Output>,
  options: { readonly size: number; readonly wait?: number },
  run: (contexts: readonly JobContext<Parsed<Input>>[]) => Promise<readonly BatchResult<Output>[]>,
): Handler {
  const what = handlerOf(job, run)
  refuseUnknown(`${what}: options`, options ?? null, BATCH, 'ORDERLY_DEFINITION_INVALID')
  const { wait = 50 } = options
  if (!Number.isFinite(options.size) || !Number.isFinite(wait) || wait < 0)
    throw invalid(`${what}: "size" is a number of jobs, and "wait" one of milliseconds`)
  const size = Math.max(1, Math.floor(options.size))
  const many = run as unknown as (contexts: readonly JobContext[]) => Promise<readonly unknown[]>
  return Object.freeze({
    job,
    run: async (ctx: JobContext) => (await many([ctx]))[0],
    checks: {},
    batch: Object.freeze({ size, wait, run: many }),
  })
}
