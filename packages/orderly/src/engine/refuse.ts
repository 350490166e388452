// What the wall does not let into a store at all.
import type { JobJson } from 'bullmq'
import { OrderlyError } from '../primitives/errors.ts'

/** Shapes that ids, names and keys of a queue with PHI must not have: they stand in the clear everywhere. */
const SPEAKING = [
  /[^\s@]+@[^\s@]+\.[a-z]{2,}/i,
  /\b\d{3}-\d{2}-\d{4}\b/,
  /\b(19|20)\d\d-\d\d-\d\d\b/,
]

/** @throws OrderlyError `ORDERLY_ID_LOOKS_LIKE_PHI` */
export function refuseSpeakingIds(job: JobJson, id: string): void {
  const clear = { 'the id of a job': id, 'the name of a job': job.name }
  for (const [what, text] of Object.entries(clear)) {
    if (!SPEAKING.some((shape) => shape.test(text))) continue
    throw new OrderlyError(
      'ORDERLY_ID_LOOKS_LIKE_PHI',
      `${what} has the shape of an e-mail address, a social security number or a date; it is stored in the clear, so let Orderly choose it`,
    )
  }
}
