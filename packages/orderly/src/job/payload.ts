// Checks what goes into a job and what comes out, and names the place of a fault without showing its value.
import { OrderlyError, type ErrorCode } from '../primitives/errors.ts'
import type { JobDefinition } from './define-job.ts'
import { placesOf } from './fault-place.ts'
import type { Parsed, Schema } from './schema.ts'

/** @throws OrderlyError `ORDERLY_INPUT_INVALID` */
export async function parseInput<Input extends Schema>(
  job: JobDefinition<Input>,
  value: unknown,
): Promise<Parsed<Input>> {
  return (await parse(job, 'input', job.input, value, 'ORDERLY_INPUT_INVALID')) as Parsed<Input>
}

/** @throws OrderlyError `ORDERLY_OUTPUT_INVALID` */
export async function parseOutput(job: JobDefinition, value: unknown): Promise<unknown> {
  if (!job.output) return undefined
  return parse(job, 'output', job.output, value, 'ORDERLY_OUTPUT_INVALID')
}

/** @throws OrderlyError `ORDERLY_OUTPUT_INVALID` */
export async function parseProgress(job: JobDefinition, value: unknown): Promise<unknown> {
  if (!job.progress) return value
  return parse(job, 'progress', job.progress, value, 'ORDERLY_OUTPUT_INVALID')
}

async function parse(
  job: JobDefinition,
  what: 'input' | 'output' | 'progress',
  schema: Schema,
  value: unknown,
  code: ErrorCode,
): Promise<unknown> {
  const checked = schema['~standard'].validate(value)
  const result = checked instanceof Promise ? await checked : checked
  if (!result.issues) return result.value
  throw new OrderlyError(
    code,
    `the ${what} of job "${job.name}" does not fit its schema at ${placesOf(result.issues, schema)}`,
  )
}
