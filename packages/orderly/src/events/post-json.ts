// Sends one JSON document to a URL that somebody entered: within bounds, never to private addresses.
import type { Clock } from '../primitives/clock.ts'
import { OrderlyError } from '../primitives/errors.ts'
import { publicConnector } from './public-address.ts'

const TIMEOUT_MS = 10_000
const MOST_ANSWER_BYTES = 16_384

/**
 * @throws OrderlyError `ORDERLY_ADDRESS_REFUSED`; ORDERLY_SERVICE_UNAVAILABLE when it is not taken; neither repeats the
 *   URL, which may be a secret
 */
export async function postJson(
  url: string,
  body: unknown,
  { clock, allowPrivate }: { readonly clock: Clock; readonly allowPrivate: boolean },
): Promise<void> {
  const { Agent, request } = await import('undici')
  const agent = new Agent({ connect: publicConnector({ timeout: TIMEOUT_MS, allowPrivate }) })
  const ending = new AbortController()
  const disarm = clock.after(TIMEOUT_MS, () => ending.abort())
  try {
    const answer = await request(url, {
      method: 'POST',
      dispatcher: agent,
      headers: { 'content-type': 'application/json', 'user-agent': 'orderly' },
      body: JSON.stringify(body),
      signal: ending.signal,
    })
    await answer.body.dump({ limit: MOST_ANSWER_BYTES }).catch(() => undefined)
    if (answer.statusCode >= 200 && answer.statusCode < 300) return
    throw unavailable(`it answered ${answer.statusCode}`)
  } catch (error) {
    if (error instanceof OrderlyError) throw error
    const { cause } = error as { cause?: unknown }
    if (cause instanceof OrderlyError) throw cause
    throw unavailable('it could not be reached')
  } finally {
    disarm()
    await agent.destroy()
  }
}

function unavailable(why: string): OrderlyError {
  return new OrderlyError('ORDERLY_SERVICE_UNAVAILABLE', `the message was not taken: ${why}`)
}
