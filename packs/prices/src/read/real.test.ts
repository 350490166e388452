// The numbers in this file were counted without the reader: rows and amounts of text files with
// another CSV parser or by splitting lines, of XML by counting tags, of workbooks by the rows and
// numeric cells of their sheet XML. Blank rows, titles, headers and footnotes are not data rows.
import { open } from 'node:fs/promises'
import { afterAll, describe, expect, it } from 'vitest'
import { fixture, scratch } from '../../fixtures/scratch.ts'
import { combineDigests, openPriceFile, type PriceFile, type PriceRow } from './index.ts'

const made = scratch()
afterAll(() => made.remove())

interface Whole {
  file: PriceFile
  rows: PriceRow[]
  rowsRead: number
  amounts: number
  rejected: number
  digest: string
}

async function readAll(path: string): Promise<Whole> {
  const file = await openPriceFile(path)
  const rows: PriceRow[] = []
  const digests: string[] = []
  let rowsRead = 0
  let rejected = 0
  for await (const batch of file.batches()) {
    rows.push(...batch.rows)
    digests.push(batch.digest)
    rowsRead += batch.rowsRead
    rejected += batch.rejected.length
  }
  await file.close()
  const amounts = rows.reduce((sum, row) => sum + row.amounts.length, 0)
  return {
    file,
    rows,
    rowsRead,
    amounts,
    rejected,
    digest: combineDigests(file.headDigest, digests),
  }
}

const EXPECTED: readonly [string, string, string, number, number][] = [
  ['real/kennestone_medications_2019-01-17_crlf.txt', 'pipe', 'ascii', 3933, 3933],
  ['real/kennestone_medications_latest_lf.txt', 'pipe', 'ascii', 3933, 3933],
  ['real/grady_2019.txt', 'csv', 'ascii', 6670, 6670],
  ['real/temple-episcopal_drg_2018.csv', 'csv', 'ascii', 111, 111],
  ['real/spectrum_2019_facility-columns.csv', 'csv', 'windows-1252', 5458, 12_249],
  ['real/uc-davis_cdm_2019.csv', 'csv', 'ascii', 13_528, 27_054],
  ['real/henry-ford-allegiance_2018.xlsx', 'xlsx', 'binary', 4204 + 615 + 2747, 7564],
  ['real/oshpd_106190958_metro-state_2018.xls', 'xls', 'binary', 246 + 25, 271],
  ['real/bwh_2018_xlsx-in.zip', 'zip:xlsx', 'binary', 5229 + 504 + 681, 6307],
  ['real/adventhealth-manchester_2019.xml', 'access-xml', 'ascii', 15_368, 15_368],
  ['cms/V2.0.0_Tall_CSV_Format_Example.csv', 'cms-tall-csv 2.0.0', 'ascii', 31, 115],
  ['cms/V2.0.0_Wide_CSV_Format_Example.csv', 'cms-wide-csv 2.0.0', 'windows-1252', 20, 85],
  ['cms/V3.0.0_Tall_CSV_Format_Example.csv', 'cms-tall-csv 3.0.0', 'ascii', 45, 145],
  ['cms/V3.0.0_Wide_CSV_Format_Example.csv', 'cms-wide-csv 3.0.0', 'utf-8-bom', 26, 101],
  ['cms/V2.0.0_JSON_Format_Example.json', 'cms-json 2.0.0', 'utf-8', 11, 65],
  ['cms/v3_json_format_example.json', 'cms-json 3.0.0', 'ascii', 22, 97],
]

