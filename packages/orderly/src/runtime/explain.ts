// Why a job is where it is: one sentence, what it rests on, and what a person could do.
import { findEvents, findJob } from '../history/find.ts'
import { findOpenChildren } from '../history/open-jobs.ts'
import type { JobRow } from '../history/tables.ts'
import type { JobDefinition } from '../job/define-job.ts'
import { marksOf } from '../job/marks.ts'
import { queueIdOf } from '../job/record-id.ts'
import { OrderlyError } from '../primitives/errors.ts'
import { findLanePlace, waitForBudget } from '../state/lane-look.ts'
import { findPauses } from '../state/pauses.ts'
import type { PauseRow } from '../state/tables.ts'
import { adviceFor } from './advice.ts'
import { lastMessage } from './attempts.ts'
import { readWorkers, type WorkerProcess } from './beat.ts'
import type { Cause, Explanation, SuggestedAction } from './explanation.ts'
import { sealedPart } from './inspect.ts'
import { readLimits, type Limit } from './limits.ts'
import type { Rooms } from './rooms.ts'
import { clockOf, counted, ordinal, secondsTo, spanText } from './words.ts'

interface Seen {
  readonly rooms: Rooms
  readonly job: JobRow
  readonly definition: JobDefinition | undefined
  readonly pauses: readonly PauseRow[]
  readonly workers: readonly WorkerProcess[]
  readonly limits: readonly Limit[]
  readonly now: number
}

/** Why a job does not run, or how it ended. Undefined when the record does not know it. */
export async function explain(rooms: Rooms, id: string): Promise<Explanation | undefined> {
  await rooms.recorder.flush()
  const job = await findJob(rooms.history, id)
  if (!job) return undefined
  const [pauses, workers, limits] = await Promise.all([
    findPauses(rooms.state),
    readWorkers(rooms),
    readLimits(rooms),
  ])
  const seen: Seen = {
    rooms,
    job,
    definition: rooms.registry.jobs.get(job.name),
    pauses,
    workers,
    limits,
    now: rooms.clock.now(),
  }
  if (job.finished_at !== null) return ended(job, await lastMessage(rooms, job))
  if (job.state === 'active') return running(seen)
  if (!rooms.engines.reachable().some(({ name }) => name === job.engine)) return storeAway(seen)
  return (
    (await waitsForChildren(seen)) ??
    paused(seen) ??
    nobody(seen) ??
    (await keyless(seen)) ??
    (await inLine(seen)) ??
    (await delayed(seen)) ??
    (await limited(seen)) ??
    waiting(seen)
  )
}

function ended(job: JobRow, message: string | undefined): Explanation {
  const since = job.finished_at
  const proof = [{ what: 'attempts', value: job.attempts }]
  if (job.state === 'completed')
    return plain('completed', `It completed after ${attemptsOf(job)}.`, { since, proof })
  if (job.state === 'removed')
    return plain('removed', 'Somebody took it out of its queue before it had ended.', { since })
  if (job.error_code === 'ORDERLY_CANCELLED')
    return plain('cancelled', 'Somebody cancelled it.', { since })
  return plain(
    'failed',
    `It failed for good after ${attemptsOf(job)} with ${job.error_code ?? 'an error'}. ${adviceFor(job.error_code)}`,
    {
      since,
      proof: [
        ...proof,
        { what: 'fingerprint', value: job.fingerprint ?? 'none' },
        ...(message === undefined ? [] : [{ what: 'message', value: message }]),
      ],
      action: { operation: 'jobs.retry', title: 'Run it again', params: { id: job.id } },
    },
  )
}

function running({ job, workers, now }: Seen): Explanation {
  const since = job.started_at
  const worker = workers.find(({ id }) => id === job.worker)
  const proof = [
    { what: 'worker', value: job.worker ?? 'not told' },
    ...(worker ? [{ what: 'heard of it, seconds ago', value: secondsTo(worker.seenAt, now) }] : []),
  ]
  if (job.worker !== null && workers.length > 0 && !worker && isProcess(job.worker, workers))
    return plain(
      'lost-worker',
      'Its worker has not been heard of for a while; the job goes back to its queue by itself once its lock has run out.',
      { since, proof },
    )
  return plain('running', `It runs now, in its ${ordinal(job.attempts)} attempt.`, { since, proof })
}

/** Whether the name of a worker is that of a process, so that its absence says something. */
function isProcess(worker: string, workers: readonly WorkerProcess[]): boolean {
  return worker.length === workers[0]!.id.length
}

function storeAway({ rooms, job }: Seen): Explanation {
  const { reason, since } = rooms.engines.status()
  return plain('store-away', 'The queue store that holds it does not answer.', {
    since,
    proof: [
      { what: 'store', value: job.engine },
      { what: 'reason', value: reason },
    ],
  })
}

