// Downloads one file over HTTP into the work folder, within bounds, and never from a private address.
import { createWriteStream } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Agent, fetch, interceptors } from 'undici'
import { PriceFileError } from '../read/index.ts'
import { publicConnector } from './public-address.ts'
import type { TakenFile } from './take.ts'

export interface DownloadOptions {
  /** The folder the file is kept in while it is read. */
  readonly folder: string
  /** A name for it there, unique to the job. */
  readonly name: string
  readonly maxBytes: number
  /** Lets a server on this machine or in a private network be asked. For tests and intranets. */
  readonly allowPrivateAddresses?: boolean
  readonly signal?: AbortSignal
}

const MOST_REDIRECTS = 5
const SILENCE_MS = 30_000

/**
 * @throws PriceFileError `LIMIT_EXCEEDED`, `ADDRESS_REFUSED`; an Error worth a retry when the server does not answer,
 *   answers with an error, or stops before the end
 */
export async function download(url: string, options: DownloadOptions): Promise<TakenFile> {
  const agent = new Agent({
    connect: options.allowPrivateAddresses ? { timeout: SILENCE_MS } : publicConnector(SILENCE_MS),
    headersTimeout: SILENCE_MS,
    bodyTimeout: SILENCE_MS,
  })
  await mkdir(options.folder, { recursive: true, mode: 0o700 })
  const path = join(options.folder, options.name)
  const release = (): Promise<void> => rm(path, { force: true })
  try {
    const response = await fetch(url, {
      dispatcher: agent.compose(interceptors.redirect({ maxRedirections: MOST_REDIRECTS })),
      ...(options.signal ? { signal: options.signal } : {}),
    })
    if (!response.ok || !response.body) throw new Error(`the server answered ${response.status}`)
    let bytes = 0
    const counted = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        bytes += chunk.length
        if (bytes > options.maxBytes) {
          done(
            new PriceFileError(
              'LIMIT_EXCEEDED',
              `The file is larger than ${options.maxBytes} bytes; raise the limit if that is right.`,
            ),
          )
        } else done(null, chunk)
      },
    })
    await pipeline(
      Readable.fromWeb(response.body),
      counted,
      createWriteStream(path, { mode: 0o600 }),
    )
    return { path, bytes, release }
  } catch (error) {
    await release()
    // fetch wraps what its connection says.
    throw error instanceof Error && error.cause instanceof PriceFileError ? error.cause : error
  } finally {
    await agent.close()
  }
}
