// Operations of whoever asks, on themselves: signing in and out, who am I, password, second factor, own sessions.
import { z } from 'zod'
import { OrderlyError } from '../../primitives/errors.ts'
import { beginTotp, changePassword, confirmTotp, dropTotp } from '../../access/own-account.ts'
import { demandFresh } from '../../access/fresh.ts'
import { csrfOf, endSession, listSessions, type NewSession } from '../../access/sessions.ts'
import { acceptInvite, checkInvite, signIn, stepUp, type SignedIn } from '../../access/sign-in.ts'
import { hasUsers } from '../../access/users.ts'
import { operation, type ApiContext, type ApiOperation } from '../contract.ts'
import { idParams, time } from '../fields.ts'
import { ownSessionView } from '../session-view.ts'
import { actorView, EXAMPLE_ACTOR, type ActorView } from '../actor-view.ts'

const EXAMPLE_TOKEN = 'fQ0…of-the-link'
const inviteToken = z.string().min(10).max(200)
const password = z.string().min(1).max(256)
const code = z
  .string()
  .regex(/^\d{6}$/)
  .describe('Six digits of an authenticator.')

const whoami = z
  .object({
    actor: actorView.nullable().describe('Null where nobody is signed in.'),
    csrf: z
      .string()
      .optional()
      .describe(
        'Sent back with each change in the header x-orderly-csrf. A session alone has one.',
      ),
    setup: z.boolean().describe('No user exists yet: the setup link makes the first.'),
    provider: z
      .object({ label: z.string() })
      .optional()
      .describe('Who else vouches for people: session.provider leads there.'),
    now: time,
  })
  .meta({ id: 'WhoAmI' })

const EXAMPLE_WHO = { actor: EXAMPLE_ACTOR, csrf: 'qQ…', setup: false, now: 1_767_225_600_000 }

function deviceOf({ address, headers }: ApiContext): { address: string; agent: string } {
  return { address, agent: String(headers['user-agent'] ?? '') }
}

function show(actor: SignedIn['actor'] | null): ActorView | null {
  if (!actor) return null
  const { id, kind, name, roles, permissions, tenant, queues, session } = actor
  return {
    id,
    kind,
    name,
    roles: [...roles],
    permissions: [...permissions],
    tenant,
    queues: [...queues],
    session: session ? { ...session } : null,
  }
}

/** Hands the session to the browser: the token in its cookie, what goes with changes in the answer. */
function give(
  context: ApiContext,
  actor: SignedIn['actor'],
  session: NewSession,
): { actor: ActorView | null; csrf: string; setup: boolean; now: number } {
  const { cookie } = context.callers
  if (!cookie)
    throw new OrderlyError('ORDERLY_NOT_SUPPORTED', 'the application around this signs people in')
  context.setHeader('set-cookie', cookie.write(session.token))
  return { actor: show(actor), csrf: session.csrf, setup: false, now: context.rooms.clock.now() }
}

