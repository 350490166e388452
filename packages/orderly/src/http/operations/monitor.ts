// Operations that watch: overview, workers, metrics, health, settings.
import { z } from 'zod'
import { readConcerns, sentenceFor } from '../../runtime/overview.ts'
import type { Orderly } from '../../orderly.ts'
import type { Duration } from '../../primitives/duration.ts'
import { firstMeasured } from '../../state/measures.ts'
import { operation, type ApiContext, type ApiOperation } from '../contract.ts'
import { duration, time } from '../fields.ts'

const health = z
  .object({
    status: z.enum(['ready', 'degraded', 'not-ready']),
    reason: z.string(),
    since: time,
    workers: z.number(),
    queues: z.number(),
    open: z.number().describe('Jobs that have not ended.'),
  })
  .meta({ id: 'Health' })

const concern = z
  .object({
    kind: z.string(),
    severity: z.enum(['bad', 'warning']),
    title: z.string(),
    detail: z.string(),
    about: z.string(),
  })
  .meta({ id: 'Concern' })

const count = z.object({ queue: z.string(), type: z.string(), state: z.string(), n: z.number() })

const worker = z
  .object({
    id: z.string(),
    host: z.string(),
    pid: z.number(),
    startedAt: time,
    seenAt: time,
    queues: z.array(z.string()),
    running: z.number(),
    stuck: z.number().describe('Handlers that go on although their attempts are over.'),
    held: z.array(z.object({ job: z.string(), reason: z.string(), times: z.number() })),
    memory: z.number().describe('Mebibytes.'),
    cpu: z.number().describe('Share of one processor.'),
    lag: z.number().describe('How late its event loop was, 99th percentile, in milliseconds.'),
    release: z.string(),
  })
  .meta({ id: 'Worker' })

const point = z
  .object({
    minute: time.describe('When it begins. Milliseconds since 1970 UTC.'),
    queue: z.string(),
    type: z.string(),
    started: z.number(),
    completed: z.number(),
    failed: z.number(),
    external: z.number().describe('Of those that failed, through an outside service.'),
    retried: z.number(),
    timedOut: z.number(),
    cancelled: z.number(),
    runMean: z.number().describe('Milliseconds.'),
    waitMean: z.number().describe('Milliseconds from due to start.'),
    longest: z.number().describe('Milliseconds.'),
  })
  .meta({ id: 'MetricsPoint' })

const EXAMPLE_HEALTH = {
  status: 'ready',
  reason: '',
  since: 1_767_225_600_000,
  workers: 1,
  queues: 2,
  open: 4,
}

async function readHealth({
  orderly,
  rooms,
  reaches,
}: ApiContext): Promise<z.input<typeof health>> {
  return healthOf({ orderly, rooms, reaches }, await orderly.countJobs())
}

async function healthOf(
  { orderly, rooms, reaches }: Pick<ApiContext, 'orderly' | 'rooms' | 'reaches'>,
  counts: Awaited<ReturnType<Orderly['countJobs']>>,
): Promise<z.input<typeof health>> {
  const { mode, reason, since, workersReady } = orderly.status()
  const workers = await orderly.workers()
  const ends = new Set(['completed', 'failed', 'removed'])
  return {
    status: workersReady ? (mode === 'normal' ? 'ready' : 'degraded') : 'not-ready',
    reason,
    since,
    workers: workers.length,
    queues: rooms.registry.queues.size,
    open: counts
      .filter(({ queue, state }) => reaches(queue) && !ends.has(state))
      .reduce((sum, { n }) => sum + n, 0),
  }
}

const LAB = 'As the plan of an optical lab writes it.'

