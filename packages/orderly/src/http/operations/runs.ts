// Operations on runs of workflows: begun, watched, told, decided, paused, mended, ended.
import { z } from 'zod'
import { OrderlyError } from '../../primitives/errors.ts'
import { summaryOf, waitingApprovals, type Run } from '../../runtime/runs.ts'
import type { RunRow } from '../../state/run-tables.ts'
import { findRuns } from '../../state/runs.ts'
import { EXAMPLE_IDS, operation, type ApiContext, type ApiOperation } from '../contract.ts'
import { readCursor, writeCursor } from '../cursor.ts'
import { idParams, reason, time } from '../fields.ts'
import { fillPage } from '../fill-page.ts'
import { pageOf, pageQuery } from '../page.ts'
import { runsInReach } from '../reach.ts'

const STATES = ['running', 'paused', 'completed', 'failed', 'cancelled'] as const
export const runState: z.ZodEnum<{ [State in (typeof STATES)[number]]: State }> = z
  .enum(STATES)
  .meta({ id: 'RunState' })

const runFields = {
  id: z.string(),
  workflow: z.string(),
  version: z.number(),
  state: runState,
  createdAt: time,
  finishedAt: time.nullable(),
  by: z.string(),
  parent: z.string().nullable().describe('The run it is a sub-workflow of.'),
  forkedFrom: z.object({ run: z.string(), node: z.string() }).nullable(),
}

const node = z
  .object({
    node: z.string(),
    state: z.string(),
    jobId: z.string().nullable(),
    child: z.string().nullable().describe('The run of a sub-workflow.'),
    error: z.string().nullable().describe('A code.'),
    waitsFor: z.string().nullable().describe('`approval`, `signal/<name>`, `event/<name>` …'),
    dueAt: time.nullable(),
    attempt: z.number(),
    startedAt: time,
    endedAt: time.nullable(),
    items: z
      .record(z.string(), z.number())
      .optional()
      .describe('Of a for-each: how its items stand.'),
  })
  .meta({ id: 'RunNode' })

const EXAMPLE_RUN = {
  id: EXAMPLE_IDS.run,
  workflow: EXAMPLE_IDS.workflow,
  version: 1,
  state: 'running',
  createdAt: 1_767_225_600_000,
  finishedAt: null,
  by: 'Ana',
  parent: null,
  forkedFrom: null,
}
const EXAMPLE_NODE = {
  node: 'ask',
  state: 'running',
  jobId: null,
  child: null,
  error: null,
  waitsFor: 'approval',
  dueAt: null,
  attempt: 1,
  startedAt: 1_767_225_600_000,
  endedAt: null,
}
const OF_RUN = { params: { id: EXAMPLE_IDS.run } }

function showRun({ who, ...row }: Omit<Run, 'nodes'>): z.input<z.ZodObject<typeof runFields>> {
  return { ...row, by: who }
}

async function runFor({ orderly }: ApiContext, id: string): Promise<Run> {
  const found = await orderly.run(id)
  if (found) return found
  throw new OrderlyError('ORDERLY_NOT_FOUND', 'there is no run of this id')
}

const done = z.object({ done: z.boolean() }).meta({ id: 'Done' })

