import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { placeOf } from './fault-place.ts'

const NAME = 'Jane Roe'
const schema = z.object({
  files: z.array(z.object({ name: z.string() })),
  byPatient: z.record(z.string(), z.object({ dose: z.number() })).optional(),
  either: z.union([z.object({ a: z.number() }), z.object({ b: z.number() })]).nullable(),
  open: z.object({}).catchall(z.number()),
  later: z.lazy(() => z.object({ c: z.number() })),
})

describe('the place of a fault', () => {
  it.each<[PropertyKey[], string]>([
    [[], 'its root'],
    [['files', 2, 'name'], 'files[2].name'],
    [['byPatient', NAME, 'dose'], 'byPatient[…].dose'],
    [['byPatient', NAME], 'byPatient[…]'],
    [['either', 'b'], 'either.b'],
    [['either', NAME], 'either[…]'],
    [['open', NAME], 'open[…]'],
    [['later', 'c'], 'later.c'],
    [[NAME, NAME], '[…][…]'],
  ])('%j is named in words of the schema', (path, place) => {
    expect(placeOf({ message: '', path }, schema)).toBe(place)
  })
})
