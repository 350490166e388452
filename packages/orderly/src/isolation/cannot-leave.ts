// The error of a value that cannot be sent between threads or processes.
import { OrderlyError } from '../primitives/errors.ts'

export function cannotLeave(what: string): OrderlyError {
  return new OrderlyError(
    'ORDERLY_OUTPUT_INVALID',
    `${what} holds something that cannot leave its thread or process, such as a function; use plain values`,
  )
}
