// Sign-in through an identity provider (OpenID Connect): code flow with PKCE, state and nonce, and what it vouches for.
import type { Configuration, IDToken } from 'openid-client'
import type { Clock } from '../primitives/clock.ts'
import { OrderlyError } from '../primitives/errors.ts'
import { isLoopback } from './address.ts'
import type { RoleName } from './roles.ts'

export interface OidcSettings {
  /** The provider's issuer, as its tokens name it: `https://id.example.org/realms/clinic`. */
  readonly issuer: string
  readonly clientId: string
  /** Left out for a client that has none and proves itself by PKCE alone. */
  readonly clientSecret?: string | undefined
  /** Stands on the button of the sign-in page; `single sign-on` unless told. */
  readonly label?: string | undefined
  /** What is asked for; `openid profile` unless told. */
  readonly scopes?: string | undefined
  /** The claim that lists groups; `groups` unless told. */
  readonly groupsClaim?: string | undefined
  /** The roles of each group, by its exact name. Who has none of them does not get in. */
  readonly roles: Readonly<Record<string, readonly RoleName[]>>
  /** Values of `amr` or `acr` that stand for a second factor; `mfa`, `otp` and `hwk` unless told. */
  readonly mfa?: readonly string[] | undefined
  /** Lets nobody in without one. */
  readonly requireMfa?: boolean | undefined
  /** The one algorithm that tokens are signed with; `RS256` unless told. */
  readonly algorithm?: OidcAlgorithm | undefined
}

export type OidcAlgorithm = 'RS256' | 'PS256' | 'ES256'

/** What is kept between leaving for the provider and coming back. */
export interface OidcFlow {
  readonly state: string
  readonly nonce: string
  readonly verifier: string
  readonly redirectUri: string
  /** The provider was told to ask again who it is. */
  readonly isFresh: boolean
}

/** Whom the provider vouches for. Issuer and subject together name a person; an e-mail address names nobody. */
export interface Identity {
  readonly issuer: string
  readonly subject: string
  readonly name: string
  readonly groups: readonly string[]
  /** When they showed who they are, in milliseconds since 1970 UTC. */
  readonly authenticatedAt: number
  readonly mfa: string | null
}

export interface Oidc {
  readonly settings: OidcSettings
  readonly label: string
  begin(redirectUri: string, isFresh: boolean): Promise<{ url: string; flow: OidcFlow }>
  /**
   * @param search what the provider put behind the redirect address
   * @throws OrderlyError `ORDERLY_SIGN_IN_FAILED`, `ORDERLY_SERVICE_UNAVAILABLE`
   */
  finish(search: string, flow: OidcFlow): Promise<Identity>
}

const KNOWN_FOR_MS = 3_600_000
const TIMEOUT_S = 10
/** How far the clocks of provider and server may differ. */
const SKEW_S = 30
/** A session ends after this long, so an older sign-in is none. */
const OLDEST_S = 12 * 3_600
/** And for what is dangerous after this. */
const FRESH_S = 5 * 60
const MOST_GROUPS = 1_000
const SECOND_FACTORS = ['mfa', 'otp', 'hwk']

