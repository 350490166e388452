// Takes one layer of gzip off a downloaded file, within bounds.
import { createReadStream, createWriteStream } from 'node:fs'
import { open, rename, rm, stat } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { PriceFileError } from '../read/error.ts'
import { forgetNote } from './part.ts'

/** Price tables stay under 60. */
const MOST_RATIO = 100
const SMALLEST_BOUND = 1024 * 1024

/** Unpacks the file in its place if it is gzip. What comes out is looked at like every file, and gzip again is refused there. */
export async function unpackGzip(
  path: string,
  maxBytes: number,
  signal: AbortSignal,
): Promise<void> {
  if (!(await isGzip(path))) return
  const packed = (await stat(path)).size
  const most = Math.min(maxBytes, Math.max(SMALLEST_BOUND, packed * MOST_RATIO))
  const inflated = `${path}.inflated`
  let bytes = 0
  try {
    await pipeline(
      createReadStream(path),
      createGunzip(),
      async function* (chunks: AsyncIterable<Buffer>) {
        for await (const chunk of chunks) {
          bytes += chunk.length
          if (bytes > most)
            throw new PriceFileError(
              'LIMIT_EXCEEDED',
              'The file unpacks to far more than a price list does; get it unpacked.',
            )
          yield chunk
        }
      },
      createWriteStream(inflated, { mode: 0o600 }),
      { signal },
    )
    await forgetNote(path)
    await rename(inflated, path)
  } catch (error) {
    await rm(inflated, { force: true })
    signal.throwIfAborted()
    if (error instanceof PriceFileError || !isZlib(error)) throw error
    throw new PriceFileError('FILE_CORRUPT', 'The gzip file is broken; download it again.', {
      cause: error,
    })
  }
}

async function isGzip(path: string): Promise<boolean> {
  const file = await open(path, 'r')
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0)
    return bytesRead === 2 && buffer.readUInt16BE(0) === 0x1f8b
  } finally {
    await file.close()
  }
}

function isZlib(error: unknown): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code?.startsWith('Z_') === true
}
