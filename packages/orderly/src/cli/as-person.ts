// What is asked of a running server as a person, who signs in for it and out again: keys of programs may not do it.
import type { ApiClient } from '../api/index.ts'
import { asking, type RemoteFlags } from './remote.ts'

export interface PersonFlags extends RemoteFlags {
  readonly login: string
  readonly password: string
  /** Six digits, where a second factor is set up. */
  readonly code?: string
}

export async function askingAs<T>(
  flags: PersonFlags,
  work: (client: ApiClient) => Promise<T>,
): Promise<T> {
  const { login, password, code } = flags
  let cookie: string | undefined
  let csrf: string | undefined
  return asking(
    flags,
    async (client) => {
      const body = { login, password, ...(code === undefined ? {} : { code }) }
      csrf = (await client.call('session.create', { body })).csrf
      try {
        return await work(client)
      } finally {
        await client.call('session.end', {}).catch(() => undefined)
      }
    },
    {
      headers: () => ({
        ...(cookie === undefined ? {} : { cookie }),
        ...(csrf === undefined ? {} : { 'x-orderly-csrf': csrf }),
      }),
      fetch: async (input, init) => {
        const response = await fetch(input, init)
        const [set] = response.headers.getSetCookie()
        if (set !== undefined) cookie = set.split(';')[0]
        return response
      },
    },
  )
}
