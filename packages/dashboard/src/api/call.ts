// The API as pages call it: the typed client, on the path this page is served from, with errors as problems.
import { ApiProblem, createClient, type Api, type CallOptions, type OperationId } from 'orderly/api'
import { BASE } from '../app/place.ts'
import { Problem } from '../app/problem.ts'

/** What shows the server that a change comes from this page and no other. It is known to this page alone. */
let csrf: string | undefined

declare global {
  /** What public/early.js asked while this program was on its way. */
  var orderlySession: Promise<Response | undefined> | undefined
}

/** The first question of who is here was asked already, and is answered once. */
const fetchOrTake: typeof fetch = async (input, init) => {
  const asked = globalThis.orderlySession
  if (asked && init?.method === 'GET' && input === `${BASE}/api/v1/session`) {
    globalThis.orderlySession = undefined
    const answer = await asked
    if (answer) return answer
  }
  return fetch(input, init)
}

const client = createClient({
  baseUrl: BASE,
  fetch: fetchOrTake,
  headers: (): Readonly<Record<string, string>> =>
    csrf === undefined ? {} : { 'x-orderly-csrf': csrf },
})

export type { OperationId } from 'orderly/api'
export type RequestOf<Id extends OperationId> = Api[Id]['request']
export type AnswerOf<Id extends OperationId> = Api[Id]['response']

/** @throws Problem what the server answered, or status 0 where it did not */
export async function call<Id extends OperationId>(
  id: Id,
  request: RequestOf<Id>,
  options: CallOptions = {},
): Promise<AnswerOf<Id>> {
  try {
    const answer = await client.call(id, request, options)
    keepToken(answer)
    return answer
  } catch (error) {
    if (options.signal?.aborted) throw error
    throw error instanceof ApiProblem
      ? new Problem(error.problem.status, { ...error.problem })
      : new Problem(0)
  }
}

function keepToken(answer: unknown): void {
  if (typeof answer === 'object' && answer !== null && 'csrf' in answer)
    csrf = typeof answer.csrf === 'string' ? answer.csrf : undefined
}

/** The address of an operation, for links and streams. */
export function addressOf<Id extends OperationId>(id: Id, request: RequestOf<Id>): string {
  return client.url(id, request)
}
