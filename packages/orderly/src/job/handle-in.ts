// Ties a job to the module that holds its handler, so that it can run apart from the worker.
import { milliseconds, type Duration } from '../primitives/duration.ts'
import { OrderlyError } from '../primitives/errors.ts'
import { namesOf, refuseUnknown } from '../primitives/known-names.ts'
import type { JobContext } from './context.ts'
import type { JobDefinition } from './define-job.ts'
import type { Handler } from './handler.ts'
import { loadHandler } from './handler-module.ts'

/** What the threads or processes that run a handler may use, and how long they live. */
export interface ChildOptions {
  /** Mebibytes of JavaScript heap at which one is ended, and its job with it. 512 unless told. */
  readonly memory?: number
  readonly recycle?: {
    /** One is replaced after this many jobs. 500 unless told. */
    readonly jobs?: number
    /**
     * One is replaced when it holds more mebibytes than this after a job: resident memory of a process, heap of a
     * thread. 384 unless told.
     */
    readonly memory?: number
    /** One without work is ended after this long. A minute unless told. */
    readonly idle?: Duration
  }
  /** How long a handler has, once its signal aborted, before its thread or process is ended. 1 s unless told. */
  readonly grace?: Duration
  /** Names of environment variables it sees beside the harmless ones. Name none that holds a secret it need not know. */
  readonly env?: readonly string[]
}

const OPTIONS = namesOf<ChildOptions>({ memory: true, recycle: true, grace: true, env: true })
const RECYCLE = namesOf<NonNullable<ChildOptions['recycle']>>({
  jobs: true,
  memory: true,
  idle: true,
})

/** A module that holds a handler, and the rules for those that run it: times in milliseconds, memory in mebibytes. */
export interface HandlerModule {
  readonly url: string
  readonly memory: number
  readonly mostJobs: number
  readonly mostMemory: number
  readonly idle: number
  readonly grace: number
  readonly env: readonly string[]
}

/**
 * Ties the module at `url` to `job`. The module's default export is the handler function, or what `handle(job, run)`
 * returned; it may export `services()`, whose result is `ctx.services` there. Where it runs is what the job's
 * `isolation` says: in a thread, in a process, or loaded into the worker's own thread (`inline`).
 *
 * @param url such as `new URL('./scan-handler.js', import.meta.url)`
 * @throws OrderlyError `ORDERLY_DEFINITION_INVALID`
 */
export function handleIn(
  job: JobDefinition<any, any>,
  url: URL | string,
  options: ChildOptions = {},
): Handler {
  const href = String(url)
  const code = 'ORDERLY_DEFINITION_INVALID'
  refuseUnknown(`handler of job "${job.name}": options`, options, OPTIONS, code)
  refuseUnknown(`handler of job "${job.name}": recycle`, options.recycle, RECYCLE, code)
  if (!href.startsWith('file:'))
    throw invalid(job, `its module is a file, named as new URL('./handler.js', import.meta.url)`)
  const { memory = 512, recycle = {}, grace = '1s', env = [] } = options
  const { jobs = 500, memory: mostMemory = 384, idle = '1m' } = recycle
  for (const [what, value] of Object.entries({ memory, jobs, mostMemory }))
    if (!Number.isInteger(value) || value < 1)
      throw invalid(job, `${what === 'mostMemory' ? 'recycle.memory' : what} is a whole number`)
  const module: HandlerModule = Object.freeze({
    url: href,
    memory,
    mostJobs: jobs,
    mostMemory,
    idle: milliseconds(idle),
    grace: milliseconds(grace),
    env: Object.freeze([...env]),
  })
  return Object.freeze({
    job,
    run: async (ctx: JobContext) => (await loadHandler(href, job.name)).run(ctx),
    checks: {},
    module,
  })
}

function invalid(job: JobDefinition, what: string): OrderlyError {
  return new OrderlyError('ORDERLY_DEFINITION_INVALID', `handler of job "${job.name}": ${what}`)
}
