// Operations on queues: counts, pauses, limits, emptying.
import { z } from 'zod'
import { findOldestDue } from '../../history/follow.ts'
import type { Pause } from '../../runtime/control.ts'
import type { QueueSummary } from '../../runtime/read.ts'
import { OrderlyError } from '../../primitives/errors.ts'
import type { Duration } from '../../primitives/duration.ts'
import { operation, type ApiContext, type ApiOperation } from '../contract.ts'
import { duration, nameParams, reason, time } from '../fields.ts'
import { EXAMPLE_LIMIT, limit, showLimit } from './limits.ts'

const counts = z
  .object({
    waiting: z.number(),
    prioritized: z.number(),
    delayed: z.number(),
    'waiting-children': z.number(),
    active: z.number(),
    completed: z.number(),
    failed: z.number(),
  })
  .meta({ id: 'QueueCounts' })

const pause = z
  .object({
    kind: z.enum(['queue', 'job', 'schedule']),
    name: z.string(),
    reason: z.string(),
    by: z.string(),
    at: time,
    until: time.nullable().describe('When it goes on by itself. Milliseconds since 1970 UTC.'),
  })
  .meta({ id: 'Pause' })

const queue = z
  .object({
    name: z.string(),
    paused: z.boolean(),
    pause: pause.nullable(),
    counts,
    types: z.array(z.string()).describe('The kinds of job that go there.'),
    workers: z.number().describe('Processes that work on it now.'),
    holdsPhi: z.boolean(),
    oldestDue: time
      .nullable()
      .describe('When the job that has been due for longest was due; null where none waits.'),
  })
  .meta({ id: 'Queue' })

const queueDetail = z
  .object({ queue, limits: z.array(limit), typePauses: z.array(pause) })
  .meta({ id: 'QueueDetail' })

const exampleCounts = {
  waiting: 3,
  prioritized: 0,
  delayed: 1,
  'waiting-children': 0,
  active: 2,
  completed: 40,
  failed: 1,
}
const examplePause = {
  kind: 'queue',
  name: 'mail',
  reason: 'the vendor is down',
  by: 'Ana',
  at: 1_767_225_600_000,
  until: null,
} as const
const exampleQueue = {
  name: 'mail',
  paused: true,
  pause: examplePause,
  counts: exampleCounts,
  types: ['mail.send'],
  workers: 1,
  holdsPhi: true,
  oldestDue: 1_767_225_600_000,
}
function showPause({ who, ...row }: Pause): z.input<typeof pause> {
  return { ...row, by: who }
}

async function readShownQueues(context: ApiContext): Promise<z.input<typeof queue>[]> {
  const { orderly, rooms } = context
  const [queues, pauses, workers, oldest] = await Promise.all([
    orderly.queues(),
    orderly.pauses(),
    orderly.workers(),
    findOldestDue(rooms.history, rooms.clock.now()),
  ])
  return queues
    .filter(({ name }) => context.reaches(name))
    .map((summary: QueueSummary) => {
      const rest = pauses.find(({ kind, name }) => kind === 'queue' && name === summary.name)
      return {
        ...summary,
        pause: rest ? showPause(rest) : null,
        types: [...rooms.registry.jobs.values()]
          .filter((job) => job.queue === summary.name)
          .map(({ name }) => name),
        workers: workers.filter((worker) => worker.queues.includes(summary.name)).length,
        holdsPhi: rooms.classes.suiteOf(summary.name) === 'encrypted',
        oldestDue: oldest.get(summary.name) ?? null,
      }
    })
}

async function readDetail(context: ApiContext, name: string): Promise<z.input<typeof queueDetail>> {
  const [queues, limits, pauses] = await Promise.all([
    readShownQueues(context),
    context.orderly.limits(),
    context.orderly.pauses(),
  ])
  const found = queues.find((one) => one.name === name)
  if (!found) throw new OrderlyError('ORDERLY_NOT_FOUND', 'there is no queue of this name')
  return {
    queue: found,
    limits: limits
      .filter((one) => (one.kind === 'queue' ? one.name === name : found.types.includes(one.name)))
      .map(showLimit),
    typePauses: pauses
      .filter((one) => one.kind === 'job' && found.types.includes(one.name))
      .map(showPause),
  }
}

