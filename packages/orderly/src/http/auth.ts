// Who calls: sessions and keys, what a browser was made to send by another site, and what the ledger is told of calls.
import type { IncomingMessage } from 'node:http'
import type { Actor } from '../access/actor.ts'
import { neighbourhood } from '../access/address.ts'
import { findApiKey, slowWrongKeys } from '../access/api-keys.ts'
import { accessVersion, ledgerActorOf } from '../access/room.ts'
import { findSession } from '../access/sessions.ts'
import type { LedgerAction, LedgerActor } from '../ledger/entry.ts'
import { holdsApiKey } from '../primitives/api-key-text.ts'
import type { Rooms } from '../runtime/rooms.ts'
import type { CallEntry, Callers } from './actor.ts'
import { openTogether } from './together.ts'
import { callerAddress } from './caller-address.ts'
import { RequestError } from './problem.ts'
import { demandOwnSite, isSafe } from './own-site.ts'
import { openProvider } from './provider.ts'
import { sessionCookie } from './session-cookie.ts'

export interface AuthOptions {
  /** What people type to reach this server, where it is not the address it listens on: `https://jobs.example.org`. */
  readonly publicUrl?: string | undefined
  /** Where the API is mounted, where it is not at the root. */
  readonly prefix?: string
  /** The networks of proxies whose word on where a request came from is taken, such as `10.0.0.0/8`. None unless told. */
  readonly trustedProxies?: readonly string[]
}

/** The header that carries the token of a session with each change. */
export const CSRF_HEADER = 'x-orderly-csrf'
/** A stream that is open says nothing of whether somebody is there. */
const STREAM = /^\/api\/v1\/live\b/
/** These put themselves on the ledger, in the transaction of what they do. */
const SELF_RECORDED =
  /^(session|sessions|setup|users|apikeys|emergency|reveal|approvals|signoffs)\./
/** These find another way to be on record where the ledger cannot be written, or refuse by themselves. */
const SPOOLED: ReadonlySet<string> = new Set(['emergency.begin', 'reveal.job'])
const STRANGERS_MS = 60_000
const MOST_STRANGERS = 10_000

/** The users and keys of this installation as callers of its API. */
export function openCallers(
  rooms: Rooms,
  { publicUrl, prefix = '', trustedProxies = [] }: AuthOptions = {},
): Callers {
  const addressOf = (request: IncomingMessage): string => callerAddress(request, trustedProxies)

  const { access, ledger, clock } = rooms
  const secure = publicUrl?.startsWith('https:') ?? false
  const cookie = sessionCookie(secure)
  const origin = publicUrl === undefined ? undefined : new URL(publicUrl).origin
  const strangers = new Map<string, { until: number; count: number }>()

  const keysTogether = openTogether<Actor | undefined>(clock)
  const byKey = async (text: string, address: string): Promise<Actor | undefined> => {
    const actor = await findApiKey(access, text, address)
    if (actor) return actor
    await slowWrongKeys(access, address)
    return undefined
  }

  const bySession = async (request: IncomingMessage): Promise<Actor | undefined> => {
    const token = cookie.read(request)
    if (token === undefined) return undefined
    const passive = STREAM.test(request.url ?? '')
    const found = await findSession(access, token, { passive })
    if (!found || isSafe(request)) return found?.actor
    const sent = request.headers[CSRF_HEADER]
    if (typeof sent === 'string' && found.isCsrf(sent)) return found.actor
    throw new RequestError(
      'ORDERLY_FORBIDDEN',
      `a change needs the token of the session in the header ${CSRF_HEADER}; read it from GET /api/v1/session`,
    )
  }

  const onUnvouched = async (address: string): Promise<void> => {
    const count = countStranger(strangers, address, clock.now())
    if (count === 0) return
    await ledger.record({
      op: 'auth.sign-in',
      action: 'E',
      outcome: 'denied',
      code: 'ORDERLY_SIGN_IN_FAILED',
      actor: STRANGER_ACTOR,
      source: { ip: address },
      detail: { refused: count },
    })
  }

  return {
    cookie,
    addressOf,
    ...(rooms.oidc
      ? {
          provider: openProvider(rooms, rooms.oidc, cookie, {
            secure,
            publicUrl,
            prefix,
            onUnvouched,
          }),
        }
      : {}),
    async authenticate(request) {
      const { headers, url = '' } = request
      if (holdsApiKey(url))
        throw new RequestError(
          'ORDERLY_REQUEST_INVALID',
          'a key in an address ends in logs: send it as "Authorization: Bearer …", and revoke this one',
        )
      if (headers.authorization !== undefined) {
        const bearer = /^Bearer (\S{1,200})$/.exec(headers.authorization)?.[1]
        // Whoever sends a key is no browser: a cookie beside it is not looked at.
        if (bearer === undefined) return undefined
        const address = addressOf(request)
        return keysTogether(`${bearer} ${address}`, () => byKey(bearer, address))
      }
      demandOwnSite(request, origin)
      return bySession(request)
    },
    ready: (operation) => (SPOOLED.has(operation ?? '') ? Promise.resolve() : ledger.ready()),
    version: () => accessVersion(access),
    as: ({ actor, address, requestId, isRecorded }, work) =>
      ledger.as(
        {
          actor: actor ? ledgerActorOf(actor) : STRANGER_ACTOR,
          source: { ip: address, request: requestId },
          isRecorded,
        },
        work,
      ),
    async record(entry) {
      if (entry.audit !== 'denied' && SELF_RECORDED.test(entry.operation)) return
      if (entry.audit === 'denied' && !entry.actor) {
        const count = countStranger(strangers, entry.address, clock.now())
        if (count === 0) return
        await ledger.record(entryOf(entry, { refused: count }))
        return
      }
      await ledger.record(entryOf(entry, {}))
    },
  }
}

