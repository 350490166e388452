// Times as people type them.
import { OrderlyError } from '../primitives/errors.ts'

/** @throws OrderlyError `ORDERLY_INPUT_INVALID` naming the flag */
export function timeOf(text: string, flag: string): number {
  const time = Date.parse(text)
  if (!Number.isNaN(time)) return time
  throw new OrderlyError('ORDERLY_INPUT_INVALID', `${flag} is a date, such as 2026-01-31`)
}
