import { parse } from 'csv-parse/sync'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RecordScanner, type Dialect } from './delimited.ts'
import type { Encoding } from './encoding.ts'
import { PriceFileError } from './error.ts'
import { DEFAULT_LIMITS, type Limits } from './limits.ts'
import { streamText, type Source } from './source.ts'

const CSV: Dialect = { delimiter: ',', quotes: true, newline: 'lf' }

function inMemory(bytes: Buffer): Source {
  return {
    size: bytes.length,
    async read(target, offset, length, position) {
      return bytes.copy(target, offset, position, Math.min(bytes.length, position + length))
    },
    async close() {},
  }
}

interface Scanned {
  cells: string[]
  byte: number
  next: number
  row: number
  problem: string | null
  canonical: string
}

async function scan(
  content: string | Buffer,
  options: {
    dialect?: Dialect
    encoding?: Encoding
    chunk?: number
    from?: { byte: number; row: number }
    limits?: Partial<Limits>
  } = {},
): Promise<Scanned[]> {
  const encoding = options.encoding ?? 'utf-8'
  const source = inMemory(Buffer.from(content as string))
  const from = options.from ?? { byte: 0, row: 0 }
  const scanner = new RecordScanner(
    streamText(source, encoding, from.byte),
    options.dialect ?? CSV,
    encoding,
    { ...DEFAULT_LIMITS, ...options.limits },
    from,
    options.chunk,
  )
  const found: Scanned[] = []
  while (await scanner.fill())
    while (scanner.next())
      if (!scanner.blank)
        found.push({
          cells: Array.from({ length: scanner.count }, (_, index) => scanner.text(index)),
          byte: scanner.byte,
          next: scanner.nextByte,
          row: scanner.row,
          problem: scanner.problem,
          canonical: scanner.canonical(),
        })
  return found
}

const cells = async (content: string, dialect: Dialect = CSV): Promise<string[][]> =>
  (await scan(content, { dialect })).map((record) => record.cells)

