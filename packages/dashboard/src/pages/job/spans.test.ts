import { describe, expect, it } from 'vitest'
import { changesOf, withoutMasked } from './edit.ts'
import { spansOf } from './spans.ts'

const LIFE = [
  { at: 0, type: 'accepted', attempt: null },
  { at: 10, type: 'started', attempt: 1 },
  { at: 30, type: 'attempt-failed', attempt: 1, code: 'ORDERLY_HANDLER_FAILED', fingerprint: 'f' },
  { at: 30, type: 'retried', attempt: null },
  { at: 80, type: 'started', attempt: 2 },
]

describe('the life of a job', () => {
  it('is told as waits and runs on one line', () => {
    expect(spansOf(LIFE, 100)).toMatchObject([
      { kind: 'queued', from: 0, to: 10 },
      { kind: 'running', from: 10, to: 30, end: 'failed', code: 'ORDERLY_HANDLER_FAILED' },
      { kind: 'backoff', from: 30, to: 80 },
      { kind: 'running', from: 80, to: 100, isOpen: true },
    ])
  })

  it('has no wait after the attempt that failed for good, and one before a cancelling', () => {
    const ended = (code: string, before: number): typeof LIFE => [
      ...LIFE.slice(0, before),
      { at: 31, type: 'failed', attempt: 1, code, fingerprint: 'f' },
    ]
    // The job may end with another code than its last attempt.
    for (const code of ['ORDERLY_HANDLER_FAILED', 'ORDERLY_JOB_FAILED'])
      expect(spansOf(ended(code, 3), 100).map(({ kind }) => kind)).toEqual(['queued', 'running'])
    expect(spansOf(ended('ORDERLY_CANCELLED', 4), 100).at(-1)).toMatchObject({
      kind: 'backoff',
      from: 30,
      to: 31,
    })
  })

  it('begins another input without what is masked, and says what differs', () => {
    const fields = [
      { path: 'patient', kind: 'name' },
      { path: 'items[].sku', kind: 'clear' },
    ]
    const before = withoutMasked({ patient: 'J***', items: [{ sku: 'a', note: '***' }] }, fields)
    expect(before).toEqual({ items: [{ sku: 'a' }] })
    expect(changesOf(before, { items: [{ sku: 'b' }], patient: 'Jane' })).toEqual([
      { path: 'items.0.sku', from: '"a"', to: '"b"' },
      { path: 'patient', from: '–', to: '"Jane"' },
    ])
  })
})
