// One call of the API: same origin, JSON, problem documents as errors.
import { BASE } from '../app/place.ts'
import { Problem } from '../app/problem.ts'

export type Query = Readonly<
  Record<string, string | number | boolean | null | undefined | readonly string[]>
>

export interface Call {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly query?: Query
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
}

/** The address of an operation below `/api/v1`. */
export function address(path: string, query: Query = {}): string {
  const search = new URLSearchParams()
  for (const [key, value] of Object.entries(query)) {
    if (value === null || value === undefined || value === '') continue
    search.set(key, typeof value === 'object' ? value.join(',') : String(value))
  }
  const tail = search.toString()
  return `${BASE}/api/v1${path}${tail === '' ? '' : `?${tail}`}`
}

/** @throws Problem what the server answered, or status 0 where it did not */
export async function call<Answer = unknown>(path: string, options: Call = {}): Promise<Answer> {
  const response = await request(path, options)
  if (response.status === 204) return undefined as Answer
  return (await response.json()) as Answer
}

/** The answer as text, for what is downloaded. */
export async function callForText(path: string, options: Call = {}): Promise<string> {
  return (await request(path, options)).text()
}

async function request(path: string, options: Call): Promise<Response> {
  const { method = 'GET', query, body, headers, signal } = options
  let response: Response
  try {
    response = await fetch(address(path, query), {
      method,
      credentials: 'same-origin',
      headers: {
        accept: 'application/json, application/problem+json, */*;q=0.5',
        'x-orderly': '1',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal ? { signal } : {}),
    })
  } catch (error) {
    if (signal?.aborted) throw error
    throw new Problem(0)
  }
  if (response.ok) return response
  const text = await response.text().catch(() => '')
  throw new Problem(response.status, parsed(text))
}

function parsed(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}
