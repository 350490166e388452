// The address a request came from: the other end of its connection, or whom a proxy that is trusted says it came from.
import type { IncomingMessage } from 'node:http'
import { isAddress, isWithin } from '../access/address.ts'

/** More hops than any installation has; what is beyond is not read. */
const MOST_HOPS = 32

/**
 * Walks from the connection back through `X-Forwarded-For`, as long as each hop is a proxy of `proxies`. What stands before
 * the first hop that is none was written by that hop, who may write what they like.
 *
 * @param proxies networks such as `10.0.0.0/8`
 */
export function callerAddress(
  request: Pick<IncomingMessage, 'socket' | 'headers'>,
  proxies: readonly string[],
): string {
  let address = request.socket.remoteAddress ?? ''
  if (proxies.length === 0) return address
  const said = [request.headers['x-forwarded-for'] ?? []].flat().join(',').split(',')
  for (const hop of said.toReversed().slice(0, MOST_HOPS)) {
    const before = hop.trim()
    if (!isWithin(address, proxies) || !isAddress(before)) return address
    address = before
  }
  return address
}
