// Owns the mechanics of zip files: listing entries and inflating them. Nothing in an archive is
// believed: sizes are counted while inflating, and names are only shown, never used as paths.
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import yauzl, { type Entry, type ZipFile } from 'yauzl'
import { PriceFileError } from './error.ts'
import type { Limits } from './limits.ts'
import { sourceOf, type Source } from './source.ts'

export interface ArchiveEntry {
  readonly name: string
  readonly entry: Entry
}

export interface Archive {
  readonly entries: readonly ArchiveEntry[]
  /** Inflates an entry piece by piece, within the limits. */
  inflate(entry: ArchiveEntry, signal: AbortSignal | undefined): AsyncIterable<Buffer>
}

// Below this an archive cannot hurt, whatever its ratio.
const HARMLESS_BYTES = 16 * 1024 * 1024

class SourceReader extends yauzl.RandomAccessReader {
  readonly #source: Source

  constructor(source: Source) {
    super()
    this.#source = source
  }

  override _readStreamForRange(start: number, end: number): Readable {
    return Readable.from(this.#pieces(start, end), { objectMode: false })
  }

  override close(done: (error: Error | null) => void): void {
    done(null)
  }

  async *#pieces(start: number, end: number): AsyncGenerator<Buffer> {
    for (let at = start; at < end;) {
      const piece = Buffer.allocUnsafe(Math.min(256 * 1024, end - at))
      const bytes = await this.#source.read(piece, 0, piece.length, at)
      if (bytes === 0) return
      at += bytes
      yield piece.subarray(0, bytes)
    }
  }
}

export async function openArchive(source: Source, limits: Limits): Promise<Archive> {
  const entries: ArchiveEntry[] = []
  let zip: ZipFile
  try {
    zip = await yauzl.fromRandomAccessReaderPromise(new SourceReader(source), source.size, {
      lazyEntries: true,
      autoClose: false,
      // Without decoding, odd names are no reason to refuse an archive.
      decodeStrings: false,
      validateEntrySizes: true,
    })
    if (zip.entryCount > limits.maxZipEntries)
      throw new PriceFileError(
        'LIMIT_EXCEEDED',
        `The archive has more than ${limits.maxZipEntries} entries; get the price list alone.`,
      )
    for await (const entry of zip.eachEntry())
      entries.push({ name: (entry.fileName as string | Buffer).toString(), entry })
  } catch (error) {
    throw error instanceof PriceFileError ? error : damaged(error)
  }
  const budget = { left: limits.maxInflatedBytes }
  return { entries, inflate: (entry, signal) => inflate(zip, entry, limits, budget, signal) }
}

async function* inflate(
  zip: ZipFile,
  { entry }: ArchiveEntry,
  limits: Limits,
  budget: { left: number },
  signal: AbortSignal | undefined,
): AsyncGenerator<Buffer> {
  if (entry.isEncrypted())
    throw new PriceFileError(
      'FILE_ENCRYPTED',
      'The archive is protected by a password; ask the hospital for an open file.',
    )
  if (!entry.canDecodeFileData())
    throw new PriceFileError(
      'FORMAT_UNKNOWN',
      'The archive uses a compression other than deflate; ask for a plain zip file.',
    )
  const most = Math.max(HARMLESS_BYTES, entry.compressedSize * limits.maxZipRatio)
  let bytes = 0
  try {
    for await (const piece of await zip.openReadStreamPromise(entry)) {
      signal?.throwIfAborted()
      const buffer = piece as Buffer
      bytes += buffer.length
      budget.left -= buffer.length
      if (bytes > most || budget.left < 0)
        throw new PriceFileError(
          'LIMIT_EXCEEDED',
          'The archive inflates to far more than a price list would; it was not unpacked.',
        )
      yield buffer
    }
  } catch (error) {
    if (error instanceof PriceFileError || signal?.aborted === true) throw error
    throw damaged(error)
  }
}

/** Inflates an entry into a private file that nobody else can name, and that goes with its handle. */
export async function inflateToSource(pieces: AsyncIterable<Buffer>): Promise<Source> {
  const directory = await mkdtemp(join(tmpdir(), 'price-file-'))
  const path = join(directory, 'entry')
  const handle = await open(path, 'wx+', 0o600)
  try {
    let size = 0
    for await (const piece of pieces) {
      await handle.write(piece, 0, piece.length, size)
      size += piece.length
    }
    const remove = (): Promise<void> => rm(directory, { recursive: true, force: true })
    // Where the system allows it, the name goes at once, and even a crash leaves nothing behind.
    await remove().catch(() => {})
    return sourceOf(handle, size, remove)
  } catch (error) {
    await handle.close()
    await rm(directory, { recursive: true, force: true })
    throw error
  }
}

function damaged(cause: unknown): PriceFileError {
  return new PriceFileError(
    'FILE_CORRUPT',
    'The zip file is damaged or cut short; download it again.',
    { cause },
  )
}
