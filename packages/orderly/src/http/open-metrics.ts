// The measures as OpenMetrics text, for whoever scrapes them. Names of queues and kinds only; nothing of a job.
import { findOldestDue } from '../history/follow.ts'
import { countJobs } from '../history/find.ts'
import type { Orderly } from '../orderly.ts'
import type { Rooms } from '../runtime/rooms.ts'

export const OPEN_METRICS_TYPE = 'application/openmetrics-text; version=1.0.0; charset=utf-8'

type Labels = Readonly<Record<string, string>>

interface Family {
  readonly name: string
  readonly type: 'gauge' | 'counter'
  readonly help: string
  readonly unit?: string
  readonly samples: readonly (readonly [Labels, number])[]
}

const DAY_MINUTES = 1_440

export async function openMetrics(orderly: Orderly, rooms: Rooms): Promise<string> {
  await rooms.recorder.flush()
  const now = rooms.clock.now()
  const [counts, oldest, workers, queues, points] = await Promise.all([
    countJobs(rooms.history),
    findOldestDue(rooms.history, now),
    orderly.workers(),
    orderly.queues(),
    // A counter that begins at midnight goes up all day; who reads it knows how to take a reset.
    orderly.metrics({ last: '1d', step: DAY_MINUTES }),
  ])
  const today = now - (now % 86_400_000)
  const day = points.filter(({ minute }) => minute >= today)
  const of = (column: 'completed' | 'failed' | 'retried' | 'timed_out' | 'cancelled' | 'started') =>
    day.map((row) => [{ queue: row.queue, type: row.name }, row[column]] as const)
  const { mode, workersReady } = orderly.status()
  return print([
    gauge('orderly_up', 'Whether jobs are accepted and worked on.', [[{}, workersReady ? 1 : 0]]),
    gauge('orderly_degraded', 'Whether jobs run on the embedded store.', [
      [{}, mode === 'normal' ? 0 : 1],
    ]),
    gauge(
      'orderly_jobs',
      'Recorded jobs by state.',
      counts.map(({ queue, name, state, n }) => [{ queue, type: name, state }, n]),
    ),
    gauge(
      'orderly_queue_paused',
      'Whether a queue is paused.',
      queues.map(({ name, paused }) => [{ queue: name }, paused ? 1 : 0]),
    ),
    {
      ...gauge(
        'orderly_queue_oldest_due_seconds',
        'How long the job has been due that has been due for longest.',
        [...oldest].map(([queue, due]) => [{ queue }, (now - due) / 1_000]),
      ),
      unit: 'seconds',
    },
    gauge(
      'orderly_queue_workers',
      'Processes that work on a queue.',
      queues.map(({ name }) => [
        { queue: name },
        workers.filter((worker) => worker.queues.includes(name)).length,
      ]),
    ),
    gauge(
      'orderly_worker_memory_mebibytes',
      'Memory of a worker.',
      workers.map(({ id, memory }) => [{ worker: id }, memory]),
    ),
    gauge(
      'orderly_worker_running',
      'Jobs that a worker runs.',
      workers.map(({ id, running }) => [{ worker: id }, running]),
    ),
    counter('orderly_attempts_started', 'Attempts begun today.', of('started')),
    counter('orderly_jobs_completed', 'Jobs that completed today.', of('completed')),
    counter('orderly_jobs_failed', 'Jobs that failed for good today.', of('failed')),
    counter(
      'orderly_attempts_retried',
      'Attempts that failed today and are tried again.',
      of('retried'),
    ),
    counter('orderly_attempts_timed_out', 'Attempts that took too long today.', of('timed_out')),
  ])
}

function gauge(
  name: string,
  help: string,
  samples: readonly (readonly [Labels, number])[],
): Family {
  return { name, type: 'gauge', help, samples }
}

function counter(
  name: string,
  help: string,
  samples: readonly (readonly [Labels, number])[],
): Family {
  return { name, type: 'counter', help, samples }
}

function print(families: readonly Family[]): string {
  const lines = families.flatMap(({ name, type, help, unit, samples }) => [
    `# TYPE ${name} ${type}`,
    ...(unit === undefined ? [] : [`# UNIT ${name} ${unit}`]),
    `# HELP ${name} ${help}`,
    ...samples.map(
      ([labels, value]) =>
        `${name}${type === 'counter' ? '_total' : ''}${printLabels(labels)} ${value}`,
    ),
  ])
  return `${lines.join('\n')}\n# EOF\n`
}

function printLabels(labels: Labels): string {
  const pairs = Object.entries(labels).map(
    ([name, value]) =>
      `${name}="${value.replaceAll(/[\\"]/g, String.raw`\$&`).replaceAll('\n', String.raw`\n`)}"`,
  )
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}
