// Operations on the rules of alerts: what is watched, and when it would have been an alert.
import { z } from 'zod'
import { ALERT_METRICS, type AlertMetric, type AlertRule } from '../../alerts/rule.ts'
import { operation, type ApiOperation } from '../contract.ts'
import { duration, time } from '../fields.ts'

const METRICS = Object.keys(ALERT_METRICS) as [AlertMetric, ...AlertMetric[]]
const name = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/)
const word = z.string().min(1).max(200)

const search = z
  .object({
    state: word.exactOptional(),
    queue: word.exactOptional(),
    name: word.exactOptional(),
    errorCode: word.exactOptional(),
    fingerprint: word.exactOptional(),
  })
  .meta({ id: 'AlertSearch' })

const fields = {
  description: z.string().max(500).exactOptional(),
  metric: z.enum(METRICS),
  subjects: z
    .array(z.string().min(1).max(120))
    .max(100)
    .exactOptional()
    .describe('Queues, kinds of jobs, schedules or workers; with a * those that begin so.'),
  search: search.exactOptional().describe('What jobs.found looks for.'),
  above: z.number().exactOptional().describe('An alert above this; or give "below".'),
  below: z.number().exactOptional(),
  window: duration.exactOptional().describe('5m unless told, 1d at most.'),
  for: duration.exactOptional().describe('How long it must hold before somebody is told.'),
  minimum: z.number().int().min(1).max(1_000_000).exactOptional(),
  severity: z.enum(['warning', 'critical']).exactOptional(),
  routes: z.array(name).max(20).exactOptional().describe('in-app unless told.'),
  enabled: z.boolean().exactOptional(),
} as const
const body = z.object(fields).meta({ id: 'AlertRuleBody' })

const rule = z
  .object({
    name,
    ...fields,
    enabled: z.boolean(),
    source: z.enum(['house', 'person']).describe('As it comes, or as somebody made it.'),
    by: z.string(),
    updatedAt: time.nullable(),
  })
  .meta({ id: 'AlertRule' })

const backTest = z
  .object({
    from: time,
    to: time,
    minutes: z.number().describe('Minutes that something is known of.'),
    episodes: z.array(
      z.object({
        subject: z.string(),
        since: time,
        firedAt: time,
        resolvedAt: time.nullable(),
        worst: z.number(),
      }),
    ),
  })
  .meta({ id: 'AlertBackTest' })

const AT = 1_767_225_600_000
const exampleBody = {
  metric: 'queue.oldest',
  subjects: ['mail'],
  above: 300,
  for: '2m',
  severity: 'critical',
  routes: ['in-app', 'on-call'],
} as const
const example = {
  name: 'slow-mail',
  ...exampleBody,
  enabled: true,
  source: 'person',
  by: 'Ana',
  updatedAt: AT,
} as const

export const alertRuleOperations: readonly ApiOperation[] = [
  operation({
    id: 'alertRules.list',
    method: 'GET',
    path: '/api/v1/alert-rules',
    summary: 'Every rule of alerts: those of the house and those that people made',
    permission: 'alerts:read',
    audit: 'none',
    phi: false,
    request: {},
    response: z.object({ data: z.array(rule) }).meta({ id: 'AlertRules' }),
    examples: [{ name: 'one', request: {}, response: { data: [example] } }],
    run: async ({ rooms }) => ({ data: await rooms.alerts.rules() }),
  }),
  operation({
    id: 'alertRules.put',
    method: 'PUT',
    path: '/api/v1/alert-rules/:name',
    summary: 'Make or replace a rule; one of the same name as a rule of the house stands above it',
    permission: 'alerts:write',
    audit: 'write',
    of: 'installation',
    phi: false,
    request: { params: z.object({ name }), body },
    response: rule,
    examples: [
      {
        name: 'mail that waits',
        request: { params: { name: 'slow-mail' }, body: exampleBody },
        response: example,
      },
    ],
    run: ({ rooms, actor }, request) =>
      rooms.alerts.putRule(ruleOf(request.params.name, request.body), actor.name),
  }),
  operation({
    id: 'alertRules.remove',
    method: 'DELETE',
    path: '/api/v1/alert-rules/:name',
    summary: 'Drop a rule that somebody made; one of the house is as it came then',
    permission: 'alerts:write',
    audit: 'write',
    of: 'installation',
    phi: false,
    request: { params: z.object({ name }) },
    response: z.object({ removed: z.boolean() }).meta({ id: 'AlertRuleRemoved' }),
    examples: [
      { name: 'drop it', request: { params: { name: 'slow-mail' } }, response: { removed: true } },
    ],
    async run({ rooms }, { params }) {
      await rooms.alerts.removeRule(params.name)
      return { removed: true }
    },
  }),
  operation({
    id: 'alertRules.try',
    method: 'POST',
    path: '/api/v1/alert-rules/:name/try',
    summary: 'When a rule would have been an alert, without saving it',
    permission: 'alerts:write',
    audit: 'none',
    of: 'installation',
    phi: false,
    forgetful: true,
    request: {
      params: z.object({ name }),
      body: z.object({ rule: body, last: duration.default('7d').describe('31d at most.') }),
    },
    response: backTest,
    examples: [
      {
        name: 'on the last day',
        request: { params: { name: 'slow-mail' }, body: { rule: exampleBody, last: '1d' } },
        response: {
          from: AT,
          to: AT + 86_400_000,
          minutes: 1_440,
          episodes: [
            {
              subject: 'mail',
              since: AT + 60_000,
              firedAt: AT + 180_000,
              resolvedAt: AT + 600_000,
              worst: 640,
            },
          ],
        },
      },
    ],
    run: ({ rooms }, request) =>
      rooms.alerts.tryRule(
        ruleOf(request.params.name, request.body.rule),
        request.body.last as '7d',
      ),
  }),
]

/** A rule as it is kept; the spans have been read as spans. */
function ruleOf(
  ruleName: string,
  { window, for: hold, ...rest }: z.output<typeof body>,
): AlertRule {
  return {
    name: ruleName,
    ...rest,
    ...(window === undefined ? {} : { window: window as '5m' }),
    ...(hold === undefined ? {} : { for: hold as '5m' }),
  }
}
