// Bytes that are counted and digested as they pass.
import { createHash } from 'node:crypto'
import { OrderlyError } from '../primitives/errors.ts'

export interface Tally {
  size: number
  sha256: string
}

/** Passes `body` on; once it has ended, `tally` has its size and digest. */
export async function* tallied(
  body: AsyncIterable<Uint8Array> | Uint8Array,
  tally: Tally,
): AsyncGenerator<Uint8Array> {
  const digest = createHash('sha256')
  let size = 0
  for await (const chunk of body instanceof Uint8Array ? [body] : body) {
    digest.update(chunk)
    size += chunk.byteLength
    yield chunk
  }
  tally.size = size
  tally.sha256 = digest.digest('hex')
}

/** Passes `body` on and fails at its end if it is not what was stored. */
export async function* verified(
  body: AsyncIterable<Uint8Array>,
  stored: Tally,
): AsyncGenerator<Uint8Array> {
  const seen: Tally = { size: 0, sha256: '' }
  yield* tallied(body, seen)
  if (seen.size !== stored.size || seen.sha256 !== stored.sha256)
    throw new OrderlyError(
      'ORDERLY_OBJECTS_UNAVAILABLE',
      'a stored object is not what was put there: it was changed or its disk is failing; store it again',
    )
}
