import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BadInputError, ExternalError, kindOf, RefusedError } from '../job/faults.ts'
import { Suspension } from '../job/outcome.ts'
import { OrderlyError } from '../primitives/errors.ts'
import { carryError, reviveError } from './carry-error.ts'

const across = (thrown: unknown): Error => reviveError(structuredClone(carryError(thrown)))

class OwnError extends TypeError {
  override readonly name = 'OwnError'
}

describe('an error that crosses a boundary', () => {
  it('keeps name, message, stack, plain members and cause', () => {
    const plain = fc.oneof(fc.string(), fc.double(), fc.boolean())
    // Words of the language aside: what an error already is.
    const name = fc.stringMatching(/^[a-z]{1,12}$/).filter((word) => !(word in new Error()))
    const made = fc.tuple(
      fc.constantFrom(Error, RangeError, OwnError, ExternalError, BadInputError, RefusedError),
      fc.string(),
      fc.dictionary(name, plain, { maxKeys: 10 }),
      fc.boolean(),
    )
    fc.assert(
      fc.property(made, ([Class, message, members, hasCause]) => {
        const cause = hasCause ? new RangeError('beneath') : undefined
        const error = Object.assign(new Class(message, { cause }), members)
        const arrived = across(error)
        expect(arrived).toMatchObject(members)
        expect([arrived.name, arrived.message, arrived.stack]).toEqual([
          error.name,
          error.message,
          error.stack,
        ])
        expect(kindOf(arrived)).toBe(kindOf(error))
        expect((arrived.cause as Error | undefined)?.message).toBe(cause?.message)
      }),
    )
  })

  it('stays one of ours, a fault that asks for a wait, or a sleep', () => {
    const ours = across(new OrderlyError('ORDERLY_EFFECT_BUSY', 'busy'))
    expect(ours).toBeInstanceOf(OrderlyError)
    expect(ours).toMatchObject({ code: 'ORDERLY_EFFECT_BUSY' })
    expect(across(new ExternalError('down', { retryAfter: 7 }))).toMatchObject({ retryAfter: 7 })
    const sleep = across(new Suspension(123))
    expect(sleep).toBeInstanceOf(Suspension)
    expect(sleep).toMatchObject({ until: 123 })
  })

  it('arrives whatever was thrown', () => {
    const loop = new Error('round')
    loop.cause = loop
    const nasty = new Error('x'.repeat(50_000_000))
    Object.defineProperty(nasty, 'secret', {
      enumerable: true,
      get() {
        throw new Error('no')
      },
    })
    for (const thrown of [null, undefined, 'text', 7n, Symbol('s'), () => 1, {}, loop, nasty])
      expect(across(thrown)).toBeInstanceOf(Error)
    expect(across('Jane Roe').message).not.toContain('Jane')
    expect(across(nasty).message.length).toBeLessThan(100_000)
  })
})
