// Operations over many jobs: a plan that anybody can read, then its run.
import { z } from 'zod'
import { reachesAll } from '../../access/can.ts'
import { OrderlyError } from '../../primitives/errors.ts'
import { MOST_PLANNED, planBulk, runBulk } from '../../runtime/bulk.ts'
import type { BulkRow } from '../../state/bulk-tables.ts'
import { countItems, findBulk, findBulks, findItems, moveBulk } from '../../state/bulk.ts'
import { EXAMPLE_IDS, operation, type ApiContext, type ApiOperation } from '../contract.ts'
import { readCursor, sign, writeCursor } from '../cursor.ts'
import { idParams, reason, time } from '../fields.ts'
import { planFor, withinReach } from '../find-page.ts'
import { jobRow, showRow } from '../job-view.ts'
import { pageOf, pageQuery } from '../page.ts'
import { shownPlan } from '../plan-view.ts'
import { EXAMPLE_JOB } from './job-reads.ts'

const action = z.enum(['retry', 'cancel', 'promote', 'delete'])
const counts = z.record(z.string(), z.number())

const bulkFields = {
  id: z.string(),
  action,
  search: z.string().describe('What it was planned for; values of PHI are left out.'),
  state: z.enum(['planned', 'running', 'paused', 'completed', 'aborted']),
  total: z.number(),
  reason: z.string(),
  by: z.string(),
  perSecond: z.number(),
  createdAt: time,
  startedAt: time.nullable(),
  finishedAt: time.nullable(),
}

const bulk = z
  .object({
    ...bulkFields,
    done: z.number(),
    failed: z.number(),
    skipped: z.number(),
    left: z.number(),
  })
  .meta({ id: 'Bulk' })

const EXAMPLE = {
  id: EXAMPLE_IDS.bulk,
  action: 'retry',
  search: 'state:failed type:mail.send',
  state: 'running',
  total: 4,
  reason: 'the mail server is back',
  by: 'Ana',
  perSecond: 50,
  createdAt: 1_767_225_600_000,
  startedAt: 1_767_225_660_000,
  finishedAt: null,
  done: 3,
  failed: 0,
  skipped: 0,
  left: 1,
}

function show(row: BulkRow): z.input<z.ZodObject<typeof bulkFields>> {
  return {
    id: row.id,
    action: row.action,
    search: row.search,
    state: row.state,
    total: row.total,
    reason: row.reason,
    by: row.who,
    perSecond: row.pace,
    createdAt: row.created_at,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
  }
}

async function progress({ rooms }: ApiContext, row: BulkRow): Promise<z.input<typeof bulk>> {
  const { todo, begun, done, failed, skipped } = await countItems(rooms.state, row.id)
  return { ...show(row), done, failed, skipped, left: todo + begun }
}

/** A plan or run that the caller made, or may see because every queue is theirs. */
async function bulkFor({ rooms, actor }: ApiContext, id: string): Promise<BulkRow> {
  const row = await findBulk(rooms.state, id)
  if (row && (row.owner === actor.id || actor.queues.includes('*'))) return row
  throw new OrderlyError('ORDERLY_NOT_FOUND', 'there is no plan of this id')
}

/** What shows that a caller has seen this plan: it fits this plan and this caller only. */
function tokenOf({ rooms, actor }: ApiContext, row: BulkRow): Promise<string> {
  const seen = [row.id, row.action, row.total, row.search, row.created_at, actor.id]
  return sign(rooms, 'bulk', JSON.stringify(seen))
}

const PERMISSION_FOR = {
  retry: 'jobs:retry',
  cancel: 'jobs:cancel',
  promote: 'jobs:cancel',
  delete: 'jobs:delete',
} as const

async function move(
  context: ApiContext,
  id: string,
  from: readonly BulkRow['state'][],
  change: Parameters<typeof moveBulk>[3],
): Promise<z.input<typeof bulk>> {
  await bulkFor(context, id)
  if (!(await moveBulk(context.rooms.state, id, from, change)))
    throw new OrderlyError('ORDERLY_CONFLICT', 'it is not in a state for that; read it again')
  return progress(context, await bulkFor(context, id))
}

