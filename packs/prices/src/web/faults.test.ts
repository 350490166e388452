import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { fakeClock } from 'orderly/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startMirror, type Mirror } from '../mirror/index.ts'
import { checkKind } from '../read/open.ts'
import { DEFAULT_LIMITS } from '../read/limits.ts'
import { openWeb, type WebOptions } from './client.ts'
import { download, type DownloadRequest } from './download.ts'
import { readRobots } from './robots.ts'
import { unpackGzip } from './unpack.ts'

const BODY = 'CPT Code,Description,Price\n'.padEnd(200_000, '10001,ONE,1.00\n')
let root: string
let mirror: Mirror

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'orderly-faults-'))
  writeFileSync(join(root, 'a.csv'), BODY)
  mirror = await startMirror({
    folder: root,
    robots: 'User-agent: *\nDisallow: /files/secret.csv\n',
  })
  writeFileSync(join(root, 'secret.csv'), BODY)
})
afterAll(async () => {
  await mirror[Symbol.asyncDispose]()
  rmSync(root, { recursive: true, force: true })
})

let count = 0
async function fetchTo(
  path: string,
  options: Partial<DownloadRequest> = {},
  web: WebOptions = { connectTo: mirror.connectTo },
) {
  await using client = openWeb(web)
  return await download(client, {
    url: mirror.urlOf('a.csv'),
    path,
    maxBytes: 10_000_000,
    signal: AbortSignal.timeout(20_000),
    clock: fakeClock(),
    ...options,
  })
}
const newPath = (): string => join(root, '.parts', String(++count))

/** Fetches so much of the file and no more. */
async function fetchPart(path: string, bytes: number, etag?: string): Promise<void> {
  const clock = fakeClock()
  mirror.fail('a.csv', { is: 'drip', after: bytes, ...(etag && { etag }) }, 1)
  const part = fetchTo(path, { clock, minRate: { bytes: 1_000, windowMs: 30_000 } })
  part.catch(() => {})
  await expect.poll(() => existsSync(path) && statSync(path).size).toBe(bytes)
  // The first window has the bytes; the next one has none.
  clock.advance(30_000)
  clock.advance(30_000)
  await expect(part).rejects.toThrow('more slowly')
}

describe('a download that breaks off (83)', () => {
  it('is never taken for whole', async () => {
    mirror.fail('a.csv', { is: 'cut', after: 120_000 }, 1)
    await expect(fetchTo(newPath())).rejects.toMatchObject({ kind: 'external' })
  })

  it('goes on where it stopped', async () => {
    const path = newPath()
    await fetchPart(path, 120_000, (await head()).etag)
    expect(await fetchTo(path)).toMatchObject({
      is: 'whole',
      resumedFrom: 120_000,
      bytes: BODY.length,
    })
    expect(readFileSync(path, 'utf8')).toBe(BODY)
  })

  it('asks for nothing more when all of it was there already', async () => {
    const path = newPath()
    await fetchTo(path)
    const sent = mirror.sent.bytes
    expect(await fetchTo(path)).toMatchObject({ is: 'whole', resumedFrom: BODY.length })
    expect(mirror.sent.bytes).toBe(sent)
    writeFileSync(path, `${BODY}more than there is`)
    expect(await fetchTo(path)).toMatchObject({ is: 'whole', resumedFrom: 0 })
    expect(readFileSync(path, 'utf8')).toBe(BODY)
  })

  it('begins anew when the file has been replaced meanwhile', async () => {
    const path = newPath()
    await fetchPart(path, 100_000)
    expect(await fetchTo(path)).toMatchObject({ is: 'whole', resumedFrom: 0 })
    expect(readFileSync(path, 'utf8')).toBe(BODY)
  })

  it.each(['', '{"url":"ht'])('begins anew when its note says no more than %j', async (note) => {
    const path = newPath()
    await fetchPart(path, 100_000, (await head()).etag)
    writeFileSync(`${path}.json`, note)
    expect(await fetchTo(path)).toMatchObject({ is: 'whole', resumedFrom: 0 })
    expect(readFileSync(path, 'utf8')).toBe(BODY)
  })

  it('begins anew when it was unpacked already', async () => {
    const path = newPath()
    // Shorter than when it was packed, so that a server would have more of it to send.
    const packed = gzipSync('10001,ONE\n')
    writeFileSync(join(root, 'b.csv.gz'), packed)
    const url = mirror.urlOf('b.csv.gz')
    await fetchTo(path, { url })
    await unpackGzip(path, 2 ** 30, AbortSignal.timeout(20_000))
    expect(await fetchTo(path, { url })).toMatchObject({ is: 'whole', resumedFrom: 0 })
    expect(readFileSync(path).equals(packed)).toBe(true)
  })

  it('is thrown away when the server sends another piece than was asked for', async () => {
    const path = newPath()
    await fetchPart(path, 100_000, (await head()).etag)
    mirror.fail('a.csv', { is: 'wrong-range' }, 1)
    await expect(fetchTo(path)).rejects.toThrow('another piece')
    expect(await fetchTo(path)).toMatchObject({ is: 'whole', resumedFrom: 0 })
  })

  it('is not fetched at all when nothing has changed', async () => {
    const known = await head()
    expect(await fetchTo(newPath(), { known })).toEqual({ is: 'same' })
  })
})

