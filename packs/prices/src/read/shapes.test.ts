import { afterAll, describe, expect, it } from 'vitest'
import { utils, write } from '@e965/xlsx'
import { scratch } from '../../fixtures/scratch.ts'
import { openPriceFile, type PriceFile, type PriceRow, type RejectedRow } from './index.ts'

const made = scratch()
afterAll(() => made.remove())

async function read(
  content: string | Buffer,
): Promise<{ file: PriceFile; rows: PriceRow[]; rejected: RejectedRow[]; rowsRead: number }> {
  const file = await openPriceFile(made.write(content))
  const rows: PriceRow[] = []
  const rejected: RejectedRow[] = []
  let rowsRead = 0
  for await (const batch of file.batches()) {
    rows.push(...batch.rows)
    rejected.push(...batch.rejected)
    rowsRead += batch.rowsRead
  }
  await file.close()
  return { file, rows, rejected, rowsRead }
}

const SPREADSHEET = `<?xml version="1.0"?>
<?mso-application progid="Excel.Sheet"?>
<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">
 <Worksheet ss:Name="About"><Table><Row><Cell><Data ss:Type="String">Read me</Data></Cell></Row></Table></Worksheet>
 <Worksheet ss:Name="Charges"><Table>
  <Row ss:Index="3"><Cell><Data ss:Type="String">NDC</Data></Cell><Cell><Data ss:Type="String">Description</Data></Cell><Cell ss:Index="4"><Data ss:Type="String">Price</Data></Cell></Row>
  <Row><Cell><Data ss:Type="String">00781555592</Data></Cell><Cell><Data ss:Type="String">A &amp; B</Data></Cell><Cell ss:Index="4"><Data ss:Type="Number">31.859999999999999</Data></Cell></Row>
  <Row ss:Index="9"><Cell ss:Index="2"><Data ss:Type="String">CHAIR</Data></Cell><Cell ss:Index="4"><Data ss:Type="Number">2.5E3</Data></Cell></Row>
 </Table></Worksheet>
</Workbook>`

