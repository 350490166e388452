// pra-file-download: one file from a hospital's server into the object store.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { handle, type Handler, type PackRooms } from 'orderly'
import { stopped } from '../file-download/handler.ts'
import { loadKey, praFileDownload, priceFileDownload } from '../jobs.ts'
import { DEFAULT_LIMITS, PriceFileError, type Limits } from '../read/index.ts'
import { checkKind } from '../read/open.ts'
import { findFile, recordFileState, type FileFacts, type PriceFile } from '../store/hospitals.ts'
import { quarantine } from '../store/intake.ts'
import { followEqual } from '../store/renamed.ts'
import type { PriceTables } from '../store/tables.ts'
import type { WebOptions } from '../web/client.ts'
import { dropPart } from '../web/part.ts'

export interface FileFetchOptions extends WebOptions {
  readonly limits?: Partial<Limits>
  /** A server that sends fewer bytes than this in each span is given up for now. 30 KiB in 30 s unless told. */
  readonly minRate?: { readonly bytes: number; readonly windowMs: number }
}

export function filePathOf(sha256: string): string {
  return `prices/files/${sha256.slice(0, 2)}/${sha256}`
}

export function fileFetchHandler(rooms: PackRooms, options: FileFetchOptions): Handler {
  const { clock, objects, home } = rooms
  const db = rooms.database.withTables<PriceTables>()
  const limits = { ...DEFAULT_LIMITS, ...options.limits }
  return handle(praFileDownload, async (ctx) => {
    const file = await findFile(db, ctx.input.fileId)
    if (!file) throw new PriceFileError('FILE_GONE', 'No such file is known here; scan again.')
    const path = join(home, 'downloads', `${file.file_id}.part`)
    let said: FileFacts | undefined
    let { source } = file
    try {
      const stored = await fetchFile(file, path)
      await ctx.enqueue(
        priceFileDownload,
        { source, location: `object:${stored.objectKey}` },
        { unique: loadKey(file.url, stored.sha256) },
      )
      return stored
    } catch (error) {
      if (ctx.signal.aborted) {
        const stop = stopped(ctx, praFileDownload)
        if (stop) await refuse(file, stop, path, undefined)
        throw error
      }
      const isLast = ctx.attempt >= praFileDownload.options.retry.attempts
      if (!(error instanceof PriceFileError) && !isLast) throw error
      return await refuse(file, error, path, said)
    }

    async function fetchFile(known: PriceFile, part: string) {
      const [{ openWeb }, { download }] = await Promise.all([
        import('../web/client.ts'),
        import('../web/download.ts'),
      ])
      await using web = openWeb(options)
      const got = await download(web, {
        url: known.url,
        path: part,
        maxBytes: limits.maxFileBytes,
        known: ctx.input.force || known.object_key === null ? undefined : validatorsOf(known),
        signal: ctx.signal,
        clock,
        ...(options.minRate && { minRate: options.minRate }),
        onProgress: () => ctx.heartbeat(),
      })
      const now = clock.now()
      if (got.is === 'same') {
        await recordFileState(db, known.file_id, { state: 'stored', checked_at: now })
        return storedAs('unchanged', known)
      }
      const { etag, lastModified, length } = got.validators
      // Kept only with what is made of the file: were it kept before, a server that is asked again would say "the same".
      said = {
        etag, last_modified: lastModified, length, content_type: got.contentType.slice(0, 200), checked_at: now,
      } // prettier-ignore
      const { unpackGzip } = await import('../web/unpack.ts')
      await unpackGzip(part, limits.maxFileBytes, ctx.signal)
      await checkKind(part, limits)
      const sha256 = await digestOf(part, ctx.signal)
      const objectKey = filePathOf(sha256)
      if (!(await objects.head(objectKey)))
        await objects.put(objectKey, createReadStream(part), {
          contentType: 'application/octet-stream',
          metadata: { url: known.url.slice(0, 1_000), fetched: new Date(now).toISOString() },
        })
      const bytes = (await objects.head(objectKey))?.size ?? got.bytes
      const state = known.bytes_digest === sha256 ? ('unchanged' as const) : ('stored' as const)
      const facts = {
        ...said, state: 'stored' as const, bytes, bytes_digest: sha256, object_key: objectKey, stored_at: now,
        code: null, reason: null,
      } // prettier-ignore
      // First, since what has been stored once follows nothing.
      source = await followEqual(db, known, sha256)
      await recordFileState(db, known.file_id, facts)
      await dropPart(part)
      return storedAs(state, { ...known, ...facts })
    }
  })

  /** The story of a file that cannot be had has an end people can see, among the files that were loaded. */
  async function refuse(
    file: PriceFile,
    error: unknown,
    part: string,
    said: FileFacts | undefined,
  ) {
    const { code, message } =
      error instanceof PriceFileError
        ? error
        : {
            code: 'DOWNLOAD_FAILED',
            message: `The file could not be downloaded (${error instanceof Error ? error.message : 'no reason given'}); the next scan tries again.`,
          }
    const now = clock.now()
    const isFinal = error instanceof PriceFileError && error.code !== 'STOPPED'
    await quarantine(
      db,
      { id: `${file.file_id}-${now}`, source: file.source, bytes: file.bytes ?? 0 },
      code,
      message,
      now,
    )
    await recordFileState(db, file.file_id, {
      // What is no price file is not fetched again while it stays as it is.
      ...(isFinal && said),
      state: isFinal ? 'refused' : 'listed',
      code,
      reason: message,
      checked_at: now,
    })
    if (isFinal) await dropPart(part)
    return { ...storedAs('unchanged', file), state: 'refused' as const }
  }
}

function storedAs(state: 'stored' | 'unchanged', file: PriceFile) {
  return { state, bytes: file.bytes, sha256: file.bytes_digest, objectKey: file.object_key }
}

function validatorsOf({ etag, last_modified: lastModified, length }: PriceFile) {
  return { etag, lastModified, length }
}

async function digestOf(path: string, signal: AbortSignal): Promise<string> {
  const digest = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024, signal }))
    digest.update(chunk as Buffer)
  return digest.digest('hex')
}
