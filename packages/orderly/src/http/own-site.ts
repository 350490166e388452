// What another site makes a browser send: it comes with the cookies of whoever sits there, and must change nothing.
import type { IncomingMessage } from 'node:http'
import { RequestError } from './problem.ts'

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS'])

/** Whether a request asks for no change. */
export function isSafe({ method = 'GET' }: Pick<IncomingMessage, 'method'>): boolean {
  return SAFE.has(method)
}

/**
 * Refuses a change that another site made a browser ask for.
 *
 * @param origin what people type to reach this server, where it is not the address it listens on
 * @throws RequestError `ORDERLY_FORBIDDEN`
 */
export function demandOwnSite(
  { method, headers }: Pick<IncomingMessage, 'method' | 'headers'>,
  origin?: string,
): void {
  if (isSafe({ method }) || isOwnSite(headers, origin)) return
  throw new RequestError('ORDERLY_FORBIDDEN', 'another site sent this request')
}

/** Whoever is no browser says nothing of its site, and has no cookie of ours. */
function isOwnSite(headers: IncomingMessage['headers'], origin: string | undefined): boolean {
  const site = headers['sec-fetch-site']
  if (site !== undefined) return site === 'same-origin' || site === 'none'
  if (headers.origin === undefined) return true
  if (origin !== undefined) return headers.origin === origin
  return URL.canParse(headers.origin) && new URL(headers.origin).host === headers.host
}
