// Operations on alerts: what is wrong now and was before, who is at it, and what is silenced.
import { z } from 'zod'
import type { Alert } from '../../alerts/episode-row.ts'
import { OrderlyError } from '../../primitives/errors.ts'
import { EXAMPLE_IDS, operation, type ApiContext, type ApiOperation } from '../contract.ts'
import { duration, idParams, reason, time } from '../fields.ts'
import { fillPage } from '../fill-page.ts'

const alert = z
  .object({
    id: z.string(),
    rule: z.string(),
    subject: z.string().describe('The queue, kind of job, worker or schedule it is about.'),
    severity: z.enum(['warning', 'critical']),
    state: z.enum(['pending', 'firing', 'resolved']),
    value: z.number(),
    worst: z.number(),
    since: time,
    firedAt: time.nullable(),
    resolvedAt: time.nullable(),
    silenced: z.boolean(),
    acknowledgedAt: time.nullable(),
    acknowledgedBy: z.string().nullable(),
    note: z.string().nullable(),
  })
  .meta({ id: 'Alert' })

const silence = z
  .object({
    id: z.string(),
    rule: z.string(),
    subject: z.string(),
    until: time,
    reason: z.string(),
    by: z.string(),
  })
  .meta({ id: 'AlertSilence' })

/** A name, or with a `*` at the end those that begin so. */
const glob = z
  .string()
  .regex(/^[\w.:/-]{0,119}\*?$/)
  .min(1)
const note = z
  .string()
  .min(1)
  .max(500)
  .describe('For everybody to read. It holds nothing of a patient.')

const AT = 1_767_225_600_000
const example = {
  id: EXAMPLE_IDS.alert,
  rule: 'dead-letters',
  subject: 'mail.send',
  severity: 'warning',
  state: 'firing',
  value: 3,
  worst: 5,
  since: AT,
  firedAt: AT,
  resolvedAt: null,
  silenced: false,
  acknowledgedAt: null,
  acknowledgedBy: null,
  note: null,
} as const
const exampleSilence = {
  id: EXAMPLE_IDS.silence,
  rule: 'dead-*',
  subject: 'mail.send',
  until: AT,
  reason: 'The mail server moves tonight',
  by: 'Ana',
} as const
const byId = { params: { id: EXAMPLE_IDS.alert } }

