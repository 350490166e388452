// Waits for something, but not for ever.
import type { Clock } from './clock.ts'

/**
 * Resolves once `work` has ended, or after `ms`; it goes on then, and how it ends is nobody's business any more.
 *
 * @returns whether it ended in time
 * @throws what `work` throws in that time
 */
export async function within(clock: Clock, ms: number, work: Promise<unknown>): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const disarm = clock.after(ms, () => resolve(false))
    work.then(() => resolve(true), reject).finally(disarm)
  })
}
