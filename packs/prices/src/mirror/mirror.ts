// A web server of price files on this machine: a folder in all three shapes of directory, with faults on demand.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { listFiles } from '../inbox.ts'
import { faulty, type Fault } from './faults.ts'
import { cmsHptText, registryCsv, registryJson, searchAnswer } from './listings.ts'

/** A hospital as the mirror lists it. Files are named by their path under the folder. */
export interface MirrorHospital {
  readonly id: string
  readonly name: string
  readonly ccn?: string
  readonly npi?: string
  readonly address?: string
  readonly city?: string
  readonly state?: string
  readonly zip?: string
  readonly phone?: string
  readonly beds?: number
  readonly files: readonly string[]
}

export interface MirrorOptions {
  readonly folder: string
  /** A hospital for each file unless told. */
  readonly hospitals?: readonly MirrorHospital[] | (() => readonly MirrorHospital[])
  readonly robots?: string
}

export interface Mirror extends AsyncDisposable {
  /** What to give the pack as `connectTo`. */
  readonly connectTo: Readonly<Record<string, string>>
  /** `http://prices.mirror.test`: the same in every run, so that files keep their addresses. */
  readonly origin: string
  /** Where it listens. */
  readonly address: string
  /** Paths that were asked for, in order: `GET /files/a.csv`. */
  readonly asked: string[]
  /** Bytes of files sent. */
  readonly sent: { bytes: number }
  urlOf(file: string): string
  /** What happens to the next requests for a file: `times` of them, or all. */
  fail(file: string, fault: Fault, times?: number): void
}

const HOST = 'prices.mirror.test'

export async function startMirror(options: MirrorOptions): Promise<Mirror> {
  const { folder } = options
  const origin = `http://${HOST}`
  const asked: string[] = []
  const sent = { bytes: 0 }
  const faults = new Map<string, { fault: Fault; left: number }>()
  const urlOf = (file: string): string =>
    `${origin}/files/${file.split('/').map(encodeURIComponent).join('/')}`

  const hospitals = async (): Promise<readonly MirrorHospital[]> =>
    (typeof options.hospitals === 'function' ? options.hospitals() : options.hospitals) ??
    (await listFiles(folder)).map(({ source }) => ({
      id: source,
      name: source,
      files: [source],
    }))

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', origin)
    asked.push(`${request.method} ${url.pathname}`)
    if (url.pathname.startsWith('/files/')) {
      const file = decodeURIComponent(url.pathname.slice('/files/'.length))
      return sendFile(file, request, response)
    }
    const text = async (type: string, body: Promise<string> | string): Promise<void> => {
      response.writeHead(200, { 'content-type': type }).end(await body)
    }
    switch (url.pathname) {
      case '/robots.txt':
        if (options.robots === undefined) break
        return text('text/plain', options.robots)
      case '/cms-hpt.txt':
        return text(
          'text/plain',
          hospitals().then((all) => cmsHptText(all, urlOf)),
        )
      case '/registry.csv':
        return text(
          'text/csv',
          hospitals().then((all) => registryCsv(all, urlOf)),
        )
      case '/registry.json':
        return text(
          'application/json',
          hospitals().then((all) => registryJson(all, urlOf)),
        )
      case '/user/session':
        return text('application/json', JSON.stringify({ sessionid: 'mirror' }))
      case '/facility/search':
        if (request.headers['sessionid'] !== 'mirror') {
          response.writeHead(401).end()
          return
        }
        return text('application/json', searchAnswer(await hospitals(), urlOf, url, folder))
    }
    response.writeHead(404, { 'content-type': 'text/plain' }).end('There is nothing here.\n')
  }

  async function sendFile(
    file: string,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const known = (await listFiles(folder)).some(({ source }) => source === file)
    if (!known) {
      response.writeHead(404).end()
      return
    }
    const path = join(folder, file)
    const { size, mtime } = await stat(path)
    const planned = faults.get(file)
    if (planned && planned.left > 0) {
      planned.left--
      if (await faulty(planned.fault, { path, size, request, response, origin })) return
    }
    const etag = `"${await digestOf(path, size)}"`
    const modified = mtime.toUTCString()
    const headers = {
      etag,
      'last-modified': modified,
      'accept-ranges': 'bytes',
      'content-type': 'application/octet-stream',
    }
    if (request.headers['if-none-match'] === etag) {
      response.writeHead(304, headers).end()
      return
    }
    const range = /^bytes=(\d+)-$/.exec(request.headers.range ?? '')
    const stillValid = [etag, modified].includes(String(request.headers['if-range'] ?? etag))
    const start = range && stillValid ? Number(range[1]) : 0
    if (start >= size && size > 0) {
      response.writeHead(416, { 'content-range': `bytes */${size}` }).end()
      return
    }
    response.writeHead(range && stillValid ? 206 : 200, {
      ...headers,
      'content-length': size - start,
      ...(range && stillValid && { 'content-range': `bytes ${start}-${size - 1}/${size}` }),
    })
    if (request.method === 'HEAD') {
      response.end()
      return
    }
    const body = createReadStream(path, { start })
    body.on('data', (chunk) => (sent.bytes += chunk.length))
    body.on('error', () => response.destroy())
    body.pipe(response)
  }

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve)
  })
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    connectTo: { [HOST]: address },
    origin,
    address,
    asked,
    sent,
    urlOf,
    fail: (file, fault, times = Infinity) => void faults.set(file, { fault, left: times }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Files of the mirror are small enough to be looked at whole, but for those of a test of size. */
async function digestOf(path: string, size: number): Promise<string> {
  if (size > 64 * 1024 * 1024) return `size-${size}`
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex')
    .slice(0, 32)
}
