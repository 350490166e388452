// Keeps downloads away from machines that are nobody else's business.
import { lookup, type LookupAddress, type LookupOptions } from 'node:dns'
import { BlockList, isIP, isIPv4 } from 'node:net'
import { buildConnector } from 'undici'
import { PriceFileError } from '../read/error.ts'

/** Loopback, private, link-local, shared, benchmark, documentation, multicast and reserved ranges (RFC 6890). */
const PRIVATE = new BlockList()
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const) {
  // prettier-ignore
  PRIVATE.addSubnet(network, bits, 'ipv4')
}
for (const [network, bits] of [
  ['::', 96],
  ['64:ff9b::', 96],
  ['100::', 64],
  ['2001:db8::', 32],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const) {
  // prettier-ignore
  PRIVATE.addSubnet(network, bits, 'ipv6')
}

export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !PRIVATE.check(address, 'ipv4')
  // An IPv4 address in IPv6 dress is judged as what it is.
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  return mapped ? isPublicAddress(mapped) : !PRIVATE.check(address, 'ipv6')
}

type LookupCallback = (
  error: NodeJS.ErrnoException | null,
  address: string | LookupAddress[],
  family?: number,
) => void

/** `dns.lookup` that finds only public addresses. */
function publicLookup(host: string, options: LookupOptions, callback: LookupCallback): void {
  lookup(host, { ...options, all: true }, (error, addresses) => {
    if (error) return callback(error, [])
    const allowed = addresses.filter(({ address }) => isPublicAddress(address))
    const first = allowed[0]
    if (!first) return callback(refused(), [])
    if (options.all) callback(null, allowed)
    else callback(null, first.address, first.family)
  })
}

/**
 * Connects only to public addresses. The check is made on the address that is used, at the moment it is used: the
 * answer to an earlier question could be another one by now, and every redirect is a new connection.
 */
export function publicConnector(timeout: number): buildConnector.connector {
  const connect = buildConnector({ timeout, lookup: publicLookup })
  return (options, callback) => {
    const host = options.hostname.replace(/^\[|\]$/g, '')
    // An address that is written out is not looked up.
    if (isIP(host) !== 0 && !isPublicAddress(host)) callback(refused(), null)
    else connect(options, callback)
  }
}

function refused(): PriceFileError {
  return new PriceFileError(
    'ADDRESS_REFUSED',
    'The URL leads to a private address, which is not asked; allow private addresses if the server is your own.',
  )
}
