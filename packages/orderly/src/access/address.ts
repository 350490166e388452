// Where somebody comes from: addresses, and networks they are in.
import ipaddr from 'ipaddr.js'
import { OrderlyError } from '../primitives/errors.ts'

export function isAddress(text: string): boolean {
  return ipaddr.isValid(text)
}

/** Whether an address is in one of the networks, each written as `10.0.0.0/8`. Closed for what is no address. */
export function isWithin(address: string, networks: readonly string[]): boolean {
  if (!ipaddr.isValid(address)) return false
  const parsed = ipaddr.process(address)
  return networks.some((network) => {
    const [range, bits] = ipaddr.parseCIDR(network)
    return range.kind() === parsed.kind() && parsed.match(range, bits)
  })
}

export function isNetwork(text: string): boolean {
  return ipaddr.isValidCIDR(text)
}

/** @throws OrderlyError `ORDERLY_INPUT_INVALID` */
export function checkNetwork(network: string): void {
  if (isNetwork(network)) return
  throw new OrderlyError(
    'ORDERLY_INPUT_INVALID',
    'a network is an address and a length, such as 10.0.0.0/8 or 2001:db8::/32',
  )
}

/** The part of an address that one household or host cannot easily change: itself, or the /64 of IPv6. */
export function neighbourhood(address: string): string {
  if (!ipaddr.isValid(address)) return 'unknown'
  const parsed = ipaddr.process(address)
  if (parsed.kind() === 'ipv4') return parsed.toString()
  return `${(parsed as ipaddr.IPv6).parts
    .slice(0, 4)
    .map((part) => part.toString(16))
    .join(':')}::/64`
}

/** Whether an address reaches no further than this machine. */
export function isLoopback(address: string): boolean {
  return (
    address === 'localhost' ||
    (ipaddr.isValid(address) && ipaddr.process(address).range() === 'loopback')
  )
}
