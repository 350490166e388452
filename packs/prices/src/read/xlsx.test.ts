import { utils, write, type WorkSheet } from '@e965/xlsx'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { scratch } from '../../fixtures/scratch.ts'
import { zip } from '../../fixtures/zip.ts'
import { openArchive } from './archive.ts'
import type { Grid } from './grid.ts'
import { DEFAULT_LIMITS, type Limits } from './limits.ts'
import { openSource } from './source.ts'
import { openWorkbook } from './workbook.ts'
import { openXlsx } from './xlsx.ts'

const made = scratch()
afterAll(() => made.remove())

type Read = { readonly names: readonly string[]; readonly rows: readonly [number, number, ...string[]][] } // prettier-ignore

async function readAll(grid: Grid): Promise<Read> {
  const rows: [number, number, ...string[]][] = []
  for await (const some of grid.rows(undefined))
    for (const { sheet, row, cells } of some)
      rows.push([sheet, row, ...cells.join('\0').replace(/\0+$/, '').split('\0')])
  return { names: grid.sheets.map(({ name }) => name), rows }
}

async function streamed(bytes: Buffer, limits: Partial<Limits> = {}): Promise<Read> {
  const all = { ...DEFAULT_LIMITS, ...limits }
  const source = await openSource(made.write(bytes))
  try {
    const archive = await openArchive(source, all)
    return await readAll(await openXlsx(archive, 'xlsx', bytes.length, all, undefined))
  } finally {
    await source.close()
  }
}

/** As the library reads it, which takes all of it into memory. */
async function whole(bytes: Buffer): Promise<Read> {
  return readAll(await openWorkbook(bytes, 'xlsx', DEFAULT_LIMITS))
}

const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
const xml = (text: string): string => `<?xml version="1.0"?>${text}`

/** A workbook of one sheet, made by hand. */
function book(rows: string, also: Readonly<Record<string, string | Buffer>> = {}): Buffer {
  const parts = {
    'xl/workbook.xml': xml(`<x:workbook xmlns:x="${MAIN}" xmlns:r="${OFFICE}"><x:sheets><x:sheet name="A" sheetId="1" r:id="r1"/></x:sheets></x:workbook>`),
    'xl/_rels/workbook.xml.rels': xml(`<Relationships><Relationship Id="r1" Type="${OFFICE}/worksheet" Target="/xl/worksheets/sheet1.xml"/></Relationships>`),
    'xl/worksheets/sheet1.xml': xml(`<worksheet xmlns="${MAIN}"><sheetData>${rows}</sheetData></worksheet>`),
    ...also,
  } // prettier-ignore
  return zip(
    Object.entries(parts).map(([name, content]) => ({ name, content: Buffer.from(content) })),
  )
}