export const bulkOperations: readonly ApiOperation[] = [
  operation({
    id: 'bulk.plan',
    method: 'POST',
    path: '/api/v1/bulk',
    summary: 'Say what an action over all found jobs would do, and keep that as a plan',
    description: `A plan takes ${MOST_PLANNED.toLocaleString('en')} jobs at most, never changes, and is void after 15 minutes.`,
    permission: 'jobs:bulk',
    audit: 'write',
    phi: true,
    status: 201,
    request: {
      body: z
        .object({
          action,
          q: z.string().min(1).max(4_000).describe('A search.'),
          reason,
          perSecond: z.int().min(1).max(1_000).default(50),
        })
        .meta({ id: 'BulkRequest' }),
    },
    response: z
      .object({
        ...bulkFields,
        token: z.string().describe('Sent to run it: it shows that the plan was seen.'),
        expiresAt: time,
        found: z.number(),
        byState: counts,
        byType: counts,
        skips: z.array(z.object({ reason: z.string(), count: z.number() })),
        hasMore: z.boolean().describe('Whether more were found than one plan takes.'),
        sample: z.array(jobRow),
        estimate: z.number().describe('Milliseconds it will take.'),
      })
      .meta({ id: 'BulkPlan' }),
    examples: [
      {
        name: 'all failed mails again',
        request: {
          body: {
            action: 'retry',
            q: 'state:failed type:mail.send',
            reason: 'the mail server is back',
          },
        },
        response: {
          ...EXAMPLE,
          state: 'planned',
          startedAt: null,
          token: 'kq3T…',
          expiresAt: 1_767_226_500_000,
          found: 4,
          byState: { failed: 4 },
          byType: { 'mail.send': 4 },
          skips: [],
          hasMore: false,
          sample: [EXAMPLE_JOB],
          estimate: 80,
        },
      },
    ],
    async run(context, { body }) {
      const permission = PERMISSION_FOR[body.action]
      if (!context.can(permission))
        throw new OrderlyError('ORDERLY_FORBIDDEN', `this needs the permission "${permission}"`)
      const planned = await planBulk(context.rooms, {
        action: body.action,
        search: await planFor(context, body.q, { inAddress: false }),
        within: withinReach(context),
        may: (queue) => context.can(permission, { queue }),
        reason: body.reason,
        owner: context.actor.id,
        by: context.actor.name,
        pace: body.perSecond,
      })
      const { row, plan, sample } = planned
      context.note({ bulk: row.id, action: row.action, total: row.total, reason: row.reason })
      return {
        ...show(row),
        ...shownPlan(plan),
        token: await tokenOf(context, row),
        expiresAt: row.expires_at,
        sample: sample.map(showRow),
        estimate: Math.round((row.total * 1_000) / row.pace),
      }
    },
  }),
  operation({
    id: 'bulk.run',
    method: 'POST',
    path: '/api/v1/bulk/:id/run',
    summary: 'Do what was planned, to those jobs and no others',
    permission: 'jobs:bulk',
    audit: 'write',
    phi: false,
    status: 202,
    request: {
      params: idParams,
      body: z.object({
        token: z.string().max(200),
        confirm: z.int().min(0).describe('The number of jobs, as the plan says it.'),
      }),
    },
    response: bulk,
    examples: [
      {
        name: 'four jobs',
        request: {
          params: { id: EXAMPLE_IDS.bulk },
          body: { token: EXAMPLE_IDS.bulkToken, confirm: 1 },
        },
        response: EXAMPLE,
      },
    ],
    async run(context, { params, body }) {
      const row = await bulkFor(context, params.id)
      if (body.token !== (await tokenOf(context, row)) || body.confirm !== row.total)
        throw new OrderlyError(
          'ORDERLY_CONFLICT',
          'the token or the number is not that of this plan; plan anew and look at it',
        )
      const permission = PERMISSION_FOR[row.action]
      if (!context.can(permission))
        throw new OrderlyError('ORDERLY_FORBIDDEN', `this needs the permission "${permission}"`)
      await runBulk(context.rooms, row)
      context.note({ action: row.action, total: row.total, reason: row.reason })
      return progress(context, await bulkFor(context, params.id))
    },
  }),
  operation({
    id: 'bulk.list',
    method: 'GET',
    path: '/api/v1/bulk',
    summary: 'Plans and runs, newest first',
    permission: 'jobs:bulk',
    audit: 'none',
    phi: false,
    request: { query: z.object(pageQuery) },
    response: pageOf(z.object(bulkFields).meta({ id: 'BulkSummary' }), 'Bulks'),
    examples: [{ name: 'one', request: {}, response: { data: [EXAMPLE], page: { next: null } } }],
    async run({ rooms, actor }, { query: { cursor, limit } }) {
      const list = `bulk/${actor.id}`
      const before = cursor === undefined ? undefined : await readCursor(rooms, list, cursor)
      const rows = await findBulks(rooms.state, {
        limit,
        before: before as BulkRow | undefined,
        ...(reachesAll(actor) ? {} : { owner: actor.id }),
      })
      const last = rows.length === limit ? rows.at(-1) : undefined
      const next = last
        ? await writeCursor(rooms, list, { created_at: last.created_at, id: last.id })
        : null
      return { data: rows.map(show), page: { next } }
    },
  }),
  operation({
    id: 'bulk.get',
    method: 'GET',
    path: '/api/v1/bulk/:id',
    summary: 'How far it is',
    permission: 'jobs:bulk',
    audit: 'none',
    phi: false,
    request: { params: idParams },
    response: bulk,
    examples: [{ name: 'a run', request: { params: { id: EXAMPLE_IDS.bulk } }, response: EXAMPLE }],
    run: async (context, { params }) => progress(context, await bulkFor(context, params.id)),
  }),
  operation({
    id: 'bulk.items',
    method: 'GET',
    path: '/api/v1/bulk/:id/items',
    summary: 'What became of each job',
    permission: 'jobs:bulk',
    audit: 'none',
    phi: false,
    request: {
      params: idParams,
      query: z.object({
        state: z.enum(['todo', 'begun', 'done', 'failed', 'skipped']).optional(),
        after: z.coerce.number().int().min(-1).default(-1),
        limit: z.coerce.number().int().min(1).max(1_000).default(200),
      }),
    },
    response: z
      .object({
        data: z.array(
          z.object({
            n: z.number(),
            job: z.string(),
            state: z.string(),
            reason: z.string().describe('Why not; of a retry, the id of the new job.'),
          }),
        ),
      })
      .meta({ id: 'BulkItems' }),
    examples: [
      {
        name: 'the first',
        request: { params: { id: EXAMPLE_IDS.bulk }, query: { limit: '1' } },
        response: { data: [{ n: 0, job: EXAMPLE_IDS.failedJob, state: 'todo', reason: '' }] },
      },
    ],
    async run(context, { params, query: { state, after, limit } }) {
      await bulkFor(context, params.id)
      const rows = await findItems(context.rooms.state, params.id, {
        after,
        limit,
        ...(state === undefined ? {} : { state }),
      })
      return {
        data: rows.map((row) => ({
          n: row.n,
          job: row.job_id,
          state: row.state,
          reason: row.reason,
        })),
      }
    },
  }),
  operation({
    id: 'bulk.pause',
    method: 'POST',
    path: '/api/v1/bulk/:id/pause',
    summary: 'Let it rest; what has been done stays done',
    permission: 'jobs:bulk',
    audit: 'write',
    phi: false,
    request: { params: idParams },
    response: bulk,
    examples: [
      {
        name: 'wait',
        request: { params: { id: EXAMPLE_IDS.bulk } },
        response: { ...EXAMPLE, state: 'paused' },
      },
    ],
    run: (context, { params }) => move(context, params.id, ['running'], { state: 'paused' }),
  }),
  operation({
    id: 'bulk.resume',
    method: 'POST',
    path: '/api/v1/bulk/:id/resume',
    summary: 'Let it go on',
    permission: 'jobs:bulk',
    audit: 'write',
    phi: false,
    request: { params: idParams },
    response: bulk,
    examples: [{ name: 'go on', request: { params: { id: EXAMPLE_IDS.bulk } }, response: EXAMPLE }],
    run: (context, { params }) => move(context, params.id, ['paused'], { state: 'running' }),
  }),
  operation({
    id: 'bulk.abort',
    method: 'POST',
    path: '/api/v1/bulk/:id/abort',
    summary: 'Do no more of it; what has been done stays done',
    permission: 'jobs:bulk',
    audit: 'write',
    phi: false,
    request: { params: idParams },
    response: bulk,
    examples: [
      {
        name: 'no more',
        request: { params: { id: EXAMPLE_IDS.bulk } },
        response: { ...EXAMPLE, state: 'aborted' },
      },
    ],
    run: (context, { params }) =>
      move(context, params.id, ['planned', 'running', 'paused'], {
        state: 'aborted',
        finished_at: context.rooms.clock.now(),
      }),
  }),
]
