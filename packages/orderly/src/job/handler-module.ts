// Loads a module that holds a handler, and finds the handler in it.
import { OrderlyError } from '../primitives/errors.ts'
import type { JobContext, Services } from './context.ts'
import type { Handler } from './handler.ts'
import { Verdict } from './outcome.ts'
import { parseOutput } from './payload.ts'
import { runChecks } from './run-checks.ts'

export interface LoadedHandler {
  /** What the handler returned, a verdict included. Checks that the module ties to it are run, too. */
  run(ctx: JobContext): Promise<unknown>
  /** Makes what the handler is given as `ctx.services`, where the module says how. */
  services?(): Services | Promise<Services>
}

/** @throws OrderlyError `ORDERLY_DEFINITION_INVALID` when there is no handler for the job in it */
export async function loadHandler(url: string, job: string): Promise<LoadedHandler> {
  const { default: exported, services } = (await import(url)) as {
    default?: unknown
    services?: unknown
  }
  const run = runOf(exported, job)
  if (!run)
    throw new OrderlyError(
      'ORDERLY_DEFINITION_INVALID',
      `the module given for job "${job}" must export its handler as default: a function, or what handle() returned for this job`,
    )
  return {
    run,
    ...(typeof services === 'function'
      ? { services: services as NonNullable<LoadedHandler['services']> }
      : {}),
  }
}

function runOf(exported: unknown, job: string): LoadedHandler['run'] | undefined {
  if (typeof exported === 'function') return async (ctx) => (exported as Handler['run'])(ctx)
  if (!isHandler(exported) || exported.job.name !== job || exported.module) return undefined
  const { job: definition, checks, run } = exported
  return async (ctx) => {
    await runChecks(definition, 'before', () => checks.before?.(ctx), ctx)
    const returned = await run(ctx)
    if (returned instanceof Verdict || !checks.after) return returned
    const output = await parseOutput(definition, returned)
    await runChecks(definition, 'after', () => checks.after?.(ctx, output), ctx)
    return returned
  }
}

function isHandler(exported: unknown): exported is Handler {
  return typeof exported === 'object' && exported !== null && 'job' in exported && 'run' in exported
}
