// The API inside a server that an application has already: Express, Fastify, Nest or Node's own, under any prefix.
import { Readable } from 'node:stream'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyInstance } from 'fastify'
import type { Actor } from '../access/actor.ts'
import { operationsOf } from './operations-of.ts'
import type { Callers } from './actor.ts'
import { buildApp, type ApiOptions } from './app.ts'
import { openCallers } from './auth.ts'
import { addDocuments } from './documents.ts'
import { roomsOf, type Orderly } from '../orderly.ts'

export interface RouterOptions extends ApiOptions {
  /** Where it is mounted, such as `/orderly`; Express takes it off the address itself, others do not. */
  readonly prefix?: string
  /** What people type to reach it, prefix included, where a proxy stands before it. */
  readonly publicUrl?: string
  /** The networks of proxies that say where a request came from; the setting of the same name unless told. */
  readonly trustedProxies?: readonly string[]
  /** Who a request of the application's own users comes from; undefined for nobody. */
  readonly resolveUser?: (
    request: IncomingMessage,
  ) => Promise<Actor | undefined> | Actor | undefined
}

/** A handler of requests, as Express and Node's own server take it. */
export interface Router {
  (request: IncomingMessage, response: ServerResponse, next?: () => void): void
  /** Ends the streams that are open. The instance goes on. */
  close(): Promise<void>
}

/**
 * The API as a handler for a server that is there already.
 *
 * @returns a handler that answers what is below the prefix and leaves everything else to `next`
 */
export function router(orderly: Orderly, options: RouterOptions = {}): Router {
  const { prefix = '', publicUrl, resolveUser, ...own } = options
  const { trustedProxies = orderly.settings.trustedProxies } = options
  const base: Callers =
    own.callers ?? openCallers(roomsOf(orderly), { publicUrl, prefix, trustedProxies })
  const callers: Callers = resolveUser
    ? {
        ...base,
        authenticate: async (request) => (await resolveUser(request)) ?? base.authenticate(request),
      }
    : base
  let opening: Promise<FastifyInstance> | undefined
  const open = async (): Promise<FastifyInstance> => {
    const app = await buildApp(orderly, { ...own, callers, home: prefix })
    takeReadBodies(app)
    addDocuments(app, operationsOf(orderly), prefix)
    await app.ready()
    return app
  }
  const handle = (
    request: IncomingMessage,
    response: ServerResponse,
    next?: (error?: unknown) => void,
  ): void => {
    const url = request.url ?? '/'
    const inside = wasMounted(request) ? url : withoutPrefix(url, prefix)
    if (inside === undefined) {
      if (next) next()
      else response.writeHead(404).end()
      return
    }
    opening ??= open()
    void answer(opening, inside, request, response)
  }
  return Object.assign(handle, {
    async close() {
      const app = await opening
      await app?.close()
    },
  })
}

async function answer(
  opening: Promise<FastifyInstance>,
  url: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const app = await opening
    request.url = url
    app.routing(request, response)
  } catch {
    // The instance is closed, or was never one.
    if (!response.headersSent) response.writeHead(503)
    response.end()
  }
}

/** Express takes the prefix off by itself, and says so. */
function wasMounted(request: IncomingMessage): boolean {
  return 'baseUrl' in request && typeof request.baseUrl === 'string' && request.baseUrl !== ''
}

function withoutPrefix(url: string, prefix: string): string | undefined {
  if (prefix === '') return url
  if (url === prefix) return '/'
  return url.startsWith(`${prefix}/`) || url.startsWith(`${prefix}?`)
    ? url.slice(prefix.length)
    : undefined
}

/** Where the application has read the body already, it is handed on as it was understood. */
function takeReadBodies(app: FastifyInstance): void {
  app.addHook('preParsing', (request, _reply, payload, done) => {
    const { raw } = request
    if (!('body' in raw) || raw.body === undefined || !raw.readableEnded) return done(null, payload)
    const text = Buffer.from(JSON.stringify(raw.body))
    const again = Object.assign(Readable.from([text]), {
      receivedEncodedLength: Number(raw.headers['content-length'] ?? text.length),
    })
    done(null, again)
  })
}
