// Makes routes of the operations: who asks, whether they may, what they ask, and that only what is declared leaves.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { neighbourhood } from '../access/address.ts'
import { can, reaches } from '../access/can.ts'
import { rolesWith } from '../access/roles.ts'
import { DEFAULT_TENANT, type Actor } from '../access/actor.ts'
import type { Rate } from '../job/token-bucket.ts'
import { roomsOf, type Orderly } from '../orderly.ts'
import { OrderlyError } from '../primitives/errors.ts'
import { newId } from '../primitives/ids.ts'
import type { Rooms } from '../runtime/rooms.ts'
import type { TracedRequest } from '../runtime/telemetry.ts'
import { addressOf, NOBODY, STRANGER, type Callers } from './actor.ts'
import { answerOnce } from './answers.ts'
import type { ApiContext, ApiOperation } from './contract.ts'
import { etagOf, matches } from './etag.ts'
import { isAsAgreed, rawBodyOf, readBodies } from './json-body.ts'
import { attachNotificationSocket } from './notifications-socket.ts'
import { openHub, type LiveHub } from './live-hub.ts'
import { operationsOf } from './operations-of.ts'
import { demandReach } from './reach.ts'
import { parseRequest } from './parse-request.ts'
import { plain, problemOf, RequestError, type Problem } from './problem.ts'
import { queuesOf, recordCall, targetOf, type Said } from './record-call.ts'
import { guardRoutes } from './route-guard.ts'
import { addProviderCallback } from './provider.ts'
import { DEFAULT_RATE, openThrottle } from './throttle.ts'
import { openTogether, type Together } from './together.ts'

export interface ApiOptions {
  readonly callers?: Callers
  /** Also the ways that change something on `GET`, for programs that were written for them. */
  readonly compatibility?: boolean
  /** The path of the dashboard, for ways back to it; nothing where it is at the root. */
  readonly home?: string
  /** How often one caller may ask. 6,000 times a minute unless told. */
  readonly rate?: Rate
}

export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}

export const MOST_BODY_BYTES = 1_048_576

/** What is known of a request before its body is read. */
interface Caller {
  readonly actor: Actor
  readonly known: boolean
}

interface Server {
  readonly orderly: Orderly
  readonly rooms: Rooms
  readonly callers: Callers
  readonly hub: LiveHub
  readonly compatibility: boolean
  readonly together: Together<string>
}

/** An HTTP server of the API, not listening yet. */
export async function buildApp(
  orderly: Orderly,
  { callers = NOBODY, compatibility = false, home = '', rate = DEFAULT_RATE }: ApiOptions = {},
): Promise<FastifyInstance> {
  // Loaded only by those who serve: a worker or a script needs no HTTP server in its memory.
  const { fastify } = await import('fastify')
  const rooms = roomsOf(orderly)
  const app = fastify({
    bodyLimit: MOST_BODY_BYTES,
    exposeHeadRoutes: false,
    forceCloseConnections: true,
    genReqId: () => newId(rooms.clock.now()),
    requestIdHeader: false,
    routerOptions: { maxParamLength: 500 },
  })
  const guard = guardRoutes(app)
  readBodies(app)
  app.addHook('onRequest', async (request, reply) => {
    reply.headers({ ...SECURITY_HEADERS, 'x-request-id': request.id })
  })
  app.setNotFoundHandler((request, reply) => sendProblem(reply, plain(404, request.id)))
  app.setErrorHandler((error, request, reply) => {
    const problem = problemOf(error, request.id)
    if (problem.status === 500) logFault(rooms, request, error)
    return sendProblem(reply, problem)
  })
  const hub = openHub(rooms)
  app.addHook('preClose', () => hub.close())
  const socket = await attachNotificationSocket(app.server, rooms, { callers })
  app.addHook('preClose', () => socket.close())
  const together = openTogether<string>(rooms.clock)
  const server: Server = { orderly, rooms, callers, hub, compatibility, together }
  const throttle = openThrottle(rate)
  for (const operation of operationsOf(orderly)) {
    guard.admit(operation)
    addOperation(app, server, throttle, operation)
  }
  addProviderCallback(app, callers, home)
  return app
}

