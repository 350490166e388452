// Takes a file from where it is: a path is used in place, a URL is downloaded first.
import { access, constants, stat } from 'node:fs/promises'
import { PriceFileError } from '../read/index.ts'
import type { DownloadOptions } from './download.ts'

export interface TakenFile {
  readonly path: string
  readonly bytes: number
  /** Removes what was made to get at the file. */
  release(): Promise<void>
}

/** @throws PriceFileError `FILE_UNREADABLE` when there is no file at a path; what `download` throws for a URL */
export async function take(location: string, options: DownloadOptions): Promise<TakenFile> {
  if (/^https?:\/\//i.test(location)) {
    // The HTTP client takes 20 MB of memory, which who only reads files need not spend.
    const { download } = await import('./download.ts')
    return download(location, options)
  }
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
