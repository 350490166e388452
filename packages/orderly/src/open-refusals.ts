// Puts on the ledger which sealed values were not opened, and why: the vault is open before the ledger is.
import type { LedgerEntry } from './ledger/entry.ts'
import type { Ledger } from './ledger/open.ts'
import type { ErrorCode } from './primitives/errors.ts'
import type { SealedPlace } from './vault/vault.ts'

export interface Refusals {
  tell(place: SealedPlace, code: string): void
  /** From here on they are written; those of before follow. */
  writeTo(ledger: Ledger): void
}

const MOST_REMEMBERED = 1_000
/** Not the fault of whoever wrote the value. */
const DENIED: ErrorCode = 'ORDERLY_FORBIDDEN'

/** A job that cannot be opened is looked at again and again: each refusal is written once by a process. */
export function openRefusals(): Refusals {
  const told = new Set<string>()
  const early: LedgerEntry[] = []
  let ledger: Ledger | undefined
  return {
    tell({ queue, slot, anchor, seq }, code) {
      const key = JSON.stringify([queue, slot, anchor, seq, code])
      if (told.has(key)) return
      if (told.size >= MOST_REMEMBERED) told.clear()
      told.add(key)
      const entry: LedgerEntry = {
        op: 'crypto.open',
        action: 'R',
        outcome: code === DENIED ? 'denied' : 'failed',
        code,
        resource: queue.startsWith('#')
          ? { kind: 'sealed', id: `${queue}/${anchor}`.slice(0, 400) }
          : { kind: 'job', id: anchor.slice(0, 400), queue },
        detail: { slot },
      }
      if (ledger) ledger.note(entry)
      else if (early.length < MOST_REMEMBERED) early.push(entry)
    },
    writeTo(opened) {
      ledger = opened
      for (const entry of early.splice(0)) ledger.note(entry)
    },
  }
}