export const sessionOperations: readonly ApiOperation[] = [
  operation({
    id: 'session.get',
    method: 'GET',
    path: '/api/v1/session',
    summary: 'Who am I, and what may I do',
    permission: 'anyone',
    audit: 'none',
    phi: false,
    request: {},
    response: whoami,
    examples: [{ name: 'signed in', request: {}, response: EXAMPLE_WHO }],
    async run({ rooms, actor, callers, headers }) {
      const isKnown = actor.id !== 'nobody'
      const token = actor.session ? callers.cookie?.read({ headers }) : undefined
      return {
        actor: isKnown ? show(actor) : null,
        ...(token === undefined ? {} : { csrf: csrfOf(token) }),
        setup: !isKnown && !(await hasUsers(rooms.access)),
        ...(callers.provider ? { provider: { label: callers.provider.label } } : {}),
        now: rooms.clock.now(),
      }
    },
  }),
  operation({
    id: 'session.create',
    method: 'POST',
    path: '/api/v1/session',
    summary: 'Sign in',
    description: 'What does not fit is not said. After failed tries the next one must wait.',
    permission: 'anyone',
    audit: 'none',
    phi: false,
    forgetful: true,
    request: {
      body: z.object({ login: z.string().min(1).max(200), password, code: code.optional() }),
    },
    response: whoami,
    examples: [
      {
        name: 'with password and code',
        request: {
          body: { login: 'ana', password: 'correct horse battery staple', code: '123456' },
        },
        response: EXAMPLE_WHO,
      },
    ],
    async run(context, { body }) {
      const { actor, session } = await signIn(context.rooms.access, body, deviceOf(context))
      return give(context, actor, session)
    },
  }),
  operation({
    id: 'session.provider',
    method: 'POST',
    path: '/api/v1/session/provider',
    summary: 'Begin to sign in through the identity provider, or to show once more who I am',
    description: 'The browser goes to the address that is answered, and comes back signed in.',
    permission: 'anyone',
    audit: 'none',
    phi: false,
    forgetful: true,
    request: {
      body: z.object({
        to: z
          .string()
          .max(500)
          // What a browser takes for another server does not begin a path.
          .regex(/^\/(?![/\\])[\x21-\x7e]*$/)
          .default('/')
          .describe('The page to come back to.'),
        stepUp: z.boolean().default(false).describe('Ask me again, although I am signed in.'),
      }),
    },
    response: z.object({ url: z.string() }).meta({ id: 'ProviderAddress' }),
    examples: [
      {
        name: 'leaving',
        request: { body: { to: '/jobs', stepUp: false } },
        response: { url: 'https://id.example.org/authorize?client_id=orderly&state=qQ…' },
      },
    ],
    async run(context, { body }) {
      const { actor, callers, headers } = context
      if (!callers.provider)
        throw new OrderlyError(
          'ORDERLY_NOT_SUPPORTED',
          'no identity provider is set here; sign in by name and password',
        )
      if (body.stepUp && !actor.session)
        throw new OrderlyError('ORDERLY_UNAUTHENTICATED', 'sign in first')
      const { url, cookie } = await callers.provider.begin({
        host: headers['host'] as string,
        to: body.to,
        ...(body.stepUp ? { actor } : {}),
      })
      context.setHeader('set-cookie', cookie)
      return { url }
    },
  }),
  operation({
    id: 'session.end',
    method: 'DELETE',
    path: '/api/v1/session',
    summary: 'Sign out',
    permission: 'signed-in',
    audit: 'none',
    phi: false,
    request: {},
    response: z.object({ ended: z.boolean() }).meta({ id: 'Ended' }),
    examples: [{ name: 'signed out', request: {}, response: { ended: true } }],
    async run(context) {
      const { actor, rooms, callers } = context
      if (!actor.session) return { ended: false }
      await endSession(rooms.access, actor.session.id, { user: actor.id })
      if (callers.cookie) context.setHeader('set-cookie', callers.cookie.clear())
      return { ended: true }
    },
  }),
  operation({
    id: 'session.step-up',
    method: 'POST',
    path: '/api/v1/session/step-up',
    summary: 'Show once more who I am, as dangerous operations ask for within five minutes',
    permission: 'signed-in',
    audit: 'none',
    phi: false,
    forgetful: true,
    request: { body: z.object({ password, code: code.optional() }) },
    response: whoami,
    examples: [
      {
        name: 'by password',
        request: { body: { password: 'correct horse battery staple' } },
        response: EXAMPLE_WHO,
      },
    ],
    async run(context, { body }) {
      const { rooms, actor } = context
      const session = await stepUp(rooms.access, actor, body, deviceOf(context))
      const authenticatedAt = rooms.clock.now()
      return give(context, { ...actor, session: { ...actor.session!, authenticatedAt } }, session)
    },
  }),
  operation({
    id: 'setup.accept',
    method: 'POST',
    path: '/api/v1/setup',
    summary: 'Take an invitation: set a password, or make the first user',
    permission: 'anyone',
    audit: 'none',
    phi: false,
    forgetful: true,
    request: {
      body: z.object({
        token: inviteToken,
        password,
        login: z.string().max(200).optional().describe('For the first user.'),
        name: z.string().max(200).optional().describe('For the first user.'),
      }),
    },
    response: whoami,
    examples: [
      {
        name: 'the first user',
        request: {
          body: {
            token: EXAMPLE_TOKEN,
            password: 'correct horse battery staple',
            login: 'ana',
            name: 'Ana',
          },
        },
        response: EXAMPLE_WHO,
      },
    ],
    async run(context, { body }) {
      const { actor, session } = await acceptInvite(context.rooms.access, body, deviceOf(context))
      return give(context, actor, session)
    },
  }),
  operation({
    id: 'setup.check',
    method: 'POST',
    path: '/api/v1/setup/check',
    summary: 'Say whether an invitation still works, before a form is filled in; it is not used up',
    permission: 'anyone',
    audit: 'none',
    phi: false,
    forgetful: true,
    request: { body: z.object({ token: inviteToken }) },
    response: z.object({ works: z.literal(true) }).meta({ id: 'InviteWorks' }),
    examples: [
      { name: 'it does', request: { body: { token: EXAMPLE_TOKEN } }, response: { works: true } },
    ],
    async run({ rooms }, { body }) {
      await checkInvite(rooms.access, body.token)
      return { works: true as const }
    },
  }),
  operation({
    id: 'session.password',
    method: 'POST',
    path: '/api/v1/session/password',
    summary: 'Set another password; every other session of mine ends',
    permission: 'signed-in',
    audit: 'none',
    phi: false,
    forgetful: true,
    request: { body: z.object({ password, next: password }) },
    response: z.object({ changed: z.boolean() }).meta({ id: 'Changed' }),
    examples: [
      {
        name: 'changed',
        request: {
          body: { password: 'correct horse battery staple', next: 'another long enough one' },
        },
        response: { changed: true },
      },
    ],
    async run(context, { body }) {
      await changePassword(context.rooms.access, context.actor, body, deviceOf(context))
      return { changed: true }
    },
  }),
  operation({
    id: 'session.totp-begin',
    method: 'POST',
    path: '/api/v1/session/totp',
    summary: 'A secret for an authenticator; it counts once a code of it was shown',
    permission: 'signed-in',
    audit: 'none',
    phi: false,
    forgetful: true,
    request: {},
    response: z.object({ secret: z.string(), uri: z.string() }).meta({ id: 'TotpSecret' }),
    examples: [
      {
        name: 'a secret',
        request: {},
        response: {
          secret: 'JBSWY3DPEHPK3PXP',
          uri: 'otpauth://totp/Orderly:ana?secret=JBSWY3DPEHPK3PXP',
        },
      },
    ],
    async run({ actor, rooms }) {
      demandFresh(actor, rooms.clock.now())
      return beginTotp(rooms.access, actor)
    },
  }),
  operation({
    id: 'session.totp-confirm',
    method: 'PUT',
    path: '/api/v1/session/totp',
    summary: 'Show a code: from now on each sign-in asks for one',
    permission: 'signed-in',
    audit: 'none',
    phi: false,
    forgetful: true,
    request: { body: z.object({ code }) },
    response: z.object({ changed: z.boolean() }).meta({ id: 'TotpSet' }),
    examples: [{ name: 'set', request: { body: { code: '123456' } }, response: { changed: true } }],
    async run({ actor, rooms }, { body }) {
      demandFresh(actor, rooms.clock.now())
      await confirmTotp(rooms.access, actor, body.code)
      return { changed: true }
    },
  }),
  operation({
    id: 'session.totp-drop',
    method: 'DELETE',
    path: '/api/v1/session/totp',
    summary: 'No codes any more',
    permission: 'signed-in',
    audit: 'none',
    phi: false,
    request: {},
    response: z.object({ changed: z.boolean() }).meta({ id: 'TotpDropped' }),
    examples: [{ name: 'dropped', request: {}, response: { changed: true } }],
    async run({ actor, rooms }) {
      demandFresh(actor, rooms.clock.now())
      await dropTotp(rooms.access, actor)
      return { changed: true }
    },
  }),
  operation({
    id: 'sessions.own',
    method: 'GET',
    path: '/api/v1/sessions',
    summary: 'My open sessions',
    permission: 'signed-in',
    audit: 'none',
    phi: false,
    request: {},
    response: z.object({ data: z.array(ownSessionView) }).meta({ id: 'OwnSessions' }),
    examples: [{ name: 'none', request: {}, response: { data: [] } }],
    async run({ actor, rooms }) {
      const found = await listSessions(rooms.access, actor.id)
      return { data: found.map((one) => ({ ...one, current: one.id === actor.session?.id })) }
    },
  }),
  operation({
    id: 'sessions.end',
    method: 'DELETE',
    path: '/api/v1/sessions/:id',
    summary: 'End one of my sessions, or anybody’s where I may',
    permission: 'signed-in',
    audit: 'none',
    phi: false,
    request: { params: idParams },
    response: z.object({ ended: z.boolean() }).meta({ id: 'SessionEnded' }),
    examples: [{ name: 'ended', request: { params: { id: 's_1' } }, response: { ended: true } }],
    async run({ actor, rooms, can }, { params }) {
      await endSession(
        rooms.access,
        params.id,
        can('users:write') ? { tenant: actor.tenant } : { user: actor.id },
      )
      return { ended: true }
    },
  }),
]