async function waitsForChildren({ rooms, job }: Seen): Promise<Explanation | undefined> {
  if (job.state !== 'waiting-children') return undefined
  const home = rooms.engines.reachable().find(({ name }) => name === job.engine)!
  const key = home.engine.raw(job.queue).keyOf(queueIdOf(job.queue, job.id))
  const open = await findOpenChildren(rooms.history, key)
  // The record hears of its turn only when it begins.
  if (open.length === 0) return undefined
  const slowest = open.toSorted((a, b) => a.created_at - b.created_at)[0]
  return plain(
    'waiting-children',
    `It waits for ${counted(open.length, 'job')} that it began${slowest ? `; the longest there is ${slowest.id}, which is ${slowest.state}` : ''}.`,
    {
      since: job.updated_at,
      proof: [{ what: 'not ended', value: open.length }],
      action: slowest
        ? { operation: 'jobs.explain', title: 'Why that one waits', params: { id: slowest.id } }
        : null,
    },
  )
}

function paused({ job, pauses, now }: Seen): Explanation | undefined {
  const found = pauses.find(
    ({ kind, name, until }) =>
      ((kind === 'queue' && name === job.queue) || (kind === 'job' && name === job.name)) &&
      (until === null || until > now),
  )
  if (!found) return undefined
  const what = found.kind === 'queue' ? `queue "${found.name}"` : `every "${found.name}"`
  const who = found.who === '' ? 'Somebody' : found.who
  return plain(
    found.kind === 'queue' ? 'queue-paused' : 'type-paused',
    `${who} paused ${what} at ${clockOf(found.at)}: "${found.reason}".`,
    {
      since: found.at,
      until: found.until,
      proof: [
        { what: 'paused by', value: found.who },
        { what: 'reason', value: found.reason },
      ],
      action: {
        operation: found.kind === 'queue' ? 'queues.resume' : 'types.resume',
        title: 'Resume',
        params: { name: found.name },
      },
    },
  )
}

/** Nobody works on its queue, or nobody of those has what it needs. */
function nobody({ rooms, job, workers, definition }: Seen): Explanation | undefined {
  const there = workers.filter(({ queues }) => queues.includes(job.queue))
  if (there.length === 0)
    return plain('no-worker', `No worker that is alive works on queue "${job.queue}".`, {
      since: job.run_at,
      proof: [{ what: 'workers alive', value: workers.length }],
    })
  const holding = there.flatMap((worker) =>
    worker.held.filter((held) => held.job === job.name).map((held) => ({ worker, held })),
  )
  const needed = marksOf(JSON.parse(job.opts)).version ?? 1
  if (definition && needed > definition.version && holding.length > 0)
    return plain(
      'needs-newer-worker',
      `It was made by a newer release: its input is of version ${needed}, and workers know version ${definition.version}. It is held until one of that release comes.`,
      { since: job.created_at, proof: [{ what: 'version', value: needed }] },
    )
  const lacks = holding.filter(({ held }) => held.reason === 'no handler')
  if (lacks.length === there.length || (!definition && !rooms.registry.handlers.has(job.name)))
    return plain(
      'no-handler',
      `No worker on queue "${job.queue}" has a handler for "${job.name}". It is held until one comes.`,
      {
        since: job.run_at,
        proof: there.map(({ id, release }) => ({ what: `worker ${id}`, value: release })),
      },
    )
  return undefined
}

/** What it carries cannot be opened here, and so not by a worker of this installation. */
async function keyless({ rooms, job }: Seen): Promise<Explanation | undefined> {
  const input = sealedPart(job, 'input')
  if (!input) return undefined
  const code = await rooms.vault.open(input.envelope, input.place, { trial: true }).then(
    () => undefined,
    (error: unknown) => (error instanceof OrderlyError ? error.code : undefined),
  )
  if (code !== 'ORDERLY_KEY_MISSING') return undefined
  return plain(
    'key-missing',
    `The key of its content is not here, so no worker can open it. It is looked at again at least every ten minutes: restore the keyring from its backup, or cancel the job if the key is lost for good.`,
    {
      since: job.created_at,
      proof: [{ what: 'code', value: code }],
    },
  )
}

async function inLine(seen: Seen): Promise<Explanation | undefined> {
  const { rooms, job, definition, limits, now } = seen
  const place = await findLanePlace(rooms.state, job.id)
  if (!place || place.row.state !== 'parked' || place.row.due_at > now) return undefined
  const { row, running: taken, ahead } = place
  const of = (limit: Limit['limit']): Limit | undefined =>
    limits.find((one) => one.kind === 'job' && one.name === job.name && one.limit === limit)
  const places = of('concurrency')
  const proof = [
    { what: 'running of its key', value: taken },
    { what: 'before it in line', value: ahead },
  ]
  if (places && taken >= places.value)
    return plain(
      'lane-busy',
      `${counted(taken, 'job')} of its key ${taken === 1 ? 'runs' : 'run'} already, and ${places.value} may at once.`,
      {
        since: row.due_at,
        proof: [...proof, { what: 'limit', value: places.value }],
        action: raise(job.name, 'concurrency'),
      },
    )
  const budget = of('rate')
  if (budget && definition?.options.rateLimit) {
    const rate = { limit: budget.value, per: definition.options.rateLimit.per }
    const wait = await waitForBudget(
      rooms.state,
      `job/${job.name}/${row.bucket}`,
      rate,
      row.units,
      now,
    )
    if (wait > 0)
      return plain(
        'over-budget',
        `The budget of its key is used up: ${rate.limit} in ${spanText(rate.per)}. The next turn is at about ${clockOf(now + wait)}.`,
        {
          since: row.due_at,
          until: now + wait,
          proof: [...proof, { what: 'limit', value: rate.limit }],
          action: raise(job.name, 'rate'),
        },
      )
  }
  return ahead === 0
    ? undefined
    : plain(
        'lane-behind',
        `${counted(ahead, 'job')} of its key ${ahead === 1 ? 'comes' : 'come'} before it.`,
        {
          since: row.due_at,
          proof,
        },
      )
}

