// Operations on what failed for good: groups by the place of the error, and putting jobs back.
import { z } from 'zod'
import type { DeadLetterFilter, DeadLetterGroup } from '../../history/dead-letters.ts'
import { readAttempts } from '../../runtime/attempts.ts'
import { toldName } from '../../runtime/told-name.ts'
import { operation, type ApiContext, type ApiOperation } from '../contract.ts'
import { listed, reason, time } from '../fields.ts'

const group = z
  .object({
    type: z.string(),
    queue: z.string(),
    errorCode: z.string().nullable(),
    fingerprint: z.string().nullable(),
    count: z.number(),
    first: time,
    last: time,
    sample: z.string().nullable().describe('The id of its newest job.'),
    frame: z
      .string()
      .nullable()
      .describe(
        'Where its newest job threw: the innermost place of the stack, of the largest groups.',
      ),
    search: z.string().describe('Finds its jobs.'),
  })
  .meta({ id: 'FailureGroup' })

const filterFields = {
  queue: z.string().max(200).optional(),
  type: z.string().max(200).optional(),
  fingerprint: z.string().max(64).optional(),
  errorCode: z.string().max(100).optional(),
  from: z.coerce.number().optional(),
  to: z.coerce.number().optional(),
}

type Filter = z.output<z.ZodObject<typeof filterFields>>

function filterOf({ type, ...rest }: Filter): DeadLetterFilter {
  const given = Object.entries({ ...rest, name: type }).filter(([, value]) => value !== undefined)
  return Object.fromEntries(given)
}

const EXAMPLE = {
  type: 'mail.send',
  queue: 'mail',
  errorCode: 'ORDERLY_HANDLER_FAILED',
  fingerprint: '9f3a00c1d2e3',
  count: 4,
  first: 1_767_225_600_000,
  last: 1_767_229_200_000,
  sample: null,
  frame: 'at sendMail (mail/send.ts:42:11)',
  search: 'state:failed type:mail.send fp:9f3a00c1d2e3',
}

function searchFor({ name, fingerprint, error_code }: DeadLetterGroup): string {
  const by = fingerprint ? ` fp:${fingerprint}` : error_code ? ` error:${error_code}` : ''
  return `state:failed type:${name}${by}`
}

async function readGroups(context: ApiContext, filter: Filter): Promise<z.input<typeof group>[]> {
  const groups = (await context.orderly.deadLetters(filterOf(filter))).filter(({ queue }) =>
    context.reaches(queue),
  )
  return Promise.all(
    groups.slice(0, 200).map(async (one, at) => {
      const [sample] = await context.orderly.findJobs({
        state: 'failed',
        name: one.name,
        limit: 1,
        ...(one.fingerprint === null ? {} : { fingerprint: one.fingerprint }),
      })
      const attempts = sample && at < MOST_FRAMES ? await readAttempts(context.rooms, sample) : []
      return {
        type: one.name,
        queue: one.queue,
        errorCode: one.error_code,
        fingerprint: one.fingerprint,
        count: one.count,
        first: one.first,
        last: one.last,
        sample: sample?.id ?? null,
        frame: attempts.at(-1)?.frames[0] ?? null,
        search: searchFor(one),
      }
    }),
  )
}

/** Of so many groups the place is looked up: each takes the attempts of a job. */
const MOST_FRAMES = 50

/** As many as one request puts back; more are put back by a bulk plan. */
const MOST_AT_ONCE = 500

export const failureOperations: readonly ApiOperation[] = [
  operation({
    id: 'failures.list',
    method: 'GET',
    path: '/api/v1/failures',
    summary: 'What failed for good and still has its content, by the place of the error',
    description: 'These are the dead letters: what somebody cancelled is none.',
    permission: 'jobs:read',
    audit: 'none',
    phi: false,
    shared: true,
    request: { query: z.object(filterFields) },
    response: z
      .object({ data: z.array(group), total: z.number().describe('Jobs in all groups.') })
      .meta({ id: 'Failures' }),
    examples: [{ name: 'all', request: {}, response: { data: [EXAMPLE], total: 4 } }],
    async run(context, { query }) {
      const data = await readGroups(context, query)
      return { data, total: data.reduce((sum, { count }) => sum + count, 0) }
    },
  }),
  operation({
    id: 'deadLetters.redrive',
    method: 'POST',
    path: '/api/v1/dead-letters/redrive',
    summary: 'Put dead letters back in their queues, at a pace',
    description: `At most ${MOST_AT_ONCE} in one request; a bulk plan puts back any number.`,
    permission: 'jobs:retry',
    audit: 'write',
    phi: false,
    request: {
      body: z
        .object({
          ...filterFields,
          from: time.optional(),
          to: time.optional(),
          ids: z.array(z.string().max(400)).max(MOST_AT_ONCE).optional(),
          reason,
          perSecond: z.number().min(1).max(1_000).default(100),
          limit: z.int().min(1).max(MOST_AT_ONCE).default(MOST_AT_ONCE),
        })
        .meta({ id: 'RedriveRequest' }),
    },
    response: z
      .object({
        redriven: z.number(),
        skipped: z.number().describe('Gone from their queue, or put back by somebody else.'),
      })
      .meta({ id: 'Redriven' }),
    examples: [
      {
        name: 'one group',
        request: { body: { type: 'mail.send', queue: 'mail', reason: 'the mail server is back' } },
        response: { redriven: 4, skipped: 0 },
      },
    ],
    async run(context, { body }) {
      const { ids, reason: why, perSecond, limit, ...filter } = body
      let redriven = 0
      let skipped = 0
      // One queue after the other, so that nobody reaches beyond those within reach.
      const queues = [...context.rooms.registry.queues.keys()].filter(
        (queue) =>
          (filter.queue === undefined || filter.queue === queue) &&
          context.can('jobs:retry', { queue }),
      )
      queues.forEach(context.concerns)
      for (const queue of queues) {
        if (redriven >= limit) break
        const done = await context.orderly.redrive(
          { ...filterOf({ ...filter, queue }), ...(ids ? { ids } : {}) },
          { reason: why, by: context.actor.name, perSecond, limit: limit - redriven },
        )
        redriven += done.redriven
        skipped += done.skipped
      }
      // They may be of no job at all.
      const told = await Promise.all((ids ?? []).map((id) => toldName(context.rooms, id)))
      context.note({ redriven, skipped, reason: why, ...(ids ? { ids: listed(told) } : {}) })
      return { redriven, skipped }
    },
  }),
]
