// Leaving for an identity provider and coming back: what is kept in between stays with the browser, under seal.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Actor } from '../access/actor.ts'
import { signInByIdentity, stepUpByIdentity } from '../access/identity.ts'
import type { Identity, Oidc, OidcFlow } from '../access/oidc.ts'
import { openSecret, sealSecret } from '../access/room.ts'
import { OrderlyError } from '../primitives/errors.ts'
import type { Rooms } from '../runtime/rooms.ts'
import { addressOf, type Callers } from './actor.ts'
import { problemOf } from './problem.ts'
import { readCookie, type SessionCookie } from './session-cookie.ts'

export interface ProviderSignIn {
  /** Stands on the button: who vouches. */
  readonly label: string
  /**
   * Where the browser goes, and the cookie it takes along.
   *
   * @param actor shows once more who they are, instead of signing in
   */
  begin(call: {
    readonly host: string
    readonly to: string
    readonly actor?: Actor | undefined
  }): Promise<{ readonly url: string; readonly cookie: string }>
  /** The browser is back. @throws OrderlyError `ORDERLY_SIGN_IN_FAILED`, `ORDERLY_FORBIDDEN` */
  finish(call: {
    readonly search: string
    readonly cookies: string | undefined
    readonly address: string
    readonly agent: string
  }): Promise<{ readonly to: string; readonly cookies: readonly string[] }>
}

export const CALLBACK_PATH = '/api/v1/session/provider/callback'
const ANCHOR = 'sign-in-flow'
const FLOW_MS = 10 * 60_000

interface Kept {
  readonly flow: OidcFlow
  readonly to: string
  readonly until: number
  readonly stepUp?: { readonly userId: string; readonly sessionId: string }
}

export interface ProviderOptions {
  readonly secure: boolean
  /** What people type to reach this server; what the browser said unless told. */
  readonly publicUrl: string | undefined
  /** Where the API is mounted; a public address has it already. */
  readonly prefix: string
  /** Puts on the ledger that somebody came back whom nobody vouches for. */
  onUnvouched(address: string): Promise<void>
}

export function openProvider(
  { access, clock }: Rooms,
  oidc: Oidc,
  session: SessionCookie,
  { secure, publicUrl, prefix, onUnvouched }: ProviderOptions,
): ProviderSignIn {
  const name = secure ? '__Host-orderly-flow' : 'orderly-flow'
  // Coming back is a request that another site begins: a strict cookie would stay at home.
  const rest = `Path=/; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`

  const keptIn = async (cookies: string | undefined): Promise<Kept> => {
    const sealed = readCookie(cookies, name)
    if (sealed === undefined) throw notBegun()
    const text = await openSecret(access, sealed, ANCHOR).catch(() => {
      throw notBegun()
    })
    const kept = JSON.parse(text) as Kept
    if (kept.until < clock.now()) throw notBegun()
    return kept
  }

  const vouched = async (
    search: string,
    cookies: string | undefined,
  ): Promise<Kept & { readonly identity: Identity }> => {
    const kept = await keptIn(cookies)
    return { ...kept, identity: await oidc.finish(search, kept.flow) }
  }

  return {
    label: oidc.label,
    async begin({ host, to, actor }) {
      const base = (publicUrl ?? `http://${host}${prefix}`).replace(/\/$/, '')
      const { url, flow } = await oidc.begin(`${base}${CALLBACK_PATH}`, actor !== undefined)
      const kept: Kept = {
        flow,
        to,
        until: clock.now() + FLOW_MS,
        ...(actor?.session ? { stepUp: { userId: actor.id, sessionId: actor.session.id } } : {}),
      }
      const sealed = await sealSecret(access, JSON.stringify(kept), ANCHOR)
      return { url, cookie: `${name}=${sealed}; ${rest}; Max-Age=${FLOW_MS / 1_000}` }
    },
    async finish({ search, cookies, address, agent }) {
      const { to, stepUp, identity } = await vouched(search, cookies).catch(
        async (error: unknown) => {
          // Nothing here can be guessed, so nobody is made to wait: whoever fails could keep others out.
          await onUnvouched(address)
          throw error
        },
      )
      const device = { address, agent }
      const token = stepUp
        ? (await stepUpByIdentity(access, identity, stepUp, oidc.settings, device)).token
        : (await signInByIdentity(access, identity, oidc.settings, device)).session.token
      return { to, cookies: [session.write(token), `${name}=; ${rest}; Max-Age=0`] }
    },
  }
}

/** The way back of a browser: it is a page that people see, so it answers with one. */
export function addProviderCallback(app: FastifyInstance, callers: Callers, home: string): void {
  const { provider } = callers
  if (!provider) return
  app.get(CALLBACK_PATH, async (request, reply) => {
    try {
      const { to, cookies } = await provider.finish(callOf(callers, request))
      return await reply.header('set-cookie', [...cookies]).redirect(`${home}${to}`, 303)
    } catch (error) {
      const { status, detail = 'it did not work; try again' } = problemOf(error, request.id)
      return reply
        .code(status)
        .type('text/html; charset=utf-8')
        .send(
          `<!doctype html><html lang="en"><meta charset="utf-8"><title>Sign-in</title><p>${textOf(detail)}</p><p><a href="${home}/">Back</a></p></html>`,
        )
    }
  })
}

function callOf(
  callers: Callers,
  request: FastifyRequest,
): Parameters<ProviderSignIn['finish']>[0] {
  const { url = '', headers } = request.raw
  const mark = url.indexOf('?')
  return {
    search: mark < 0 ? '' : url.slice(mark),
    cookies: headers.cookie,
    address: addressOf(callers, request),
    agent: headers['user-agent'] ?? '',
  }
}

function textOf(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

function notBegun(): OrderlyError {
  return new OrderlyError(
    'ORDERLY_SIGN_IN_FAILED',
    'this sign-in was not begun in this browser, or too long ago; begin again',
  )
}
