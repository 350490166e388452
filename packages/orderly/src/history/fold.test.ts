import { describe, expect, it } from 'vitest'
import type { JobEvent, JobHappening } from '../job/job-event.ts'
import { fold } from './fold.ts'
import { measureOf } from './measures.ts'
import type { JobRow } from './tables.ts'

const RETENTION = { completed: 1_000, failed: 5_000 }
const birth = { queue: 'work', name: 'visit', input: 'sealed', opts: {}, priority: 0, runAt: 10 }

function event(at: number, what: JobHappening): JobEvent {
  return { id: `job:${what.type}:${at}`, jobId: 'job', at, ...what }
}

/** The row after a job that was accepted at 10 has gone through `events`. */
function after(events: readonly JobEvent[], more: object = {}): JobRow {
  let row: JobRow | undefined
  for (const one of [event(10, { type: 'accepted', ...birth, ...more }), ...events])
    row = fold(row, one, 'main', RETENTION) ?? row
  return row!
}

const started = (at: number, attempt = 1) => event(at, { type: 'started', attempt, worker: 'w' })
const completed = (at: number) => event(at, { type: 'completed', output: 'out' })
const failed = (at: number, reason = 'ORDERLY_TIMEOUT#0123456789ab') =>
  event(at, { type: 'failed', reason })

