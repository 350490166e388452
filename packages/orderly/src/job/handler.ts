// A job's code, tied to its contract so that both sides are typed.
import type { JobDefinition } from './define-job.ts'
import type { JobContext } from './context.ts'
import type { Verdict } from './outcome.ts'
import type { Accepted, Parsed, Schema } from './schema.ts'

export type HandlerFunction<Input extends Schema, Output extends Schema> = (
  ctx: JobContext<Parsed<Input>>,
) => Promise<Accepted<Output> | Verdict>

export interface Handler {
  readonly job: JobDefinition
  readonly run: (ctx: JobContext) => Promise<unknown>
}

/** Ties `run` to `job`. The input arrives parsed; the return value is checked against the job's output schema. */
export function handle<Input extends Schema, Output extends Schema>(
  job: JobDefinition<Input, Output>,
  run: HandlerFunction<Input, Output>,
): Handler {
  return Object.freeze({ job, run: run as Handler['run'] })
}