function raise(name: string, limit: string): SuggestedAction {
  return {
    operation: 'limits.override',
    title: 'Change the limit',
    params: { kind: 'job', name, limit },
  }
}

async function delayed({ rooms, job, definition, now }: Seen): Promise<Explanation | undefined> {
  if (job.run_at <= now || job.state !== 'delayed') return undefined
  const events = await findEvents(rooms.history, job.id)
  const last = events.findLast(({ type }) =>
    ['accepted', 'retried', 'snoozed', 'interrupted', 'redriven'].includes(type),
  )
  const until = job.run_at
  const promote = { operation: 'jobs.promote', title: 'Run it now', params: { id: job.id } }
  const since = last?.at ?? job.updated_at
  if (last?.type === 'retried')
    return plain(
      'backoff',
      `Its ${ordinal(job.attempts)} attempt${definition ? ` of ${definition.options.retry.attempts}` : ''} failed with ${job.error_code ?? 'an error'}; the next begins at ${clockOf(until)}.`,
      {
        since,
        until,
        proof: [
          { what: 'attempts', value: job.attempts },
          { what: 'fingerprint', value: job.fingerprint ?? 'none' },
        ],
        action: promote,
      },
    )
  if (last?.type === 'snoozed')
    return plain(
      'held-back',
      `It was put off until ${clockOf(until)}, without costing it an attempt.`,
      {
        since,
        until,
        action: promote,
      },
    )
  return plain('delayed', `It was asked to run no sooner than ${clockOf(until)}.`, {
    since,
    until,
    action: promote,
  })
}

async function limited({ rooms, job, limits, now }: Seen): Promise<Explanation | undefined> {
  const home = rooms.engines.reachable().find(({ name }) => name === job.engine)
  if (!home) return undefined
  const queue = home.engine.queue(job.queue)
  const of = (limit: Limit['limit']): Limit | undefined =>
    limits.find((one) => one.kind === 'queue' && one.name === job.queue && one.limit === limit)
  const action = (limit: string): SuggestedAction => ({
    operation: 'limits.override',
    title: 'Change the limit',
    params: { kind: 'queue', name: job.queue, limit },
  })
  const rate = of('rate')
  if (rate) {
    const wait = await queue.getRateLimitTtl(rate.value)
    if (wait > 0)
      return plain(
        'rate-limited',
        `Queue "${job.queue}" has begun as many jobs as it may: ${rate.value} in ${spanText(rate.per ?? 0)}. It goes on at about ${clockOf(now + wait)}.`,
        {
          since: job.run_at,
          until: now + wait,
          proof: [{ what: 'limit', value: rate.value }],
          action: action('rate'),
        },
      )
  }
  const places = of('concurrency')
  const active = await queue.getActiveCount()
  return places && active >= places.value
    ? plain(
        'queue-full',
        `${counted(active, 'job')} of queue "${job.queue}" run already, and ${places.value} may at once.`,
        {
          since: job.run_at,
          proof: [
            { what: 'running', value: active },
            { what: 'limit', value: places.value },
          ],
          action: action('concurrency'),
        },
      )
    : undefined
}

async function waiting({ rooms, job }: Seen): Promise<Explanation> {
  const home = rooms.engines.reachable().find(({ name }) => name === job.engine)
  const count = home ? await home.engine.raw(job.queue).waitingCount() : 0
  const since = job.run_at
  if (count <= 1) return plain('next', 'Nothing keeps it: a worker takes it next.', { since })
  return plain(
    'workers-busy',
    `The workers of queue "${job.queue}" are busy; ${counted(count, 'job')} wait there.`,
    {
      since,
      proof: [{ what: 'waiting', value: count }],
    },
  )
}

function plain(
  cause: Cause,
  sentence: string,
  more: Partial<Omit<Explanation, 'cause' | 'sentence'>>,
): Explanation {
  return { cause, sentence, since: null, until: null, proof: [], action: null, ...more }
}

function attemptsOf({ attempts }: JobRow): string {
  return counted(attempts, 'attempt')
}
