// Owns JSON as a part of a price file: its root members, and its batches from any item on.
import { BatchBuilder, type PartBatch, type PartCursor } from './batch.ts'
import { digestValue } from './digest.ts'
import { type Encoding, markLength } from './encoding.ts'
import { PriceFileError } from './error.ts'
import { JsonStream } from './json-stream.ts'
import type { Limits } from './limits.ts'
import type { Part } from './part.ts'
import { readPiece, streamText, type Source } from './source.ts'
import { USES_OF_JSON } from '../shape/column-uses.ts'
import { hospitalOfJson, shapeCmsJson } from '../shape/cms-json.ts'

const ARRAY_KEY = 'standard_charge_information'

export async function openJson(
  source: Source,
  encoding: Encoding,
  limits: Limits,
  sheet: string | null,
): Promise<Part> {
  const start = markLength(encoding, await readPiece(source, 0, 4))
  const head = await readHead(source, encoding, limits, start)
  const hospital = hospitalOfJson(head.members)
  return {
    format: hospital.version === null ? 'cms-json' : `cms-json ${hospital.version}`,
    encoding,
    hospital,
    bytes: source.size,
    headDigest: digestValue([...head.before]),
    skipped: [],
    columns: USES_OF_JSON.map((each) => ({ ...each, sheet })),
    batches: (from, signal) =>
      readBatches(
        {
          source,
          encoding,
          limits,
          sheet,
          rooted: head.rooted,
          from: { byte: from?.byte ?? head.itemsAt, row: from?.row ?? 0 },
        },
        signal,
      ),
  }
}

interface Head {
  readonly members: ReadonlyMap<string, unknown>
  /** The members before the items; those after them are part of the last batch's digest. */
  readonly before: ReadonlyMap<string, unknown>
  readonly rooted: boolean
  readonly itemsAt: number
}

async function readHead(
  source: Source,
  encoding: Encoding,
  limits: Limits,
  start: number,
): Promise<Head> {
  const stream = new JsonStream(streamText(source, encoding, start), limits, {
    encoding,
    byte: start,
    place: 'root',
    rooted: true,
    arrayKey: ARRAY_KEY,
    skipItems: true,
  })
  const members = new Map<string, unknown>()
  let found: { before: Map<string, unknown>; itemsAt: number } | null = null
  for (;;) {
    const event = stream.next()
    if (event === null) {
      await stream.fill()
      continue
    }
    if (event.is === 'member') members.set(event.key, event.value)
    else if (event.is === 'array') {
      found = { before: new Map(members), itemsAt: stream.byte }
      // Most files name the hospital first; only the others are passed over to their end here.
      if (members.has('hospital_name') || !stream.rooted) break
    } else if (event.is === 'end') break
  }
  if (found === null || !stream.rooted)
    throw new PriceFileError(
      'NO_PRICE_TABLE',
      `The JSON has no "${ARRAY_KEY}"; check that the file is the price list in the CMS layout.`,
    )
  return { members, before: found.before, rooted: stream.rooted, itemsAt: found.itemsAt }
}

interface Reading {
  readonly source: Source
  readonly encoding: Encoding
  readonly limits: Limits
  readonly sheet: string | null
  readonly rooted: boolean
  readonly from: { readonly byte: number; readonly row: number }
}

async function* readBatches(
  reading: Reading,
  signal: AbortSignal | undefined,
): AsyncGenerator<PartBatch> {
  const { source, encoding, limits, sheet, rooted, from } = reading
  // The cursor of the last batch points behind the file.
  if (from.byte >= source.size) return
  const stream = new JsonStream(streamText(source, encoding, from.byte), limits, {
    encoding,
    byte: from.byte,
    place: 'items',
    rooted,
    arrayKey: ARRAY_KEY,
  })
  const shape = shapeCmsJson()
  const batch = new BatchBuilder()
  let row = from.row
  const cursor = (): PartCursor => ({ row, byte: stream.byte, sheet: 0 })
  reading: for (;;) {
    const event = stream.next()
    if (event === null) {
      signal?.throwIfAborted()
      await stream.fill()
      continue
    }
    switch (event.is) {
      case 'item': {
        batch.content.addText(JSON.stringify(event.value) ?? '')
        const rows = shape(event.value, { sheet, row: row + 1, byte: event.byte }, batch)
        row += rows
        batch.rowsRead += rows
        if (batch.full) {
          yield batch.seal(cursor(), stream.byte)
          signal?.throwIfAborted()
        }
        break
      }
      case 'member':
      case 'array':
        batch.content.addText(
          JSON.stringify(event.is === 'member' ? [event.key, event.value] : [event.key]),
        )
        break
      case 'end':
        break reading
    }
  }
  if (!batch.empty) yield batch.seal({ row, byte: source.size, sheet: 0 }, source.size)
}