// Trimmed cells, as the scanner trims; blanks inside, quotes, delimiters and line ends are welcome.
const cell = fc
  .array(
    fc.constantFrom(
      'a',
      'B',
      '7',
      ' ',
      ',',
      '"',
      '\n',
      '\r\n',
      '.',
      '$',
      '|',
      'é',
      '€',
      '漢',
      '😀',
      '',
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join('').trim())
  .map((text) => text.replace(/\r\n?/g, '\n'))
const table = fc
  .array(fc.array(cell, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 12 })
  .map((rows) => rows.filter((row) => row.some((text) => text !== '')))
const newline = fc.constantFrom('\n', '\r\n')

function write(rows: readonly (readonly string[])[], end: string, always: boolean): string {
  return rows
    .map((row) =>
      row
        .map((text) =>
          always || /[",\r\n]/.test(text)
            ? `"${text.replaceAll('"', '""').replaceAll('\n', end)}"`
            : text,
        )
        .join(','),
    )
    .join(end)
}

describe('the record scanner', () => {
  it('reads what csv-parse reads, at any chunk size', async () => {
    await fc.assert(
      fc.asyncProperty(
        table,
        newline,
        fc.boolean(),
        fc.integer({ min: 64, max: 300 }),
        async (rows, end, always, chunk) => {
          const text = write(rows, end, always)
          const oracle = parse(text, {
            relax_column_count: true,
            skip_empty_lines: true,
            trim: true,
          }) as string[][]
          const expected = oracle
            .map((row) => row.map((value) => value.replace(/\r\n?/g, '\n').trim()))
            .filter((row) => row.some((value) => value !== ''))
          expect((await scan(text, { chunk })).map((record) => record.cells)).toEqual(expected)
        },
      ),
      { numRuns: 400 },
    )
  })

  it('goes on from any record as if it had never stopped', async () => {
    await fc.assert(
      fc.asyncProperty(
        table,
        newline,
        fc.constantFrom<Encoding>('utf-8', 'utf-16le', 'utf-16be'),
        fc.nat(),
        async (rows, end, encoding, pick) => {
          const content = encode(write(rows, end, false), encoding)
          const whole = await scan(content, { encoding, chunk: 64 })
          if (whole.length === 0) return
          const stop = pick % whole.length
          const last = whole[stop]
          if (last === undefined) return
          const rest = await scan(content, { encoding, from: { byte: last.next, row: last.row } })
          expect(rest).toEqual(whole.slice(stop + 1))
        },
      ),
      { numRuns: 300 },
    )
  })

  it('gives one canonical spelling to one content, whatever its line ends, quotes and encoding', async () => {
    await fc.assert(
      fc.asyncProperty(table, async (rows) => {
        const spelling = async (
          end: string,
          always: boolean,
          encoding: Encoding,
        ): Promise<string[]> =>
          (await scan(encode(write(rows, end, always), encoding), { encoding })).map(
            (record) => record.canonical,
          )
        const plain = await spelling('\n', false, 'utf-8')
        expect(await spelling('\r\n', false, 'utf-8')).toEqual(plain)
        expect(await spelling('\n', true, 'utf-8')).toEqual(plain)
        expect(await spelling('\r\n', true, 'utf-16le')).toEqual(plain)
      }),
      { numRuns: 200 },
    )
  })

  it('says at which byte each record begins', async () => {
    const text = 'a,b\r\n"x\r\ny",é\r\n\r\nlast,1'
    const bytes = Buffer.from(text)
    const records = await scan(text)
    expect(records.map((record) => record.byte)).toEqual([0, 5, bytes.indexOf('last')])
    expect(records.map((record) => record.row)).toEqual([1, 2, 4])
  })

  it('takes a bare line feed in a CRLF file as a line end, and a stray return as a blank', async () => {
    expect(await cells('a,b\r\nc,d\ne,f\r\n')).toEqual([
      ['a', 'b'],
      ['c', 'd'],
      ['e', 'f'],
    ])
    expect(await cells('a,b\r\nc\rd,e\r\n')).toEqual([
      ['a', 'b'],
      ['c\nd', 'e'],
    ])
  })

  it('reads files whose only line end is a return', async () => {
    expect(await cells('a,b\rc,d\r', { ...CSV, newline: 'cr' })).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ])
  })

  it('keeps a quote that closes nothing as a character of its cell', async () => {
    expect(await cells('"5" CATHETER",3\n3" PAD,4\n')).toEqual([
      ['5" CATHETER', '3'],
      ['3" PAD', '4'],
    ])
  })

  it('loses one line, and no more, to a quote that is never closed', async () => {
    const records = await scan('a,1\n"b,2\nc,3\nd,4\n')
    expect(records.map((record) => record.problem)).toEqual([null, 'QUOTE_UNCLOSED', null, null])
    expect(records.at(-1)?.cells).toEqual(['d', '4'])
  })

  it('marks a record with NUL bytes', async () => {
    const records = await scan('a,1\nb\0c,2\nd,3\n')
    expect(records.map((record) => record.problem)).toEqual([null, 'NUL_BYTES', null])
  })

  it('reads a cell outside UTF-8 as Windows-1252', async () => {
    const bytes = Buffer.concat([
      Buffer.from('5 é,1\n6 '),
      Buffer.from([0x96, 0xb5, 0x67]),
      Buffer.from(',2\n'),
    ])
    expect((await scan(bytes)).map((record) => record.cells[0])).toEqual(['5 é', '6 –µg'])
  })

  it('stops at an endless line, a giant cell and too many columns', async () => {
    const limits = { maxLineBytes: 4096, maxCellBytes: 1024, maxColumns: 256 }
    const refused = (content: string): Promise<unknown> =>
      expect(scan(content, { limits, chunk: 64 })).rejects.toSatisfy(
        (error) => error instanceof PriceFileError && error.code === 'LIMIT_EXCEEDED',
      )
    await refused('x'.repeat(100_000))
    await refused(`a,${'x'.repeat(2000)}\n`)
    await refused('a,'.repeat(1500))
  })
})

function encode(text: string, encoding: Encoding): Buffer {
  if (encoding === 'utf-16le') return Buffer.from(text, 'utf16le')
  if (encoding === 'utf-16be') return Buffer.from(text, 'utf16le').swap16()
  return Buffer.from(text)
}

describe('what a cell says of itself', () => {
  const cell = fc.oneof(
    fc.constantFrom('', ' ', '0', '0.0', '.', '.5', '5.', ' 12.50 ', '1,200', '-3', '+3', '1e3', '1.2.3', '\u00a07\u00a0', '\u00a0', '٣', '"', '5"'),
    fc.string({ maxLength: 6 }).filter((text) => !/[\r\n\0]/.test(text)),
  ) // prettier-ignore

  it('is what its text says, without the text', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(cell, { minLength: 2, maxLength: 6 }), async (cells) => {
        const line = cells.map((text) => `"${text.replaceAll('"', '""')}"`).join(',')
        const scanner = new RecordScanner(
          streamText(inMemory(Buffer.from(`${line}\n`)), 'utf-8', 0), CSV, 'utf-8', DEFAULT_LIMITS, { byte: 0, row: 0 },
        ) // prettier-ignore
        await scanner.fill()
        expect(scanner.next()).toBe(true)
        for (let index = -1; index <= scanner.count; index++) {
          const text = index < 0 ? '' : scanner.text(index)
          expect(scanner.empty(index)).toBe(text === '')
          expect(scanner.positive(index)).toBe(/^(\d+\.?\d*|\.\d+)$/.test(text) && Number(text) > 0)
        }
      }),
    )
  })
})
