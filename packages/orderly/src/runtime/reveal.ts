// Shows PHI of jobs and of packs' records to a person who may see it: what is shown is on the ledger before it leaves.
import type { Actor } from '../access/actor.ts'
import { openPointers, useApproval } from '../access/approvals.ts'
import { can, reaches, reachesAll } from '../access/can.ts'
import { isInEmergency } from '../access/emergency.ts'
import { isLedgerAway, isSpooledEmergency, spoolReveal } from '../access/emergency-spool.ts'
import { demandFresh } from '../access/fresh.ts'
import {
  demandBudget,
  PURPOSES,
  SHORTEST_TEXT,
  valuesIn,
  type Purpose,
} from '../access/reveal-policy.ts'
import { ledgerActorOf } from '../access/room.ts'
import { findJob } from '../history/find.ts'
import type { JobRow } from '../history/tables.ts'
import type { LedgerEntry, LedgerSource } from '../ledger/entry.ts'
import { OrderlyError } from '../primitives/errors.ts'
import type { Shape } from '../vault/phi.ts'
import { countHiddenAt, valueAt } from '../vault/pointer.ts'
import { findError } from './attempts.ts'
import { sealedPart, shapeFor, type RevealPart } from './inspect.ts'
import { openLog } from './job-log.ts'
import type { Rooms } from './rooms.ts'
import { toldName } from './told-name.ts'
import { shapeOfPart, toldFields } from './told-pointers.ts'

export interface RevealRequest {
  readonly part: RevealPart
  /** Which attempt threw it, for the part `error`; the last one that did unless told. */
  readonly attempt?: number | undefined
  /** JSON pointers (RFC 6901) into the part; an empty text is all of it. */
  readonly pointers: readonly string[]
  readonly purpose: Purpose
  /** Why, in words. It is sealed. */
  readonly text: string
  readonly ticket?: string | undefined
  /** The consent of somebody else. */
  readonly approval?: string | undefined
}

export interface Revealed {
  /** The entry of the ledger that says so. */
  readonly entry: string
  readonly values: readonly {
    readonly pointer: string
    readonly found: boolean
    readonly value: unknown
  }[]
}

const MOST_POINTERS = 50
const LONGEST_POINTER = 500

/** What somebody says who wants to see PHI. */
export type RevealWhy = Pick<RevealRequest, 'purpose' | 'text' | 'ticket'>

/**
 * Shows parts of a job to a person.
 *
 * @throws OrderlyError `ORDERLY_FORBIDDEN`, `ORDERLY_STEP_UP_NEEDED`, `ORDERLY_INPUT_INVALID`, `ORDERLY_NOT_FOUND`,
 *   `ORDERLY_TOO_MANY_REQUESTS`, `ORDERLY_LEDGER_UNAVAILABLE`: nothing is shown then
 */
export async function revealJob(
  rooms: Rooms,
  actor: Actor,
  id: string,
  request: RevealRequest,
  source: LedgerSource = {},
): Promise<Revealed> {
  const refused = async (): Promise<Resource> => ({
    kind: 'job',
    id: id.slice(0, 400),
    fields: await refusedFields(rooms, id, request),
  })
  return onRecord(rooms, actor, { refused, source, why: request }, async (sayIt) => {
    checkPointers(request.pointers)
    await rooms.recorder.flush()
    const row = await findJob(rooms.history, id)
    if (!row || !reaches(actor, row.queue))
      throw new OrderlyError('ORDERLY_NOT_FOUND', 'there is no such job')
    const exact = { ...request, attempt: await attemptOf(rooms, row, request) }
    // How much it is can only be told by what is there; none of it leaves before that is on the ledger.
    const value = await (await findPart(rooms, row, exact))()
    const shape = hiddenShape(rooms, row.name, request.part)
    const values = request.pointers.reduce(
      (sum, pointer) => sum + countHiddenAt(value, shape, pointer),
      0,
    )
    const fields = await toldFields(rooms, exact, row.name, value)
    const entry = await sayIt(
      {
        resource: { kind: 'job', id: row.id, fields, queue: row.queue },
        detail: { part: request.part, type: row.name, values },
      },
      exact,
    )
    return {
      entry,
      values: request.pointers.map((pointer) => ({ pointer, ...valueAt(value, pointer) })),
    }
  })
}