export const alertOperations: readonly ApiOperation[] = [
  operation({
    id: 'alerts.list',
    method: 'GET',
    path: '/api/v1/alerts',
    summary: 'Alerts, open and past, newest first',
    description: 'Without a state, all that somebody was or could have been told of.',
    permission: 'alerts:read',
    audit: 'none',
    phi: false,
    request: {
      query: z.object({
        state: z.enum(['pending', 'firing', 'resolved']).optional(),
        limit: z.coerce.number().int().min(1).max(200).default(50),
        before: z.string().max(64).optional().describe('What "next" said.'),
      }),
    },
    response: z
      .object({
        data: z.array(alert),
        next: z.string().nullable().describe('Where older ones begin; null where there are none.'),
      })
      .meta({ id: 'AlertPage' }),
    examples: [
      {
        name: 'those that are open',
        request: { query: { state: 'firing' } },
        response: { data: [example], next: null },
      },
    ],
    async run(context, { query }) {
      const { state, limit, before } = query
      const { rows, last } = await fillPage<Alert>(
        limit,
        (after, most) => {
          const end = after?.id ?? before
          return context.rooms.alerts.list({
            limit: most,
            ...(state === undefined ? {} : { state }),
            ...(end === undefined ? {} : { before: end }),
          })
        },
        await seenBy(context),
      )
      return { data: rows, next: last?.id ?? null }
    },
  }),
  operation({
    id: 'alerts.get',
    method: 'GET',
    path: '/api/v1/alerts/:id',
    summary: 'One alert',
    permission: 'alerts:read',
    audit: 'none',
    phi: false,
    request: { params: idParams },
    response: alert,
    examples: [{ name: 'one', request: byId, response: example }],
    run: (context, { params }) => findSeen(context, params.id),
  }),
  operation({
    id: 'alerts.acknowledge',
    method: 'POST',
    path: '/api/v1/alerts/:id/acknowledge',
    summary: 'Say that somebody is at it',
    permission: 'alerts:write',
    audit: 'write',
    phi: false,
    request: { params: idParams, body: z.object({ note: note.optional() }) },
    response: alert,
    examples: [
      {
        name: 'with a note',
        request: { ...byId, body: { note: 'the mail server is being restarted' } },
        response: {
          ...example,
          acknowledgedAt: AT,
          acknowledgedBy: 'Ana',
          note: 'the mail server is being restarted',
        },
      },
    ],
    async run(context, { params, body }) {
      await findSeen(context, params.id)
      await context.rooms.alerts.acknowledge(params.id, context.actor.name, body.note)
      return context.rooms.alerts.get(params.id)
    },
  }),
  operation({
    id: 'alertSilences.list',
    method: 'GET',
    path: '/api/v1/alert-silences',
    summary: 'What nobody is told of now, until when and why',
    permission: 'alerts:read',
    audit: 'none',
    phi: false,
    request: {},
    response: z.object({ data: z.array(silence) }).meta({ id: 'AlertSilences' }),
    examples: [{ name: 'one', request: {}, response: { data: [exampleSilence] } }],
    run: async ({ rooms }) => ({ data: await rooms.alerts.silences() }),
  }),
  operation({
    id: 'alertSilences.create',
    method: 'POST',
    path: '/api/v1/alert-silences',
    summary: 'Tell nobody of certain alerts for a while; they stay on record',
    permission: 'alerts:write',
    audit: 'write',
    of: 'installation',
    phi: false,
    status: 201,
    request: {
      body: z.object({
        rule: glob.describe('A rule, or with a * at the end those that begin so.'),
        subject: glob.default('*'),
        for: duration,
        reason,
      }),
    },
    response: silence,
    examples: [
      {
        name: 'two hours',
        request: {
          body: {
            rule: 'dead-*',
            subject: 'mail.send',
            for: '2h',
            reason: 'The mail server moves tonight',
          },
        },
        response: exampleSilence,
      },
    ],
    run: ({ rooms, actor }, { body }) =>
      rooms.alerts.silence({ ...body, for: body.for as '2h', by: actor.name }),
  }),
  operation({
    id: 'alertSilences.end',
    method: 'DELETE',
    path: '/api/v1/alert-silences/:id',
    summary: 'End a silence before its time; what still holds is told then',
    permission: 'alerts:write',
    audit: 'write',
    of: 'installation',
    phi: false,
    request: { params: idParams },
    response: z.object({ ended: z.boolean() }).meta({ id: 'AlertSilenceEnded' }),
    examples: [
      {
        name: 'end it',
        request: { params: { id: EXAMPLE_IDS.silence } },
        response: { ended: true },
      },
    ],
    async run({ rooms }, { params }) {
      await rooms.alerts.unsilence(params.id)
      return { ended: true }
    },
  }),
]

/** Which alerts a caller sees: those about a queue or a kind of job within reach; whoever reaches all queues, all. */
async function seenBy({
  rooms,
  actor,
  reaches,
}: ApiContext): Promise<(alert: Pick<Alert, 'rule' | 'subject'>) => boolean> {
  if (actor.queues.includes('*')) return () => true
  const metrics = new Map((await rooms.alerts.rules()).map(({ name, metric }) => [name, metric]))
  return ({ rule, subject }) => {
    const metric = metrics.get(rule) ?? ''
    const queue = /^(queue\.|workers\.none)/.test(metric)
      ? subject
      : /^(jobs\.|dead-letters)/.test(metric)
        ? rooms.registry.jobs.get(subject)?.queue
        : undefined
    return queue !== undefined && reaches(queue)
  }
}

/** An alert out of reach is as one that is not there. */
async function findSeen(context: ApiContext, id: string): Promise<Alert> {
  const found = await context.rooms.alerts.get(id)
  if ((await seenBy(context))(found)) return found
  throw new OrderlyError('ORDERLY_NOT_FOUND', 'there is no alert of this id')
}
