// The one shape of validator Orderly knows: Standard Schema v1, which Zod, Valibot and ArkType all implement.
import type { StandardSchemaV1 } from '@standard-schema/spec'

export type Schema<Output = unknown> =
  StandardSchemaV1<unknown, Output> | StandardSchemaV1<Output, Output>

/** What a schema accepts. */
export type Accepted<S> = S extends StandardSchemaV1<infer I, unknown> ? I : never

/** What a schema yields after parsing. */
export type Parsed<S> = S extends StandardSchemaV1<unknown, infer O> ? O : never
