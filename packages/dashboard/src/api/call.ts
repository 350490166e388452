// The API as pages call it: the typed client, on the path this page is served from, with errors as problems.
import {
  ApiProblem,
  createClient,
  ROUTES,
  type Api,
  type CallOptions,
  type OperationId as Known,
} from 'orderly/api'
import { BASE } from '../app/place.ts'
import { Problem } from '../app/problem.ts'
import type { Planned } from './planned.ts'

const client = createClient({ baseUrl: BASE })

type All = Api & Omit<Planned, keyof Api>
export type OperationId = keyof All
export type RequestOf<Id extends OperationId> = All[Id]['request']
export type AnswerOf<Id extends OperationId> = All[Id]['response']

/** @throws Problem what the server answered, or status 0 where it did not */
export async function call<Id extends OperationId>(
  id: Id,
  request: RequestOf<Id>,
  options: CallOptions = {},
): Promise<AnswerOf<Id>> {
  if (!(id in ROUTES)) throw new Problem(404, { title: `No ${id} yet` })
  try {
    return (await client.call(id as Known, request, options)) as AnswerOf<Id>
  } catch (error) {
    if (options.signal?.aborted) throw error
    throw error instanceof ApiProblem
      ? new Problem(error.problem.status, { ...error.problem })
      : new Problem(0)
  }
}

/** The address of an operation, for links and streams. */
export function addressOf<Id extends OperationId>(id: Id, request: RequestOf<Id>): string {
  return client.url(id as Known, request)
}