describe('a made price file', () => {
  it('is SpreadsheetML when it has sheets of XML, whose rows and cells may be skipped', async () => {
    const { file, rows } = await read(SPREADSHEET)
    expect(file.format).toBe('spreadsheet-xml')
    expect(file.skipped.map((skipped) => skipped.name)).toEqual(['About'])
    expect(rows).toMatchObject([
      {
        lineage: { sheet: 'Charges', row: 4 },
        description: 'A & B',
        codes: [{ type: 'NDC', code: '00781555592' }],
        amounts: [{ amount: 318_600 }],
        flags: ['rounded'],
      },
      {
        lineage: { sheet: 'Charges', row: 9 },
        description: 'CHAIR',
        amounts: [{ amount: 25_000_000 }],
      },
    ])
  })

  it('keeps the names and missing fields of Access columns apart', async () => {
    const { file, rows } = await read(
      '<dataroot><Row><Charge_x0020_Code>01</Charge_x0020_Code><Description>A</Description><Price>1</Price></Row>' +
        '<Row><Description>B</Description><Price>2</Price></Row>' +
        '<Row><Charge_x0020_Code>03</Charge_x0020_Code><Price>3</Price></Row></dataroot>',
    )
    expect(file.format).toBe('access-xml')
    expect(
      rows.map((row) => [row.codes[0]?.code, row.description, row.amounts[0]?.amount]),
    ).toEqual([
      ['01', 'A', 10_000],
      [undefined, 'B', 20_000],
      ['03', '', 30_000],
    ])
  })

  it.each(['xlsx', 'xlsb', 'biff8'] as const)(
    'keeps zeros, dates and cents of a %s workbook',
    async (bookType) => {
      const sheet = utils.aoa_to_sheet([
        ['NDC', 'Description', 'Price', 'Percent'],
        [781555592, 'A', 0.1 + 0.2],
        [9, 'B', 70],
      ])
      for (const cell of ['A2', 'A3']) sheet[cell].z = '00000000000'
      const workbook = utils.book_new(sheet, 'Prices')
      const { rows, rowsRead } = await read(write(workbook, { type: 'buffer', bookType }) as Buffer)
      expect(rowsRead).toBe(2)
      expect(rows.map((row) => [row.codes[0]?.code, row.amounts[0]?.amount])).toEqual([
        ['00781555592', 3000],
        ['00000000009', 700_000],
      ])
    },
  )

  it('is read as CMS when a workbook holds the tall layout', async () => {
    const sheet = utils.aoa_to_sheet([
      ['hospital_name', 'last_updated_on', 'version'],
      ['H', '2026-01-02', '3.0.0'],
      [
        'description',
        'code|1',
        'code|1|type',
        'standard_charge|gross',
        'payer_name',
        'plan_name',
        'standard_charge|negotiated_percentage',
      ],
      ['BED', '120', 'RC', 12.5, 'P', 'Q', 70.5],
    ])
    const { file, rows } = await read(
      write(utils.book_new(sheet), { type: 'buffer', bookType: 'xlsx' }) as Buffer,
    )
    expect(file.format).toBe('cms-tall-xlsx 3.0.0')
    expect(file.hospital).toMatchObject({ name: 'H', lastUpdatedOn: '2026-01-02' })
    expect(rows).toMatchObject([
      {
        codes: [{ type: 'RC', code: '0120' }],
        amounts: [{ kind: 'gross', amount: 125_000 }],
        terms: [{ payer: 'P', percent: '70.5' }],
      },
    ])
  })

  it.each([
    ['tsv', '\t'],
    ['pipe', '|'],
    ['semicolon', ';'],
  ])('is %s by its content', async (format, delimiter) => {
    const lines = ['Code,Description,Price', '1,"BED, ""PRIVATE""","1,200.00"', '2,CHAIR,7']
    const text = lines.map((line) => line.replace(/,(?! |200)/g, delimiter)).join('\r\n')
    const { file, rows } = await read(text)
    expect(file.format).toBe(format)
    expect(rows.map((row) => [row.description, row.amounts[0]?.amount])).toEqual([
      ['BED, "PRIVATE"', 12_000_000],
      ['CHAIR', 70_000],
    ])
  })

  it('is read where inches stand for quotes all over the place', async () => {
    const { rows, rejected } = await read(
      'Code|Description|Price\n1|3" PAD|1.00\n2|"O" RING|2.00\n3|"LOOSE|3.00\n4|END|4.00\n',
    )
    expect(rejected).toEqual([])
    expect(rows.map((row) => row.description)).toEqual(['3" PAD', '"O" RING', '"LOOSE', 'END'])
  })

  it('in the wide layout gives a group to each payer and plan, even to one without a plan', async () => {
    const { rows } = await read(
      'hospital_name,version\nH,2.2.0\n' +
        'description,code|1,code|1|type,setting,standard_charge|gross,standard_charge | Aetna | PPO | negotiated_dollar,standard_charge|Aetna|PPO|methodology,count|Aetna|PPO,standard_charge|Cigna|negotiated_percentage,additional_payer_notes|Cigna\n' +
        'BED,120,RC,Inpatient,"$1,200.00",900,per diem,0,55.5,see contract\n' +
        'BED,120,RC,elsewhere,-5,,,,,\n',
    )
    expect(rows).toHaveLength(1)
    expect(rows[0]).toMatchObject({
      setting: 'inpatient',
      flags: ['lenient-number'],
      amounts: [
        { kind: 'gross', amount: 12_000_000 },
        {
          kind: 'negotiated',
          amount: 9_000_000,
          payer: 'Aetna',
          plan: 'PPO',
          methodology: 'per diem',
        },
      ],
      terms: [
        { payer: 'Aetna', plan: 'PPO', count: '0' },
        { payer: 'Cigna', plan: null, percent: '55.5', notes: 'see contract' },
      ],
    })
  })

  it('in the JSON of the first draft is read as well', async () => {
    const { rows } = await read(
      JSON.stringify({
        hospital_name: 'H',
        version: '1.0',
        standard_charge_information: [
          {
            description: 'BED',
            billing_code_information: [{ code: '0120', type: 'RC' }],
            standard_charges: [
              {
                minimum: 1.1,
                setting: 'both',
                payers_information: [
                  { payer_name: 'P', plan_name: 'Q', standard_charge: 1982.1409999999998 },
                ],
              },
            ],
          },
        ],
      }),
    )
    expect(rows).toMatchObject([
      {
        codes: [{ type: 'RC', code: '0120' }],
        flags: ['rounded'],
        amounts: [
          { kind: 'min', amount: 11_000 },
          { kind: 'negotiated', amount: 19_821_410, payer: 'P' },
        ],
      },
    ])
  })

  it('says nothing of a cell’s value in its rejections', async () => {
    const { rejected } = await read(
      'Description,Price\nSECRET,12.3.4 SECRET\nX,"1,000"\nY,"2,000"\n"SECRET,1\n',
    )
    expect(rejected.map((row) => row.code)).toEqual(['AMOUNT_UNREADABLE', 'QUOTE_UNCLOSED'])
    expect(JSON.stringify(rejected)).not.toContain('SECRET')
  })
})
