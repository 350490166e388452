// What the functions of access work with, and how a change of rights is written.
import type { LedgerActor, LedgerEntry } from '../ledger/entry.ts'
import type { Ledger } from '../ledger/open.ts'
import type { Clock } from '../primitives/clock.ts'
import type { DataKeys } from '../vault/data-keys.ts'
import { dataKeyOf, openText, sealText } from '../vault/envelope.ts'
import { openPasswords, type Passwords } from './password.ts'
import type { Actor } from './actor.ts'
import type { Spool } from './spool.ts'
import type { AccessDatabase, AccessTransaction } from './tables.ts'

export interface AccessRoom {
  readonly database: AccessDatabase
  readonly ledger: Ledger
  readonly keys: DataKeys
  readonly clock: Clock
  readonly passwords: Passwords
  /** Nothing is permitted for convenience. */
  readonly production: boolean
  /** Takes emergencies down while the ledger cannot. */
  readonly spool?: Spool | undefined
  /** Nobody sees PHI without the consent of somebody else; else only beyond the budget. */
  readonly alwaysTwo?: boolean | undefined
}

export interface AccessOptions extends Omit<AccessRoom, 'passwords'> {
  /** log2 of the work that a password costs. */
  readonly passwordCost?: number
}

export function openAccess({ passwordCost, ...room }: AccessOptions): AccessRoom {
  return { ...room, passwords: openPasswords(passwordCost) }
}

/** Seals secrets of users; like that of the ledger it is never replaced by sealing anew. */
export const ACCESS_SCOPE = 'access/default'

function placeOf(anchor: string): Parameters<typeof openText>[1] {
  return { tenant: 'default', queue: '#access', slot: 'state', anchor, seq: 0 }
}

export async function sealSecret(
  { keys }: Pick<AccessRoom, 'keys'>,
  text: string,
  anchor: string,
): Promise<string> {
  return sealText(text, placeOf(anchor), await keys.active(ACCESS_SCOPE), 'encrypted')
}

/** @throws OrderlyError `ORDERLY_SEAL_BROKEN`, `ORDERLY_KEY_MISSING`, `ORDERLY_KEY_UNAVAILABLE` */
export async function openSecret(
  { keys }: Pick<AccessRoom, 'keys'>,
  envelope: string,
  anchor: string,
): Promise<string> {
  return openText(envelope, placeOf(anchor), await keys.find(dataKeyOf(envelope)))
}

/** An actor as the ledger writes it. */
export function ledgerActorOf({ id, kind, name, roles, tenant, session }: Actor): LedgerActor {
  return {
    kind,
    id,
    name,
    roles,
    tenant,
    ...(session ? { session: { id: session.id, mfa: session.mfa } } : {}),
  }
}

/**
 * Changes rights: the change, its entry and the new version of all rights come together, or not at all. Open streams
 * see the version and ask again who they are for.
 */
export async function change<T>(
  { database, ledger }: AccessRoom,
  entry: LedgerEntry,
  work: (tx: AccessTransaction) => Promise<T>,
): Promise<T> {
  return database.transaction(async (tx) => {
    await ledger.recordIn(tx, entry)
    const result = await work(tx)
    await raise(tx)
    return result
  })
}

async function raise({ query }: AccessTransaction): Promise<void> {
  await query
    .insertInto('orderly_access_version')
    .values({ one: 1, version: 1 })
    .onConflict((conflict) =>
      conflict
        .column('one')
        .doUpdateSet((row) => ({ version: row('orderly_access_version.version', '+', 1) })),
    )
    .execute()
}

/** Goes up whenever somebody's rights have changed. */
export async function accessVersion({ database }: AccessRoom): Promise<number> {
  const row = await database.query
    .selectFrom('orderly_access_version')
    .select('version')
    .where('one', '=', 1)
    .executeTakeFirst()
  return row?.version ?? 0
}
