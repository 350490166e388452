// What the operations on kinds of jobs answer.
import type { PhiField } from '../../api/answers.ts'
import type { JsonSchema } from '../../parts/json-schema.ts'

export interface TypeRow {
  readonly name: string
  readonly queue: string
  readonly description?: string | null
  readonly holdsPhi: boolean
}

export interface TypeDetail extends TypeRow {
  readonly inputSchema: JsonSchema
  readonly outputSchema?: JsonSchema
  readonly inputFields: readonly PhiField[]
}
