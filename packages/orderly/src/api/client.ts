// The client of the API: one small function over fetch, typed by the operations. Nothing of the server comes with it.
import { ROUTES } from './routes.ts'
import type { Api } from './operations.ts'

export type OperationId = keyof Api

/** An error as the API answers it (RFC 9457). */
export interface ApiProblemDocument {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly code: string
  readonly detail?: string
  readonly instance: string
  readonly errors?: readonly {
    readonly pointer: string
    readonly code: string
    readonly message: string
  }[]
  readonly fix?: string
}

/** What the API refused, and why. */
export class ApiProblem extends Error {
  override readonly name: string = 'ApiProblem'
  readonly problem: ApiProblemDocument
  /** Seconds to wait before asking again, where the answer says so. */
  readonly retryAfter: number | undefined

  constructor(problem: ApiProblemDocument, retryAfter: number | undefined) {
    super(problem.detail ?? problem.title)
    this.problem = problem
    this.retryAfter = retryAfter
  }
}

export interface CallOptions {
  readonly signal?: AbortSignal
  /** The same request under the same key is done once. */
  readonly idempotencyKey?: string
  /** The `etag` of what the caller has seen: a change is refused when it is not what is there now. */
  readonly ifMatch?: string
}

export interface ApiAnswer<Data> {
  readonly data: Data
  readonly status: number
  readonly etag: string | undefined
}

export interface ClientOptions {
  /** Where the API is: an origin, with the prefix it is mounted under. The page's own origin unless told. */
  readonly baseUrl?: string
  /** Sent with every call, such as `{ authorization: 'Bearer …' }`. */
  readonly headers?: () => Readonly<Record<string, string>>
  readonly fetch?: typeof fetch
}

export interface ApiClient {
  /** @throws ApiProblem */
  call<Id extends OperationId>(
    id: Id,
    request: Api[Id]['request'],
    options?: CallOptions,
  ): Promise<Api[Id]['response']>
  /** As `call`, with the answer's status and ETag. */
  send<Id extends OperationId>(
    id: Id,
    request: Api[Id]['request'],
    options?: CallOptions,
  ): Promise<ApiAnswer<Api[Id]['response']>>
  /** The address of an operation, for links and streams. */
  url<Id extends OperationId>(id: Id, request: Api[Id]['request']): string
}

interface Parts {
  readonly params?: Readonly<Record<string, unknown>>
  readonly query?: Readonly<Record<string, unknown>>
  readonly body?: unknown
}

export function createClient(options: ClientOptions = {}): ApiClient {
  const { baseUrl = '', headers = () => ({}) } = options
  const ask = options.fetch ?? ((input, init) => fetch(input, init))
  const url = (id: OperationId, request: Parts): string =>
    baseUrl + addressOf(ROUTES[id][1], request)
  const send = async (
    id: OperationId,
    request: Parts,
    { signal, idempotencyKey, ifMatch }: CallOptions = {},
  ): Promise<ApiAnswer<any>> => {
    const [method] = ROUTES[id]
    const response = await ask(url(id, request), {
      method,
      credentials: 'same-origin',
      headers: {
        accept: 'application/json, application/problem+json',
        'x-orderly': '1',
        ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
        ...(ifMatch === undefined ? {} : { 'if-match': ifMatch }),
        ...headers(),
      },
      ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
      ...(signal ? { signal } : {}),
    })
    if (!response.ok) throw await problemOf(response)
    const isJson = response.headers.get('content-type')?.startsWith('application/json') ?? false
    return {
      data: isJson ? await response.json() : await response.text(),
      status: response.status,
      etag: response.headers.get('etag') ?? undefined,
    }
  }
  return {
    url: (id, request) => url(id, request),
    send: (id, request, own) => send(id, request, own),
    call: async (id, request, own) => (await send(id, request, own)).data,
  }
}

function addressOf(path: string, { params = {}, query = {} }: Parts): string {
  const place = path.replaceAll(/:(\w+)/g, (_whole, name: string) =>
    encodeURIComponent(text(params[name])),
  )
  const asked = Object.entries(query).filter(([, value]) => value !== undefined && value !== null)
  if (asked.length === 0) return place
  const search = new URLSearchParams(
    Object.fromEntries(asked.map(([name, value]) => [name, text(value)])),
  )
  return `${place}?${search.toString()}`
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? '')
}

async function problemOf(response: Response): Promise<ApiProblem> {
  const wait = Number(response.headers.get('retry-after') ?? NaN)
  const retryAfter = Number.isFinite(wait) ? wait : undefined
  try {
    return new ApiProblem((await response.json()) as ApiProblemDocument, retryAfter)
  } catch {
    // Something in between answered, such as a proxy.
    return new ApiProblem(
      {
        type: 'about:blank',
        title: 'The server did not answer as the API does',
        status: response.status,
        code: `HTTP_${response.status}`,
        instance: '',
      },
      retryAfter,
    )
  }
}
