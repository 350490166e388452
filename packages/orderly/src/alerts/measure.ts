// Measures what rules watch: now, from the record and the state, and in the past, from what was kept by the minute.
import { countJobs, findJobs, type JobQuery } from '../history/find.ts'
import { findOldestDue } from '../history/follow.ts'
import { groupDeadLetters } from '../history/dead-letters.ts'
import type { HistoryDatabase } from '../history/record.ts'
import type { RecordedState } from '../history/tables.ts'
import { findLedgerCheck } from '../state/ledger-check.ts'
import { readMeasures } from '../state/measures.ts'
import type { StateDatabase } from '../state/tables.ts'
import { findWorkers } from '../state/workers.ts'
import { covers, type AlertMetric, type CheckedRule } from './rule.ts'

export interface MeasureParts {
  readonly history: HistoryDatabase
  readonly state: StateDatabase
}

export interface Measured {
  readonly subject: string
  readonly value: number
}

/** What workers say of themselves, as much of it as is watched. */
interface WorkerBody {
  readonly queues: readonly string[]
  readonly memory: number
  readonly lag: number
  readonly held: readonly { readonly job: string; readonly times: number }[]
}

/** What is looked at of a table of another room. */
interface EmergencyTables {
  readonly orderly_emergencies: {
    readonly id: string
    readonly started_at: number
    readonly reviewed_at: number | null
  }
}

const MINUTE_MS = 60_000
/** Not heard of for so long, a worker is gone. */
const GONE_MS = 15_000
/** A slot that is so late has been missed. */
const LATE_MS = 60_000
const MOST_FOUND = 1_000

/** What is measured as it is, and so kept by the minute for later. */
export const GAUGES: readonly AlertMetric[] = [
  'queue.depth',
  'queue.oldest',
  'workers.none',
  'workers.memory',
  'workers.lag',
  'jobs.unhandled',
  'dead-letters',
  'schedules.missed',
  'ledger.broken',
]

/** The numbers of a rule now, one for each thing it is about. */
export async function measure(
  parts: MeasureParts,
  rule: CheckedRule,
  now: number,
): Promise<Measured[]> {
  const all = await MEASURERS[rule.metric](parts, rule, now)
  return all.filter(({ subject }) => covers(rule, subject))
}

type Measurer = (parts: MeasureParts, rule: CheckedRule, now: number) => Promise<Measured[]>

const MEASURERS: Record<AlertMetric, Measurer> = {
  async 'queue.depth'({ history }) {
    const depths = new Map<string, number>()
    for (const { queue, state, n } of await countJobs(history))
      depths.set(queue, (depths.get(queue) ?? 0) + (isWaiting(state) ? n : 0))
    return entries(depths)
  },
  async 'queue.oldest'({ history }, _rule, now) {
    const oldest = await findOldestDue(history, now)
    return [...oldest].map(([subject, due]) => ({
      subject,
      value: Math.max(0, Math.round((now - due) / 1_000)),
    }))
  },
  async 'workers.none'({ history, state }, _rule, now) {
    const served = new Set((await workers(state, now)).flatMap(({ queues }) => queues))
    const oldest = await findOldestDue(history, now)
    return [...oldest.keys()].map((subject) => ({ subject, value: served.has(subject) ? 0 : 1 }))
  },
  async 'workers.memory'({ state }, _rule, now) {
    return (await workers(state, now)).map(({ subject, memory: value }) => ({ subject, value }))
  },
  async 'workers.lag'({ state }, _rule, now) {
    return (await workers(state, now)).map(({ subject, lag: value }) => ({ subject, value }))
  },
  async 'jobs.unhandled'({ state }, _rule, now) {
    const held = new Map<string, number>()
    for (const worker of await workers(state, now))
      for (const { job, times } of worker.held) held.set(job, (held.get(job) ?? 0) + times)
    return entries(held)
  },
  async 'jobs.failed'({ state }, { window }, now) {
    return (await ended(state, now - window, now)).map(({ subject, failed }) => ({
      subject,
      value: failed,
    }))
  },
  async 'jobs.failure-rate'({ state }, { window, minimum }, now) {
    return (await ended(state, now - window, now)).flatMap(({ subject, failed, all }) =>
      all < minimum ? [] : [{ subject, value: (failed / all) * 100 }],
    )
  },
  async 'jobs.found'({ history }, { search = {}, window }, now) {
    const { state, ...rest } = search
    const query: JobQuery = {
      ...rest,
      ...(state === undefined ? {} : { state: state as RecordedState }),
      createdFrom: now - window,
      limit: MOST_FOUND,
    }
    return [{ subject: 'search', value: (await findJobs(history, query)).length }]
  },
  async 'dead-letters'({ history }) {
    const dead = new Map<string, number>()
    for (const { name, count } of await groupDeadLetters(history, {}))
      dead.set(name, (dead.get(name) ?? 0) + count)
    return entries(dead)
  },
  async 'emergencies.unreviewed'({ state }) {
    const rows = await state
      .withTables<EmergencyTables>()
      .query.selectFrom('orderly_emergencies')
      .select('id')
      .where('reviewed_at', 'is', null)
      .orderBy('started_at', 'desc')
      .limit(MOST_FOUND)
      .execute()
    return rows.map(({ id: subject }) => ({ subject, value: 1 }))
  },
  async 'schedules.missed'({ state }, { window }, now) {
    const missed = new Map<string, number>()
    const skipped = await state.query
      .selectFrom('orderly_slots')
      .select('schedule_id')
      .select(({ fn }) => fn.countAll<number | string>().as('n'))
      .where('state', '=', 'skipped')
      .where('reason', 'not like', 'overlap:%')
      .where('fired_at', '>', now - window)
      .groupBy('schedule_id')
      .execute()
    for (const { schedule_id, n } of skipped) missed.set(schedule_id, Number(n))
    const paused = state.query
      .selectFrom('orderly_pauses')
      .select('name')
      .where('kind', '=', 'schedule')
    const late = await state.query
      .selectFrom('orderly_schedules')
      .select('id')
      .where('next_at', '<', now - LATE_MS)
      .where('id', 'not in', paused)
      .execute()
    for (const { id } of late) missed.set(id, (missed.get(id) ?? 0) + 1)
    return entries(missed)
  },
  async 'ledger.broken'({ state }) {
    const last = await findLedgerCheck(state)
    return last ? [{ subject: 'audit-log', value: last.findings }] : []
  },
}

