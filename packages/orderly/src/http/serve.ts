// Serves the status of an instance to people on this machine.
import type { FastifyInstance } from 'fastify'
import type { Orderly } from '../orderly.ts'
import { OrderlyError } from '../primitives/errors.ts'
import { buildApp, type ApiOptions } from './app.ts'
import { addDashboard } from './assets.ts'
import { plain } from './problem.ts'
import { STATUS_PAGE, STATUS_SCRIPT, STATUS_STYLE } from './status-page.ts'
import { readStatus } from './status.ts'

export interface ServeOptions extends ApiOptions {
  readonly port: number
  /** The address to listen on. There is no sign-in yet, so only loopback addresses are accepted. */
  readonly host?: string
}

export interface Server {
  readonly url: string
  close(): Promise<void>
}

const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost'])

/**
 * Starts the API, the status page and its JSON (`/api/v1/status`, `/health`, `/ready`).
 *
 * @throws OrderlyError `ORDERLY_SETTING_INVALID` for an address that others can reach or a port that is taken
 */
export async function serve(orderly: Orderly, options: ServeOptions): Promise<Server> {
  const host = options.host ?? '127.0.0.1'
  if (!LOOPBACK.has(host)) {
    throw new OrderlyError(
      'ORDERLY_SETTING_INVALID',
      `the status page has no sign-in and is only served on 127.0.0.1, not ${host}`,
    )
  }
  const app = await buildApp(orderly, options)
  addRoutes(app, orderly)
  try {
    await app.listen({ port: options.port, host })
  } catch (cause) {
    await app.close()
    throw new OrderlyError(
      'ORDERLY_SETTING_INVALID',
      `port ${options.port} cannot be used, most likely because another program has it; choose another with PORT=…`,
      { cause },
    )
  }
  const address = app.server.address()
  const port = typeof address === 'object' && address ? address.port : options.port
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    close: () => app.close(),
  }
}

function addRoutes(app: FastifyInstance, orderly: Orderly): void {
  app.addHook('onRequest', async (request, reply) => {
    // A page of another site can make a browser ask us under its own name; such a request is not for us.
    const name = request.headers.host?.replace(/:\d+$/, '').replace(/^\[|\]$/g, '') ?? ''
    if (!LOOPBACK.has(name))
      await reply
        .code(421)
        .type('application/problem+json; charset=utf-8')
        .send(JSON.stringify(plain(421, request.id)))
  })
  const showsDashboard = addDashboard(app)
  app.get(showsDashboard ? '/status' : '/', (_request, reply) =>
    reply.type('text/html; charset=utf-8').send(STATUS_PAGE),
  )
  app.get('/status.css', (_request, reply) =>
    reply.type('text/css; charset=utf-8').send(STATUS_STYLE),
  )
  app.get('/status.js', (_request, reply) =>
    reply.type('text/javascript; charset=utf-8').send(STATUS_SCRIPT),
  )
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
  app.get('/api/v1/status', () => readStatus(orderly))
}
