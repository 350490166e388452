// Whether somebody may do something: closed unless a role opens it, and only within tenant and queues.
import { OrderlyError } from '../primitives/errors.ts'
import type { Actor } from './actor.ts'
import type { Permission } from './permissions.ts'
import { rolesWith } from './roles.ts'

export interface Target {
  readonly tenant?: string
  readonly queue?: string
}

/** Whether `actor` may do `permission` to `target`. Without a target it is asked whether it may do it anywhere. */
export function can(actor: Actor, permission: Permission, target: Target = {}): boolean {
  return (
    actor.permissions.includes(permission) &&
    (target.tenant === undefined || target.tenant === actor.tenant) &&
    (target.queue === undefined || reaches(actor, target.queue))
  )
}

/** Whether a queue is within what `actor` may see. What is not must look as if it did not exist. */
export function reaches(actor: Pick<Actor, 'queues'>, queue: string): boolean {
  return actor.queues.some((glob) => matches(glob, queue))
}

/** Whether `actor` sees every queue, so that lists need no filter. */
export function reachesAll({ queues }: Pick<Actor, 'queues'>): boolean {
  return queues.includes('*')
}

/** Whether all that `queues` reach is within what `actor` reaches. The installation itself reaches everything. */
export function covers(actor: Pick<Actor, 'queues' | 'kind'>, queues: readonly string[]): boolean {
  return (
    actor.kind === 'system' ||
    queues.every((glob) =>
      actor.queues.some(
        (own) => own === glob || (own.endsWith('*') && glob.startsWith(own.slice(0, -1))),
      ),
    )
  )
}

/** Nobody gives others more than they have. @throws OrderlyError `ORDERLY_FORBIDDEN` */
export function demandCover(
  actor: Pick<Actor, 'queues' | 'kind'>,
  queues: readonly string[],
): void {
  if (covers(actor, queues)) return
  throw new OrderlyError(
    'ORDERLY_FORBIDDEN',
    'a scope goes no further than that of whoever gives it',
  )
}

/**
 * @throws OrderlyError `ORDERLY_FORBIDDEN`; the message names the permission and never the target, whose name may be
 *   another tenant's
 */
export function demand(actor: Actor, permission: Permission, target: Target = {}): void {
  if (can(actor, permission, target)) return
  throw new OrderlyError(
    'ORDERLY_FORBIDDEN',
    `this needs the permission "${permission}"${target.queue === undefined ? '' : ' on this queue'}; ask an administrator for a role that has it: ${rolesWith(permission).join(', ')}`,
  )
}

/** A glob with `*` at its end or alone; nothing else has a meaning, so that a dot is a dot. */
function matches(glob: string, name: string): boolean {
  return glob.endsWith('*') ? name.startsWith(glob.slice(0, -1)) : glob === name
}

const GLOB = /^(\*|[A-Za-z0-9][\w.:-]{0,119}\*?)$/

/** Whether `text` is a glob of queues as `reaches` reads it. */
export function isQueueGlob(text: string): boolean {
  return GLOB.test(text)
}
