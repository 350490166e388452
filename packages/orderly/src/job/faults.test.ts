import { describe, expect, it } from 'vitest'
import { OrderlyError } from '../primitives/errors.ts'
import { askedWait, BadInputError, ExternalError, kindOf } from './faults.ts'

describe('the kind of a fault', () => {
  it.each([
    [Object.assign(new Error('x'), { code: 'ECONNREFUSED' }), 'external'],
    [
      new TypeError('fetch failed', { cause: Object.assign(new Error(), { code: 'ETIMEDOUT' }) }),
      'external',
    ],
    [Object.assign(new Error('x'), { status: 503 }), 'external'],
    [Object.assign(new Error('x'), { statusCode: 429 }), 'external'],
    [Object.assign(new Error('x'), { status: 403 }), 'refused'],
    [new BadInputError('x'), 'bad-input'],
    [new OrderlyError('ORDERLY_MAIL_NOT_SET', 'x'), 'refused'],
    [new Error('x'), 'internal'],
    ['no error at all', 'internal'],
  ])('of %o is %s', (error, kind) => {
    expect(kindOf(error)).toBe(kind)
  })

  it.each([
    ['120', 120_000],
    [2, 2_000],
    ['90s', 90_000],
    ['Thu, 01 Jan 1970 00:00:10 GMT', 9_000],
    [new Date(3_000), 2_000],
    ['soon', 0],
    ['9999999', 86_400_000],
  ])('asks with Retry-After %s to wait %d ms', (asked, wait) => {
    expect(askedWait(new ExternalError('x', { retryAfter: asked }), 1_000)).toBe(wait)
  })
})
