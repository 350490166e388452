// Downloads one file to a folder of this machine: resumed where it broke off, within bounds of size, rate and time.
import { mkdir, open, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { addAbortSignal } from 'node:stream'
import { ExternalError, type Clock } from 'orderly'
import { PriceFileError } from '../read/error.ts'
import { beginPart, dropPart, openPart, rangeValidator, type Note } from './part.ts'
import { unanswered, type Answer, type Web } from './client.ts'

/** What a server says that tells whether a file has changed without sending it. */
export interface Validators {
  readonly etag: string | null
  readonly lastModified: string | null
  readonly length: number | null
}

export interface DownloadRequest {
  readonly url: string
  /** Where the file is made; what is there of an earlier try is used. */
  readonly path: string
  readonly maxBytes: number
  /** Of the file that is stored already: then only another one is sent. */
  readonly known?: Validators | undefined
  /** Fewer bytes than this in `windowMs` end the try. */
  readonly minRate?: { readonly bytes: number; readonly windowMs: number }
  /** A try that lasts longer ends too, however steadily bytes come. Four hours unless told. */
  readonly maxMs?: number
  readonly signal: AbortSignal
  readonly clock: Clock
  readonly onProgress?: (share: number) => void
}

export type Downloaded =
  | { readonly is: 'same' }
  | {
      readonly is: 'whole'
      readonly bytes: number
      /** Bytes that this try did not have to fetch. */
      readonly resumedFrom: number
      readonly validators: Validators
      readonly contentType: string
      readonly url: string
    }

/** 1 KB a second, over half a minute. */
const MIN_RATE = { bytes: 30 * 1024, windowMs: 30_000 }
/** Below the time the job has, so that what was fetched is kept in good order. */
const MOST_MS = 4 * 60 * 60_000

/**
 * @throws PriceFileError when another try would end the same way; ExternalError otherwise, and what was fetched is kept
 *   for the next try
 */
export async function download(web: Web, request: DownloadRequest): Promise<Downloaded> {
  const { url, path, maxBytes, known, clock } = request
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const part = await openPart(path, url)
  const answer = await web.ask(url, {
    signal: request.signal,
    headers: part.note
      ? { range: `bytes=${part.bytes}-`, 'if-range': part.note.validator }
      : conditions(known),
  })
  const { status, headers, body } = answer
  if (status === 304) {
    body.destroy()
    return { is: 'same' }
  }
  let from = 0
  if (status === 206) from = part.bytes
  else if (status === 416 && part.note) {
    body.destroy()
    // All of it was there already when an earlier try was killed; had the file changed, all of it would have come.
    if (headers['content-range'] === `bytes */${part.bytes}`)
      return wholeOf(part.note, part.bytes, answer)
    await dropPart(path)
    return download(web, request)
  } else if (status !== 200) {
    body.destroy()
    throw refusal(answer)
  }
  const total = status === 206 ? totalOf(headers, from) : lengthOf(headers)
  if (total === undefined) {
    // Another piece than the one that was asked for is worth nothing.
    body.destroy()
    await dropPart(path)
    throw new ExternalError('the server sent another piece of the file than was asked for')
  }
  if (total !== null && total > maxBytes) {
    body.destroy()
    await dropPart(path)
    throw tooLarge(maxBytes)
  }
  if (from === 0) {
    const validator = rangeValidator(headers)
    const { etag, lastModified } = validatorsOf(headers, total)
    await beginPart(
      path,
      validator === undefined ? undefined : { url, validator, etag, lastModified },
    )
  }
  const slow = new AbortController()
  const watch = watchRate(clock, request.minRate ?? MIN_RATE, slow)
  const late = new AbortController()
  const stopDeadline = clock.after(request.maxMs ?? MOST_MS, () => late.abort())
  try {
    // Written as it comes, so that what has arrived is there for the next try whatever ends this one.
    const file = await open(path, from > 0 ? 'a' : 'w', 0o600)
    try {
      let bytes = from
      const stop = AbortSignal.any([request.signal, slow.signal, late.signal])
      for await (const chunk of addAbortSignal(stop, body) as AsyncIterable<Buffer>) {
        bytes += chunk.length
        watch.count(chunk.length)
        if (bytes > maxBytes) throw tooLarge(maxBytes)
        if (total) request.onProgress?.(bytes / total)
        await file.write(chunk)
      }
    } finally {
      await file.close()
    }
  } catch (error) {
    request.signal.throwIfAborted()
    if (slow.signal.aborted)
      throw new ExternalError('the server sends the file more slowly than can be waited for')
    if (late.signal.aborted)
      throw new ExternalError('the file takes longer than a try may; the next one goes on there')
    if (!(error instanceof PriceFileError)) throw unanswered(error)
    await dropPart(path)
    throw error
  } finally {
    stopDeadline()
    watch.stop()
  }
  const bytes = (await stat(path)).size
  if (total !== null && bytes !== total)
    throw new ExternalError(`the connection ended after ${bytes} of ${total} bytes`)
  return {
    is: 'whole',
    bytes,
    resumedFrom: from,
    validators: validatorsOf(headers, total),
    contentType: headers['content-type'] ?? '',
    url: answer.url,
  }
}

function wholeOf(
  { etag, lastModified }: Note,
  bytes: number,
  { headers, url }: Answer,
): Downloaded {
  const validators = { etag, lastModified, length: bytes }
  const contentType = headers['content-type'] ?? ''
  return { is: 'whole', bytes, resumedFrom: bytes, validators, contentType, url }
}

export function validatorsOf(
  headers: Readonly<Record<string, string>>,
  length: number | null,
): Validators {
  return { etag: headers['etag'] ?? null, lastModified: headers['last-modified'] ?? null, length }
}

/** Whether a server that says `now` still has the file it described as `before`. Nothing said is no. */
export function isSame(before: Validators, now: Validators): boolean {
  if (before.length !== null && now.length !== null && before.length !== now.length) return false
  if (before.etag !== null || now.etag !== null) return before.etag === now.etag
  return before.lastModified !== null && before.lastModified === now.lastModified
}

export function lengthOf(headers: Readonly<Record<string, string>>): number | null {
  const { 'content-length': length, 'content-encoding': encoding } = headers
  if (encoding && encoding !== 'identity')
    throw new ExternalError('the server packs what it was asked to send as it is')
  return length !== undefined && /^\d{1,15}$/.test(length) ? Number(length) : null
}

function conditions(known: Validators | undefined): Record<string, string> {
  if (known?.etag) return { 'if-none-match': known.etag }
  if (known?.lastModified) return { 'if-modified-since': known.lastModified }
  return {}
}

/** The length of the whole file, by a piece of it; undefined when the piece does not begin at `from`. */
function totalOf(
  headers: Readonly<Record<string, string>>,
  from: number,
): number | null | undefined {
  const match = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers['content-range'] ?? '')
  if (!match || Number(match[1]) !== from) return undefined
  return match[2] === '*' ? null : Number(match[2])
}