export const runOperations: readonly ApiOperation[] = [
  operation({
    id: 'runs.start',
    method: 'POST',
    path: '/api/v1/workflows/:id/runs',
    summary: 'Begin a run',
    permission: 'workflows:run',
    audit: 'write',
    of: 'workflow',
    phi: true,
    status: 201,
    request: {
      params: idParams,
      body: z.object({ input: z.unknown(), version: z.int().min(1).optional() }),
    },
    response: z.object({ id: z.string() }).meta({ id: 'StartedRun' }),
    examples: [
      {
        name: 'the latest version',
        request: { params: { id: EXAMPLE_IDS.workflow }, body: { input: { orderId: 7 } } },
        response: { id: EXAMPLE_IDS.run },
      },
    ],
    async run({ orderly, actor, note }, { params, body }) {
      const started = await orderly.startRun(params.id, body.input ?? {}, {
        by: actor.name,
        ...(body.version === undefined ? {} : { version: body.version }),
      })
      note({ run: started.id })
      return started
    },
  }),
  operation({
    id: 'runs.list',
    method: 'GET',
    path: '/api/v1/runs',
    summary: 'Runs, newest first',
    permission: 'workflows:read',
    audit: 'none',
    phi: false,
    request: {
      query: z.object({
        workflow: z.string().max(200).optional(),
        state: runState.optional(),
        parent: z.string().max(200).optional(),
        ...pageQuery,
      }),
    },
    response: pageOf(z.object(runFields).meta({ id: 'Run' }), 'Runs'),
    examples: [
      {
        name: 'those that run',
        request: { query: { state: 'running' } },
        response: { data: [EXAMPLE_RUN], page: { next: null } },
      },
    ],
    async run(context, { query: { cursor, limit, ...filter } }) {
      const { actor, rooms } = context
      const list = `runs/${JSON.stringify(filter)}/${actor.id}`
      const start = cursor === undefined ? undefined : await readCursor(rooms, list, cursor)
      const { rows, last } = await fillPage<RunRow>(
        limit,
        (after, most) =>
          findRuns(rooms.state, { ...filter, before: after ?? (start as RunRow), limit: most }),
        runsInReach(context),
      )
      const next = last
        ? await writeCursor(rooms, list, { created_at: last.created_at, id: last.id })
        : null
      return { data: rows.map((row) => showRun(summaryOf(row))), page: { next } }
    },
  }),
  operation({
    id: 'runs.get',
    method: 'GET',
    path: '/api/v1/runs/:id',
    summary: 'One run with its nodes',
    permission: 'workflows:read',
    audit: 'none',
    of: 'run',
    phi: false,
    etag: true,
    request: { params: idParams },
    response: z.object({ ...runFields, nodes: z.array(node) }).meta({ id: 'RunDetail' }),
    examples: [
      {
        name: 'a run that waits for somebody',
        request: OF_RUN,
        response: { ...EXAMPLE_RUN, nodes: [EXAMPLE_NODE] },
      },
    ],
    async run(context, { params }) {
      const { nodes, ...found } = await runFor(context, params.id)
      return {
        ...showRun(found),
        nodes: nodes.map(({ items, ...row }) => ({
          ...row,
          ...(items ? { items: { ...items } } : {}),
        })),
      }
    },
  }),
  operation({
    id: 'runs.document',
    method: 'GET',
    path: '/api/v1/runs/:id/document',
    summary: 'The document that a run began with, and keeps',
    permission: 'workflows:read',
    audit: 'none',
    of: 'run',
    phi: false,
    etag: true,
    request: { params: idParams },
    response: z.object({ document: z.unknown() }).meta({ id: 'RunDocument' }),
    examples: [{ name: 'a run', request: OF_RUN, response: { document: {} } }],
    run: async ({ orderly }, { params }) => ({ document: await orderly.runDocument(params.id) }),
  }),
  operation({
    id: 'runs.history',
    method: 'GET',
    path: '/api/v1/runs/:id/history',
    summary: 'What happened to a run, in order: for graphs that go back in time',
    permission: 'workflows:read',
    audit: 'none',
    of: 'run',
    phi: false,
    request: { params: idParams },
    response: z
      .object({ data: z.array(z.record(z.string(), z.unknown())) })
      .meta({ id: 'RunHistory' }),
    examples: [{ name: 'a run', request: OF_RUN, response: { data: [{ node: 'ask' }] } }],
    async run(context, { params }) {
      await runFor(context, params.id)
      return { data: (await context.orderly.runHistory(params.id)).map((event) => ({ ...event })) }
    },
  }),
  operation({
    id: 'runs.approvals',
    method: 'GET',
    path: '/api/v1/approvals',
    summary: 'What waits for a decision, the longest first',
    permission: 'workflows:read',
    audit: 'none',
    phi: false,
    request: {},
    response: z
      .object({
        data: z.array(
          z.object({
            run: z.string(),
            workflow: z.string(),
            node: z.string(),
            question: z.string(),
            who: z.array(z.string()),
            since: time,
            deadline: time.nullable(),
            escalated: z.boolean(),
          }),
        ),
      })
      .meta({ id: 'Approvals' }),
    examples: [{ name: 'nothing', request: {}, response: { data: [] } }],
    async run(context) {
      return { data: await waitingApprovals(context.rooms, runsInReach(context)) }
    },
  }),
  operation({
    id: 'runs.pause',
    method: 'POST',
    path: '/api/v1/runs/:id/pause',
    summary: 'Let nothing of a run begin until it is resumed',
    permission: 'workflows:run',
    audit: 'write',
    of: 'run',
    phi: false,
    request: { params: idParams, body: z.object({ reason }) },
    response: done,
    examples: [
      {
        name: 'wait a moment',
        request: { ...OF_RUN, body: { reason: 'a file is missing' } },
        response: { done: true },
      },
    ],
    async run({ orderly, actor, note }, { params, body }) {
      await orderly.pauseRun(params.id, { by: actor.name, reason: body.reason })
      note({ reason: body.reason })
      return { done: true }
    },
  }),
  operation({
    id: 'runs.resume',
    method: 'POST',
    path: '/api/v1/runs/:id/resume',
    summary: 'Let a paused run go on',
    permission: 'workflows:run',
    audit: 'write',
    of: 'run',
    phi: false,
    request: { params: idParams },
    response: done,
    examples: [{ name: 'go on', request: OF_RUN, response: { done: true } }],
    async run({ orderly, actor }, { params }) {
      await orderly.resumeRun(params.id, actor.name)
      return { done: true }
    },
  }),
  operation({
    id: 'runs.signal',
    method: 'POST',
    path: '/api/v1/runs/:id/signal',
    summary: 'Give a run what one of its nodes waits for',
    permission: 'workflows:run',
    audit: 'write',
    of: 'run',
    phi: true,
    request: {
      params: idParams,
      body: z.object({ name: z.string().min(1).max(200), value: z.unknown().optional() }),
    },
    response: done,
    examples: [
      {
        name: 'the parcel is there',
        request: { ...OF_RUN, body: { name: 'arrived' } },
        response: { done: true },
      },
    ],
    async run({ orderly, note }, { params, body }) {
      await orderly.signalRun(params.id, body.name, body.value)
      note({ signal: body.name })
      return { done: true }
    },
  }),
  operation({
    id: 'runs.decide',
    method: 'POST',
    path: '/api/v1/runs/:id/decide',
    summary: 'Approve or refuse what a node asks of a person',
    permission: 'workflows:approve',
    audit: 'write',
    of: 'run',
    phi: false,
    request: {
      params: idParams,
      body: z.object({
        node: z.string().min(1).max(200),
        approved: z.boolean(),
        note: reason.optional(),
      }),
    },
    response: done,
    examples: [
      {
        name: 'yes',
        request: { ...OF_RUN, body: { node: 'ask', approved: true, note: 'both pages seen' } },
        response: { done: true },
      },
    ],
    async run({ orderly, actor, note }, { params, body }) {
      await orderly.decide(params.id, body.node, {
        approved: body.approved,
        by: actor.id,
        roles: actor.roles,
        ...(body.note === undefined ? {} : { note: body.note }),
      })
      note({ node: body.node, approved: body.approved })
      return { done: true }
    },
  }),
  operation({
    id: 'runs.cancel',
    method: 'POST',
    path: '/api/v1/runs/:id/cancel',
    summary: 'End a run: its jobs are cancelled, and nothing of it begins any more',
    permission: 'workflows:run',
    audit: 'write',
    of: 'run',
    phi: false,
    request: { params: idParams },
    response: z.object({ wasRunning: z.boolean() }).meta({ id: 'RunCancellation' }),
    examples: [{ name: 'not wanted any more', request: OF_RUN, response: { wasRunning: true } }],
    run: async ({ orderly, actor }, { params }) => ({
      wasRunning: await orderly.cancelRun(params.id, actor.name),
    }),
  }),
]