async function head() {
  await using web = openWeb({ connectTo: mirror.connectTo })
  const { headers, body } = await web.ask(mirror.urlOf('a.csv'), { method: 'HEAD' })
  body.destroy()
  return { etag: headers['etag']!, lastModified: null, length: null }
}

describe('redirects (84)', () => {
  it('that go round in a circle end after five', async () => {
    mirror.fail('a.csv', { is: 'redirect', to: mirror.urlOf('a.csv') })
    await expect(fetchTo(newPath())).rejects.toMatchObject({ code: 'REDIRECT_REFUSED' })
    expect(mirror.asked.slice(-6)).toEqual(Array(6).fill('GET /files/a.csv'))
  })

  it('from a protected address to an unprotected one are refused', async () => {
    mirror.fail('a.csv', { is: 'redirect', to: mirror.urlOf('a.csv') }, 1)
    const url = mirror.urlOf('a.csv').replace('http:', 'https:')
    await expect(fetchTo(newPath(), { url })).rejects.toMatchObject({
      code: 'REDIRECT_REFUSED',
      message: expect.stringContaining('unprotected') as string,
    })
  })

  it('to a private address are refused where they lead, not where they begin (88)', async () => {
    mirror.fail('a.csv', { is: 'redirect', to: 'http://169.254.169.254/latest/meta-data' }, 1)
    await expect(fetchTo(newPath())).rejects.toMatchObject({ code: 'ADDRESS_REFUSED' })
    // A name is judged by the address it has when the connection is made, so it cannot mean another one a moment later.
    mirror.fail('a.csv', { is: 'redirect', to: 'http://localhost:1/a.csv' }, 1)
    await expect(fetchTo(newPath())).rejects.toMatchObject({ code: 'ADDRESS_REFUSED' })
  })
})

describe('addresses (88)', () => {
  it.each([
    'http://127.0.0.1:1/a', 'http://2130706433:1/', 'http://0x7f.1:1/', 'http://[::1]:1/', 'http://[::ffff:10.0.0.1]:1/',
    'http://169.254.169.254/', 'http://localhost:1/', 'http://0:1/', 'http://user:secret@example.org/', 'ftp://example.org/',
    'file:///etc/passwd',
  ])('%s is not asked', async (url) => {
    await expect(fetchTo(newPath(), { url }, {})).rejects.toMatchObject({ code: 'ADDRESS_REFUSED' })
  }) // prettier-ignore
})