function refusal({ status, headers }: Answer): Error {
  if (status === 404 || status === 410)
    return new PriceFileError(
      'FILE_GONE',
      `The server has no file at this address any more (it answered ${status}); the next scan may find where it is now.`,
    )
  if (status >= 400 && status < 500 && ![408, 416, 425, 429].includes(status))
    return new PriceFileError(
      'ACCESS_REFUSED',
      `The server does not give this file to programs (it answered ${status}); ask the hospital, or put the file into the inbox.`,
    )
  const retryAfter = headers['retry-after']
  return new ExternalError(`the server answered ${status}`, { ...(retryAfter && { retryAfter }) })
}

function tooLarge(maxBytes: number): PriceFileError {
  return new PriceFileError(
    'LIMIT_EXCEEDED',
    `The file is larger than ${maxBytes} bytes; raise the limit if that is right.`,
  )
}

/** Aborts when a whole window passes with too few bytes. */
function watchRate(
  clock: Clock,
  { bytes, windowMs }: { bytes: number; windowMs: number },
  slow: AbortController,
) {
  let seen = 0
  const next = (): (() => void) =>
    clock.after(windowMs, () => {
      if (seen < bytes) slow.abort()
      else {
        seen = 0
        stop = next()
      }
    })
  let stop = next()
  return {
    count(arrived: number) {
      seen += arrived
    },
    stop: () => stop(),
  }
}
