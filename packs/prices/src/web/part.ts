// A download in the making: the bytes so far, and what the server called them, so that it can go on after any end.
import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises'

export interface Note {
  readonly url: string
  /** What `If-Range` names: a strong ETag, or a date. */
  readonly validator: string
  readonly etag: string | null
  readonly lastModified: string | null
}

export interface Part {
  readonly path: string
  /** Bytes that are there and may be kept, if the server still has the same file. */
  readonly bytes: number
  readonly note: Note | undefined
}

const noteOf = (path: string): string => `${path}.json`

export async function openPart(path: string, url: string): Promise<Part> {
  const note = await readFile(noteOf(path), 'utf8').then(readNote, () => undefined)
  const bytes = (await stat(path).catch(() => undefined))?.size ?? 0
  return note?.url === url && bytes > 0
    ? { path, bytes, note }
    : { path, bytes: 0, note: undefined }
}

/** Written before the first byte, so that bytes are never taken for those of another file. */
export async function beginPart(path: string, note: Note | undefined): Promise<void> {
  await rm(path, { force: true })
  if (!note) return forgetNote(path)
  // Whole or not at all: whoever is killed here would leave half a note.
  const written = `${noteOf(path)}.new`
  await writeFile(written, JSON.stringify(note), { mode: 0o600 })
  await rename(written, noteOf(path))
}

/** The bytes are no longer those the server sends, and must not be added to. */
export async function forgetNote(path: string): Promise<void> {
  await rm(noteOf(path), { force: true })
}

export async function dropPart(path: string): Promise<void> {
  await rm(path, { force: true })
  await forgetNote(path)
}

/** RFC 9110, 13.1.5: weak tags do not tell whether bytes are the same. */
export function rangeValidator(headers: Readonly<Record<string, string>>): string | undefined {
  const { etag, 'last-modified': modified } = headers
  if (etag && !etag.startsWith('W/')) return etag
  return etag ? undefined : modified
}

/** A note that cannot be read is as good as none: the file is fetched from its beginning. */
function readNote(text: string): Note | undefined {
  try {
    return JSON.parse(text) as Note
  } catch {
    return undefined
  }
}
