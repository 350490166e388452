import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { clear, phi, shapeOf } from './phi.ts'
import { countHiddenAt, tellPointer, valueAt } from './pointer.ts'

const shape = shapeOf(
  z.object({
    patient: phi.name(),
    clinic: clear(z.string()),
    notes: z.array(z.object({ text: phi.text(), level: clear(z.enum(['low', 'high'])) })),
    doses: z.record(phi.name(), z.object({ drug: phi.text() })),
    wards: clear(z.record(z.string(), z.number())),
    who: z.union([phi.name(), z.object({ first: phi.name(), id: clear(z.string()) })]),
  }),
)
const value = {
  patient: 'Jane Roe',
  clinic: 'north',
  notes: [
    { text: 'one', level: 'low' },
    { text: 'two', level: 'high' },
  ],
  doses: { 'Jane Roe': { drug: 'x' }, 'a/b': { drug: 'y' } },
  wards: { east: 3 },
  who: { first: 'Jane', id: '7' },
}
const tell = (pointer: string, of: unknown = value) =>
  tellPointer(pointer, shape, of, async (name) => `hidden${name.length}`)

describe('a pointer', () => {
  it('counts each value it uncovers, and what is harmless not', () => {
    for (const [pointer, count] of [
      ['', 1 + 2 + 2 + 1],
      ['/notes', 2],
      ['/notes/1', 1],
      ['/doses', 2],
      ['/doses/Jane Roe', 1],
      ['/who', 1],
      ['/patient', 1],
      ['/clinic', 1],
      ['/wards', 1],
      ['/nothing', 1],
    ] as const)
      expect([pointer, countHiddenAt(value, shape, pointer)]).toEqual([pointer, count])
    expect(countHiddenAt([{ a: 1, b: [2, 3] }, 4], { type: 'opaque' }, '')).toBe(4)
  })

  it('is told by the names of its schema, and hides every other', async () => {
    expect(await tell('/notes/0/text')).toBe('/notes/0/text')
    expect(await tell('/doses/Jane Roe/drug')).toBe('/doses/hidden8/hidden4')
    expect(await tell('/doses/a~1b')).toBe('/doses/hidden3')
    expect(await tell('/Jane Roe')).toBe('/hidden8')
    expect(await tell('/notes/Jane Roe')).toBe('/notes/hidden8')
    expect(await tell('/patient/0')).toBe('/patient/hidden1')
    expect(await tell('/who/first')).toBe('/who/first')
    expect(await tell('')).toBe('')
    // Harmless names are told where they are there, not where somebody typed them.
    expect(await tell('/wards/east')).toBe('/wards/east')
    expect(await tell('/wards/Jane Roe')).toBe('/wards/hidden8')
  })

  it('finds what is a value’s own alone', () => {
    expect(valueAt(value, '/doses/a~1b/drug')).toEqual({ found: true, value: 'y' })
    expect(valueAt(value, '/notes/constructor')).toEqual({ found: false, value: null })
  })
})
