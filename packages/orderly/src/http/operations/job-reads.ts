// Operations that look at jobs: search, history, one job.
import { z } from 'zod'
import type { InspectedJob } from '../../runtime/inspect.ts'
import { EXAMPLE_IDS, operation, type ApiContext, type ApiOperation } from '../contract.ts'
import { idParams, time } from '../fields.ts'
import { findPage, foundPage, jobFor } from '../find-page.ts'
import { actionsFor, jobDetail, showDetail, type JobAction, type JobView } from '../job-view.ts'
import { pageQuery } from '../page.ts'

export const EXAMPLE_JOB: JobView = {
  id: EXAMPLE_IDS.job,
  queue: 'mail',
  type: 'mail.send',
  state: 'waiting',
  priority: 0,
  attempts: 0,
  createdAt: 1_767_225_600_000,
  runAt: 1_767_225_600_000,
  startedAt: null,
  finishedAt: null,
  duration: null,
  errorCode: null,
  fingerprint: null,
  worker: null,
  parent: null,
  schedule: null,
  engine: 'main',
  expiresAt: null,
  updatedAt: 1_767_225_600_000,
}

const exampleFound = {
  data: [EXAMPLE_JOB],
  page: { next: null },
  search: 'state:waiting',
  unindexed: [],
  unsearchable: [],
  since: null,
}

const PERMISSION_FOR = {
  retry: 'jobs:retry',
  cancel: 'jobs:cancel',
  promote: 'jobs:cancel',
  delete: 'jobs:delete',
} as const

function allowed(context: ApiContext, { state, queue }: InspectedJob): JobAction[] {
  return actionsFor(state).filter((action) => context.can(PERMISSION_FOR[action], { queue }))
}

const jobLife = z
  .object({
    steps: z.array(
      z.object({
        n: z.number().describe('Where it stands in the record.'),
        at: time,
        type: z.string(),
        attempt: z.number().nullable(),
        counted: z.boolean().describe('False for what came too late to change anything.'),
        code: z.string().nullable(),
        changes: z.array(
          z.object({
            field: z.string(),
            from: z.union([z.string(), z.number()]).nullable(),
            to: z.union([z.string(), z.number()]).nullable(),
          }),
        ),
      }),
    ),
    agrees: z.boolean().describe('Whether the steps end where the job stands in the record.'),
  })
  .meta({ id: 'JobLife' })
const EXAMPLE_LIFE = {
  steps: [
    {
      n: 1,
      at: 1_767_225_600_000,
      type: 'accepted',
      attempt: null,
      counted: true,
      code: null,
      changes: [{ field: 'state', from: null, to: 'waiting' }],
    },
  ],
  agrees: true,
}

const searchText = z.string().max(4_000).default('')

export const jobReads: readonly ApiOperation[] = [
  operation({
    id: 'jobs.list',
    method: 'GET',
    path: '/api/v1/jobs',
    summary: 'Find jobs, newest first',
    description: 'A search for PHI is sent to `jobs.search` instead.',
    permission: 'jobs:read',
    audit: 'none',
    phi: false,
    shared: true,
    request: { query: z.object({ q: searchText, ...pageQuery }) },
    response: foundPage,
    examples: [
      { name: 'waiting jobs', request: { query: { q: 'state:waiting' } }, response: exampleFound },
    ],
    aliases: [
      { method: 'GET', path: '/jobs/history', note: 'What has become of jobs, newest first.' },
    ],
    run: (context, { query }) => findPage(context, query.q, { ...query, inAddress: true }),
  }),
  operation({
    id: 'jobs.search',
    method: 'POST',
    path: '/api/v1/jobs/search',
    summary: 'Find jobs by a search that may name PHI',
    description: 'PHI is found by its exact value, through a blind index; it needs `phi:search`.',
    permission: 'jobs:read',
    audit: 'read',
    phi: true,
    forgetful: true,
    request: {
      body: z.object({
        q: searchText,
        limit: z.number().int().min(1).max(500).default(50),
        cursor: pageQuery.cursor,
      }),
    },
    response: foundPage,
    examples: [
      { name: 'waiting jobs', request: { body: { q: 'state:waiting' } }, response: exampleFound },
    ],
    run: (context, { body }) => findPage(context, body.q, { ...body, inAddress: false }),
  }),
  operation({
    id: 'jobs.life',
    method: 'GET',
    path: '/api/v1/jobs/:id/life',
    summary: 'The life of a job once more, a step at a time, for finding out what went wrong',
    permission: 'jobs:read',
    audit: 'none',
    phi: false,
    request: { params: idParams },
    response: jobLife,
    examples: [
      {
        name: 'a job that waits',
        request: { params: { id: EXAMPLE_IDS.job } },
        response: EXAMPLE_LIFE,
      },
    ],
    async run(context, { params }) {
      const job = await jobFor(context, params.id)
      return (await context.orderly.replayJob(job.id))!
    },
  }),
  operation({
    id: 'jobs.get',
    method: 'GET',
    path: '/api/v1/jobs/:id',
    summary: 'One job with its life; what is PHI in it is masked',
    permission: 'jobs:read',
    audit: 'read',
    phi: false,
    etag: true,
    request: { params: idParams },
    response: jobDetail,
    examples: [
      {
        name: 'a job that waits',
        request: { params: { id: EXAMPLE_IDS.job } },
        response: {
          ...EXAMPLE_JOB,
          version: 1,
          phi: true,
          input: { patient: 'J*** R***', clinicId: 'north' },
          output: null,
          inputFields: [
            { path: 'patient', kind: 'name' },
            { path: 'clinicId', kind: 'clear' },
          ],
          outputFields: [],
          life: [{ at: 1_767_225_600_000, type: 'accepted', attempt: null }],
          actions: ['cancel'],
        },
      },
    ],
    async run(context, { params }) {
      const job = await jobFor(context, params.id)
      return showDetail(context.rooms, job, allowed(context, job))
    },
  }),
]
