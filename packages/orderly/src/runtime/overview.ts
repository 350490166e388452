// How the installation is, in a sentence, and what needs somebody.
import { groupDeadLetters } from '../history/dead-letters.ts'
import { countJobs } from '../history/find.ts'
import { findOldestDue } from '../history/follow.ts'
import { OPEN_STATES } from '../job/states.ts'
import { findPauses } from '../state/pauses.ts'
import { findSchedules } from '../state/schedules.ts'
import { readWorkers } from './beat.ts'
import { readMetrics } from './metrics.ts'
import type { Rooms } from './rooms.ts'

/** Something that is not as it should be. */
export interface Concern {
  readonly kind:
    | 'store-away'
    | 'no-worker'
    | 'backlog'
    | 'held'
    | 'dead-letters'
    | 'failing-type'
    | 'paused'
    | 'schedule-missed'
    | 'stuck-handler'
  readonly severity: 'bad' | 'warning'
  readonly title: string
  readonly detail: string
  /** The queue, kind or schedule it is about; empty for the installation. */
  readonly about: string
  /** The queue that one must see to see it; null for all. */
  readonly queue: string | null
}

const BACKLOG_MS = 5 * 60_000
const MISSED_MS = 2 * 60_000
/** Fewer endings than this say nothing about a rate. */
const FEWEST_ENDINGS = 5
const FAILING_SHARE = 0.2

/** How long one look is good enough for all who ask: many pages ask at once, every few seconds. */
const FRESH_MS = 1_000
const looks = new WeakMap<Rooms, { readonly at: number; readonly found: Promise<Concern[]> }>()

/** What needs somebody, the worst first, as it was within the last second. */
export function readConcerns(rooms: Rooms): Promise<Concern[]> {
  const now = rooms.clock.elapsed()
  const last = looks.get(rooms)
  if (last && now - last.at < FRESH_MS) return last.found
  const found = look(rooms)
  looks.set(rooms, { at: now, found })
  found.catch(() => looks.delete(rooms))
  return found
}

async function look(rooms: Rooms): Promise<Concern[]> {
  await rooms.recorder.flush()
  const now = rooms.clock.now()
  const [workers, counts, oldest, pauses, schedules, dead, points] = await Promise.all([
    readWorkers(rooms),
    countJobs(rooms.history),
    findOldestDue(rooms.history, now),
    findPauses(rooms.state),
    findSchedules(rooms.state),
    groupDeadLetters(rooms.history, {}),
    readMetrics(rooms, { last: '15m', step: 15 }),
  ])
  const found: Concern[] = []
  const { mode, reason } = rooms.engines.status()
  if (mode !== 'normal')
    found.push({
      kind: 'store-away',
      severity: 'bad',
      title: 'The queue store is away; jobs run on the embedded one',
      detail: reason,
      about: '',
      queue: null,
    })
  const resting = new Set(pauses.filter(({ kind }) => kind === 'queue').map(({ name }) => name))
  for (const queue of rooms.registry.queues.keys()) {
    const open = counts
      .filter(
        (row) => row.queue === queue && (OPEN_STATES as readonly string[]).includes(row.state),
      )
      .reduce((sum, { n }) => sum + n, 0)
    const staff = workers.filter(({ queues }) => queues.includes(queue))
    if (open > 0 && staff.length === 0)
      found.push(
        concern(
          'no-worker',
          'bad',
          queue,
          `No worker on queue "${queue}"`,
          `${open} jobs wait there.`,
        ),
      )
    const due = oldest.get(queue)
    if (due !== undefined && now - due > BACKLOG_MS && staff.length > 0 && !resting.has(queue))
      found.push(
        concern(
          'backlog',
          'warning',
          queue,
          `Queue "${queue}" is behind`,
          `A job there has been due for ${Math.round((now - due) / 60_000)} minutes.`,
        ),
      )
  }
  for (const worker of workers) {
    for (const held of worker.held)
      found.push(
        concern(
          'held',
          'warning',
          rooms.registry.jobs.get(held.job)?.queue ?? null,
          `Jobs of "${held.job}" are held`,
          `${held.reason}; put aside ${held.times} times.`,
          held.job,
        ),
      )
    if (worker.stuck > 0)
      found.push(
        concern(
          'stuck-handler',
          'warning',
          null,
          'Handlers do not stop',
          `${worker.stuck} go on although their attempts are over.`,
          worker.id,
        ),
      )
  }
  for (const { queue, name, count, error_code } of dead)
    found.push(
      concern(
        'dead-letters',
        'warning',
        queue,
        `${count} dead letter${count === 1 ? '' : 's'} of "${name}"`,
        `${count === 1 ? 'It' : 'They'} failed with ${error_code ?? 'an error'}.`,
        name,
      ),
    )
  for (const { name, queue, completed, failed } of points) {
    const ended = completed + failed
    if (ended >= FEWEST_ENDINGS && failed / ended >= FAILING_SHARE)
      found.push(
        concern(
          'failing-type',
          'bad',
          queue,
          `"${name}" is failing`,
          `${failed} of the last ${ended} failed for good.`,
          name,
        ),
      )
  }
  for (const { kind, name, reason: why, who } of pauses)
    found.push(
      concern(
        'paused',
        'warning',
        kind === 'queue' ? name : (rooms.registry.jobs.get(name)?.queue ?? null),
        `${words(kind)} "${name}" is paused`,
        `${who === '' ? 'Somebody' : who}: ${why}`,
        name,
      ),
    )
  for (const { id, job, next_at } of schedules)
    if (next_at !== null && now - next_at > MISSED_MS && !rooms.pauses.ofSchedule(id))
      found.push(
        concern(
          'schedule-missed',
          'bad',
          rooms.registry.jobs.get(job)?.queue ?? null,
          `Schedule "${id}" has not fired`,
          `It was due ${Math.round((now - next_at) / 60_000)} minutes ago.`,
          id,
        ),
      )
  return found.toSorted((a, b) => rank(a) - rank(b))
}

function concern(
  kind: Concern['kind'],
  severity: Concern['severity'],
  queue: string | null,
  title: string,
  detail: string,
  about: string = queue ?? '',
): Concern {
  return { kind, severity, queue, title, detail, about }
}

function rank({ severity }: Concern): number {
  return severity === 'bad' ? 0 : 1
}

function words(kind: 'queue' | 'job' | 'schedule'): string {
  return { queue: 'Queue', job: 'Every', schedule: 'Schedule' }[kind]
}

/** The sentence for that many concerns. */
export function sentenceFor(concerns: readonly Concern[]): string {
  const bad = concerns.filter(({ severity }) => severity === 'bad').length
  if (concerns.length === 0) return 'All is well.'
  if (concerns.length === 1) return bad === 1 ? 'One thing needs you now.' : 'One thing needs you.'
  return `${concerns.length} things need you${bad === 0 ? '' : `, ${bad} of them now`}.`
}
