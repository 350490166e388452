import { hash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import S3rver from 's3rver'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { resolveSettings, shownSettings } from '../settings.ts'
import { openObjects } from './open.ts'
import type { ObjectStore } from './object-store.ts'

const folder = mkdtempSync(join(tmpdir(), 'orderly-objects-'))
const server = new S3rver({
  port: 0,
  address: '127.0.0.1',
  silent: true,
  directory: join(folder, 's3'),
  configureBuckets: [{ name: 'files', configs: [] }],
})
const { port } = await server.run()
const s3Url = `s3://S3RVER:S3RVER@storage/files?endpoint=http://127.0.0.1:${port}`

afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true, force: true })
})

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

async function textOf(store: ObjectStore, key: string): Promise<string | undefined> {
  const found = await store.get(key)
  return found && Buffer.concat(await collect(found.body)).toString()
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

async function keysOf(store: ObjectStore, prefix: string): Promise<string[]> {
  return (await collect(store.list(prefix))).map(({ key }) => key).toSorted()
}

describe.each([
  ['a folder', `file:${join(folder, 'objects')}`],
  ['S3', s3Url],
])('the object store in %s', (_, url) => {
  let store: ObjectStore
  beforeAll(async () => {
    store = await openObjects(url, folder)
  })
  afterAll(() => store.close())

  it('gives back what was put, with its size, digest, type and metadata', async () => {
    const body = Readable.from([bytes('one,'), bytes('two')])
    const put = await store.put('a/first.csv', body, {
      contentType: 'text/csv',
      metadata: { origin: 'Clínica “Ñ”' },
    })
    expect(put).toEqual({ size: 7, sha256: hash('sha256', 'one,two') })
    expect(await store.head('a/first.csv')).toMatchObject({
      key: 'a/first.csv',
      ...put,
      contentType: 'text/csv',
      metadata: { origin: 'Clínica “Ñ”' },
    })
    expect(await textOf(store, 'a/first.csv')).toBe('one,two')
  })

  it('puts another object in the place of one, while who reads the first reads on', async () => {
    await store.put('b', bytes('before'))
    const reading = await store.get('b')
    await store.put('b', bytes('after'), { contentType: 'text/plain' })
    expect(Buffer.concat(await collect(reading!.body)).toString()).toBe('before')
    expect(await textOf(store, 'b')).toBe('after')
    expect((await store.head('b'))?.contentType).toBe('text/plain')
  })

  it('keeps nothing of a body that broke off, and what was there before', async () => {
    await store.put('c', bytes('whole'))
    const broken = Readable.from(
      (function* () {
        yield bytes('half')
        throw new Error('the connection broke')
      })(),
    )
    await expect(store.put('c', broken)).rejects.toThrow('the connection broke')
    await expect(store.put('c2', Readable.from(failing()))).rejects.toThrow('never began')
    expect(await textOf(store, 'c')).toBe('whole')
    expect(await store.head('c2')).toBeUndefined()
  })

  it('holds an empty object and one that goes up in several parts', async () => {
    await store.put('empty', new Uint8Array())
    expect(await textOf(store, 'empty')).toBe('')
    const large = new Uint8Array(17 * 1024 * 1024).fill(7)
    const { sha256 } = await store.put('large', large)
    const found = await store.get('large')
    expect(found).toMatchObject({ size: large.byteLength, sha256 })
    expect(Buffer.concat(await collect(found!.body)).equals(large)).toBe(true)
  })

  it('lists by prefix, a name beside the folder of the same name', async () => {
    for (const key of ['l/b', 'l/a/z', 'l/a', 'l/a-b', 'l/a.b', 'm'])
      await store.put(key, bytes('x'))
    expect(await keysOf(store, 'l/')).toEqual(['l/a', 'l/a-b', 'l/a.b', 'l/a/z', 'l/b'])
    expect(await keysOf(store, 'l/a')).toEqual(['l/a', 'l/a-b', 'l/a.b', 'l/a/z'])
    expect(await keysOf(store, 'nothing')).toEqual([])
  })

  it('knows nothing of what was deleted or never there', async () => {
    await store.put('d', bytes('x'))
    await store.delete('d')
    await store.delete('never')
    expect(await store.get('d')).toBeUndefined()
    expect(await store.head('never')).toBeUndefined()
  })

  it('refuses keys that could leave the store and metadata that no header holds', async () => {
    for (const key of [
      '',
      '/a',
      'a//b',
      '../a',
      'a/../b',
      '.hidden',
      'a b',
      'a\\b',
      'x'.repeat(501),
    ])
      await expect(store.put(key, bytes('x'))).rejects.toMatchObject({
        code: 'ORDERLY_OBJECT_REFUSED',
      })
    for (const options of [
      { metadata: { 'Not-Lower': 'x' } },
      { metadata: { long: 'x'.repeat(2_001) } },
      { contentType: 'text/csv\r\nx: y' },
    ])
      await expect(store.put('k', bytes('x'), options)).rejects.toMatchObject({
        code: 'ORDERLY_OBJECT_REFUSED',
      })
  })
})

async function* failing(): AsyncGenerator<Uint8Array> {
  await Promise.reject(new Error('never began'))
  yield bytes('')
}

describe('the object store in a folder', () => {
  it('leaves no body behind that nothing names', async () => {
    const place = join(folder, 'clean')
    const store = await openObjects(`file:${place}`, folder)
    await store.put('k', bytes('one'))
    await store.put('k', bytes('two'))
    expect(readdirSync(place)).toHaveLength(2)
    await store.delete('k')
    expect(readdirSync(place)).toEqual([])
  })

  it('says that an object is damaged instead of handing out other bytes', async () => {
    const store = await openObjects(`file:${join(folder, 'damaged')}`, folder)
    await store.put('k', bytes('good'))
    const { file } = (await store.head('k'))!
    expect(readFileSync(file!, 'utf8')).toBe('good')
    writeFileSync(file!, 'evil')
    await expect(textOf(store, 'k')).rejects.toMatchObject({ code: 'ORDERLY_OBJECTS_UNAVAILABLE' })
  })
})

describe('objectsUrl', () => {
  it('is a folder of the home unless told, and never shown with its key', () => {
    expect(resolveSettings({ home: 'h' }, {}).objectsUrl).toMatch(/^file:.*\/h\/objects$/)
    const settings = resolveSettings({}, { ORDERLY_OBJECTS_URL: 's3://key:secret@host/b?region=r' })
    expect(shownSettings(settings).objectsUrl).toBe('s3://host/b?region=r')
  })

  it.each(['http://host/b', 's3://host', 's3://key:se%ret@host/b', 's3://host/a/b'])(
    'is refused when it is %s, without being repeated',
    async (url) => {
      await expect(openObjects(url, folder)).rejects.toMatchObject({
        code: expect.stringMatching('ORDERLY_SETTING_INVALID') as string,
        message: expect.not.stringContaining('se%ret') as string,
      })
    },
  )

  it('names the trouble when the bucket is not there', async () => {
    const store = await openObjects(s3Url.replace('/files', '/nowhere'), folder)
    await expect(store.put('k', bytes('x'))).rejects.toMatchObject({
      code: 'ORDERLY_OBJECTS_UNAVAILABLE',
      message: expect.stringContaining('NoSuchBucket') as string,
    })
    await store.close()
  })
})
