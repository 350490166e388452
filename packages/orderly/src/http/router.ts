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
import { demandOwnSite } from './own-site.ts'
import { RequestError } from './problem.ts'
import { roomsOf, type Orderly } from '../orderly.ts'
import { namesOf, refuseUnknown } from '../primitives/known-names.ts'

export interface RouterOptions extends ApiOptions {
  /** Where it is mounted, such as `/orderly`; Express takes it off the address itself, others do not. */
  readonly prefix?: string
  /** What people type to reach it, prefix included, where a proxy stands before it. */
  readonly publicUrl?: string
  /** The networks of proxies that say where a request came from; the setting of the same name unless told. */
  readonly trustedProxies?: readonly string[]
  /**
   * Who a request of the application's own users comes from; undefined for nobody. A change that another site made a
   * browser ask for is refused whoever it is, unless the request has an `Authorization`.
   */
  readonly resolveUser?: (
    request: IncomingMessage,
  ) => Promise<Actor | undefined> | Actor | undefined
}

type Handler = (request: IncomingMessage, response: ServerResponse, next?: () => void) => void

const OPTIONS = namesOf<RouterOptions>({
  prefix: true,
  publicUrl: true,
  trustedProxies: true,
  resolveUser: true,
  callers: true,
  compatibility: true,
  home: true,
  rate: true,
})

/** A handler of requests, as Express and Node's own server take it. */
export interface Router {
  (request: IncomingMessage, response: ServerResponse, next?: () => void): void
  /** The same as a plugin of Fastify, below the router's prefix. It ends the streams that are open before the server closes. */
  readonly plugin: (app: FastifyInstance) => Promise<void>
  /** Ends the streams that are open. The instance goes on. */
  close(): Promise<void>
}

/**
 * The API as a handler for a server that is there already.
 *
 * @returns a handler that answers what is below the prefix and leaves everything else to `next`
 */
export function router(orderly: Orderly, options: RouterOptions = {}): Router {
  refuseUnknown('router', options, OPTIONS, 'ORDERLY_SETTING_INVALID')
  const { prefix = '', publicUrl, resolveUser, ...own } = options
  const { trustedProxies = orderly.settings.trustedProxies } = options
  const base: Callers =
    own.callers ?? openCallers(roomsOf(orderly), { publicUrl, prefix, trustedProxies })
  const origin = publicUrl === undefined ? undefined : new URL(publicUrl).origin
  const callers: Callers = resolveUser
    ? {
        ...base,
        async authenticate(request) {
          const actor = await resolveUser(request)
          if (!actor) return base.authenticate(request)
          // Who a browser is by its cookies is also who it is when another site makes it send something.
          if (request.headers.authorization === undefined) demandOwnSite(request, origin)
          return actor
        },
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
  const close = async (): Promise<void> => {
    const app = await opening
    await app?.close()
  }
  return Object.assign(handle, { close, plugin: pluginOf(handle, prefix, close) })
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

/** Fastify reads a body before it asks a handler, unless a parser leaves it unread. */
function pluginOf(handle: Handler, prefix: string, close: () => Promise<void>): Router['plugin'] {
  return (app) => {
    app.removeAllContentTypeParsers()
    app.addContentTypeParser('*', (_request, _payload, done) => done(null))
    for (const url of prefix === '' ? ['/*'] : [prefix, `${prefix}/*`])
      app.all(url, { exposeHeadRoute: false }, (request, reply) => {
        reply.hijack()
        handle(request.raw, reply.raw)
      })
    app.addHook('preClose', close)
    return Promise.resolve()
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

const BODY_GONE =
  'the server around this API has read the body and kept nothing of it: mount the API before whatever reads bodies, and in Fastify as a plugin (router.plugin)'

/** Where the application has read the body already, it is handed on as it was understood. */
function takeReadBodies(app: FastifyInstance): void {
  app.addHook('preParsing', (request, _reply, payload, done) => {
    const { raw } = request
    if (!raw.readableEnded) return done(null, payload)
    const hasBody = raw.headers['transfer-encoding'] !== undefined
    if (!('body' in raw) || raw.body === undefined)
      return hasBody || Number(raw.headers['content-length'] ?? 0) > 0
        ? done(new RequestError('ORDERLY_REQUEST_INVALID', BODY_GONE))
        : done(null, payload)
    const text = Buffer.from(JSON.stringify(raw.body))
    const again = Object.assign(Readable.from([text]), {
      receivedEncodedLength: Number(raw.headers['content-length'] ?? text.length),
    })
    done(null, again)
  })
}
