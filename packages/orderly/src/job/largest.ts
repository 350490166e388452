// How much one value of a job may be, as the bytes of its JSON.
import { OrderlyError } from '../primitives/errors.ts'

/** An input, a step's result, a checkpoint, a word on progress: what is written often and read with its job. */
const LARGEST_BYTES = 256 * 1024
/** Written once, when the work is done and would be lost with it. */
export const LARGEST_OUTPUT_BYTES: number = 4 * 1024 * 1024

/** @throws OrderlyError `ORDERLY_PAYLOAD_TOO_LARGE` */
export function refuseTooLarge(json: string, what: string, most: number = LARGEST_BYTES): void {
  // A character takes three bytes at most (four for two of UTF-16), so short texts need not be counted.
  if (json.length * 3 <= most || Buffer.byteLength(json) <= most) return
  throw new OrderlyError(
    'ORDERLY_PAYLOAD_TOO_LARGE',
    `${what} may have ${most / 1024} KiB; store it elsewhere and put its address in the job`,
  )
}
