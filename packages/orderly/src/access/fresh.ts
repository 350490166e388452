// How recently somebody must have shown who they are, for what is dangerous.
import { OrderlyError } from '../primitives/errors.ts'
import type { Actor } from './actor.ts'

/** For what is dangerous, who asks must have been seen this recently. */
export const FRESH_MS: number = 5 * 60_000

/**
 * Refuses what is dangerous to whoever was last seen too long ago. Keys and programs cannot do it at all.
 *
 * @throws OrderlyError `ORDERLY_STEP_UP_NEEDED`, `ORDERLY_FORBIDDEN`
 */
export function demandFresh(actor: Actor, now: number): void {
  if (!actor.session)
    throw new OrderlyError('ORDERLY_FORBIDDEN', 'only a person who is signed in may do this')
  if (now - actor.session.authenticatedAt <= FRESH_MS) return
  throw new OrderlyError(
    'ORDERLY_STEP_UP_NEEDED',
    'show your password or code again; your last sign-in is more than five minutes ago',
  )
}
