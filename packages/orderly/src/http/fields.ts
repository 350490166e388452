// Parts of requests that many operations share.
import { z } from 'zod'

/** How a span of time is written. */
export const DURATION: RegExp = /^\d+(\.\d+)?(ms|s|m|h|d|w)$/

export const idParams: z.ZodObject<{ id: z.ZodString }> = z.object({
  id: z.string().min(1).max(400),
})

export const nameParams: z.ZodObject<{ name: z.ZodString }> = z.object({
  name: z.string().min(1).max(200),
})

export const duration: z.ZodString = z
  .string()
  .regex(DURATION)
  .describe('A number and a unit: 500ms, 30s, 5m, 2h, 7d.')

export const reason: z.ZodString = z
  .string()
  .min(1)
  .max(500)
  .describe('Why, for everybody to read. It holds nothing of a patient.')

/** As many ids as an entry of the ledger has room for, the first of them. */
export function listed(ids: readonly string[]): string {
  const room: string[] = []
  let length = 0
  for (const id of ids) {
    length += id.length + 1
    if (length > 8_000) return `${room.join(' ')} …`
    room.push(id)
  }
  return room.join(' ')
}

export const time: z.ZodNumber = z.number().describe('Milliseconds since 1970 UTC.')
