// Identity providers over loopback: a certified one as clinics run them, and one that forges whatever it is told.
import { createHmac, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import {
  createServer,
  request,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { Provider } from 'oidc-provider'

export const CLIENT = { clientId: 'orderly', clientSecret: 's'.repeat(40) }

type Answer = (request: IncomingMessage, response: ServerResponse) => void

async function listen(answer: Answer): Promise<{ issuer: string; server: Server }> {
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { issuer: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server }
}

/** Somebody with an account at the provider. */
export interface Person {
  readonly id: string
  readonly name?: string
  readonly groups?: unknown
  readonly amr?: readonly string[]
}

export interface IdentityProvider {
  readonly issuer: string
  /** Opens it to one client. */
  register(redirectUri: string): void
  /** Who sits before the browser. */
  person: Person
  /** How often somebody was asked who they are. */
  asked: number
  /** Goes through the provider's pages as a browser does. @returns where it is sent back to */
  visit(url: string): Promise<string>
  close(): Promise<void>
}

export async function startIdentityProvider(): Promise<IdentityProvider> {
  let provider: Provider | undefined
  let handle: Answer = () => undefined
  const people = new Map<string, Person>()
  const jar = new Map<string, string>()
  let before: string | undefined
  const { issuer, server } = await listen((asked, response) => {
    if (asked.url!.startsWith('/interaction/')) void interact(asked, response)
    else handle(asked, response)
  })

  async function interact(asked: IncomingMessage, response: ServerResponse): Promise<void> {
    const { prompt, params, session } = await provider!.interactionDetails(asked, response)
    if (prompt.name === 'login') {
      own.asked++
      people.set(own.person.id, own.person)
      const login = { accountId: own.person.id }
      await provider!.interactionFinished(asked, response, { login })
      return
    }
    const grant = new provider!.Grant({
      accountId: session!.accountId,
      clientId: params.client_id,
    })
    grant.addOIDCScope(params.scope)
    const consent = { grantId: await grant.save() }
    await provider!.interactionFinished(
      asked,
      response,
      { consent },
      { mergeWithLastSubmission: true },
    )
  }

  const own: IdentityProvider = {
    issuer,
    person: { id: 'nobody' },
    asked: 0,
    register(redirectUri) {
      provider = new Provider(issuer, {
        clients: [
          {
            client_id: CLIENT.clientId,
            client_secret: CLIENT.clientSecret,
            redirect_uris: [redirectUri],
            response_types: ['code'],
            grant_types: ['authorization_code'],
          },
        ],
        cookies: { keys: ['test'] },
        ttl: {
          AccessToken: 60,
          AuthorizationCode: 60,
          Grant: 600,
          IdToken: 60,
          Interaction: 600,
          Session: 600,
        },
        claims: { openid: ['sub', 'amr'], profile: ['name', 'groups'] },
        pkce: { required: () => true },
        features: { devInteractions: { enabled: false } },
        interactions: {
          url: (_context: unknown, { uid }: { uid: string }) => `/interaction/${uid}`,
        },
        findAccount: (_context: unknown, id: string) => ({
          accountId: id,
          claims: () => {
            const { name, groups, amr } = people.get(id)!
            return { sub: id, name, groups, amr }
          },
        }),
      })
      handle = provider.callback()
    },
    async visit(url) {
      // Somebody else has a browser of their own.
      if (own.person.id !== before) jar.clear()
      before = own.person.id
      let at = url
      for (let steps = 0; at.startsWith(issuer); steps++) {
        if (steps > 10) throw new Error('the provider leads round in circles')
        const { location, cookies, status } = await get(at, jar)
        for (const cookie of cookies) {
          const [pair] = cookie.split(';')
          const mark = pair!.indexOf('=')
          jar.set(pair!.slice(0, mark), pair!.slice(mark + 1))
        }
        if (location === undefined)
          throw new Error(`the provider answered ${status} and led nowhere`)
        at = new URL(location, at).href
      }
      return at
    },
    close: () => closing(server),
  }
  return own
}

function get(
  url: string,
  jar: ReadonlyMap<string, string>,
): Promise<{ location: string | undefined; cookies: readonly string[]; status: number }> {
  const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
  return new Promise((resolve, reject) => {
    request(url, { headers: { cookie }, agent: false }, (response) => {
      response.resume().on('end', () =>
        resolve({
          location: response.headers.location,
          cookies: response.headers['set-cookie'] ?? [],
          status: response.statusCode!,
        }),
      )
    })
      .on('error', reject)
      .end()
  })
}

export interface Forger {
  readonly issuer: string
  /** What it hands out for the next code. */
  token: (claims: Record<string, unknown>) => string
  /** The nonce of the sign-in that is under way. */
  nonce: string
  /** A token as a good provider signs it. */
  honest(claims: Record<string, unknown>): string
  readonly publicKey: KeyObject
  close(): Promise<void>
}

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })

export const encode = (value: unknown): string =>
  Buffer.from(JSON.stringify(value)).toString('base64url')

/** A token with any header, signed in any way. */
export function forge(header: object, claims: object, signer: (input: string) => string): string {
  const input = `${encode(header)}.${encode(claims)}`
  return `${input}.${signer(input)}`
}

export const byHmac =
  (secret: string) =>
  (input: string): string =>
    createHmac('sha256', secret).update(input).digest('base64url')

export async function startForger(): Promise<Forger> {
  const { issuer, server } = await listen((asked, response) => {
    const say = (body: unknown): void =>
      void response.setHeader('content-type', 'application/json').end(JSON.stringify(body))
    if (asked.url === '/.well-known/openid-configuration')
      return say({
        issuer,
        authorization_endpoint: `${issuer}/auth`,
        token_endpoint: `${issuer}/token`,
        jwks_uri: `${issuer}/jwks`,
        response_types_supported: ['code'],
        id_token_signing_alg_values_supported: ['RS256', 'HS256', 'none'],
      })
    if (asked.url === '/jwks')
      return say({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k', use: 'sig' }] })
    const now = Math.floor(Date.now() / 1_000)
    const claims = {
      iss: issuer,
      sub: 'mallory',
      aud: CLIENT.clientId,
      iat: now,
      exp: now + 60,
      auth_time: now,
      nonce: own.nonce,
      groups: ['ops'],
    }
    return say({ access_token: 'a', token_type: 'Bearer', id_token: own.token(claims) })
  })
  const own: Forger = {
    issuer,
    publicKey,
    nonce: '',
    honest: (claims) =>
      forge({ alg: 'RS256', kid: 'k' }, claims, (input) =>
        sign('sha256', Buffer.from(input), privateKey).toString('base64url'),
      ),
    token: (claims) => own.honest(claims),
    close: () => closing(server),
  }
  return own
}

function closing(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