function addOperation(
  app: FastifyInstance,
  server: Server,
  throttle: ReturnType<typeof openThrottle>,
  operation: ApiOperation,
): void {
  const callersByRequest = new WeakMap<FastifyRequest, Caller>()
  const spans = new WeakMap<FastifyRequest, TracedRequest>()
  const routes = [
    operation,
    ...(operation.aliases ?? []).filter(
      (alias) => server.compatibility || alias.compatibility !== true,
    ),
  ]
  for (const { method, path } of routes)
    app.route({
      method,
      url: path,
      bodyLimit: operation.mostBytes ?? MOST_BODY_BYTES,
      onRequest: async (request, reply) => {
        spans.set(request, server.rooms.telemetry.request(operation, request.raw, reply.raw))
        if (!isAsAgreed(request)) return sendProblem(reply, plain(415, request.id))
        const refuse = refusal(server, operation, request)
        const actor = await server.callers
          .authenticate(request.raw)
          .catch((error: unknown) => refuse(undefined, error))
        const now = server.rooms.clock.now()
        const asked = throttle.take(
          actor?.id ?? neighbourhood(addressOf(server.callers, request)),
          now,
        )
        reply.headers({
          'ratelimit-limit': String(asked.limit),
          'ratelimit-remaining': String(asked.remaining),
          'ratelimit-reset': String(Math.ceil(asked.wait / 1_000)),
        })
        if (asked.wait > 0) {
          reply.header('retry-after', String(Math.ceil(asked.wait / 1_000)))
          throw new RequestError(
            'ORDERLY_TOO_MANY_REQUESTS',
            'this caller asks too often; wait for as long as Retry-After says',
          )
        }
        callersByRequest.set(request, { actor: actor ?? STRANGER, known: actor !== undefined })
        try {
          demandCaller(operation, actor)
        } catch (error) {
          await refuse(actor, error)
        }
        return undefined
      },
      handler: (request, reply) =>
        spans
          .get(request)!
          .within(() => answer(server, operation, callersByRequest.get(request)!, request, reply)),
    })
}

const REFUSALS: ReadonlySet<number> = new Set([400, 401, 403, 404])

/** Puts on record that a caller was refused, and refuses. What went wrong otherwise is no refusal. */
function refusal(
  server: Server,
  operation: ApiOperation,
  request: FastifyRequest,
): (actor: Actor | undefined, error: unknown) => Promise<never> {
  return async (actor, error) => {
    const { status } = problemOf(error, request.id)
    if (REFUSALS.has(status))
      await recordCall(server, operation, request, actor, {
        audit: 'denied',
        status,
        notes: {},
        target: targetOf(request.params),
        queues: await queuesOf(server.rooms, operation, request, actor),
      }).catch((cause: Error) =>
        // It stays refused, whether or not that can be written down.
        server.rooms.log.error(
          { operation: operation.id, error: cause.message },
          'a refusal is not on the audit log',
        ),
      )
    throw error
  }
}

/** What each tenant has for itself, and looks through by its own. */
const OF_TENANTS = /^(users|roles|apikeys|webhooks|eventSources|notifications)\./

/** The one place where it is decided whether a caller may ask for an operation at all. */
function demandCaller({ id, permission }: ApiOperation, actor: Actor | undefined): void {
  if (permission === 'anyone') return
  if (!actor)
    throw new RequestError('ORDERLY_UNAUTHENTICATED', 'sign in, or send an API key', {
      fix: 'Sign in, or send an API key in the Authorization header.',
    })
  if (permission === 'signed-in') return
  // An installation is of one tenant: to those of another it is as if it were empty.
  if (actor.tenant !== DEFAULT_TENANT && !OF_TENANTS.test(id))
    throw new RequestError('ORDERLY_NOT_FOUND', 'there is no such thing within your reach')
  if (can(actor, permission)) return
  throw new RequestError(
    'ORDERLY_FORBIDDEN',
    `this needs the permission "${permission}"; ask an administrator for a role that has it: ${rolesWith(permission).join(', ')}`,
  )
}

function sharedBy({ id, session }: Actor, url: string): string {
  return JSON.stringify([id, session?.id, url])
}

