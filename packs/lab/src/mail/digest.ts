// Short digests of what mails are known by: their keys, and addresses nobody should read.
import { createHash } from 'node:crypto'

/** 40 hexadecimal digits. */
export function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 40)
}