export const monitorOperations: readonly ApiOperation[] = [
  operation({
    id: 'overview.get',
    method: 'GET',
    path: '/api/v1/overview',
    summary: 'How it is in a sentence, what needs somebody, and all counts',
    permission: 'metrics:read',
    audit: 'none',
    phi: false,
    shared: true,
    request: {},
    response: z
      .object({
        sentence: z.string(),
        concerns: z.array(concern),
        counts: z.array(count),
        health,
        started: z
          .boolean()
          .describe('Whether three jobs have completed: the first steps are done.'),
        release: z.string(),
        environment: z.enum(['production', 'development']),
      })
      .meta({ id: 'Overview' }),
    examples: [
      {
        name: 'a queue rests',
        request: {},
        response: {
          sentence: 'One thing needs you.',
          concerns: [
            {
              kind: 'paused',
              severity: 'warning',
              title: 'Queue "mail" is paused',
              detail: 'Ana: the vendor is down',
              about: 'mail',
            },
          ],
          counts: [{ queue: 'mail', type: 'mail.send', state: 'waiting', n: 3 }],
          health: EXAMPLE_HEALTH,
          started: true,
          release: '1.4.2',
          environment: 'production',
        },
      },
    ],
    async run(context) {
      const { rooms, orderly, reaches } = context
      const [all, counts] = await Promise.all([readConcerns(rooms), orderly.countJobs()])
      const concerns = all.filter(({ queue }) => queue === null || reaches(queue))
      const completed = counts
        .filter(({ state }) => state === 'completed')
        .reduce((sum, { n }) => sum + n, 0)
      return {
        sentence: sentenceFor(concerns),
        concerns: concerns.slice(0, 100),
        counts: counts
          .filter(({ queue }) => reaches(queue))
          .map(({ name, ...row }) => ({ ...row, type: name })),
        health: await healthOf(context, counts),
        started: completed >= 3,
        release: rooms.release,
        environment: orderly.settings.production
          ? ('production' as const)
          : ('development' as const),
      }
    },
  }),
  operation({
    id: 'workers.list',
    method: 'GET',
    path: '/api/v1/workers',
    summary: 'The processes that work on jobs now, and how they are',
    permission: 'workers:read',
    audit: 'none',
    phi: false,
    shared: true,
    request: {},
    response: z.object({ data: z.array(worker) }).meta({ id: 'Workers' }),
    examples: [
      {
        name: 'one process',
        request: {},
        response: {
          data: [
            {
              id: '0199c5f0c2b07a4e8f05',
              host: 'worker-1',
              pid: 4_711,
              startedAt: 1_767_225_600_000,
              seenAt: 1_767_225_900_000,
              queues: ['mail'],
              running: 2,
              stuck: 0,
              held: [],
              memory: 128,
              cpu: 0.2,
              lag: 3.1,
              release: '1.4.2',
            },
          ],
        },
      },
    ],
    async run({ orderly, reaches }) {
      const all = await orderly.workers()
      return {
        data: all
          .filter(({ queues }) => queues.some(reaches))
          .map((one) => ({ ...one, queues: one.queues.filter(reaches) })),
      }
    },
  }),
  operation({
    id: 'metrics.points',
    method: 'GET',
    path: '/api/v1/metrics',
    summary: 'What kinds of jobs did, in steps of minutes, oldest first',
    permission: 'metrics:read',
    audit: 'none',
    phi: false,
    shared: true,
    request: {
      query: z.object({
        queue: z.string().max(200).optional(),
        type: z.string().max(200).optional(),
        last: duration.default('1h').describe('How far back.'),
        step: z.coerce.number().int().min(1).max(1_440).default(1).describe('Minutes.'),
      }),
    },
    response: z
      .object({
        data: z.array(point),
        to: time,
        since: time.nullable().describe('The first minute that is measured here at all.'),
      })
      .meta({ id: 'Metrics' }),
    examples: [
      {
        name: 'the last hour of a queue',
        request: { query: { queue: 'mail', last: '1h' } },
        response: {
          data: [
            {
              minute: 1_767_225_600_000,
              queue: 'mail',
              type: 'mail.send',
              started: 12,
              completed: 11,
              failed: 1,
              external: 1,
              retried: 0,
              timedOut: 0,
              cancelled: 0,
              runMean: 85.2,
              waitMean: 12,
              longest: 430,
            },
          ],
          to: 1_767_225_700_000,
          since: 1_764_547_200_000,
        },
      },
    ],
    async run({ orderly, rooms, reaches }, { query: { queue, type, last, step } }) {
      const rows = await orderly.metrics({
        last: last as Duration,
        step,
        ...(queue === undefined ? {} : { queue }),
        ...(type === undefined ? {} : { name: type }),
      })
      return {
        data: rows
          .filter((row) => reaches(row.queue))
          .map((row) => ({
            minute: row.minute,
            queue: row.queue,
            type: row.name,
            started: row.started,
            completed: row.completed,
            failed: row.failed,
            external: row.external,
            retried: row.retried,
            timedOut: row.timed_out,
            cancelled: row.cancelled,
            runMean: row.run_mean_ms,
            waitMean: row.wait_mean_ms,
            longest: row.longest_ms,
          })),
        to: rooms.clock.now(),
        since: (await firstMeasured(rooms.state)) ?? null,
      }
    },
  }),
  operation({
    id: 'health.get',
    method: 'GET',
    path: '/api/v1/health',
    summary: 'Whether jobs are accepted and worked on',
    permission: 'metrics:read',
    audit: 'none',
    phi: false,
    request: {},
    response: health,
    examples: [{ name: 'well', request: {}, response: EXAMPLE_HEALTH }],
    aliases: [{ method: 'GET', path: '/api/queue/health', note: LAB }],
    run: readHealth,
  }),
  operation({
    id: 'settings.get',
    method: 'GET',
    path: '/api/v1/settings',
    summary: 'What the installation was opened with, without passwords and keys',
    permission: 'settings:read',
    audit: 'none',
    phi: false,
    request: {},
    response: z
      .object({
        home: z.string(),
        queueUrl: z.string(),
        databaseUrl: z.string(),
        allowVolatile: z.boolean(),
        allowPlaintext: z.boolean(),
        production: z.boolean(),
        release: z.string(),
        historyRetention: z.number().describe('Milliseconds that history outlives its jobs.'),
        queues: z.array(z.string()),
        holdsPhi: z.boolean(),
      })
      .meta({ id: 'Settings' }),
    examples: [
      {
        name: 'files in one folder',
        request: {},
        response: {
          home: '.orderly',
          queueUrl: 'sqlite:.orderly/queue.db',
          databaseUrl: 'sqlite:.orderly/orderly.db',
          allowVolatile: false,
          allowPlaintext: false,
          production: true,
          release: '1.4.2',
          historyRetention: 189_388_800_000,
          queues: ['mail', 'pdf'],
          holdsPhi: true,
        },
      },
    ],
    aliases: [{ method: 'GET', path: '/api/queue/info', note: LAB }],
    async run({ orderly, rooms, reaches }) {
      return Promise.resolve({
        ...orderly.settings,
        historyRetention: rooms.historyRetention,
        queues: [...rooms.registry.queues.keys()].filter(reaches),
        holdsPhi: rooms.classes.anyPhi,
      })
    },
  }),
]
