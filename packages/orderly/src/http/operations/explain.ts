// Operations that tell why: what keeps a job, and what it wrote to its log.
import { z } from 'zod'
import { OrderlyError } from '../../primitives/errors.ts'
import { explain } from '../../runtime/explain.ts'
import { CAUSES } from '../../runtime/explanation.ts'
import { EXAMPLE_IDS, operation, type ApiOperation } from '../contract.ts'
import { idParams, time } from '../fields.ts'
import { jobFor } from '../find-page.ts'
import { readLog } from '../../runtime/job-log.ts'

const explanation = z
  .object({
    cause: z.enum(CAUSES),
    sentence: z.string(),
    since: time.nullable(),
    until: time.nullable().describe('When it ends by itself, as far as is known.'),
    proof: z
      .array(z.object({ what: z.string(), value: z.union([z.string(), z.number()]) }))
      .describe('What the sentence rests on.'),
    action: z
      .object({
        operation: z.string().describe('The id of an operation.'),
        title: z.string(),
        params: z.record(z.string(), z.string()),
      })
      .nullable()
      .describe('What a person could do.'),
  })
  .meta({ id: 'Explanation' })

const logLine = z
  .object({
    level: z.string(),
    message: z.string().describe('Masked where the queue holds PHI.'),
  })
  .meta({ id: 'LogLine' })

const MOST_LINES = 1_000

export const explainOperations: readonly ApiOperation[] = [
  operation({
    id: 'jobs.explain',
    method: 'GET',
    path: '/api/v1/jobs/:id/explain',
    summary: 'Why a job does not run, or how it ended: a sentence, its proof, and what to do',
    permission: 'jobs:read',
    audit: 'none',
    phi: false,
    request: { params: idParams },
    response: explanation,
    examples: [
      {
        name: 'its queue is paused',
        request: { params: { id: EXAMPLE_IDS.job } },
        response: {
          cause: 'queue-paused',
          sentence: 'Ana paused queue "mail" at 2026-01-01 14:02 UTC: "the vendor is down".',
          since: 1_767_276_120_000,
          until: null,
          proof: [{ what: 'paused by', value: 'Ana' }],
          action: { operation: 'queues.resume', title: 'Resume', params: { name: 'mail' } },
        },
      },
    ],
    async run(context, { params }) {
      await jobFor(context, params.id)
      const found = await explain(context.rooms, params.id)
      if (found) return found
      throw new OrderlyError('ORDERLY_NOT_FOUND', 'there is no job of this id')
    },
  }),
  operation({
    id: 'jobs.logs',
    method: 'GET',
    path: '/api/v1/jobs/:id/logs',
    summary: 'What a job wrote to its log, first line first; masked where its queue holds PHI',
    permission: 'jobs:read',
    audit: 'read',
    phi: false,
    request: {
      params: idParams,
      query: z.object({
        from: z.coerce.number().int().min(0).default(0),
        limit: z.coerce.number().int().min(1).max(MOST_LINES).default(200),
      }),
    },
    response: z.object({ data: z.array(logLine), total: z.number() }).meta({ id: 'JobLog' }),
    examples: [
      {
        name: 'from the start',
        request: { params: { id: EXAMPLE_IDS.job } },
        response: { data: [{ level: 'info', message: '[masked:text 17]' }], total: 1 },
      },
    ],
    async run(context, { params, query }) {
      const job = await jobFor(context, params.id)
      return readLog(context.rooms, job, query.from, query.limit)
    },
  }),
]
