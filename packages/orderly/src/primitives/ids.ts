// Identity: ids that sort by time and say nothing about their job.
import { randomFillSync } from 'node:crypto'

const ID_BYTES = 16
/** Random bytes are asked for in bulk: each call into the system costs more than an id. */
const pool = Buffer.alloc(ID_BYTES * 256)
let at = pool.length

/**
 * A new id, unique and ordered by creation time: 48 bits of milliseconds and 80 random bits, as 32 hex digits
 * in the layout of RFC 9562 §5.7 (UUID version 7) without dashes.
 */
export function newId(now: number): string {
  if (at === pool.length) {
    randomFillSync(pool)
    at = 0
  }
  const bytes = pool.subarray(at, (at += ID_BYTES))
  bytes.writeUIntBE(now, 0, 6)
  bytes[6] = 0x70 | (bytes[6]! & 0x0f)
  bytes[8] = 0x80 | (bytes[8]! & 0x3f)
  return bytes.toString('hex')
}

const OWN_ID = /^[0-9a-f]{12}7[0-9a-f]{3}[89ab][0-9a-f]{15}$/

/** Whether `id` has the form that `newId` gives. */
export function isOwnId(id: string): boolean {
  return OWN_ID.test(id)
}
