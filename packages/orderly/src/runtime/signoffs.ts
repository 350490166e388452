// Signing evidence off: somebody answers for what a period left, as it was, by name and on the ledger.
import { createHash } from 'node:crypto'
import type { Actor } from '../access/actor.ts'
import { ledgerActorOf } from '../access/room.ts'
import { demandFresh } from '../access/fresh.ts'
import type { LedgerSource } from '../ledger/entry.ts'
import { OrderlyError } from '../primitives/errors.ts'
import { newId } from '../primitives/ids.ts'
import { listEvidence, type EvidenceEnd } from '../state/evidence.ts'
import { findSignoff, insertSignoff } from '../state/signoffs.ts'
import type { SignoffRow } from '../state/signoff-tables.ts'
import type { Rooms } from './rooms.ts'

export interface SignoffRequest {
  readonly kind: SignoffRow['kind']
  readonly type?: string | undefined
  /** Milliseconds since 1970 UTC; `to` is not part of the period and lies not ahead. */
  readonly from: number
  readonly to: number
  readonly statement: string
}

const AT_ONCE = 1_000
const MOST_RUNS = 50_000

/**
 * Signs the evidence of a period off, as it is now.
 *
 * @throws OrderlyError `ORDERLY_STEP_UP_NEEDED`, `ORDERLY_INPUT_INVALID` for a period without evidence or one that is
 *   not over, `ORDERLY_PAYLOAD_TOO_LARGE` beyond 50,000 runs, `ORDERLY_LEDGER_UNAVAILABLE`
 */
export async function signOff(
  rooms: Rooms,
  actor: Actor,
  request: SignoffRequest,
  source: LedgerSource = {},
): Promise<SignoffRow> {
  const { clock, ledger, state } = rooms
  demandFresh(actor, clock.now())
  const { kind, type = null, from, to, statement } = request
  if (to > clock.now() || from >= to)
    throw new OrderlyError(
      'ORDERLY_INPUT_INVALID',
      'a period begins before it ends and is over; sign what has happened',
    )
  const { runs, digest } = await digestPeriod(rooms, { type, from, to })
  if (runs === 0)
    throw new OrderlyError(
      'ORDERLY_INPUT_INVALID',
      'there is no evidence in this period; there is nothing to answer for',
    )
  const entry = await ledger.record({
    op: 'evidence.sign-off',
    action: 'C',
    actor: ledgerActorOf(actor),
    source,
    resource: { kind: 'evidence' },
    why: { text: statement },
    detail: { for: kind, type, from, to, runs, sha256: digest },
  })
  const row: SignoffRow = {
    id: newId(clock.now()),
    kind,
    type,
    from_at: from,
    to_at: to,
    runs,
    digest,
    statement,
    actor: actor.id,
    who: actor.name,
    at: clock.now(),
    entry: entry.id,
  }
  await insertSignoff(state, row)
  return row
}

/** Whether the evidence of a signed period is as it was signed. @throws OrderlyError `ORDERLY_NOT_FOUND` */
export async function checkSignoff(
  rooms: Rooms,
  id: string,
): Promise<{ readonly isSame: boolean; readonly runs: number }> {
  const row = await findSignoff(rooms.state, id)
  if (!row) throw new OrderlyError('ORDERLY_NOT_FOUND', 'there is no such sign-off')
  const { type, from_at: from, to_at: to } = row
  const { runs, digest } = await digestPeriod(rooms, { type, from, to })
  return { isSame: digest === row.digest, runs }
}

async function digestPeriod(
  { state }: Rooms,
  { type, from, to }: { type: string | null; from: number; to: number },
): Promise<{ runs: number; digest: string }> {
  const hash = createHash('sha256')
  let runs = 0
  let before: EvidenceEnd | undefined
  for (;;) {
    const filter = { from, to, ...(type === null ? {} : { type }) }
    const rows = await listEvidence(state, filter, { limit: AT_ONCE, before })
    // Each by its own digest, so that no two rows could be read as one. What is sealed beside them is sealed anew when
    // keys are rotated, and has its names in the body.
    for (const { body } of rows) hash.update(createHash('sha256').update(body).digest())
    runs += rows.length
    if (runs > MOST_RUNS)
      throw new OrderlyError(
        'ORDERLY_PAYLOAD_TOO_LARGE',
        `the period has more than ${MOST_RUNS} runs; sign shorter ones`,
      )
    if (rows.length < AT_ONCE) return { runs, digest: hash.digest('hex') }
    before = rows.at(-1)!
  }
}
