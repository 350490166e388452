// Names the content of an answer, so that who has it already need not get it, and who changes it must have seen it.
import { createHash } from 'node:crypto'
import type { z } from 'zod'
import type { ApiContext } from './contract.ts'
import { RequestError } from './problem.ts'

export function etagOf(body: string): string {
  return `"${createHash('sha256').update(body).digest('base64url').slice(0, 27)}"`
}

export function matches(header: string | string[] | undefined, etag: string): boolean {
  if (header === undefined) return false
  const asked = [header].flat().join(',')
  return asked
    .split(',')
    .map((one) => one.trim().replace(/^W\//, ''))
    .some((one) => one === '*' || one === etag)
}

/**
 * Refuses a change by whoever saw something else than what is there now.
 *
 * @param value what a read would answer now, undefined where there is nothing
 * @throws RequestError `ORDERLY_CHANGED_MEANWHILE`
 */
export function demandMatch(
  { headers }: Pick<ApiContext, 'headers'>,
  schema: z.ZodType,
  value: unknown,
): void {
  const header = headers['if-match']
  if (header === undefined) return
  if (value !== undefined && matches(header, etagOf(JSON.stringify(schema.parse(value))))) return
  throw new RequestError(
    'ORDERLY_CHANGED_MEANWHILE',
    'this has been changed since you read it; read it again and send its new ETag',
  )
}
