// Serves the built dashboard from memory: an exact map of its files, so that no path of a request ever meets the disk.
import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

export interface DashboardOptions {
  /** The path the server is mounted at, without a slash at its end. The root unless told. */
  readonly prefix?: string
}

interface Asset {
  readonly type: string
  readonly cache: string
  readonly bodies: { readonly plain: Buffer; readonly br?: Buffer; readonly gzip?: Buffer }
}

const TYPES: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  html: 'text/html; charset=utf-8',
}

/** Next to this file once it is built; below `dist` while the sources are run as they are. */
const PLACES = ['../dashboard/', '../../dist/dashboard/'].map((path) =>
  fileURLToPath(new URL(path, import.meta.url)),
)

/** The first step of every path that belongs to the server itself; all others are pages of the dashboard. */
const NOT_PAGES = new Set(['api', 'docs', 'health', 'ready', 'metrics', 'assets', 'openapi.json'])
const FOREVER = 'public, max-age=31536000, immutable'

/**
 * Adds the dashboard's files and pages to a server.
 *
 * @returns false when the dashboard has not been built, and nothing was added
 */
export function addDashboard(app: FastifyInstance, options: DashboardOptions = {}): boolean {
  const assets = readAssets()
  const html = assets.get('index.html')
  if (!html) return false
  assets.delete('index.html')
  const prefix = options.prefix ?? ''
  const page = html.bodies.plain
    .toString()
    .replaceAll('="./', `="${prefix}/`)
    .replace('%BASE%', prefix)
  for (const [path, asset] of assets)
    app.get(`/${path}`, (request, reply) => sendAsset(request, reply, asset))
  app.get('/', (_request, reply) => sendPage(reply, page))
  app.get('/*', (request, reply) => {
    const [first] = (request.params as { '*': string })['*'].split('/')
    const isPage = !NOT_PAGES.has(first!) && (request.headers.accept ?? '').includes('text/html')
    return isPage ? sendPage(reply, page) : reply.callNotFound()
  })
  return true
}

/** The policy of the dashboard's pages: its own files only, and style elements that carry this nonce. */
export function pagePolicy(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    // Documents that were revealed are shown from an address within the page.
    "frame-src 'self' blob:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ')
}

function sendPage(reply: FastifyReply, page: string): FastifyReply {
  const nonce = randomBytes(18).toString('base64')
  return reply
    .type(TYPES['html']!)
    .headers({
      'cache-control': 'no-store',
      'content-security-policy': pagePolicy(nonce),
      'cross-origin-opener-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    })
    .send(page.replace('%NONCE%', nonce))
}

function sendAsset(request: FastifyRequest, reply: FastifyReply, asset: Asset): FastifyReply {
  const { bodies } = asset
  const accepted = request.headers['accept-encoding'] ?? ''
  reply.type(asset.type).headers({ 'cache-control': asset.cache, vary: 'accept-encoding' })
  if (bodies.br && /\bbr\b/.test(accepted))
    return reply.header('content-encoding', 'br').send(bodies.br)
  if (bodies.gzip && /\bgzip\b/.test(accepted))
    return reply.header('content-encoding', 'gzip').send(bodies.gzip)
  return reply.send(bodies.plain)
}

function readAssets(): Map<string, Asset> {
  const folder = PLACES.find((place) => existsSync(`${place}index.html`))
  const assets = new Map<string, Asset>()
  for (const path of folder ? filesBelow(folder) : []) {
    const type = TYPES[path.slice(path.lastIndexOf('.') + 1)]
    if (type === undefined) continue
    const read = (ending: string): Buffer | undefined =>
      existsSync(`${folder}${path}${ending}`)
        ? readFileSync(`${folder}${path}${ending}`)
        : undefined
    const [br, gzip] = [read('.br'), read('.gz')]
    assets.set(path, {
      type,
      cache: path.startsWith('assets/') ? FOREVER : 'no-cache',
      bodies: { plain: read('')!, ...(br ? { br } : {}), ...(gzip ? { gzip } : {}) },
    })
  }
  return assets
}

function filesBelow(folder: string, path = ''): string[] {
  return readdirSync(folder + path, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? filesBelow(folder, `${path}${entry.name}/`) : [`${path}${entry.name}`],
  )
}
