// Where a server may listen: to this machine always, to others only with users and over https.
import { isLoopback } from '../access/address.ts'
import type { AccessRoom } from '../access/room.ts'
import { hasUsers } from '../access/users.ts'
import { OrderlyError } from '../primitives/errors.ts'

export interface Bind {
  readonly isLocal: boolean
  /** Browsers speak https with us, through a proxy. */
  readonly isSecure: boolean
  /** The names it answers to: another name is another site that points here. */
  readonly names: ReadonlySet<string>
}

const LOCAL_NAMES = ['127.0.0.1', '::1', 'localhost']

/** @throws OrderlyError `ORDERLY_SETTING_INVALID` in one sentence */
export async function checkBind(
  access: AccessRoom,
  { host, publicUrl }: { readonly host: string; readonly publicUrl: string | undefined },
): Promise<Bind> {
  const isLocal = isLoopback(host)
  const url = publicUrl === undefined ? undefined : parse(publicUrl)
  const isSecure = url?.protocol === 'https:'
  if (!isLocal && !isSecure)
    throw invalid(
      `listening on ${host} lets others in: give publicUrl (https://…) and a proxy that ends TLS, or listen on 127.0.0.1`,
    )
  if (!isLocal && !(await hasUsers(access)))
    throw invalid(
      `listening on ${host} lets others in, and there is no user yet: make the first with "orderly users setup", or listen on 127.0.0.1`,
    )
  const name = url?.hostname.replace(/^\[|\]$/g, '')
  return {
    isLocal,
    isSecure,
    // Probes of this machine use its own names.
    names: new Set([...LOCAL_NAMES, ...(name === undefined ? [] : [name])]),
  }
}

function parse(publicUrl: string): URL {
  if (URL.canParse(publicUrl) && /^https?:/.test(publicUrl)) return new URL(publicUrl)
  throw invalid('publicUrl is what people type: https://jobs.example.org')
}

function invalid(message: string): OrderlyError {
  return new OrderlyError('ORDERLY_SETTING_INVALID', message)
}