describe('a server that is slow (85)', () => {
  it('is given up when a window passes with too few bytes, and was not before', async () => {
    await fetchPart(newPath(), 1_500)
  })

  it('is given up at the end of its time, however steadily bytes come, and the next try goes on there', async () => {
    const path = newPath()
    const clock = fakeClock()
    const { etag } = await head()
    mirror.fail('a.csv', { is: 'drip', after: 1_500, etag }, 1)
    const part = fetchTo(path, { clock, minRate: { bytes: 0, windowMs: 30_000 }, maxMs: 90_000 })
    part.catch(() => {})
    await expect.poll(() => existsSync(path) && statSync(path).size).toBe(1_500)
    clock.advance(60_000)
    expect(existsSync(path)).toBe(true)
    clock.advance(30_000)
    await expect(part).rejects.toThrow('longer than a try may')
    expect(await fetchTo(path)).toMatchObject({ is: 'whole', resumedFrom: 1_500 })
  })

  it('that asks to wait is waited for', async () => {
    mirror.fail('a.csv', { is: 'status', status: 429, retryAfter: '120' }, 1)
    await expect(fetchTo(newPath())).rejects.toMatchObject({ kind: 'external', retryAfter: '120' })
  })
})

describe('a file that is too large or no file (86, 87)', () => {
  it('ends at the bound, whether its length is said or not', async () => {
    await expect(fetchTo(newPath(), { maxBytes: 1_000 })).rejects.toMatchObject({
      code: 'LIMIT_EXCEEDED',
    })
    mirror.fail('a.csv', { is: 'no-validators' }, 1)
    const path = newPath()
    await expect(fetchTo(path, { maxBytes: 1_000 })).rejects.toMatchObject({
      code: 'LIMIT_EXCEEDED',
    })
    expect(existsSync(path)).toBe(false)
  })

  it('is refused when it unpacks to far more than it should, or to another archive', async () => {
    const signal = AbortSignal.timeout(20_000)
    const bomb = join(root, '.bomb')
    writeFileSync(bomb, gzipSync(Buffer.alloc(64 * 1024 * 1024)))
    const before = process.memoryUsage.rss()
    await expect(unpackGzip(bomb, 2 ** 30, signal)).rejects.toMatchObject({
      code: 'LIMIT_EXCEEDED',
    })
    expect(process.memoryUsage.rss() - before).toBeLessThan(200 * 2 ** 20)
    expect(readdirSync(root).filter((name) => name.includes('inflated'))).toEqual([])
    const twice = join(root, '.twice')
    writeFileSync(twice, gzipSync(gzipSync(BODY)))
    await unpackGzip(twice, 2 ** 30, signal)
    await expect(checkKind(twice, DEFAULT_LIMITS)).rejects.toMatchObject({ code: 'FORMAT_UNKNOWN' })
    const once = join(root, '.once')
    writeFileSync(once, gzipSync(BODY))
    await unpackGzip(once, 2 ** 30, signal)
    expect(readFileSync(once, 'utf8')).toBe(BODY)
  })

  it('is refused when it is a web page', async () => {
    mirror.fail('a.csv', { is: 'page' }, 1)
    const path = newPath()
    await fetchTo(path)
    await expect(checkKind(path, DEFAULT_LIMITS)).rejects.toMatchObject({ code: 'FILE_IS_HTML' })
  })
})

describe('robots.txt', () => {
  it('is kept to, unless the server is one’s own', async () => {
    const url = mirror.urlOf('secret.csv')
    await expect(fetchTo(newPath(), { url })).rejects.toMatchObject({ code: 'ROBOTS_REFUSED' })
    expect(await fetchTo(newPath(), { url }, { connectTo: mirror.connectTo, ignoreRobots: true })).toMatchObject({ is: 'whole' })
  })

  it.each([
    ['', '/a', true],
    ['User-agent: *\nDisallow: /', '/a', false],
    ['User-agent: *\nDisallow:', '/a', true],
    ['User-agent: other\nDisallow: /', '/a', true],
    ['User-agent: *\nDisallow: /\n\nUser-agent: orderly-prices\nAllow: /', '/a', true],
    ['User-agent: *\nDisallow: /files\nAllow: /files/open', '/files/open.csv', true],
    ['User-agent: *\nDisallow: /*.csv$', '/files/a.csv', false],
    ['User-agent: *\nDisallow: /*.csv$', '/files/a.csv?x', true],
    ['user-agent: a\nuser-agent: *\ndisallow: /x # why', '/x/y', false],
  ])('%j lets %s be fetched: %s', (text, path, allowed) => {
    expect(readRobots(text, 'orderly-prices').allows(path)).toBe(allowed)
  })
}) // prettier-ignore