const STRANGER_ACTOR: LedgerActor = { kind: 'unknown', id: 'unknown' }

/** A call as it stands on the ledger. What a person wrote as the reason is sealed there. */
export function entryOf(
  call: CallEntry,
  more: Readonly<Record<string, number>>,
): Parameters<Rooms['ledger']['record']>[0] {
  const { operation, audit, actor, target, queue, status, notes } = call
  const [kind = 'api'] = operation.split('.')
  const { reason, ...facts } = notes
  return {
    op: `api.${operation}`,
    action: ACTION_OF[audit],
    outcome: audit === 'denied' ? 'denied' : status < 400 ? 'ok' : 'failed',
    actor: actor ? ledgerActorOf(actor) : STRANGER_ACTOR,
    source: { ip: call.address, request: call.requestId },
    resource: {
      kind,
      ...target,
      ...(target ? { id: target.id.slice(0, 400) } : {}),
      ...(queue === undefined ? {} : { queue }),
    },
    ...(typeof reason === 'string' ? { why: { text: reason.slice(0, 500) } } : {}),
    detail: { status, ...more, ...whole(facts) },
  }
}

const ACTION_OF: Readonly<Record<CallEntry['audit'], LedgerAction>> = {
  read: 'R',
  reveal: 'R',
  write: 'U',
  denied: 'E',
}

/** The ledger takes whole numbers alone. */
function whole(notes: CallEntry['notes']): Record<string, string | number | boolean | null> {
  return Object.fromEntries(
    Object.entries(notes).map(([name, value]) => [
      name,
      typeof value === 'number' && !Number.isSafeInteger(value) ? String(value) : value,
    ]),
  )
}

/**
 * How many refusals of one place an entry stands for; 0 for none now. Whoever may not even ask must not be able to fill
 * the ledger.
 */
function countStranger(
  strangers: Map<string, { until: number; count: number }>,
  address: string,
  now: number,
): number {
  // Whoever holds a network of IPv6 has addresses without end in it.
  const place = neighbourhood(address)
  const known = strangers.get(place)
  if (known && known.until > now) {
    known.count++
    return 0
  }
  strangers.delete(place)
  strangers.set(place, { until: now + STRANGERS_MS, count: 0 })
  if (strangers.size > MOST_STRANGERS) strangers.delete(strangers.keys().next().value!)
  return (known?.count ?? 0) + 1
}