describe('a workbook that is streamed', () => {
  it('holds what the library finds in it, whatever its cells, formats and gaps', async () => {
    const text = fc.constantFrom('A', ' b ', 'two\r\nlines', '<&>"\'', '007', 'µ–€ 漢', '_x0041_', 'TRUE', ' ', '1e3') // prettier-ignore
    const number = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 }), fc.integer({ min: 0, max: 60_000 })) // prettier-ignore
    const format = fc.constantFrom('General', '0.00', '0%', '0.0%', '00000000000', '000-00', 'm/d/yy', 'yyyy-mm-dd', '#,##0.00', '"$"#,##0.00', 'h:mm') // prettier-ignore
    const cell = fc.oneof(
      text.map((v) => ({ t: 's' as const, v })),
      fc.record({ t: fc.constant('n' as const), v: number, z: format }),
      fc.boolean().map((v) => ({ t: 'b' as const, v })),
      fc.constant({ t: 'e' as const, v: 42 }),
      fc.constant(undefined),
    )
    const sheet = fc.array(fc.array(cell, { maxLength: 6 }), { maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(fc.array(sheet, { minLength: 1, maxLength: 3 }), async (sheets) => {
        const workbook = utils.book_new()
        for (const [at, rows] of sheets.entries()) {
          const made: WorkSheet = { '!ref': 'A1:F8' }
          for (const [row, cells] of rows.entries())
            for (const [column, each] of cells.entries())
              if (each) made[utils.encode_cell({ r: row, c: column })] = each
          utils.book_append_sheet(workbook, made, `Sheet ${at}`)
        }
        const bytes = write(workbook, { type: 'buffer', bookType: 'xlsx', bookSST: sheets.length > 1 }) as Buffer // prettier-ignore
        expect(await streamed(bytes)).toEqual(await whole(bytes))
      }),
      { numRuns: 60 },
    )
  })

  it('is read whoever wrote it: with prefixes, without references, in UTF-16, with rich text and reading aids', async () => {
    const strings = xml(`<s:sst xmlns:s="${MAIN}"><s:si><s:r><s:t>Two </s:t></s:r><s:r><s:t>parts</s:t></s:r><s:rPh sb="0" eb="1"><s:t>aid</s:t></s:rPh></s:si></s:sst>`) // prettier-ignore
    const rows =
      '<row><c t="inlineStr"><is><t>in</t><rPh sb="0" eb="1"><t>aid</t></rPh></is></c><c t="s"><v>0</v></c><c/></row>' +
      '<row r="5"><c r="C5" t="str"><f>A1&amp;B1</f><v>of a formula</v></c><c><v>1.5</v></c></row>'
    const bytes = book(rows, { 'xl/sharedStrings.xml': Buffer.from(`\ufeff${strings}`, 'utf16le') })
    expect(await streamed(bytes)).toEqual({
      names: ['A'],
      rows: [
        [0, 1, 'in', 'Two parts'],
        [0, 5, '', '', 'of a formula', '1.5'],
      ],
    })
  })

  it.each<[string, () => Buffer, Partial<Limits>, string]>([
    ['rows that go back', () => book('<row r="3"><c><v>1</v></c></row><row r="2"><c><v>1</v></c></row>'), {}, 'FILE_CORRUPT'],
    ['a shared text that is not there', () => book('<row><c t="s"><v>7</v></c></row>'), {}, 'FILE_CORRUPT'],
    ['XML that breaks off', () => book('<row><c><v>1</v>'), {}, 'FILE_CORRUPT'],
    ['no way to its sheets', () => book('', { 'xl/_rels/workbook.xml.rels': '' }), {}, 'FILE_CORRUPT'],
    ['more columns than a sheet has', () => book('<row><c r="XFE1"><v>1</v></c></row>'), {}, 'LIMIT_EXCEEDED'],
    ['too many different texts', () => book('<row><c t="s"><v>0</v></c></row>', { 'xl/sharedStrings.xml': xml(`<sst>${'<si><t>a</t></si>'.repeat(100)}</sst>`) }), { maxWorkbookTextBytes: 1_000 }, 'LIMIT_EXCEEDED'],
    ['one value without end', () => book(`<row><c t="str"><v>${'x'.repeat(2_000)}</v></c></row>`), { maxCellBytes: 1_000 }, 'LIMIT_EXCEEDED'],
    ['a text that is repeated for ever', () => book('<row><c t="s"><v>0</v></c></row>'.repeat(40_000), { 'xl/sharedStrings.xml': xml(`<sst><si><t>${'x'.repeat(30_000)}</t></si></sst>`) }), {}, 'LIMIT_EXCEEDED'],
  ])('is refused for %s', async (_what, make, limits, code) => {
    await expect(streamed(make(), limits)).rejects.toMatchObject({ name: 'PriceFileError', code })
  }) // prettier-ignore

  it('of hundreds of thousands of rows is read in little memory, while others get their turn', async () => {
    const rows = 150_000
    const row = (_: unknown, at: number): string => `<row r="${at + 1}"><c r="A${at + 1}"><v>${at}</v></c><c r="B${at + 1}" t="str"><v>ITEM ${at}</v></c><c r="C${at + 1}"><v>${at / 100}</v></c></row>` // prettier-ignore
    const bytes = book(Array.from({ length: rows }, row).join(''))
    let most = process.memoryUsage.rss()
    const first = most
    let turns = 0
    const timer = setInterval(() => {
      turns++
      most = Math.max(most, process.memoryUsage.rss())
    }, 1)
    const source = await openSource(made.write(bytes))
    const archive = await openArchive(source, DEFAULT_LIMITS)
    const grid = await openXlsx(archive, 'xlsx', bytes.length, DEFAULT_LIMITS, undefined)
    let read = 0
    for await (const some of grid.rows(undefined)) read += some.length
    clearInterval(timer)
    await source.close()
    expect(read).toBe(rows)
    expect(turns).toBeGreaterThan(50)
    expect(most - first).toBeLessThan(150 * 2 ** 20)
  })
})
