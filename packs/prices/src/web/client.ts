// Asks web servers, politely and never one that is nobody else's business: redirects, robots.txt, pooled connections.
import { Readable } from 'node:stream'
import { ExternalError } from 'orderly'
import { Agent, buildConnector, request, type Dispatcher } from 'undici'
import { PriceFileError } from '../read/error.ts'
import { publicConnector } from '../file-download/public-address.ts'
import { ALLOW_ALL, MOST_ROBOTS_BYTES, readRobots, type Robots } from './robots.ts'

export interface WebOptions {
  /** Lets a server on this machine or in a private network be asked. For tests and intranets. */
  readonly allowPrivateAddresses?: boolean
  /**
   * Where to go instead for some hosts: `{ 'prices.example': 'http://127.0.0.1:8080' }`, for a mirror or a proxy of your
   * own. Such an address may be private.
   */
  readonly connectTo?: Readonly<Record<string, string>>
  /** Fetch also what robots.txt forbids. For servers of your own. */
  readonly ignoreRobots?: boolean
}

export interface AskOptions {
  readonly method?: 'GET' | 'HEAD' | 'POST'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly signal?: AbortSignal
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** To be read or destroyed by the caller. */
  readonly body: Readable
  /** Where it came from in the end. */
  readonly url: string
}

export interface Web extends AsyncDisposable {
  /**
   * Asks and follows redirects.
   *
   * @throws PriceFileError `ADDRESS_REFUSED`, `ROBOTS_REFUSED`, `REDIRECT_REFUSED`; ExternalError when the server does
   *   not answer, or says that it cannot now
   */
  ask(url: string, options?: AskOptions): Promise<Answer>
  /** The same for a short text. Answers of status 400 and more are given back too. */
  text(
    url: string,
    most: number,
    options?: AskOptions,
  ): Promise<Omit<Answer, 'body'> & { readonly text: string }>
}

const AGENT = 'orderly-prices'
const USER_AGENT = `${AGENT}/0.1 (hospital price transparency files)`
const MOST_REDIRECTS = 5
const SILENCE_MS = 30_000
/** Connections kept open to one server. */
const POOL = 4
const MOST_HOSTS = 5_000

/** A client for the time of one job: its connections are pooled, and closed with it. */
export function openWeb(options: WebOptions = {}): Web {
  const agent = new Agent({
    connect: connectorFor(options),
    connections: POOL,
    headersTimeout: SILENCE_MS,
    bodyTimeout: SILENCE_MS,
  })
  const robots = new Map<string, Promise<Robots>>()

  async function hop(url: URL, asked: AskOptions): Promise<Dispatcher.ResponseData> {
    try {
      return await request(url, {
        dispatcher: agent,
        method: asked.method ?? 'GET',
        headers: { 'user-agent': USER_AGENT, 'accept-encoding': 'identity', ...asked.headers },
        body: asked.body ?? null,
        signal: asked.signal ?? null,
      })
    } catch (error) {
      asked.signal?.throwIfAborted()
      throw refusalIn(error) ?? unanswered(error)
    }
  }

  /** RFC 9309, 2.3.1: what cannot be had allows everything when it is not there, and nothing while the server fails. */
  async function rulesOf(origin: string, signal: AbortSignal | undefined): Promise<Robots> {
    const { status, text } = await ask.text(`${origin}/robots.txt`, MOST_ROBOTS_BYTES, {
      ...(signal && { signal }),
    })
    if (status === 429 || status >= 500)
      throw new ExternalError('the server cannot give its robots.txt now')
    return status === 200 ? readRobots(text, AGENT) : ALLOW_ALL
  }

  async function checkRobots(url: URL, asked: AskOptions): Promise<void> {
    if (options.ignoreRobots || url.pathname === '/robots.txt' || asked.method === 'POST') return
    let rules = robots.get(url.origin)
    if (!rules) {
      if (robots.size >= MOST_HOSTS) robots.clear()
      rules = rulesOf(url.origin, asked.signal)
      robots.set(url.origin, rules)
      rules.catch(() => robots.delete(url.origin))
    }
    if (!(await rules).allows(url.pathname + url.search))
      throw new PriceFileError(
        'ROBOTS_REFUSED',
        'The site asks programs not to fetch this address (robots.txt); ask the hospital for the file, or put it into the inbox.',
      )
  }

  const ask: Web = {
    async ask(start, asked = {}) {
      let url = readUrl(start)
      for (let redirects = 0; ; redirects++) {
        await checkRobots(url, asked)
        const { statusCode, headers, body } = await hop(url, asked)
        // A body that is given up fails, and who gave it up does not listen any more.
        body.on('error', () => {})
        const answered = plain(headers)
        const location = answered['location']
        if (![301, 302, 303, 307, 308].includes(statusCode) || location === undefined)
          return { status: statusCode, headers: answered, body, url: url.href }
        body.destroy()
        if (redirects >= MOST_REDIRECTS)
          throw new PriceFileError(
            'REDIRECT_REFUSED',
            `The address leads from one to the next more than ${MOST_REDIRECTS} times; use the one it ends at.`,
          )
        const next = readUrl(location, url)
        if (url.protocol === 'https:' && next.protocol === 'http:')
          throw new PriceFileError(
            'REDIRECT_REFUSED',
            'A protected address leads to an unprotected one, where anybody could change the file; use an https address.',
          )
        url = next
      }
    },
    async text(start, most, asked = {}) {
      const { body, ...answer } = await ask.ask(start, asked)
      const chunks: Buffer[] = []
      let bytes = 0
      try {
        for await (const chunk of body as AsyncIterable<Buffer>) {
          bytes += chunk.length
          if (bytes > most)
            throw new PriceFileError(
              'LIMIT_EXCEEDED',
              `The answer is longer than ${most} bytes, which no such text is.`,
            )
          chunks.push(chunk)
        }
      } catch (error) {
        asked.signal?.throwIfAborted()
        throw error instanceof PriceFileError ? error : unanswered(error)
      }
      return { ...answer, text: Buffer.concat(chunks).toString('utf8') }
    },
    async [Symbol.asyncDispose]() {
      await agent.destroy()
    },
  }
  return ask
}

function readUrl(text: string, base?: URL): URL {
  const url = URL.canParse(text, base?.href) ? new URL(text, base) : undefined
  if (!url || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '')
    throw new PriceFileError(
      'ADDRESS_REFUSED',
      'This is no web address that can be asked: it begins with http:// or https:// and holds no password.',
    )
  return url
}

function connectorFor(options: WebOptions): buildConnector.connector {
  const open = buildConnector({ timeout: SILENCE_MS })
  const otherwise = options.allowPrivateAddresses ? open : publicConnector(SILENCE_MS)
  const detours = new Map(Object.entries(options.connectTo ?? {}))
  return (target, callback) => {
    const detour = detours.get(target.host ?? target.hostname) ?? detours.get(target.hostname)
    if (detour === undefined) return otherwise(target, callback)
    const { protocol, hostname, port } = new URL(detour)
    open({ ...target, protocol, hostname, port: port || '80' }, callback)
  }
}

function plain(headers: Dispatcher.ResponseData['headers']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, String(value ?? '')]),
  )
}

/** The client wraps what its connection says. */
function refusalIn(error: unknown): PriceFileError | undefined {
  for (let at = error; at instanceof Error; at = at.cause)
    if (at instanceof PriceFileError) return at
  return undefined
}

/** Names what happened without quoting the server. */
export function unanswered(error: unknown): ExternalError {
  const code = error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? error.name) : ''
  return new ExternalError(`the server did not answer, or not to the end (${code})`, {
    cause: error,
  })
}