/** What counts as seen of a part: where nothing of a job is PHI, what it carries is shown masked nowhere. */
function hiddenShape(rooms: Rooms, job: string, part: RevealPart): Shape {
  return part === 'input' || part === 'output'
    ? shapeFor(rooms.classes.of(job), part)
    : shapeOfPart(rooms, job, part)
}

/** The fields of a request that shows nothing, which may name anything. */
async function refusedFields(
  rooms: Rooms,
  id: string,
  { part, attempt, pointers }: RevealRequest,
): Promise<string[]> {
  if (!Array.isArray(pointers)) return []
  const asked = { part, attempt, pointers: pointers.slice(0, MOST_POINTERS).map(String) }
  return toldFields(rooms, asked, (await findJob(rooms.history, id))?.name)
}

/**
 * Which attempt somebody asks about: none, unless for what one threw.
 *
 * @throws OrderlyError `ORDERLY_NOT_FOUND`, `ORDERLY_INPUT_INVALID`
 */
export async function attemptOf(
  rooms: Rooms,
  job: Pick<JobRow, 'id' | 'queue'>,
  { part, attempt }: Pick<RevealRequest, 'part' | 'attempt'>,
): Promise<number | undefined> {
  if (part === 'error') return mustBe(await findError(rooms, job, attempt)).attempt
  if (attempt === undefined) return undefined
  throw invalid(
    'only what an attempt threw has an attempt; ask for the part "error", or leave it out',
  )
}

/** Where a part of a job is, and how it is opened. @throws OrderlyError `ORDERLY_NOT_FOUND` */
async function findPart(
  rooms: Rooms,
  row: JobRow,
  { part, attempt }: Pick<RevealRequest, 'part' | 'attempt'>,
): Promise<() => Promise<unknown>> {
  if (part === 'log') return () => openLog(rooms, row)
  const { envelope, place } = mustBe(
    part === 'error' ? await findError(rooms, row, attempt) : sealedPart(row, part),
  )
  return async () => JSON.parse(await rooms.vault.open(envelope, place)) as unknown
}

function mustBe<T>(found: T | undefined): T {
  if (found !== undefined) return found
  throw new OrderlyError('ORDERLY_NOT_FOUND', 'the job has no such content, or not any more')
}

/** A value of a pack's record, and the way to it. */
export interface PackReveal extends RevealWhy {
  readonly pack: string
  readonly record: string
  readonly field: string
}

/**
 * Shows a value that a page of a pack has masked.
 *
 * @param open the pack's own `reveal`; called once it is on the ledger
 * @throws OrderlyError as `revealJob`
 */
export async function revealOfPack(
  rooms: Rooms,
  actor: Actor,
  request: PackReveal,
  open: ((record: string, field: string) => Promise<unknown>) | undefined,
  source: LedgerSource = {},
): Promise<{ readonly entry: string; readonly value: unknown }> {
  const { field, pack, record } = request
  // What is no pack's name is whatever somebody typed.
  const resource = { kind: open ? `pack/${pack}` : 'pack', id: record, fields: [`/${field}`] }
  const refused = (): Promise<Resource> => Promise.resolve(resource)
  return onRecord(rooms, actor, { refused, source, why: request }, async (sayIt) => {
    const unknown = new OrderlyError('ORDERLY_NOT_FOUND', 'no pack here has such a record')
    if (!open || !reachesAll(actor)) throw unknown
    const entry = await sayIt({ resource, detail: { pack } })
    const value = await open(record, field)
    if (value === undefined) throw unknown
    return { entry, value }
  })
}

type Resource = NonNullable<LedgerEntry['resource']>

/** What somebody else may have consented to. */
type Wanted = Pick<RevealRequest, 'part' | 'attempt' | 'pointers' | 'approval'>

/**
 * Shows PHI to a person who may see it. `show` says on the ledger what it is about to open, and opens it only then; what is
 * refused is on the ledger too.
 */
