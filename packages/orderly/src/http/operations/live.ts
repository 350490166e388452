// The stream of what happens now: one for each page that watches.
import { z } from 'zod'
import { countJobs } from '../../history/find.ts'
import { findLiveRows } from '../../history/follow.ts'
import { OrderlyError } from '../../primitives/errors.ts'
import { operation, type ApiOperation } from '../contract.ts'
import { idParams, time } from '../fields.ts'
import { shownCounts, shownRow } from '../live-hub.ts'
import { openStream, watchOn } from '../live-stream.ts'

const MOST_IDS = 500

const liveJob = z
  .object({
    id: z.string(),
    queue: z.string(),
    type: z.string(),
    state: z.string(),
    attempts: z.number(),
    runAt: time,
    startedAt: time.nullable(),
    finishedAt: time.nullable(),
    duration: z.number().nullable(),
    errorCode: z.string().nullable(),
    fingerprint: z.string().nullable(),
    worker: z.string().nullable(),
    updatedAt: time,
  })
  .meta({ id: 'LiveJob' })

const EXAMPLE_ROW = {
  id: 'a',
  queue: 'mail',
  type: 'mail.send',
  state: 'active',
  attempts: 1,
  runAt: 1_767_225_600_000,
  startedAt: 1_767_225_600_400,
  finishedAt: null,
  duration: null,
  errorCode: null,
  fingerprint: null,
  worker: 'w-1',
  updatedAt: 1_767_225_600_400,
}

export const liveOperations: readonly ApiOperation[] = [
  operation({
    id: 'live.stream',
    method: 'GET',
    path: '/api/v1/live',
    summary: 'What happens now, as server-sent events',
    description:
      'Events: `hello` {stream, seq, at, counts}, `counts` at most twice a second, `jobs` for the ids that are watched, `new` {n, queues}, `log`, `alert`, `gap` (read everything anew), `bye`. `Last-Event-ID` goes on where a stream ended, for five minutes.',
    permission: 'jobs:read',
    audit: 'none',
    phi: false,
    request: {
      query: z.object({
        jobs: z.string().max(20_000).default('').describe('Ids to watch, with commas between.'),
      }),
    },
    response: z.string(),
    contentType: 'text/event-stream; charset=utf-8',
    examples: [{ name: 'counts only', request: {}, response: 'event: hello\ndata: {}\n\n' }],
    async stream(context, { query }, raw) {
      const ids = query.jobs.split(',').filter((id) => id !== '')
      const counts = shownCounts(await countJobs(context.rooms.history), context.reaches)
      openStream(context, raw, ids.slice(0, MOST_IDS), counts)
    },
    run: () => Promise.resolve(''),
  }),
  operation({
    id: 'live.watch',
    method: 'POST',
    path: '/api/v1/live/:id/watch',
    summary: 'Say which jobs an open stream of one’s own tells about',
    permission: 'jobs:read',
    audit: 'none',
    phi: false,
    forgetful: true,
    request: {
      params: idParams,
      body: z.object({
        jobs: z.array(z.string().max(400)).max(MOST_IDS),
        log: z.string().max(400).optional().describe('A job whose log is told line by line.'),
      }),
    },
    response: z
      .object({
        watching: z.number(),
        jobs: z.array(liveJob).describe('How they stand now; the stream tells what follows.'),
      })
      .meta({ id: 'Watching' }),
    examples: [
      {
        name: 'two jobs',
        request: { params: { id: '0199c5f0c2b0' }, body: { jobs: ['a', 'b'] } },
        response: { watching: 2, jobs: [EXAMPLE_ROW] },
      },
    ],
    async run(context, { params, body }) {
      if (!watchOn(context, params.id, body.jobs, body.log))
        throw new OrderlyError('ORDERLY_NOT_FOUND', 'no stream of yours of this id is open here')
      const rows = await findLiveRows(context.rooms.history, body.jobs)
      const jobs = rows.filter(({ queue }) => context.reaches(queue)).map(shownRow)
      return { watching: body.jobs.length, jobs }
    },
  }),
]
