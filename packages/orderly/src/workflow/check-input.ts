// Whether a value is what a workflow takes, as its document says in JSON Schema.
import { z } from 'zod'
import { placesOf } from '../job/fault-place.ts'
import { OrderlyError } from '../primitives/errors.ts'
import type { WorkflowDocument } from './document.ts'

/** What checks a value; or why nothing can. */
type Reading = z.ZodType | { readonly fault: string }

const LONGEST_FAULT = 200
const readings = new WeakMap<object, Reading>()

function readingOf(schema: Readonly<Record<string, unknown>>): Reading {
  let reading = readings.get(schema)
  if (!reading) readings.set(schema, (reading = read(schema)))
  return reading
}

function read(schema: Readonly<Record<string, unknown>>): Reading {
  // Whoever names properties means an object; what reads it would let anything pass.
  const isObject = 'properties' in schema && !('type' in schema)
  try {
    return z.fromJSONSchema(isObject ? { ...schema, type: 'object' } : schema)
  } catch (error) {
    return { fault: (error as Error).message.slice(0, LONGEST_FAULT) }
  }
}

/** Why nothing can be checked by the schema of a document's input; undefined where it can. */
export function faultOfInputSchema({ input }: WorkflowDocument): string | undefined {
  const reading = input && readingOf(input)
  return reading && 'fault' in reading ? reading.fault : undefined
}

/**
 * What a run takes: an empty object where nothing is given.
 *
 * @throws OrderlyError `ORDERLY_INPUT_INVALID` where the document says what its runs take, and it is something else
 */
export function inputFor({ id, input: schema }: WorkflowDocument, given: unknown): unknown {
  if (!schema) return given
  const input = given === undefined ? {} : given
  const reading = readingOf(schema)
  // A document of old may say what nobody can check.
  if ('fault' in reading) return input
  const { error } = reading.safeParse(input)
  if (!error) return input
  throw new OrderlyError(
    'ORDERLY_INPUT_INVALID',
    `the input of workflow "${id}" does not fit its schema at ${placesOf(error.issues, reading)}`,
  )
}
