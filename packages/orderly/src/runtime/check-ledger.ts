// Verifies the audit log from its first entry to its last, every hour, without holding up what else is done here.
import { listDataKeys } from '../history/data-keys.ts'
import { ledgerIn } from '../ledger/dump.ts'
import { parseVkey } from '../ledger/note.ts'
import { LEDGER_SCOPE, signerFor } from '../ledger/seal.ts'
import { verifyLedger, type VerifiableRow } from '../ledger/verify.ts'
import { asError } from '../job/as-error.ts'
import { OrderlyError } from '../primitives/errors.ts'
import { findLedgerCheck, putLedgerCheck } from '../state/ledger-check.ts'
import type { Rooms } from './rooms.ts'

const EVERY_MS = 3_600_000
/** As many are hashed in a few milliseconds. */
const AT_ONCE = 250

/** Looks at the audit log if nobody has within the hour. What it finds is for the rule `chain-break` to tell. */
export async function checkLedger(rooms: Rooms, signal: AbortSignal): Promise<void> {
  const { state, clock, ledger, log } = rooms
  const before = await findLedgerCheck(state)
  const now = clock.now()
  if (before && now - before.at < EVERY_MS && before.at <= now) return
  const found = await verify(rooms, signal)
  if (!found || signal.aborted) return
  const { entries, findings, first } = found
  await putLedgerCheck(state, { at: now, entries, findings })
  if (findings === 0) return
  log.error(
    { findings, first },
    'the audit log is not what was written; run "orderly audit verify" to see where',
  )
  await ledger.record({
    op: 'audit.verify',
    action: 'R',
    resource: { kind: 'ledger' },
    outcome: 'failed',
    detail: { entries, findings },
  })
}

async function verify(
  { ledger, anchors, clock, history, log }: Rooms,
  signal: AbortSignal,
): Promise<{ entries: number; findings: number; first: string } | undefined> {
  try {
    const lists = anchors.map((anchor) =>
      anchor.list().catch((error: unknown) => {
        if (isBroken(error)) throw error
        log.warn(
          { anchor: anchor.name, error: asError(error).message },
          'an anchor of the audit log could not be asked; the log is verified without it',
        )
        return []
      }),
    )
    const anchored = (await Promise.all(lists)).flat()
    const trusted = (await ownKeys({ history, ledger })).map((vkey) => parseVkey(vkey)!)
    const whole = await ledgerIn(ledger.database, anchored, trusted, AT_ONCE)
    const paced = async function* (): AsyncGenerator<readonly VerifiableRow[]> {
      for await (const page of whole.rows) {
        if (signal.aborted) return
        yield page
        await clock.turn()
      }
    }
    const { entries, findings } = await verifyLedger({ ...whole, rows: paced() })
    return { entries, findings: findings.length, first: findings[0]?.text ?? '' }
  } catch (error) {
    // A place of checkpoints that cannot be read says nothing less than a wrong one.
    if (isBroken(error)) return { entries: 0, findings: 1, first: error.message }
    throw error
  }
}

function isBroken(error: unknown): error is OrderlyError {
  return error instanceof OrderlyError && error.code === 'ORDERLY_LEDGER_BROKEN'
}

/** The public keys of an installation, those of before included. */
export async function ownKeys({
  history,
  ledger,
}: Pick<Rooms, 'history' | 'ledger'>): Promise<string[]> {
  const keys = (await listDataKeys(history)).filter(
    ({ scope, state }) => scope === LEDGER_SCOPE && state !== 'destroyed',
  )
  return Promise.all(keys.map(async ({ id }) => signerFor(await ledger.keys.find(id)).vkey))
}
