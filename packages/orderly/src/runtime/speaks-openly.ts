// Whether what the handler of a job threw may be shown as it is, in lists, logs and the queue store.
import type { Rooms } from './rooms.ts'

/**
 * Whether what a handler threw is shown to whoever sees the job: outside production, of a kind that declares no PHI in a
 * queue that holds none. Its input is shown as it is then, and its log; but what an error says may come from elsewhere,
 * so in production it takes the right to PHI, as everywhere else.
 */
export function speaksOpenly(
  { classes, production }: Rooms,
  { name, queue }: { readonly name: string; readonly queue: string },
): boolean {
  return (
    !production && classes.of(name)?.holdsPhi === false && classes.suiteOf(queue) !== 'encrypted'
  )
}
