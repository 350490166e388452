// The parts of a pack's page as they leave: whatever a pack puts beside what is named here stays in the house.
import { z } from 'zod'

const tone = z.enum(['neutral', 'good', 'warning', 'bad'])
const words = z.string().max(2_000)

const value = z.union([
  words,
  z.number(),
  z.boolean(),
  z.null(),
  z.object({
    text: words,
    tone: tone.optional(),
    page: z.string().optional(),
    params: z.record(z.string(), z.string()).optional(),
    job: z.string().optional(),
  }),
  z.object({
    masked: words,
    kind: z.string(),
    reveal: z.object({ record: z.string(), field: z.string() }).optional(),
  }),
  z.object({
    acts: z
      .array(
        z.object({
          action: z.string().max(100),
          given: z.record(z.string(), z.union([z.string().max(400), z.number(), z.boolean()])),
        }),
      )
      .max(10),
  }),
])

const MOST_ROWS = 2_000
const MOST_POINTS = 20_000

export const pageBlock: z.ZodType = z
  .discriminatedUnion('block', [
    z.object({
      block: z.literal('facts'),
      title: words.optional(),
      facts: z.array(z.object({ label: words, value, tone: tone.optional() })).max(200),
    }),
    z.object({
      block: z.literal('table'),
      title: words,
      columns: z
        .array(
          z.object({
            key: z.string(),
            label: words,
            kind: z.enum(['text', 'number', 'money', 'time', 'state']).optional(),
          }),
        )
        .max(50),
      rows: z.array(z.record(z.string(), value)).max(MOST_ROWS),
      empty: words,
    }),
    z.object({
      block: z.literal('chart'),
      title: words,
      kind: z.enum(['line', 'bar', 'band']),
      stacked: z.boolean().optional(),
      x: z.object({
        label: words,
        kind: z.enum(['time', 'category']),
        values: z.array(z.union([z.number(), words])).max(MOST_POINTS),
      }),
      series: z
        .array(
          z.object({
            label: words,
            unit: z.string().optional(),
            tone: tone.optional(),
            edge: z.enum(['low', 'high']).optional(),
            values: z.array(z.number().nullable()).max(MOST_POINTS),
          }),
        )
        .max(20),
    }),
    z.object({
      block: z.literal('document'),
      title: words,
      contentType: z.string(),
      href: z.string().max(2_000),
    }),
    z.object({ block: z.literal('note'), tone, text: words }),
    z.object({ block: z.literal('search'), label: words, filter: z.string(), value: words }),
  ])
  .meta({ id: 'PageBlock' })
