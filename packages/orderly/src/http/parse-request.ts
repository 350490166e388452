// Reads what an operation is asked, each part by its own schema: nothing in one part stands for another.
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { ApiOperation } from './contract.ts'
import { misfitsOf, RequestError, type Misfit } from './problem.ts'

export interface ParsedRequest {
  readonly params: unknown
  readonly query: unknown
  readonly body: unknown
}

const strictByOperation = new WeakMap<
  ApiOperation,
  { params: z.ZodType; query: z.ZodType; body: z.ZodType }
>()

/** @throws RequestError `ORDERLY_REQUEST_INVALID` naming every place that does not fit */
export function parseRequest(operation: ApiOperation, request: FastifyRequest): ParsedRequest {
  const schemas = strictSchemas(operation)
  const misfits: Misfit[] = []
  const read = (part: 'params' | 'query' | 'body', value: unknown): unknown => {
    const result = schemas[part].safeParse(value)
    if (result.success) return result.data
    misfits.push(...misfitsOf(part, result.error.issues, schemas[part]))
    return undefined
  }
  const parsed = {
    params: read('params', { ...(request.params as object) }),
    query: read('query', { ...(request.query as object) }),
    // Who sends none is told which fields it lacks.
    body: read('body', request.body ?? (schemas.body instanceof z.ZodObject ? {} : undefined)),
  }
  if (misfits.length > 0)
    throw new RequestError(
      'ORDERLY_REQUEST_INVALID',
      'the request does not fit this operation; "errors" names the places',
      { misfits },
    )
  return parsed
}

/** A field that nobody reads was meant to do something: it is refused rather than passed over. */
function strictSchemas(operation: ApiOperation): {
  params: z.ZodType
  query: z.ZodType
  body: z.ZodType
} {
  const known = strictByOperation.get(operation)
  if (known) return known
  const { params, query, body } = operation.request
  const made = {
    params: strict(params ?? z.object({})),
    query: strict(query ?? z.object({})),
    body: body === undefined ? z.undefined() : strict(body),
  }
  strictByOperation.set(operation, made)
  return made
}

function strict(schema: z.ZodType): z.ZodType {
  // An operation whose fields are named elsewhere says so by a catchall.
  if (schema instanceof z.ZodObject)
    return schema.def.catchall === undefined ? schema.strict() : schema
  if (schema instanceof z.ZodOptional) return strict(schema.unwrap() as z.ZodType).optional()
  return schema
}