export const queueOperations: readonly ApiOperation[] = [
  operation({
    id: 'queues.list',
    method: 'GET',
    path: '/api/v1/queues',
    summary: 'Every queue with its counts, its pause and who works on it',
    permission: 'queues:read',
    audit: 'none',
    phi: false,
    shared: true,
    etag: true,
    request: {},
    response: z.object({ data: z.array(queue) }).meta({ id: 'Queues' }),
    examples: [{ name: 'one queue', request: {}, response: { data: [exampleQueue] } }],
    aliases: [
      { method: 'GET', path: '/api/queue/stats', note: 'As the plan of an optical lab writes it.' },
    ],
    run: async (context) => ({ data: await readShownQueues(context) }),
  }),
  operation({
    id: 'queues.get',
    method: 'GET',
    path: '/api/v1/queues/:name',
    summary: 'One queue with its limits',
    permission: 'queues:read',
    audit: 'none',
    phi: false,
    etag: true,
    request: { params: nameParams },
    response: queueDetail,
    examples: [
      {
        name: 'a queue',
        request: { params: { name: 'mail' } },
        response: { queue: exampleQueue, limits: [EXAMPLE_LIMIT], typePauses: [] },
      },
    ],
    run(context, { params }) {
      context.concerns(params.name)
      return readDetail(context, params.name)
    },
  }),
  operation({
    id: 'queues.pause',
    method: 'POST',
    path: '/api/v1/queues/:name/pause',
    summary: 'Let no more jobs of a queue begin; those that run go on',
    permission: 'queues:control',
    audit: 'write',
    phi: false,
    request: {
      params: nameParams,
      body: z.object({
        reason,
        for: duration.optional().describe('It goes on by itself after this long.'),
      }),
    },
    response: pause,
    examples: [
      {
        name: 'for an hour',
        request: { params: { name: 'mail' }, body: { reason: 'the vendor is down', for: '1h' } },
        response: examplePause,
      },
    ],
    async run(context, { params, body }) {
      context.demand(params.name)
      context.note({ reason: body.reason })
      return showPause(await context.orderly.pause({ queue: params.name }, pauseOf(context, body)))
    },
  }),
  operation({
    id: 'queues.resume',
    method: 'POST',
    path: '/api/v1/queues/:name/resume',
    summary: 'Let the jobs of a queue begin again',
    permission: 'queues:control',
    audit: 'write',
    phi: false,
    request: { params: nameParams },
    response: z.object({ wasPaused: z.boolean() }).meta({ id: 'Resumed' }),
    examples: [
      {
        name: 'go on',
        request: { params: { name: 'mail' } },
        response: { wasPaused: true },
      },
    ],
    async run(context, { params }) {
      context.demand(params.name)
      return { wasPaused: await context.orderly.resume({ queue: params.name }) }
    },
  }),
  operation({
    id: 'queues.drain',
    method: 'POST',
    path: '/api/v1/queues/:name/drain',
    summary: 'Take all waiting jobs out of a queue',
    permission: 'queues:purge',
    audit: 'write',
    phi: false,
    request: {
      params: nameParams,
      body: z.object({
        reason,
        delayed: z.boolean().default(false).describe('Those that wait for their time, too.'),
        plan: z.boolean().default(false).describe('Only say how many there are.'),
      }),
    },
    response: z.object({ drained: z.number(), planned: z.number() }).meta({ id: 'Drained' }),
    examples: [
      {
        name: 'what would go',
        request: { params: { name: 'mail' }, body: { reason: 'sent twice', plan: true } },
        response: { drained: 0, planned: 3 },
      },
    ],
    async run(context, { params, body }) {
      context.demand(params.name)
      const { counts: found } = (await readDetail(context, params.name)).queue
      const planned = found.waiting + found.prioritized + (body.delayed ? found.delayed : 0)
      context.note({ reason: body.reason, plan: body.plan })
      if (body.plan) return { drained: 0, planned }
      const drained = await context.orderly.drain(params.name, { delayed: body.delayed })
      context.note({ drained })
      return { drained, planned }
    },
  }),
  operation({
    id: 'queues.clean',
    method: 'POST',
    path: '/api/v1/queues/:name/clean',
    summary: 'Take finished jobs out of a queue; the record keeps their history',
    permission: 'queues:purge',
    audit: 'write',
    phi: false,
    request: {
      params: nameParams,
      body: z.object({
        state: z.enum(['completed', 'failed']),
        olderThan: duration.default('0ms'),
        reason,
      }),
    },
    response: z.object({ cleaned: z.number() }).meta({ id: 'Cleaned' }),
    examples: [
      {
        name: 'completed for a day',
        request: {
          params: { name: 'mail' },
          body: { state: 'completed', olderThan: '24h', reason: 'room' },
        },
        response: { cleaned: 40 },
      },
    ],
    async run(context, { params, body }) {
      context.demand(params.name)
      const cleaned = await context.orderly.clean(params.name, {
        state: body.state,
        olderThan: body.olderThan as Duration,
      })
      context.note({ reason: body.reason, cleaned })
      return { cleaned }
    },
  }),
]

function pauseOf(
  { actor }: ApiContext,
  body: { readonly reason: string; readonly for?: string | undefined },
): { reason: string; by: string; for?: Duration } {
  return {
    reason: body.reason,
    by: actor.name,
    ...(body.for === undefined ? {} : { for: body.for as Duration }),
  }
}