async function answer(
  server: Server,
  operation: ApiOperation,
  caller: Caller,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { audit } = operation
  const said: Said = { notes: {}, target: targetOf(request.params), queues: new Set() }
  const actor = caller.known ? caller.actor : undefined
  const context = contextOf(server, operation, caller, request, reply, said)
  let status = operation.status ?? 200
  try {
    const parsed = parseRequest(operation, request)
    await demandReach(context, operation, parsed)
    // What nobody could put on record does not happen.
    if (audit === 'write' || audit === 'reveal') await server.callers.ready?.(operation.id)
    if (operation.stream) {
      for (const [name, value] of Object.entries(reply.getHeaders()))
        reply.raw.setHeader(name, value as string)
      await operation.stream(context, parsed, { request: request.raw, response: reply.raw })
      // Until it has written its head, what it throws is answered like everything else.
      reply.hijack()
      return reply
    }
    reply.code(status)
    const run = async (): Promise<string> => {
      const work = (): Promise<unknown> => operation.run(context, parsed)
      const value = await (server.callers.as?.(
        {
          actor,
          requestId: request.id,
          address: addressOf(server.callers, request),
          isRecorded: audit !== 'none',
        },
        work,
      ) ?? work())
      const shown = operation.response.parse(value)
      return typeof shown === 'string' && operation.contentType ? shown : JSON.stringify(shown)
    }
    const key = request.headers['idempotency-key']
    const body =
      request.method === 'POST' && key !== undefined && !operation.forgetful
        ? await answerOnce(
            server.rooms,
            context,
            operation,
            { key: String(key), parsed },
            reply,
            run,
          )
        : operation.shared
          ? await server.together(sharedBy(caller.actor, request.url), run)
          : await run()
    status = reply.statusCode
    if (status === 201) said.target ??= targetOf(JSON.parse(body))
    if (operation.etag) {
      const etag = etagOf(body)
      reply.header('etag', etag)
      if (matches(request.headers['if-none-match'], etag)) return await reply.code(304).send()
    }
    reply.type(operation.contentType ?? 'application/json; charset=utf-8')
    // A reveal wrote its own entry before the value was opened.
    if (audit !== 'none')
      await recordCall(server, operation, request, actor, { audit, status, ...said })
    return await reply.send(body)
  } catch (error) {
    const problem = problemOf(error, request.id)
    if (audit !== 'none' || problem.status === 403)
      await recordCall(server, operation, request, actor, {
        audit: problem.status === 403 ? 'denied' : audit === 'none' ? 'read' : audit,
        status: problem.status,
        ...said,
      }).catch(() => undefined)
    throw error
  }
}

function contextOf(
  { orderly, rooms, hub, callers }: Server,
  operation: ApiOperation,
  { actor }: Caller,
  request: FastifyRequest,
  reply: FastifyReply,
  said: Said,
): ApiContext {
  return {
    orderly,
    rooms,
    hub,
    callers,
    actor,
    requestId: request.id,
    address: addressOf(callers, request),
    rawBody: rawBodyOf(request),
    headers: request.headers,
    can: (permission, target) => can(actor, permission, target),
    reaches: (queue) => reaches(actor, queue),
    concerns: (queue) => void said.queues.add(queue),
    demand(queue, permission) {
      said.queues.add(queue)
      if (!reaches(actor, queue))
        throw new OrderlyError('ORDERLY_NOT_FOUND', 'there is no such thing within your reach')
      const needed = permission ?? operation.permission
      if (needed === 'anyone' || needed === 'signed-in' || can(actor, needed, { queue })) return
      throw new OrderlyError('ORDERLY_FORBIDDEN', `this needs the permission "${needed}"`)
    },
    setHeader: (name, value) => void reply.header(name, value),
    setStatus: (status) => void reply.code(status),
    about: (record) => void (said.target = record),
    note: (fields) => void Object.assign(said.notes, fields),
  }
}

function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  return reply
    .code(problem.status)
    .type('application/problem+json; charset=utf-8')
    .send(JSON.stringify(problem))
}

/** What went wrong in words that hold nothing of a request: an error that is not ours may quote values. */
function logFault(rooms: Rooms, request: FastifyRequest, error: unknown): void {
  const known = error instanceof OrderlyError ? { code: error.code, message: error.message } : {}
  const name = error instanceof Error ? error.name : typeof error
  const at =
    error instanceof Error ? /\n\s+at ([^\n]{1,200})/.exec(error.stack ?? '')?.[1] : undefined
  rooms.log.error(
    { requestId: request.id, route: request.routeOptions.url, error: name, at, ...known },
    'a request could not be answered',
  )
}
