import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { mask, maskAs } from './mask.ts'
import { clear, holdsPhi, phi, PHI_KINDS, shapeOf } from './phi.ts'

const TOKEN = 'CANARY-9f2c'

describe('finding PHI in a schema', () => {
  it.each<[string, z.ZodType]>([
    ['a field', z.object({ a: phi.name() })],
    ['an optional', z.object({ a: phi.name().optional() })],
    ['a nullable', z.object({ a: phi.name().nullable() })],
    ['a default', z.object({ a: phi.name().default('x') })],
    ['a catch', z.object({ a: phi.name().catch('x') })],
    ['a readonly', z.object({ a: phi.name().readonly() })],
    [
      'a refinement',
      z.object({
        a: phi
          .name()
          .min(3)
          .refine(() => true),
      }),
    ],
    ['a described one', z.object({ a: phi.name().describe('who') })],
    ['an array', z.array(phi.mrn())],
    ['a tuple', z.tuple([z.string(), phi.mrn()])],
    ['the rest of a tuple', z.tuple([z.string()], phi.mrn())],
    ['a set', z.set(phi.mrn())],
    ['a record', z.record(z.string(), phi.mrn())],
    ['the keys of a record', z.record(phi.mrn(), z.number())],
    ['a map', z.map(z.string(), phi.mrn())],
    ['a union', z.union([z.number(), z.object({ a: phi.date() })])],
    [
      'a discriminated union',
      z.discriminatedUnion('t', [z.object({ t: z.literal('x'), a: phi.ssn() })]),
    ],
    ['an intersection', z.intersection(z.object({ a: z.string() }), z.object({ b: phi.ip() }))],
    ['a pipe', z.object({ a: phi.name().transform((name) => name.length) })],
    ['a lazy', z.lazy(() => z.object({ a: phi.url() }))],
    ['a marked schema of another type', z.object({ a: phi.of('date', z.number()) })],
    ['a catchall', z.object({ a: z.string() }).catchall(phi.name())],
    ['a template literal', z.object({ a: z.templateLiteral(['mrn-', phi.mrn()]) })],
    ['an extended object', z.object({ a: phi.name() }).extend({ b: z.string() })],
    ['a partial object', z.object({ a: phi.name() }).partial()],
  ])('looks into %s', (_what, schema) => {
    expect(holdsPhi(shapeOf(schema))).toBe(true)
  })

  it('finds none where there is none, and ends on a schema that contains itself', () => {
    type Tree = { v: string; next?: Tree | undefined }
    const tree: z.ZodType<Tree> = z.object({ v: z.string(), next: z.lazy(() => tree).optional() })
    expect(holdsPhi(shapeOf(tree))).toBe(false)
    expect(holdsPhi(shapeOf(z.object({ a: clear(z.string()) })))).toBe(false)
    expect(holdsPhi(shapeOf({ '~standard': {} }))).toBe(false)
  })

  it('does not let clear() hide what is marked inside', () => {
    expect(() => clear(z.object({ name: phi.name() }))).toThrow(/clear\(\)/)
  })

  it('carries its marks into JSON Schema', () => {
    const json = z.toJSONSchema(z.object({ a: phi.mrn(), b: clear(z.string()) }))
    expect(json).toMatchObject({ properties: { a: { 'x-phi': 'mrn' }, b: { 'x-clear': true } } })
  })
})

describe('masking', () => {
  const schema = z.object({
    patient: phi.name(),
    note: z.string(),
    orderId: clear(z.string()),
    nested: z.array(z.object({ mrn: phi.mrn(), kind: clear(z.string()) })),
  })

  it('shows what is clear and nothing else', () => {
    const masked = mask(
      {
        patient: 'Jane Roe',
        note: 'allergic',
        orderId: 'o-1',
        nested: [{ mrn: '12345678', kind: 'lab' }],
        [TOKEN]: 1,
      },
      shapeOf(schema),
    )
    expect(masked).toEqual({
      patient: 'J*** R***',
      note: '[masked:text 8]',
      orderId: 'o-1',
      nested: [{ mrn: '****', kind: 'lab' }],
      '[masked]': '1 unknown field',
    })
  })

  it('shows a part of a union only where every option that knows it does', () => {
    const union = z.union([
      z.object({ a: clear(z.string()), b: clear(z.string()) }),
      z.object({ a: phi.name(), b: clear(z.string()) }),
    ])
    expect(mask({ a: TOKEN, b: 'shown' }, shapeOf(union))).toEqual({ a: 'C***', b: 'shown' })
  })

  it('masks what is nested twenty deep in unions, however long it is, before it shortens it', () => {
    let deep: z.ZodType = phi.text()
    let value: unknown = TOKEN.repeat(20_000)
    for (let level = 0; level < 18; level++) {
      deep = z.union([z.number(), z.object({ next: deep })])
      value = { next: value }
    }
    const text = JSON.stringify(mask(value, shapeOf(deep)))
    expect(text).not.toContain('CANARY')
    expect(text.length).toBeLessThan(1_000)
  })

  it('does not follow a value that is deeper than its limit', () => {
    type Tree = { next?: Tree | undefined }
    const tree: z.ZodType<Tree> = z.object({ next: z.lazy(() => tree).optional() })
    let value: unknown = { secret: TOKEN }
    for (let level = 0; level < 200; level++) value = { next: value }
    expect(JSON.stringify(mask(value, shapeOf(tree)))).not.toContain(TOKEN)
  })

  it.each(PHI_KINDS)('of kind %s never shows a whole value', (kind) => {
    const values = [
      'Jane Roe',
      '1961-02-03',
      '123-45-6789',
      'jane@roe.example',
      '90210',
      'A-1',
      '7',
    ]
    for (const value of values)
      expect(JSON.stringify(maskAs(kind, value))).not.toBe(JSON.stringify(value))
    expect(maskAs(kind, { nested: TOKEN })).toBe('[masked:object]')
  })
})