describe('a real price file', () => {
  it.each(EXPECTED)(
    '%s is %s in %s with all its rows and amounts',
    async (name, format, encoding, rowsRead, amounts) => {
      const whole = await readAll(fixture(name))
      expect(whole.file.format).toBe(format)
      expect(whole.file.encoding).toBe(encoding)
      expect(whole.rowsRead).toBe(rowsRead)
      expect(whole.amounts).toBe(amounts)
      expect(whole.rejected).toBe(0)
    },
  )

  it('keeps its digest when only its line ends change', async () => {
    const crlf = await readAll(fixture('real/kennestone_medications_2019-01-17_crlf.txt'))
    const lf = await readAll(fixture('real/kennestone_medications_latest_lf.txt'))
    expect(crlf.file.bytes).not.toBe(lf.file.bytes)
    expect(crlf.digest).toBe(lf.digest)
  })

  it('keeps its rows and its digest as UTF-16 of either byte order, with and without a mark', async () => {
    const path = fixture('real/spectrum_2019_facility-columns.csv')
    const plain = await readAll(path)
    const handle = await open(path)
    const text = (await handle.readFile('latin1')).replaceAll('\x92', '’').replaceAll('\x96', '–')
    await handle.close()
    for (const [mark, swap, encoding] of [
      ['\ufeff', false, 'utf-16le'],
      ['', false, 'utf-16le'],
      ['\ufeff', true, 'utf-16be'],
      ['', true, 'utf-16be'],
    ] as const) {
      const bytes = Buffer.from(mark + text, 'utf16le')
      const wide = await readAll(made.write(swap ? bytes.swap16() : bytes))
      expect(wide.file.encoding).toBe(encoding)
      expect(wide.digest).toBe(plain.digest)
      expect(wide.amounts).toBe(plain.amounts)
    }
  })

  it('gets another digest with another header, though no row changed', async () => {
    const before = await readAll(made.write('Description,Price\nBED,1.00\n'))
    const after = await readAll(made.write('Description,Cash Price\nBED,1.00\n'))
    expect(after.digest).not.toBe(before.digest)
  })

  it('points from every row to the byte where its record begins', async () => {
    const path = fixture('real/uc-davis_cdm_2019.csv')
    const { rows } = await readAll(path)
    const handle = await open(path)
    for (const row of [rows[0], rows[9999], rows.at(-1)]) {
      const record = Buffer.alloc(300)
      await handle.read(record, 0, 300, row?.lineage.byte ?? -1)
      const line = record.toString('latin1').split('\r\n')[0] ?? ''
      expect(line).toContain(row?.codes[0]?.code)
      expect(line.startsWith('Other,') || line.startsWith('Pharmacy,') || line.includes(',')).toBe(
        true,
      )
    }
    await handle.close()
  })

  it('keeps the leading zeros of an NDC', async () => {
    const { rows } = await readAll(fixture('real/kennestone_medications_latest_lf.txt'))
    expect(rows[0]).toMatchObject({
      description: 'montelukast 5 mg chewable tablet',
      codes: [
        { type: 'CDM', code: '6370001' },
        { type: 'NDC', code: '00781555592' },
      ],
      facility: 'WS SERVICE AREA',
      amounts: [{ kind: 'gross', amount: 318_600 }],
      lineage: { sheet: null, row: 2, byte: 101 },
    })
  })

  it('gives each facility column its own row', async () => {
    const { rows } = await readAll(fixture('real/spectrum_2019_facility-columns.csv'))
    const burn = rows.filter((row) => row.codes[0]?.code === '20105515')
    expect(burn.map((row) => [row.facility, row.amounts[0]?.amount])).toEqual([
      ["CHILDREN'S HOSPITAL", 49_880_000],
      ['BUTTERWORTH', 49_880_000],
      ['BLODGETT', 45_660_000],
      ['REGIONAL', 32_140_000],
    ])
  })

  it('gives each setting its own row, under headers that break over lines', async () => {
    const { rows } = await readAll(fixture('real/uc-davis_cdm_2019.csv'))
    expect(
      rows.slice(0, 2).map((row) => [row.setting, row.lineage.row, row.amounts[0]?.amount]),
    ).toEqual([
      ['inpatient', 2, 4_850_000],
      ['outpatient', 2, 4_850_000],
    ])
  })

  it('takes the average of a DRG as its price, and its total as none', async () => {
    const { rows } = await readAll(fixture('real/temple-episcopal_drg_2018.csv'))
    expect(rows[1]).toMatchObject({
      codes: [{ type: 'MS-DRG', code: '029' }],
      amounts: [{ kind: 'gross', amount: 3_267_850_000 }],
    })
  })

  it('names the sheet of each row and lists the sheets without prices', async () => {
    const { file, rows } = await readAll(fixture('real/oshpd_106190958_metro-state_2018.xls'))
    expect(new Set(rows.map((row) => row.lineage.sheet))).toEqual(
      new Set(['Chargemaster', '25 common OP']),
    )
    expect(file.skipped.map((skipped) => skipped.name)).toEqual(['% Change'])
    expect(file.hospital.lastUpdatedOn).toBe('2018-06-01')
    expect(rows[0]?.lineage).toEqual({ sheet: 'Chargemaster', row: 9, byte: null })
  })

  it('reads what the head of a CMS file says of the hospital', async () => {
    const { file } = await readAll(fixture('cms/V3.0.0_Tall_CSV_Format_Example.csv'))
    const json = await readAll(fixture('cms/v3_json_format_example.json'))
    expect(file.hospital).toEqual({
      name: 'West Mercy Hospital',
      addresses: ['12 Main Street, Fullerton, CA  92832', '23 Ocean Ave, San Jose, CA 94088'],
      locations: ['West Mercy Hospital', 'West Mercy Surgical Center'],
      lastUpdatedOn: '2026-04-01',
      npi: ['0000000001', '0000000002', '0000000003'],
      license: { number: '50056', state: 'CA' },
      version: '3.0.0',
      attested: true,
      attester: 'Leigh Attester',
    })
    expect(json.file.hospital).toEqual(file.hospital)
  })

  it('means the same whether it is written tall, wide or as JSON', async () => {
    const negotiated = async (name: string): Promise<string[]> => {
      const { rows } = await readAll(fixture(name))
      return rows
        .flatMap((row) =>
          row.amounts
            .filter((amount) => amount.kind === 'negotiated')
            .map((amount) =>
              [
                row.codes.map((code) => code.code),
                row.setting,
                amount.payer,
                amount.plan,
                amount.amount,
                amount.methodology,
              ].join('|'),
            ),
        )
        .sort()
    }
    const tall = await negotiated('cms/V3.0.0_Tall_CSV_Format_Example.csv')
    expect(tall).toHaveLength(29)
    expect(await negotiated('cms/V3.0.0_Wide_CSV_Format_Example.csv')).toEqual(tall)
    expect(await negotiated('cms/v3_json_format_example.json')).toEqual(tall)
  })

  it('keeps the terms of a payer that has no dollar price', async () => {
    const { rows } = await readAll(fixture('cms/V3.0.0_Tall_CSV_Format_Example.csv'))
    const cesarean = rows.find((row) => row.codes[0]?.code === '786')
    expect(cesarean?.amounts).toEqual([])
    expect(cesarean?.terms).toEqual([
      {
        payer: 'Platform Health Insurance',
        plan: 'PPO',
        methodology: 'case rate',
        percent: null,
        algorithm: 'Allowed amount = $8,000 + MAX (0, ($3,000 x (covered days - 4))',
        estimated: null,
        median: 110_000_000,
        p10: 80_000_000,
        p90: 170_000_000,
        count: '1 through 10',
        notes: null,
      },
    ])
    const both = rows.find((row) => row.description === 'Bilateral procedure with co-surgeon')
    expect(both).toMatchObject({
      codes: [],
      modifiers: ['50', '62'],
      setting: 'both',
      terms: [{ percent: '93.75' }],
    })
  })
})
