// Why a person does something, checked: it is for others to read, and callers without types may leave it out.
import { OrderlyError } from '../primitives/errors.ts'

const LONGEST_REASON = 500

/**
 * The reason among what a caller gave, without blanks around it.
 *
 * @param what what is done, as in `say why ${what}`
 * @throws OrderlyError `ORDERLY_INPUT_INVALID`
 */
export function reasonOf(
  options: { readonly reason?: string | undefined } | undefined,
  what: string,
): string {
  const reason: unknown = options?.reason
  const text = typeof reason === 'string' ? reason.trim() : ''
  if (text !== '' && text.length <= LONGEST_REASON) return text
  throw new OrderlyError(
    'ORDERLY_INPUT_INVALID',
    `say why ${what}: { reason: '…' } of 1 to ${LONGEST_REASON} characters`,
  )
}
