// The cookie that holds a session: out of reach of scripts and of other sites.
import type { IncomingMessage } from 'node:http'

export interface SessionCookie {
  /** The token that a request carries. */
  read(request: Pick<IncomingMessage, 'headers'>): string | undefined
  /** `Set-Cookie` that gives a browser the token. */
  write(token: string): string
  /** `Set-Cookie` that takes it away. */
  clear(): string
}

/** @param secure the browser speaks https with us, if through a proxy: then the name itself binds the cookie to this host */
export function sessionCookie(secure: boolean): SessionCookie {
  const name = secure ? '__Host-orderly' : 'orderly'
  const rest = `Path=/; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`
  return {
    read: ({ headers }) => readCookie(headers.cookie, name),
    write: (token) => `${name}=${token}; ${rest}`,
    clear: () => `${name}=; ${rest}; Max-Age=0`,
  }
}

/** Undefined too where a name stands twice: nobody can tell whose it is. */
export function readCookie(header: string | undefined, name: string): string | undefined {
  const found = (header ?? '')
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part.startsWith(`${name}=`))
  return found.length === 1 ? found[0]!.slice(name.length + 1) : undefined
}
