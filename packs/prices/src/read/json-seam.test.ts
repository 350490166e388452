import fc from 'fast-check'
import { expect, it } from 'vitest'
import { JsonSeam } from './json-seam.ts'
import { JsonStream, type JsonEvent } from './json-stream.ts'
import { DEFAULT_LIMITS } from './limits.ts'

/** What a file says, sent in pieces of `size` bytes. */
async function eventsOf(text: string, size: number): Promise<JsonEvent[]> {
  const bytes = Buffer.from(text)
  let sent = 0
  const source = {
    unit: 1 as const,
    read(target: Buffer, offset: number): Promise<number> {
      const count = bytes.copy(target, offset, sent, sent + size)
      sent += count
      return Promise.resolve(count)
    },
  }
  const stream = new JsonStream(source, DEFAULT_LIMITS, {
    encoding: 'utf-8', byte: 0, place: 'root', rooted: true, arrayKey: 'items',
  }) // prettier-ignore
  const events: JsonEvent[] = []
  for (;;) {
    const event = stream.next()
    if (event === null) await stream.fill()
    else if (events.push(event) && event.is === 'end') return events
  }
}

function parsed(item: string): unknown {
  try {
    return JSON.parse(item)
  } catch {
    return undefined
  }
}

// Keys that come again further in, texts that look like the end of an item, items that are none.
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<unknown>(1, null, 'é', '},{"a"', '},\n{"a":1', '\\"', '}', ''),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('value'), { maxKeys: 3 }),
  ),
}))
const item = fc.oneof(
  { weight: 6, arbitrary: value.map((b) => JSON.stringify({ a: 1, b })) },
  { weight: 1, arbitrary: value.map((a) => JSON.stringify({ b: 2, a }, null, 1)) },
  { weight: 1, arbitrary: fc.constantFrom('{"a":x}', '{"a":1,}', '{}', '7', '"a"', '{ "a" : [{"a":1},{"a":2}] }') },
) // prettier-ignore

it('an item ends where its braces say, however alike the ends of others look', async () => {
  const items = fc.array(item, { minLength: 1, maxLength: 80 })
  const between = fc.constantFrom(',', ',\n', ' , ')
  await fc.assert(
    fc.asyncProperty(items, between, fc.integer({ min: 1, max: 300 }), async (texts, gap, size) => {
      const head = '{"items":['
      const events = await eventsOf(`${head}${texts.join(gap)}]}`, size)
      let byte = head.length
      const expected = texts.map((text) => {
        const event = { is: 'item', value: parsed(text), byte }
        byte += Buffer.byteLength(text + gap)
        return event
      })
      expect(events).toEqual([{ is: 'array', key: 'items' }, ...expected, { is: 'end' }])
    }),
    { numRuns: 150 },
  )
})

it('the end of an item is found by what stood between the two before it', () => {
  const seam = new JsonSeam()
  const bytes = Buffer.from('{"a":1},\n{"a":[{"b":2},\n{"b":3}]},\n{"a":4}')
  expect(seam.guess(bytes, 0, bytes.length)).toBe(-1)
  seam.learn(bytes, 7, 9, bytes.length)
  expect(bytes.toString('utf8', 9, seam.guess(bytes, 9, bytes.length))).toBe(
    '{"a":[{"b":2},\n{"b":3}]}',
  )
})
