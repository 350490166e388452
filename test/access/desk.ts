// A clinic with users of its own behind a served API, asked as people ask it: with a session, over loopback.
import { mkdtempSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  clear,
  createOrderly,
  defineJob,
  phi,
  serve,
  type Orderly,
  type OrderlyOptions,
  type ServeOptions,
  type Server,
} from 'orderly'
import { z } from 'zod'
import { SYSTEM } from '../../packages/orderly/src/access/actor.ts'
import { acceptInvite, newSetupToken } from '../../packages/orderly/src/access/sign-in.ts'
import { createUser, type UserSpec } from '../../packages/orderly/src/access/users.ts'
import { CSRF_HEADER } from '../../packages/orderly/src/http/auth.ts'
import type { LedgerRecord } from '../../packages/orderly/src/ledger/entry.ts'
import { findEntries } from '../../packages/orderly/src/ledger/read.ts'
import { roomsOf } from '../../packages/orderly/src/orderly.ts'
import { systemClock, type Clock } from '../../packages/orderly/src/primitives/clock.ts'
import type { Rooms } from '../../packages/orderly/src/runtime/rooms.ts'

export const PASSWORD = 'correct horse battery staple'
export const PATIENT = 'Zyxwelda Quorvantine'
export const silent = { debug() {}, info() {}, warn() {}, error() {} }

export const visit = defineJob({
  name: 'visit',
  queue: 'clinic.visits',
  input: z.object({ patient: phi.name(), clinicId: clear(z.string()) }),
})

export interface Answer {
  readonly status: number
  readonly text: string
  readonly json: any
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

export interface Call {
  /** Whose session it is asked in. */
  readonly as?: string
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

export interface Desk {
  readonly home: string
  readonly orderly: Orderly
  readonly rooms: Rooms
  readonly server: Server
  /** Goes on by itself, and further ahead when told. */
  readonly clock: Clock & { ahead: number }
  /** Asks, with the path as it is written. */
  call(method: string, path: string, call?: Call): Promise<Answer>
  /** The headers of somebody's session. */
  session(login: string): Promise<Record<string, string>>
  /** Shows the password once more, as somebody whose session is not fresh is asked to. */
  renew(login: string): Promise<void>
  /** Signs in anew with the next call. */
  forget(): void
  user(login: string, spec?: Partial<UserSpec>): Promise<string>
  entries(op: string, limit?: number): Promise<LedgerRecord[]>
  close(): Promise<void>
}

export async function openDesk(
  options: Partial<OrderlyOptions> = {},
  serving: Partial<ServeOptions> = {},
): Promise<Desk> {
  const home = mkdtempSync(join(tmpdir(), 'orderly-desk-'))
  const clock = { ...systemClock, ahead: 0, now: () => systemClock.now() + clock.ahead }
  const orderly = await createOrderly({
    home,
    clock,
    log: silent,
    jobs: [visit],
    access: { passwordCost: 4 },
    ...options,
  })
  const rooms = roomsOf(orderly)
  const device = { address: '127.0.0.1', agent: 'test' }
  const token = (await newSetupToken(rooms.access))!
  await acceptInvite(rooms.access, { token, login: 'ana', name: 'Ana', password: PASSWORD }, device)
  const server = await serve(orderly, { port: 0, ...serving })
  const { hostname, port } = new URL(server.url)
  const sessions = new Map<string, Record<string, string>>()

  const ask = (method: string, path: string, { body, headers }: Call): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const text =
        body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body)
      const asked = request(
        {
          hostname,
          port,
          method,
          path,
          agent: false,
          headers: {
            ...(text === undefined
              ? {}
              : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
            ...headers,
          },
        },
        (response) => {
          let answer = ''
          response.setEncoding('utf8').on('data', (piece: string) => (answer += piece))
          response.on('end', () => {
            const type = String(response.headers['content-type'])
            resolve({
              status: response.statusCode!,
              text: answer,
              json:
                /^application\/(problem\+)?json/.test(type) && answer !== ''
                  ? (JSON.parse(answer) as unknown)
                  : undefined,
              headers: response.headers,
            })
          })
        },
      ).on('error', reject)
      asked.end(text)
    })

  const keep = (login: string, { headers: { 'set-cookie': set }, json }: Answer) => {
    const headers = { cookie: String(set).split(';')[0]!, [CSRF_HEADER]: json.csrf as string }
    sessions.set(login, headers)
    return headers
  }
  const session = async (login: string): Promise<Record<string, string>> => {
    const known = sessions.get(login)
    if (known) return known
    const answer = await ask('POST', '/api/v1/session', { body: { login, password: PASSWORD } })
    if (answer.status !== 200) throw new Error(`${login} could not sign in: ${answer.text}`)
    return keep(login, answer)
  }

  return {
    home,
    orderly,
    rooms,
    server,
    clock,
    session,
    async renew(login) {
      const headers = await session(login)
      const body = { password: PASSWORD }
      keep(login, await ask('POST', '/api/v1/session/step-up', { headers, body }))
    },
    forget: () => sessions.clear(),
    async call(method, path, { as, headers = {}, ...rest } = {}) {
      const own = as === undefined ? {} : await session(as)
      return ask(method, path, { ...rest, headers: { ...own, ...headers } })
    },
    async user(login, spec = {}) {
      const made = await createUser(rooms.access, SYSTEM, {
        login,
        name: login,
        roles: ['viewer'],
        ...spec,
      })
      await acceptInvite(rooms.access, { token: made.invite, password: PASSWORD }, device)
      return made.user.id
    },
    entries: (op, limit = 100) => findEntries(rooms.ledger.database, { op, limit }),
    async close() {
      await server.close()
      await orderly.close()
      rmSync(home, { recursive: true, force: true })
    },
  }
}
