// Takes a file from where it is: a path is used in place, a URL is downloaded first, an object is copied if need be.
import { createWriteStream } from 'node:fs'
import { access, constants, mkdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { Clock, ObjectStore } from 'orderly'
import { PriceFileError } from '../read/index.ts'
import type { WebOptions } from '../web/client.ts'

export interface TakenFile {
  readonly path: string
  readonly bytes: number
  /** Removes what was made to get at the file. */
  release(): Promise<void>
}

export interface TakeOptions {
  /** The folder the file is kept in while it is read. */
  readonly folder: string
  /** A name for it there, unique to the job. */
  readonly name: string
  readonly maxBytes: number
  readonly web: WebOptions
  readonly objects: ObjectStore
  readonly clock: Clock
  readonly signal: AbortSignal
}

export const OBJECT = 'object:'

/** @throws PriceFileError `FILE_UNREADABLE` when there is no file at a path; what `download` throws for a URL */
export async function take(location: string, options: TakeOptions): Promise<TakenFile> {
  if (/^https?:\/\//i.test(location)) return takeFromWeb(location, options)
  if (location.startsWith(OBJECT)) return takeObject(location.slice(OBJECT.length), options)
  const found = await stat(location).catch(() => undefined)
  if (!found?.isFile()) {
    throw new PriceFileError(
      'FILE_UNREADABLE',
      'There is no file at this path; it may have been moved since it was listed.',
    )
  }
  const isReadable = await access(location, constants.R_OK).then(
    () => true,
    () => false,
  )
  if (!isReadable) {
    throw new PriceFileError(
      'FILE_UNREADABLE',
      'This file may not be read by the user that runs Orderly; change its permissions and deliver it again.',
    )
  }
  return { path: location, bytes: found.size, release: () => Promise.resolve() }
}

async function takeFromWeb(url: string, options: TakeOptions): Promise<TakenFile> {
  // The HTTP client takes 20 MB of memory, which who only reads files need not spend.
  const [{ openWeb }, { download }, { dropPart }] = await Promise.all([
    import('../web/client.ts'),
    import('../web/download.ts'),
    import('../web/part.ts'),
  ])
  const { maxBytes, signal, clock } = options
  const path = join(options.folder, options.name)
  await using web = openWeb(options.web)
  const got = await download(web, { url, path, maxBytes, signal, clock })
  // Nothing was known of the file, so its server had no reason to leave it out.
  if (got.is === 'same')
    throw new PriceFileError(
      'DOWNLOAD_FAILED',
      'The server did not send the file it was asked for.',
    )
  return { path, bytes: got.bytes, release: () => dropPart(path) }
}

async function takeObject(
  key: string,
  { objects, folder, name, signal }: TakeOptions,
): Promise<TakenFile> {
  const stored = await objects.head(key)
  if (stored?.file !== undefined)
    return { path: stored.file, bytes: stored.size, release: () => Promise.resolve() }
  const found = stored && (await objects.get(key))
  if (!found)
    throw new PriceFileError(
      'FILE_UNREADABLE',
      'The stored file is no longer in the object store; scan with forceRefresh to fetch it again.',
    )
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const path = join(folder, name)
  await pipeline(found.body, createWriteStream(path, { mode: 0o600 }), { signal })
  return { path, bytes: found.size, release: () => rm(path, { force: true }) }
}
