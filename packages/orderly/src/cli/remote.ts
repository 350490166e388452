// What is asked of a running server from the command line: the same operations, permissions and log as everywhere else.
import type { Command } from 'commander'
import { ApiProblem, createClient, type ApiClient, type ClientOptions } from '../api/index.ts'
import { ERRORS, OrderlyError, type ErrorCode } from '../primitives/errors.ts'
import { remoteSettings } from '../settings.ts'

export interface RemoteFlags {
  readonly home?: string
  readonly url?: string
  readonly json?: boolean
}

/** Adds the options that every command of a server has. */
export function remote(command: Command): Command {
  return command
    .option(
      '--url <address>',
      'the server (ORDERLY_URL, the one that serves this home, or http://127.0.0.1:4400)',
    )
    .option('--json', 'one line of JSON')
}

/** Asks a server with the key in ORDERLY_API_KEY; what it refuses is said in its own words. */
export async function asking<T>(
  { url, home }: RemoteFlags,
  work: (client: ApiClient) => Promise<T>,
  more: Pick<ClientOptions, 'headers' | 'fetch'> = {},
): Promise<T> {
  const known = remoteSettings(home)
  const baseUrl = url ?? known.url
  const client = createClient({
    baseUrl,
    headers: (): Readonly<Record<string, string>> =>
      known.apiKey === undefined ? {} : { authorization: `Bearer ${known.apiKey}` },
    ...more,
  })
  try {
    return await work(client)
  } catch (error) {
    if (error instanceof ApiProblem) {
      const { problem } = error
      const places = (problem.errors ?? []).map(({ pointer, message }) => `${pointer} ${message}`)
      // Here the places stand beside it.
      const what = (problem.detail ?? problem.title).replace('; "errors" names the places', '')
      const text = [what, ...places].join('; ')
      throw new OrderlyError(
        isErrorCode(problem.code) ? problem.code : 'ORDERLY_REQUEST_INVALID',
        problem.status === 401 && more.headers === undefined
          ? `${text}; make a key with "orderly apikeys create NAME --role viewer" where the server is, and put it into ORDERLY_API_KEY`
          : text,
        { cause: error },
      )
    }
    if (error instanceof TypeError)
      throw new OrderlyError(
        'ORDERLY_SETTING_INVALID',
        `no server answers at ${baseUrl}; start one, or say where it is with --url`,
        { cause: error },
      )
    throw error
  }
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERRORS, code)
}
