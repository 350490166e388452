// Objects in a folder: a body beside a note that names it, so that one rename puts both in place.
import { randomBytes } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { OrderlyError } from '../primitives/errors.ts'
import { makeFolder } from '../primitives/folder.ts'
import { tallied, verified, type Tally } from './digested.ts'
import { checkKey, checkOptions, type ObjectStore, type StoredObject } from './object-store.ts'

/** Ends the name of a note. It is in no key, so that the object `a` and the folder of `a/b` never meet. */
const NOTE = '~'

interface Note extends StoredObject {
  /** Tells this body from others of the same key. */
  readonly body: string
}

/** @param root the folder; made when something is stored */
export function openFolderStore(root: string): ObjectStore {
  const noteOf = (key: string): string => join(root, ...key.split('/')) + NOTE
  const read = async (key: string): Promise<Note | undefined> => {
    checkKey(key)
    const text = await readFile(noteOf(key), 'utf8').catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined
      throw unavailable(error)
    })
    return text === undefined ? undefined : (JSON.parse(text) as Note)
  }
  return {
    place: root,
    async put(key, body, options = {}) {
      checkKey(key)
      const note = noteOf(key)
      const described = checkOptions(options)
      const id = randomBytes(8).toString('hex')
      const part = `${note}${id}.part`
      const tally: Tally = { size: 0, sha256: '' }
      const before = await read(key)
      try {
        makeFolder(dirname(note))
        await pipeline(
          tallied(body, tally),
          createWriteStream(part, { mode: 0o600, flags: 'wx', flush: true }),
        )
        await rename(part, note + id)
        const written: Note = { key, ...tally, ...described, body: id }
        await writeDurably(part, JSON.stringify(written))
        await rename(part, note)
        await syncFolder(dirname(note))
      } catch (error) {
        await rm(part, { force: true })
        await rm(note + id, { force: true })
        throw isDisk(error) ? unavailable(error) : error
      }
      if (before) await rm(note + before.body, { force: true })
      return tally
    },
    async get(key) {
      const note = await read(key)
      if (!note) return undefined
      const file = noteOf(key) + note.body
      // Opened now: who puts another object in its place meanwhile takes the name away, not the bytes.
      const handle = await open(file).catch((error: unknown) => {
        if (codeOf(error) === 'ENOENT') return undefined
        throw unavailable(error)
      })
      if (!handle) {
        const now = await read(key)
        if (now?.body === note.body) throw unavailable()
        return this.get(key)
      }
      const stream = createReadStream(file, { fd: handle, highWaterMark: 256 * 1024 })
      return { ...shown(note), body: verified(stream, note) }
    },
    async head(key) {
      const note = await read(key)
      return note && { ...shown(note), file: noteOf(key) + note.body }
    },
    async delete(key) {
      checkKey(key)
      const note = noteOf(key)
      await rm(note, { force: true })
      // Bodies that a killed process left behind go too.
      for (const name of await namesIn(dirname(note)))
        if (name.startsWith(basename(note))) await rm(join(dirname(note), name), { force: true })
    },
    async *list(prefix) {
      for await (const key of keysBelow(root, '', prefix)) {
        const note = await read(key)
        if (note) yield { key, size: note.size }
      }
    },
    close: () => Promise.resolve(),
  }
}

function shown({ key, size, sha256, contentType, metadata }: Note): StoredObject {
  return { key, size, sha256, contentType, metadata }
}

/** One folder is read at a time, and none that can hold nothing of the prefix. */
async function* keysBelow(root: string, path: string, prefix: string): AsyncGenerator<string> {
  const entries = await readdir(join(root, path), { withFileTypes: true }).catch(
    (error: unknown) => {
      if (codeOf(error) === 'ENOENT') return []
      throw unavailable(error)
    },
  )
  for (const entry of entries) {
    const name = path + entry.name
    if (entry.isDirectory()) {
      const inner = `${name}/`
      if (inner.startsWith(prefix) || prefix.startsWith(inner))
        yield* keysBelow(root, inner, prefix)
    } else if (name.endsWith(NOTE) && name.startsWith(prefix)) {
      yield name.slice(0, -NOTE.length)
    }
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch(() => [])
}

async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Names are only safe once their folder is. */
async function syncFolder(path: string): Promise<void> {
  // Windows cannot open a folder, and orders names by itself.
  const folder = await open(path, 'r').catch(() => undefined)
  try {
    await folder?.sync()
  } finally {
    await folder?.close()
  }
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code
}

/** What the file system says, as against what the body itself threw. */
function isDisk(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && 'path' in error
}

function unavailable(cause?: unknown): OrderlyError {
  return new OrderlyError(
    'ORDERLY_OBJECTS_UNAVAILABLE',
    'the folder of the object store cannot be read or written; see that it is there, has room and belongs to the user that runs Orderly',
    { cause },
  )
}