describe('what a job is, after what happened to it', () => {
  it.each<[string, object, string]>([
    ['waits', {}, 'waiting'],
    ['waits by its priority', { priority: 3 }, 'prioritized'],
    ['waits until it is due', { runAt: 11, priority: 3 }, 'delayed'],
  ])('an accepted job %s', (_, more, state) => {
    expect(after([], more)).toMatchObject({ state, created_at: 10, finished_at: null })
  })

  it('an event of a job that was never accepted makes nothing', () => {
    expect(fold(undefined, started(1), 'main', RETENTION)).toBeUndefined()
  })

  it('an open job is not accepted again', () => {
    const row = after([started(11)])
    const again = event(12, { type: 'accepted', ...birth })
    expect(fold(row, again, 'main', RETENTION)).toBeUndefined()
  })

  it('an id whose job is over begins anew', () => {
    const row = after([started(11), completed(12), event(20, { type: 'accepted', ...birth })])
    expect(row).toMatchObject({ state: 'waiting', attempts: 0, output: null, created_at: 20 })
  })

  it('a started job is active, knows its worker, and has no progress yet', () => {
    const row = after([event(11, { type: 'progressed', progress: 'p' }), started(12, 2)])
    expect(row).toMatchObject({ state: 'active', attempts: 2, worker: 'w', progress: null })
    expect(row.started_at).toBe(12)
  })

  it('a completed job keeps its output for its time, and lasted from its last start', () => {
    const row = after([started(11), started(20, 2), completed(25)])
    expect(row).toMatchObject({ state: 'completed', output: 'out', duration: 5, expires_at: 1_025 })
  })

  it('a completed job has no error any more', () => {
    const error = { attempt: 1, run: 1, code: 'C', fingerprint: 'f', error: 'sealed' }
    const row = after([started(11), event(12, { type: 'attempt-failed', ...error }), completed(13)])
    expect(row).toMatchObject({ error_code: null, fingerprint: null })
    const late = fold(row, event(14, { type: 'attempt-failed', ...error }), 'main', RETENTION)
    expect(late).toBeUndefined()
  })

  it('a failed job shows code and fingerprint of its reason', () => {
    const row = after([started(11), failed(12)])
    expect(row).toMatchObject({ state: 'failed', error_code: 'ORDERLY_TIMEOUT', expires_at: 5_012 })
    expect(row.fingerprint).toBe('0123456789ab')
  })

  it('a failed job whose reason is sealed shows what its attempt showed', () => {
    const error = { attempt: 1, run: 1, code: 'C', fingerprint: 'f', error: 'sealed' }
    const attempt = event(12, { type: 'attempt-failed', ...error })
    expect(after([started(11), attempt, failed(13, 'o1.sealed')])).toMatchObject({
      error_code: 'C',
      fingerprint: 'f',
    })
    expect(after([failed(13, 'o1.sealed')]).error_code).toBe('ORDERLY_HANDLER_FAILED')
  })

  it('an attempt that failed lasted as long as it ran, not until the job was put away', () => {
    const error = { attempt: 1, run: 1, code: 'C', fingerprint: 'f', error: 'sealed' }
    const attempt = (at: number) => event(at, { type: 'attempt-failed', ...error })
    expect(after([started(11), attempt(13), failed(23)]).duration).toBe(2)
    const again = [started(11), attempt(13), event(14, { type: 'retried', runAt: 30 })]
    expect(after(again).duration).toBeNull()
    expect(after([...again, started(30, 2), attempt(13)]).duration).toBeNull()
    expect(after([...again, started(30, 2), completed(37)]).duration).toBe(7)
    expect(after([...again, started(30, 2), attempt(35), failed(39)]).duration).toBe(5)
  })

  it('what is put off costs a job no attempt, and the next has its number', () => {
    const putOff = (at: number) => event(at, { type: 'snoozed', runAt: at + 5 })
    expect(after([started(11), putOff(12)]).attempts).toBe(0)
    expect(after([started(11), putOff(12), started(17)]).attempts).toBe(1)
    const second = [started(11), event(12, { type: 'retried' }), started(13, 2), putOff(14)]
    expect(after(second).attempts).toBe(1)
    // It was not with a worker: nothing was begun that could be given back.
    expect(after([...second, putOff(15)]).attempts).toBe(1)
  })

  it("keeps content as long as the job's own options say", () => {
    const opts = { removeOnComplete: { age: 7 }, removeOnFail: { age: 9 } }
    expect(after([completed(10)], { opts }).expires_at).toBe(7_010)
    expect(after([failed(10)], { opts }).expires_at).toBe(9_010)
  })

  it.each<[JobHappening['type'], number | undefined, string]>([
    ['retried', 30, 'delayed'],
    ['retried', undefined, 'waiting'],
    ['snoozed', 30, 'delayed'],
    ['interrupted', undefined, 'waiting'],
    ['stalled', undefined, 'waiting'],
    ['promoted', undefined, 'waiting'],
  ])('a job that is %s to %s is %s', (type, runAt, state) => {
    const what = { type, ...(runAt === undefined ? {} : { runAt }) } as JobHappening
    const row = after([started(11), event(20, what)])
    expect(row).toMatchObject({ state, run_at: runAt ?? 20, finished_at: null })
  })

  it.each<[string, readonly JobEvent[], Partial<JobRow>]>([
    ['runs', [], { state: 'active', started_at: 30, attempts: 2 }],
    ['is over', [failed(31)], { state: 'failed', finished_at: 31 }],
  ])(
    'a job that %s anew stays so when its first run is late to say it was put back',
    (_, more, is) => {
      const row = after([started(11), started(30, 2), ...more])
      const late = fold(row, event(29, { type: 'retried' }), 'main', RETENTION)
      expect(late).toEqual(row)
      expect(late).toMatchObject(is)
      expect(measureOf(row, event(29, { type: 'retried' }), late!)).toMatchObject({
        retried: 1,
        started: 1,
      })
    },
  )

  it('a job whose handler crashed is still with its worker', () => {
    const crashed = event(12, { type: 'crashed', attempt: 1, how: 'exit code 1' })
    expect(after([started(11), crashed])).toMatchObject({ state: 'active', updated_at: 12 })
  })

  it.each<JobHappening>([
    { type: 'completed', output: 'other' },
    { type: 'failed', reason: 'ORDERLY_TIMEOUT#000000000000' },
    { type: 'removed' },
    { type: 'retried' },
    { type: 'stalled' },
    { type: 'crashed', attempt: 1, how: 'exit code 1' },
    { type: 'waiting-children' },
    { type: 'progressed', progress: 'late' },
    { type: 'input-changed', input: 'late' },
    { type: 'deduplicated', by: 'other' },
    { type: 'restored', seen: 12 },
    { type: 'corrected', state: 'waiting', seen: 12 },
  ])('a job that is over is not $type', (what) => {
    const row = after([started(11), completed(12)])
    expect(fold(row, event(20, what), 'main', RETENTION)).toBeUndefined()
  })

  it('a job ends at the start of a run it was put back for, and not at that of an earlier one', () => {
    const row = after([started(11), completed(20)])
    expect(fold(row, started(20), 'main', RETENTION)).toBeUndefined()
    expect(fold(row, started(21, 2), 'main', RETENTION)).toMatchObject({
      state: 'active',
      finished_at: null,
      expires_at: null,
    })
  })

  it('a redriven job is open again and has neither output nor error', () => {
    expect(after([started(11), failed(12), event(13, { type: 'redriven' })])).toMatchObject({
      state: 'waiting',
      finished_at: null,
      expires_at: null,
      duration: null,
      error_code: null,
      fingerprint: null,
    })
  })

  it('a removed job is over, and its content goes when that of a failed one would', () => {
    const row = after([event(12, { type: 'removed' })])
    expect(row).toMatchObject({ state: 'removed', finished_at: 12, expires_at: 5_012 })
  })

  it('a job that another one stands for is over, and its content goes at once', () => {
    const row = after([event(12, { type: 'deduplicated', by: 'other' })])
    expect(row).toMatchObject({ state: 'removed', finished_at: 12, expires_at: 12 })
  })

  it('a finding holds only if nothing was heard of the job since', () => {
    const row = after([started(11)])
    const finding = (seen: number) => event(30, { type: 'corrected', state: 'waiting', seen })
    expect(fold(row, finding(10), 'main', RETENTION)).toBeUndefined()
    expect(fold(row, finding(11), 'main', RETENTION)).toMatchObject({ state: 'waiting' })
    const restored = (seen: number) => event(30, { type: 'restored', seen })
    expect(fold(row, restored(10), 'main', RETENTION)).toBeUndefined()
    expect(fold(row, restored(11), 'main', RETENTION)).toMatchObject({ state: 'waiting' })
  })

  it('a job that is put back keeps its due time, and goes on waiting for its children', () => {
    const later = after([event(11, { type: 'restored', seen: 10 })], { runAt: 99 })
    expect(later).toMatchObject({ state: 'delayed', run_at: 99 })
    const parent = after([
      event(11, { type: 'waiting-children' }),
      event(12, { type: 'restored', seen: 11 }),
    ])
    expect(parent.state).toBe('waiting-children')
  })

  it('a job that ended unseen has its end, its output and its reason', () => {
    const end = event(20, { type: 'corrected', state: 'completed', output: 'out', seen: 11 })
    expect(after([started(11), end])).toMatchObject({
      state: 'completed',
      output: 'out',
      duration: 9,
    })
    const reason = 'ORDERLY_TIMEOUT#0123456789ab'
    const failure = event(20, { type: 'corrected', state: 'failed', reason, seen: 11 })
    expect(after([started(11), failure])).toMatchObject({ error_code: 'ORDERLY_TIMEOUT' })
  })
})
