// Operations on limits: what code says, and what a person has put in its place for a time.
import { z } from 'zod'
import type { Duration } from '../../primitives/duration.ts'
import type { Limit } from '../../runtime/limits.ts'
import { operation, type ApiContext, type ApiOperation } from '../contract.ts'
import { demandMatch } from '../etag.ts'
import { duration, reason, time } from '../fields.ts'

export interface LimitView extends Omit<Limit, 'override'> {
  override: { value: number; until: number | null; reason: string; by: string; at: number } | null
}

export const limit: z.ZodType<LimitView> = z
  .object({
    kind: z.enum(['queue', 'job']),
    name: z.string(),
    limit: z.enum(['concurrency', 'rate']),
    value: z.number().describe('What is in force.'),
    code: z.number().nullable().describe('What code says; null where it sets no limit.'),
    per: z.number().nullable().describe('The span of a rate, in milliseconds.'),
    override: z
      .object({
        value: z.number(),
        until: time.nullable(),
        reason: z.string(),
        by: z.string(),
        at: time,
      })
      .nullable(),
  })
  .meta({ id: 'Limit' })

export const EXAMPLE_LIMIT: LimitView = {
  kind: 'queue',
  name: 'mail',
  limit: 'concurrency',
  value: 5,
  code: 10,
  per: null,
  override: {
    value: 5,
    until: null,
    reason: 'the vendor asked for less',
    by: 'Ana',
    at: 1_767_225_600_000,
  },
}

export function showLimit({ override, ...row }: Limit): LimitView {
  if (!override) return { ...row, override: null }
  const { who, ...rest } = override
  return { ...row, override: { ...rest, by: who } }
}

const limitTarget = z.object({
  kind: z.enum(['queue', 'job']).describe('`job`: of a kind of job, by its name.'),
  name: z.string().min(1).max(200),
  limit: z.enum(['concurrency', 'rate']),
})

function queueOfTarget(context: ApiContext, kind: 'queue' | 'job', name: string): string {
  return kind === 'queue' ? name : (context.rooms.registry.jobs.get(name)?.queue ?? name)
}

export const limitOperations: readonly ApiOperation[] = [
  operation({
    id: 'limits.list',
    method: 'GET',
    path: '/api/v1/limits',
    summary: 'Every limit: what is in force, what code says, who set another one and why',
    permission: 'queues:read',
    audit: 'none',
    phi: false,
    etag: true,
    request: {},
    response: z.object({ data: z.array(limit) }).meta({ id: 'Limits' }),
    examples: [{ name: 'one limit', request: {}, response: { data: [EXAMPLE_LIMIT] } }],
    run: async (context) => ({ data: await readShownLimits(context) }),
  }),
  operation({
    id: 'limits.override',
    method: 'PUT',
    path: '/api/v1/limits',
    summary: 'Put another limit in the place of the one in code, for a time or until it is reset',
    description:
      '`If-Match` with the ETag of `limits.list` refuses the change of what was changed meanwhile.',
    permission: 'queues:control',
    audit: 'write',
    phi: false,
    request: {
      body: z
        .object({
          ...limitTarget.shape,
          value: z.int().min(1),
          for: duration.optional(),
          reason,
        })
        .meta({ id: 'LimitOverride' }),
    },
    response: limit,
    examples: [
      {
        name: 'less for a while',
        request: {
          body: {
            kind: 'queue',
            name: 'mail',
            limit: 'concurrency',
            value: 5,
            for: '2h',
            reason: 'the vendor asked for less',
          },
        },
        response: EXAMPLE_LIMIT,
      },
    ],
    async run(context, { body }) {
      context.demand(queueOfTarget(context, body.kind, body.name))
      await demandSeenLimits(context)
      const target = { [body.kind]: body.name, limit: body.limit }
      const set = await context.orderly.overrideLimit(target as never, {
        value: body.value,
        reason: body.reason,
        by: context.actor.name,
        ...(body.for === undefined ? {} : { for: body.for as Duration }),
      })
      context.note({ name: body.name, limit: body.limit, value: body.value, reason: body.reason })
      return showLimit(set)
    },
  }),
  operation({
    id: 'limits.reset',
    method: 'POST',
    path: '/api/v1/limits/reset',
    summary: 'Let the limit in code hold again',
    permission: 'queues:control',
    audit: 'write',
    phi: false,
    request: { body: limitTarget },
    response: z.object({ wasSet: z.boolean() }).meta({ id: 'LimitReset' }),
    examples: [
      {
        name: 'as in code',
        request: { body: { kind: 'queue', name: 'mail', limit: 'concurrency' } },
        response: { wasSet: true },
      },
    ],
    async run(context, { body }) {
      context.demand(queueOfTarget(context, body.kind, body.name))
      await demandSeenLimits(context)
      context.note({ name: body.name, limit: body.limit })
      const target = { [body.kind]: body.name, limit: body.limit }
      return { wasSet: await context.orderly.resetLimit(target as never) }
    },
  }),
]

const limitList = z.object({ data: z.array(limit) })

async function readShownLimits(context: ApiContext): Promise<LimitView[]> {
  const all = await context.orderly.limits()
  return all
    .filter(({ kind, name }) => context.reaches(queueOfTarget(context, kind, name)))
    .map(showLimit)
}

async function demandSeenLimits(context: ApiContext): Promise<void> {
  if (context.headers['if-match'] !== undefined)
    demandMatch(context, limitList, { data: await readShownLimits(context) })
}
