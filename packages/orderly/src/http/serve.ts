// Serves the status of an instance to people on this machine.
import type { FastifyInstance } from 'fastify'
import { can } from '../access/can.ts'
import { newSetupToken } from '../access/sign-in.ts'
import { forgetServing, noteServing } from '../serving.ts'
import { roomsOf, type Orderly } from '../orderly.ts'
import { OrderlyError } from '../primitives/errors.ts'
import { namesOf, refuseUnknown } from '../primitives/known-names.ts'
import type { Callers } from './actor.ts'
import { buildApp, type ApiOptions } from './app.ts'
import { addDashboard } from './assets.ts'
import { openCallers } from './auth.ts'
import { checkBind, type Bind } from './bind.ts'
import { addDocuments } from './documents.ts'
import { openMetrics, OPEN_METRICS_TYPE } from './open-metrics.ts'
import { operationsOf } from './operations-of.ts'
import { plain } from './problem.ts'
import { STATUS_PAGE, STATUS_SCRIPT, STATUS_STYLE } from './status-page.ts'
import { readStatus } from './status.ts'

export interface ServeOptions extends ApiOptions {
  readonly port: number
  /** The address to listen on; this machine alone unless told. Others need users and `publicUrl`. */
  readonly host?: string
  /** What people type to reach this server where a proxy stands before it: `https://jobs.example.org`. */
  readonly publicUrl?: string
  /** The networks of proxies that say where a request came from; the setting of the same name unless told. */
  readonly trustedProxies?: readonly string[]
}

const OPTIONS = namesOf<ServeOptions>({
  port: true,
  host: true,
  publicUrl: true,
  trustedProxies: true,
  callers: true,
  compatibility: true,
  home: true,
  rate: true,
})

export interface Server {
  readonly url: string
  /** Makes the first user, once, within an hour. Undefined where there are users. */
  readonly setupUrl: string | undefined
  close(): Promise<void>
}

/**
 * Starts the API, the status page and its JSON (`/api/v1/status`, `/health`, `/ready`, `/metrics`).
 *
 * @throws OrderlyError `ORDERLY_SETTING_INVALID` for an address that others can reach while nobody could sign in, or over
 *   plain text, and for a port that is taken
 */
export async function serve(orderly: Orderly, options: ServeOptions): Promise<Server> {
  refuseUnknown('serve', options ?? null, OPTIONS, 'ORDERLY_SETTING_INVALID')
  const host = options.host ?? '127.0.0.1'
  const rooms = roomsOf(orderly)
  const bind = await checkBind(rooms.access, { host, publicUrl: options.publicUrl })
  const { trustedProxies } = orderly.settings
  const callers = options.callers ?? openCallers(rooms, { trustedProxies, ...options })
  const app = await buildApp(orderly, { ...options, callers })
  addRoutes(app, orderly, bind)
  addMetrics(app, orderly, bind, callers)
  addDocuments(app, operationsOf(orderly), '')
  try {
    await app.listen({ port: options.port, host })
  } catch (cause) {
    await app.close()
    throw new OrderlyError(
      'ORDERLY_SETTING_INVALID',
      `port ${options.port} cannot be used, most likely because another program has it; give serve another { port }`,
      { cause },
    )
  }
  const address = app.server.address()
  const port = typeof address === 'object' && address ? address.port : options.port
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`
  const { home } = orderly.settings
  const reached = options.publicUrl ?? url
  noteServing(home, reached)
  const token = bind.isLocal ? await newSetupToken(rooms.access) : undefined
  return {
    url,
    // Behind the #, so that it stands in no log of any server.
    setupUrl: token === undefined ? undefined : `${url}/setup#token=${token}`,
    close: () => {
      forgetServing(home, reached)
      return app.close()
    },
  }
}

function addRoutes(app: FastifyInstance, orderly: Orderly, bind: Bind): void {
  app.addHook('onRequest', async (request, reply) => {
    // A page of another site can make a browser ask us under its own name; such a request is not for us.
    const name = request.headers.host?.replace(/:\d+$/, '').replace(/^\[|\]$/g, '') ?? ''
    if (bind.isSecure) reply.header('strict-transport-security', 'max-age=31536000')
    if (!bind.names.has(name))
      await reply
        .code(421)
        .type('application/problem+json; charset=utf-8')
        .send(JSON.stringify(plain(421, request.id)))
  })
  const showsDashboard = addDashboard(app)
  // It asks nobody who they are, so it is for people on this machine.
  if (bind.isLocal) addStatusPage(app, orderly, showsDashboard ? '/status' : '/')
  app.get('/health', () => ({ status: 'ok' }))
  // Degraded is ready: jobs are accepted and run. Who asks and wants to know finds it in the body.
  app.get('/ready', (_request, reply) => {
    const { mode, reason, since, workersReady } = orderly.status()
    return reply.code(workersReady ? 200 : 503).send({
      status: workersReady ? (mode === 'normal' ? 'ready' : 'degraded') : 'not-ready',
      reason,
      since,
    })
  })
}

/** Open to whoever scrapes this machine from within; from elsewhere, to those who may see measures. */
function addMetrics(app: FastifyInstance, orderly: Orderly, bind: Bind, callers: Callers): void {
  app.get('/metrics', async (request, reply) => {
    if (!bind.isLocal) {
      const actor = await callers.authenticate(request.raw)
      const status = actor === undefined ? 401 : can(actor, 'metrics:read') ? 200 : 403
      if (status !== 200)
        return reply
          .code(status)
          .type('application/problem+json; charset=utf-8')
          .send(JSON.stringify(plain(status, request.id)))
    }
    return reply.type(OPEN_METRICS_TYPE).send(await openMetrics(orderly, roomsOf(orderly)))
  })
}

function addStatusPage(app: FastifyInstance, orderly: Orderly, path: string): void {
  app.get(path, (_request, reply) => reply.type('text/html; charset=utf-8').send(STATUS_PAGE))
  app.get('/status.css', (_request, reply) =>
    reply.type('text/css; charset=utf-8').send(STATUS_STYLE),
  )
  app.get('/status.js', (_request, reply) =>
    reply.type('text/javascript; charset=utf-8').send(STATUS_SCRIPT),
  )
  app.get('/api/v1/status', () => readStatus(orderly))
}
