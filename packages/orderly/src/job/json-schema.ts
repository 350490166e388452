// What a Standard Schema says of itself as JSON Schema, where it can.
import type { JobDefinition } from './define-job.ts'
import type { Schema } from './schema.ts'

/** JSON Schema, draft 2020-12. */
export type JsonSchema = Readonly<Record<string, unknown>>

export interface JobSchemas {
  readonly input: JsonSchema | undefined
  /** `{ type: 'null' }` for a job that returns nothing. */
  readonly output: JsonSchema | undefined
}

const OPTIONS = { target: 'draft-2020-12', libraryOptions: { unrepresentable: 'any' } } as const

interface Convertible {
  readonly '~standard': {
    readonly jsonSchema?: Readonly<Record<'input' | 'output', (options: typeof OPTIONS) => unknown>>
  }
}

/**
 * The JSON Schema of what a schema accepts (`input`) or yields (`output`); undefined for a schema that cannot tell. Parts
 * that JSON Schema has no word for may be anything.
 */
export function jsonSchemaOf(
  schema: Schema | undefined,
  side: 'input' | 'output',
): JsonSchema | undefined {
  try {
    const told = (schema as Convertible | undefined)?.['~standard'].jsonSchema?.[side](OPTIONS)
    return typeof told === 'object' && told !== null ? (told as JsonSchema) : undefined
  } catch {
    return undefined
  }
}

const known = new WeakMap<JobDefinition, JobSchemas>()

/** The schemas of a job's input, as callers give it, and output, as it is stored. */
export function jobSchemas(job: JobDefinition): JobSchemas {
  let schemas = known.get(job)
  if (!schemas) {
    const output = job.output ? jsonSchemaOf(job.output, 'output') : { type: 'null' }
    known.set(job, (schemas = { input: jsonSchemaOf(job.input, 'input'), output }))
  }
  return schemas
}