/** @throws OrderlyError `ORDERLY_SETTING_INVALID` */
export function openOidc(settings: OidcSettings, clock: Clock): Oidc {
  checkIssuer(settings.issuer)
  const {
    scopes = 'openid profile',
    groupsClaim = 'groups',
    mfa = SECOND_FACTORS,
    label = 'single sign-on',
  } = settings
  let known: { readonly config: Configuration; readonly until: number } | undefined

  const configuration = async (): Promise<Configuration> => {
    if (known && clock.now() < known.until) return known.config
    try {
      const config = await discover(settings)
      known = { config, until: clock.now() + KNOWN_FOR_MS }
      return config
    } catch (cause) {
      throw new OrderlyError(
        'ORDERLY_SERVICE_UNAVAILABLE',
        'the identity provider does not answer, or not as its issuer; try again, and check ORDERLY_OIDC_ISSUER',
        { cause },
      )
    }
  }

  return {
    settings,
    label,
    async begin(redirectUri, isFresh) {
      const client = await import('openid-client')
      const config = await configuration()
      const flow: OidcFlow = {
        state: client.randomState(),
        nonce: client.randomNonce(),
        verifier: client.randomPKCECodeVerifier(),
        redirectUri,
        isFresh,
      }
      const url = client.buildAuthorizationUrl(config, {
        redirect_uri: redirectUri,
        scope: scopes,
        state: flow.state,
        nonce: flow.nonce,
        code_challenge: await client.calculatePKCECodeChallenge(flow.verifier),
        code_challenge_method: 'S256',
        max_age: String(isFresh ? FRESH_S : OLDEST_S),
        ...(isFresh ? { prompt: 'login' } : {}),
      })
      return { url: url.href, flow }
    },
    async finish(search, flow) {
      const client = await import('openid-client')
      const config = await configuration()
      try {
        const url = new URL(flow.redirectUri)
        url.search = search
        const tokens = await client.authorizationCodeGrant(config, url, {
          expectedState: flow.state,
          expectedNonce: flow.nonce,
          pkceCodeVerifier: flow.verifier,
          maxAge: flow.isFresh ? FRESH_S : OLDEST_S,
          idTokenExpected: true,
        })
        const claims = tokens.claims()!
        // Some providers list groups there only; it is asked as the same subject.
        const more =
          claims[groupsClaim] === undefined && config.serverMetadata().userinfo_endpoint
            ? await client.fetchUserInfo(config, tokens.access_token, claims.sub)
            : {}
        return identityOf({ ...more, ...claims }, groupsClaim, mfa)
      } catch (cause) {
        throw new OrderlyError(
          'ORDERLY_SIGN_IN_FAILED',
          'the identity provider did not vouch for this sign-in; begin again',
          { cause },
        )
      }
    },
  }
}

async function discover(settings: OidcSettings): Promise<Configuration> {
  const client = await import('openid-client')
  const { issuer, clientId, clientSecret, algorithm = 'RS256' } = settings
  return client.discovery(
    new URL(issuer),
    clientId,
    {
      // Pinned: what a token says of its own algorithm is not believed.
      id_token_signed_response_alg: algorithm,
      [client.clockTolerance]: SKEW_S,
    },
    clientSecret === undefined ? client.None() : client.ClientSecretBasic(clientSecret),
    {
      timeout: TIMEOUT_S,
      execute: [
        // Signatures are checked too where a token came straight from the provider.
        client.enableNonRepudiationChecks,
        ...(issuer.startsWith('http:') ? [client.allowInsecureRequests] : []),
      ],
    },
  )
}

/** Only a provider of this very machine is spoken to in the clear. */
function checkIssuer(issuer: string): void {
  const url = URL.canParse(issuer) ? new URL(issuer) : undefined
  const isSafe =
    url?.protocol === 'https:' ||
    (url?.protocol === 'http:' && isLoopback(url.hostname.replace(/^\[|\]$/g, '')))
  if (isSafe) return
  throw new OrderlyError(
    'ORDERLY_SETTING_INVALID',
    'the issuer of the identity provider (ORDERLY_OIDC_ISSUER) is an address that begins with https://',
  )
}

function identityOf(
  claims: IDToken | Readonly<Record<string, unknown>>,
  groupsClaim: string,
  factors: readonly string[],
): Identity {
  const { iss, sub, auth_time: at } = claims
  if (typeof iss !== 'string' || typeof sub !== 'string' || typeof at !== 'number')
    throw new TypeError('a claim that names who signed in is missing')
  return {
    issuer: iss,
    subject: sub,
    name: nameIn(claims),
    groups: textsIn(claims[groupsClaim]),
    authenticatedAt: at * 1_000,
    mfa:
      [...textsIn(claims['amr']), ...textsIn([claims['acr']])].find((each) =>
        factors.includes(each),
      ) ?? null,
  }
}

/** A list of texts; what is anything else is none, so that no text is read as a list of its letters or words. */
function textsIn(value: unknown): string[] {
  return Array.isArray(value)
    ? value.slice(0, MOST_GROUPS).filter((each) => typeof each === 'string')
    : []
}

function nameIn(claims: Readonly<Record<string, unknown>>): string {
  const { name, preferred_username: short } = claims
  const found = [name, short].find(
    (each): each is string => typeof each === 'string' && each.trim() !== '',
  )
  if (found === undefined) return 'unnamed'
  return found.replaceAll(/\p{C}/gu, '').trim().slice(0, 120) || 'unnamed'
}