function isWaiting(state: RecordedState): boolean {
  return state === 'waiting' || state === 'prioritized'
}

function entries(map: ReadonlyMap<string, number>): Measured[] {
  return [...map].map(([subject, value]) => ({ subject, value }))
}

async function workers(
  state: StateDatabase,
  now: number,
): Promise<(WorkerBody & { subject: string })[]> {
  const rows = await findWorkers(state, now - GONE_MS)
  return rows.map(({ host, pid, body }) => ({
    ...(JSON.parse(body) as WorkerBody),
    subject: `${host}/${pid}`,
  }))
}

async function ended(
  state: StateDatabase,
  from: number,
  to: number,
): Promise<{ subject: string; failed: number; all: number }[]> {
  const byName = new Map<string, { subject: string; failed: number; all: number }>()
  for (const { name, failed, completed } of await readMeasures(state, { from, to: to + 1 })) {
    const sum = byName.get(name) ?? { subject: name, failed: 0, all: 0 }
    byName.set(name, {
      subject: name,
      failed: sum.failed + failed,
      all: sum.all + failed + completed,
    })
  }
  return [...byName.values()]
}

/** Keeps what is measured as it is, by the minute and at its most, for trying rules on the past. */
export async function keepSamples(
  parts: MeasureParts,
  gauges: ReadonlyMap<AlertMetric, readonly Measured[]>,
  now: number,
): Promise<void> {
  const minute = now - (now % MINUTE_MS)
  const rows = [...gauges].flatMap(([metric, measured]) =>
    measured.map(({ subject, value }) => [metric, subject, minute, value]),
  )
  await parts.state.transaction(({ many }) => many(KEEP, rows), 'written')
}

const KEEP = `insert into orderly_alert_samples (metric, subject, minute, value) values (?, ?, ?, ?)
  on conflict (metric, subject, minute) do update set value =
    case when excluded.value > orderly_alert_samples.value then excluded.value else orderly_alert_samples.value end`

/** The numbers of a rule, minute by minute, of what is kept. */
export async function measurePast(
  { state }: MeasureParts,
  rule: CheckedRule,
  from: number,
  to: number,
): Promise<Map<string, ReadonlyMap<number, number>>> {
  const series = new Map<string, Map<number, number>>()
  const put = (subject: string, minute: number, value: number): void => {
    if (!covers(rule, subject)) return
    const own = series.get(subject) ?? new Map<number, number>()
    series.set(subject, own.set(minute, value))
  }
  if (GAUGES.includes(rule.metric)) {
    const rows = await state.query
      .selectFrom('orderly_alert_samples')
      .select(['subject', 'minute', 'value'])
      .where('metric', '=', rule.metric)
      .where('minute', '>=', from)
      .where('minute', '<', to)
      .orderBy('minute')
      .execute()
    for (const { subject, minute, value } of rows) put(subject, minute, value)
    return series
  }
  const rows = await readMeasures(state, { from: from - rule.window, to })
  const names = [...new Set(rows.map(({ name }) => name))]
  for (const name of names) {
    const own = rows.filter((row) => row.name === name)
    for (let minute = from - (from % MINUTE_MS); minute < to; minute += MINUTE_MS) {
      const inside = own.filter((row) => row.minute > minute - rule.window && row.minute <= minute)
      const failed = inside.reduce((sum, row) => sum + row.failed, 0)
      const all = failed + inside.reduce((sum, row) => sum + row.completed, 0)
      if (rule.metric === 'jobs.failed') put(name, minute, failed)
      else if (all >= rule.minimum) put(name, minute, (failed / all) * 100)
    }
  }
  return series
}
