// Ledgers on real databases, and the hands of somebody who owns the database.
import { sql } from 'kysely'
import { openDatabase, type Database } from '../../packages/orderly/src/database/open.ts'
import { migrate } from '../../packages/orderly/src/database/migrate.ts'
import { dataKeyTable } from '../../packages/orderly/src/history/data-keys.ts'
import { HISTORY_STEPS } from '../../packages/orderly/src/history/tables.ts'
import { ledgerIn } from '../../packages/orderly/src/ledger/dump.ts'
import { parseVkey, type Verifier } from '../../packages/orderly/src/ledger/note.ts'
import { openLedger, type Ledger } from '../../packages/orderly/src/ledger/open.ts'
import { ledgerKey } from '../../packages/orderly/src/ledger/seal.ts'
import { ACCESS_STEP } from '../../packages/orderly/src/access/tables.ts'
import { LEDGER_STEP, type LedgerDatabase } from '../../packages/orderly/src/ledger/tables.ts'
import { verifyLedger, type LedgerVerification } from '../../packages/orderly/src/ledger/verify.ts'
import { systemClock, type Clock } from '../../packages/orderly/src/primitives/clock.ts'
import { openDataKeys, type DataKeys } from '../../packages/orderly/src/vault/data-keys.ts'
import { keyringProvider } from '../../packages/orderly/src/vault/key-provider.ts'
import { createKeyring, type Keyring } from '../../packages/orderly/src/vault/keyring.ts'

export interface LedgerLab {
  readonly database: LedgerDatabase
  readonly keys: DataKeys
  /** Another process’s ledger on the same database. */
  open(clock?: Clock): Ledger
  /** Another connection to the same database, with a ledger on it. */
  openApart(clock?: Clock): { ledger: Ledger; close(): Promise<void> }
  trusted(): Promise<Verifier[]>
  verify(anchored?: readonly string[]): Promise<LedgerVerification>
  /** What only the owner of the database can do: lifts its guards first. */
  tamper(...statements: readonly string[]): Promise<void>
  close(): Promise<void>
}

export async function openLab(url: string): Promise<LedgerLab> {
  const ring = createKeyring(systemClock.now())
  const place = openDatabase(url)
  await migrate(place, 'orderly', HISTORY_STEPS)
  await migrate(place, 'orderly_state', [ACCESS_STEP, LEDGER_STEP])
  const database: LedgerDatabase = place.withTables()
  const keys = keysOn(place, ring)
  // Before any transaction holds the only connection.
  await ledgerKey(keys)
  const open = (clock: Clock = systemClock): Ledger =>
    openLedger({ database, keys, clock, app: 'test' })
  const trusted = async (): Promise<Verifier[]> => [parseVkey((await ledgerKey(keys)).signer.vkey)!]
  return {
    database,
    keys,
    open,
    openApart(clock = systemClock) {
      const apart = openDatabase(url)
      const ledger = openLedger({
        database: apart.withTables(),
        keys: keysOn(apart, ring),
        clock,
        app: 'test',
      })
      return { ledger, close: () => apart.close() }
    },
    trusted,
    verify: async (anchored = []) =>
      verifyLedger(await ledgerIn(database, anchored, await trusted())),
    async tamper(...statements) {
      const on = database.dialect === 'postgres' ? ' on orderly_ledger' : ''
      for (const statement of [
        `drop trigger if exists orderly_ledger_kept${on}`,
        `drop trigger if exists orderly_ledger_fixed${on}`,
        ...statements,
      ])
        await sql.raw(statement).execute(database.query)
    },
    close: () => place.close(),
  }
}

function keysOn(database: Database, ring: Keyring): DataKeys {
  return openDataKeys(
    dataKeyTable(database.withTables()),
    keyringProvider(() => ring),
    systemClock,
  )
}
