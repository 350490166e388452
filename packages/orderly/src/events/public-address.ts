// Keeps requests that others may aim away from machines that are nobody else's business.
import { lookup, type LookupAddress, type LookupOptions } from 'node:dns'
import { BlockList, isIP, isIPv4 } from 'node:net'
import type { buildConnector } from 'undici'
import { OrderlyError } from '../primitives/errors.ts'

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

/** Where cloud providers hand out credentials to whoever asks from inside. */
const METADATA = new BlockList()
METADATA.addAddress('169.254.169.254', 'ipv4')
METADATA.addAddress('169.254.170.2', 'ipv4')
METADATA.addAddress('100.100.100.200', 'ipv4')
METADATA.addAddress('fd00:ec2::254', 'ipv6')

function isMetadata(address: string): boolean {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped) return isMetadata(mapped)
  return METADATA.check(address, isIPv4(address) ? 'ipv4' : 'ipv6')
}

export interface ConnectorOptions {
  /** Milliseconds to connect in. */
  readonly timeout: number
  /** Lets private addresses be asked too; never those where credentials are handed out. */
  readonly allowPrivate?: boolean
  /** The error for an address that is not asked. `ORDERLY_ADDRESS_REFUSED` unless told. */
  readonly refused?: () => Error
  /** Who is asked for the addresses of a name: the system unless told. */
  readonly resolve?: Resolve
}

type Resolve = (
  host: string,
  options: LookupOptions & { readonly all: true },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void

type LookupCallback = (
  error: NodeJS.ErrnoException | null,
  address: string | LookupAddress[],
  family?: number,
) => void

/**
 * A connector for undici that connects only to public addresses. The check is made on the address that is used, at the
 * moment it is used: the answer to an earlier question could be another one by now, and every redirect is a new
 * connection.
 */
export function publicConnector(options: ConnectorOptions): buildConnector.connector {
  const { timeout, allowPrivate = false, refused = addressRefused, resolve = lookup } = options
  const isAllowed = (address: string): boolean =>
    allowPrivate ? !isMetadata(address) : isPublicAddress(address)
  /** `dns.lookup` that finds only addresses which may be asked. */
  const guarded = (host: string, asked: LookupOptions, callback: LookupCallback): void => {
    resolve(host, { ...asked, all: true }, (error, addresses) => {
      if (error) return callback(error, [])
      const allowed = addresses.filter(({ address }) => isAllowed(address))
      const first = allowed[0]
      if (!first) return callback(refused(), [])
      if (asked.all) callback(null, allowed)
      else callback(null, first.address, first.family)
    })
  }
  let opening: Promise<buildConnector.connector> | undefined
  const connect = async (
    asked: buildConnector.Options,
    callback: buildConnector.Callback,
  ): Promise<void> => {
    opening ??= import('undici').then((undici) =>
      undici.buildConnector({ timeout, lookup: guarded }),
    )
    let opened: buildConnector.connector
    try {
      opened = await opening
    } catch (error) {
      return callback(error as Error, null)
    }
    opened(asked, callback)
  }
  return (asked, callback) => {
    const host = asked.hostname.replace(/^\[|\]$/g, '')
    // An address that is written out is not looked up.
    if (isIP(host) !== 0 && !isAllowed(host)) return callback(refused(), null)
    void connect(asked, callback)
  }
}

function addressRefused(): OrderlyError {
  return new OrderlyError(
    'ORDERLY_ADDRESS_REFUSED',
    'the URL leads to an address inside a private network, which is not asked; allow private addresses if the server is your own',
  )
}