async function onRecord<T>(
  rooms: Rooms,
  actor: Actor,
  given: {
    /** What it was about, where nothing is shown. */
    readonly refused: () => Promise<Resource>
    readonly source: LedgerSource
    readonly why: RevealWhy
  },
  show: (
    sayIt: (more: Pick<LedgerEntry, 'resource' | 'detail'>, wanted?: Wanted) => Promise<string>,
  ) => Promise<T>,
): Promise<T> {
  const { purpose, text, ticket } = given.why
  const entry: LedgerEntry = {
    op: 'phi.reveal',
    action: 'R',
    actor: ledgerActorOf(actor),
    source: given.source,
  }
  try {
    if (!can(actor, 'phi:reveal'))
      throw new OrderlyError('ORDERLY_FORBIDDEN', 'this needs the permission "phi:reveal"')
    await demandSeen(rooms, actor)
    checkWhy(given.why)
    return await show(async (more, wanted) => {
      const why = { purpose, text, ...(ticket === undefined ? {} : { ticket }) }
      return record(rooms, actor, { ...entry, ...more, why }, wanted)
    })
  } catch (error) {
    // A refusal is on the ledger too; where that cannot be written there is nothing to show anyway.
    if (error instanceof OrderlyError && error.code !== 'ORDERLY_LEDGER_UNAVAILABLE')
      await recordDenial(rooms, entry, given.refused, error).catch(() => undefined)
    throw error
  }
}

async function recordDenial(
  rooms: Rooms,
  entry: LedgerEntry,
  refused: () => Promise<Resource>,
  { code }: OrderlyError,
): Promise<void> {
  const resource = await refused()
  const id = resource.id === undefined ? undefined : await toldName(rooms, resource.id)
  await rooms.ledger.record({
    ...entry,
    resource: { ...resource, ...(id === undefined ? {} : { id }) },
    outcome: 'denied',
    code,
  })
}

/** An emergency that only the spool knows cannot ask for a new sign-in: that could not be written either. */
async function demandSeen({ access, clock }: Rooms, actor: Actor): Promise<void> {
  if (actor.session && (await isSpooledEmergency(access, actor.id))) return
  demandFresh(actor, clock.now())
}

/** @returns the id of the entry, which is written before anything is opened */
async function record(
  { access, ledger, clock }: Rooms,
  actor: Actor,
  entry: LedgerEntry,
  wanted?: Wanted,
): Promise<string> {
  const job = entry.resource?.id ?? ''
  const approval = wanted?.approval
  const values = valuesIn(entry)
  try {
    if (wanted && approval !== undefined) {
      // Before the transaction, which may hold the only connection that a key could be read by.
      const asked = await openPointers(access, approval)
      return await access.database.transaction(async (tx) => {
        const by = await useApproval(tx, actor, approval, { ...wanted, job, asked }, clock.now())
        const detail = { ...entry.detail, approval, approvedBy: by }
        return (await ledger.recordIn(tx, { ...entry, detail })).id
      })
    }
    if (access.alwaysTwo && !(await isInEmergency(access, actor.id)))
      throw new OrderlyError(
        'ORDERLY_FORBIDDEN',
        'here nobody sees PHI alone: ask for the consent of somebody else (POST /api/v1/reveal-approvals)',
      )
    return (await ledger.recordIf(entry, (tx) => demandBudget(tx, actor.id, clock.now(), values)))
      .id
  } catch (error) {
    const spooled = isLedgerAway(error) ? await spoolReveal(access, actor.id, entry) : undefined
    if (spooled === undefined) throw error
    return spooled
  }
}

/** What somebody wants to see and why. @throws OrderlyError `ORDERLY_INPUT_INVALID` */
export function checkReveal(request: RevealWhy & Pick<RevealRequest, 'pointers'>): void {
  checkWhy(request)
  checkPointers(request.pointers)
}

function checkWhy({ purpose, text, ticket }: RevealWhy): void {
  if (!Object.hasOwn(PURPOSES, purpose))
    throw invalid(`a purpose is one of ${Object.keys(PURPOSES).join(', ')}`)
  const length = text.trim().length
  if (length < SHORTEST_TEXT || length > 500)
    throw invalid(`say why in ${SHORTEST_TEXT} to 500 characters`)
  if (ticket !== undefined && !/^[\w./#-]{1,60}$/.test(ticket))
    throw invalid('a ticket has letters, digits and . _ / # -')
}

function checkPointers(pointers: RevealRequest['pointers']): void {
  if (
    pointers.length === 0 ||
    pointers.length > MOST_POINTERS ||
    !pointers.every((pointer) => pointer.length <= LONGEST_POINTER && /^(\/.*)?$/s.test(pointer))
  )
    throw invalid(`name 1 to ${MOST_POINTERS} fields by JSON pointer, such as /patient/name`)
}

function invalid(message: string): OrderlyError {
  return new OrderlyError('ORDERLY_INPUT_INVALID', message)
}
