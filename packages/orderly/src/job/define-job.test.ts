import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { custom, exponential, fixed } from './backoff.ts'
import { defineJob } from './define-job.ts'

const input = z.object({ n: z.number() })

/** A definition as a program without types may write it. */
function define(more: object): () => unknown {
  return () => defineJob({ name: 'visit', input, ...more })
}

describe('a definition', () => {
  it.each<[string, object]>([
    ['schedule.cron', { schedule: { cron: '61 * * * *' } }],
    ['schedule.cron', { schedule: { cron: '0 0 30 2 *' } }],
    ['schedule.cron', { schedule: {} }],
    ['schedule.zone', { schedule: { cron: '0 0 * * *', zone: 'Mars/Base' } }],
    ['schedule.zone', { schedule: { cron: '0 0 * * *', zone: 7 } }],
    ['schedule', { schedule: '0 0 * * *' }],
    ['timeout', { timeout: '0s' }],
    ['timeout', { timeout: 'soon' }],
    ['timeout', { timeout: '11000d' }],
    ['heartbeat', { heartbeat: '0ms' }],
    ['heartbeat', { heartbeat: 30 }],
    ['ttl', { ttl: '1' }],
    ['ttl', { ttl: '0s' }],
    ['deadline', { deadline: '-1s' }],
    ['deadline', { deadline: '999999w' }],
    ['rateLimit.per', { rateLimit: { limit: 1, per: '0s' } }],
    ['rateLimit.per', { rateLimit: { limit: 1 } }],
    ['retention.completed', { retention: { completed: '0d' } }],
    ['retention.failed', { retention: { failed: '3654d' } }],
    ['unique.for', { unique: { key: () => 1, for: '0s' } }],
    ['unique.onDuplicate', { unique: { key: () => 1, onDuplicate: 'last' } }],
    ['crashes', { crashes: 0 }],
    ['crashes', { crashes: 1.5 }],
    ['crashes', { crashes: NaN }],
    ['crashes', { crashes: '3' }],
    ['isolation', { isolation: 'worker' }],
    ['evidence', { evidence: 'always' }],
    ['critical', { critical: 'yes' }],
    ['monitoring.alerts', { monitoring: { alerts: 'pager' } }],
    ['monitoring', { monitoring: true }],
    ['retry.backoff', { retry: { attempts: 3, backoff: 'exponential' } }],
    ['retry.backoff', { retry: { attempts: 3, backoff: { type: 'fixed', delay: '5m' } } }],
    ['retry.on.backoff', { retry: { attempts: 3, on: { E: { backoff: '1s' } } } }],
    ['retry.on', { retry: { attempts: 3, on: { E: 'no' } } }],
  ])('is refused for its %s, and says so: %j', (option, more) => {
    expect(define(more)).toThrowError(
      expect.objectContaining({
        code: 'ORDERLY_DEFINITION_INVALID',
        message: expect.stringMatching(
          new RegExp(`^job "visit": ${option.replaceAll('.', String.raw`\.`)} `),
        ),
      }),
    )
  })

  it.each<[object, string]>([
    [{ timeOut: '5m' }, 'job "visit" has no option "timeOut"; did you mean "timeout"?'],
    [{ priorty: 3 }, 'job "visit" has no option "priorty"; did you mean "priority"?'],
    [
      { retry: { attempt: 3 } },
      'job "visit": retry has no option "attempt"; did you mean "attempts"?',
    ],
    [
      { rateLimit: { max: 3 } },
      'job "visit": rateLimit has no option "max"; there are limit, per, key, units',
    ],
    [
      { removeOnComplete: true },
      'job "visit" has no option "removeOnComplete"; there are name, queue,',
    ],
  ])('is refused with an option nobody reads: %j', (more, message) => {
    expect(define(more)).toThrowError(
      expect.objectContaining({
        code: 'ORDERLY_DEFINITION_INVALID',
        message: expect.stringContaining(message),
      }),
    )
  })

  it('takes what works', () => {
    expect(
      define({
        schedule: { cron: '@daily', zone: 'Europe/Berlin' },
        timeout: '1ms',
        ttl: '3653d',
        crashes: 1,
        isolation: 'process',
        evidence: 'required',
        monitoring: { alerts: false },
        retry: {
          attempts: 2,
          backoff: custom(() => '1s'),
          on: { E: 'never', F: { backoff: fixed('0ms') } },
        },
        unique: { key: () => 1, for: '1h', onDuplicate: 'extend' },
        output: undefined,
      }),
    ).not.toThrow()
  })

  it.each([
    ['a jitter above all of it', () => fixed('1s', { jitter: 1.1 })],
    ['a jitter that is no number', () => exponential('1s', { jitter: NaN })],
    ['a wait above ten years', () => fixed('4000d')],
  ])('gets no backoff with %s', (_what, make) => {
    expect(make).toThrowError(expect.objectContaining({ code: 'ORDERLY_DEFINITION_INVALID' }))
  })
})
