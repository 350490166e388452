import { describe, expect, it } from 'vitest'
import { shapeChargemaster } from './chargemaster.ts'
import { findTable } from './columns.ts'
import type { PriceRow, RejectedRow, RowSink } from './row.ts'

function read(lines: readonly (readonly string[])[]): {
  rows: PriceRow[]
  rejected: RejectedRow[]
  dataRows: number
  header: number
} {
  const table = findTable(lines)
  if (table === null) throw new Error('no table')
  const shaper = shapeChargemaster(table.plan)
  const sink: RowSink = { rows: [], rejected: [], leftOut: [], valuesLeftOut: 0, amounts: 0 }
  let dataRows = 0
  lines.slice(table.headerIndex + 1).forEach((cells, index) => {
    const view = { count: cells.length, text: (at: number) => cells[at] ?? '' }
    const lineage = { sheet: null, row: table.headerIndex + index + 2, byte: null }
    if (shaper.shape(view, lineage, sink)) dataRows++
  })
  return { ...sink, dataRows, header: table.headerIndex }
}

const lines = (text: string): string[][] =>
  text.split('\n').map((line) => line.split(';').map((cell) => cell.trim()))

describe('a table of a hospital’s own making', () => {
  it('is found under ten rows of preamble', () => {
    const preamble = Array.from({ length: 10 }, (_, index) => [`Title ${index}`, 'of a kind'])
    const { header, rows } = read([
      ...preamble,
      ['Charge Code', 'Description', 'Price'],
      ['1', 'BED', '5'],
    ])
    expect(header).toBe(10)
    expect(rows).toHaveLength(1)
  })

  it('is read without a header by what its columns hold', () => {
    const { header, rows } = read(
      lines('001230;BED PRIVATE;1,200.00\n001240;BED WARD;800.00\n001250;CHAIR BY THE BED;12.50'),
    )
    expect(header).toBe(-1)
    expect(rows[0]).toMatchObject({
      description: 'BED PRIVATE',
      codes: [{ type: 'CDM', code: '001230' }],
      amounts: [{ kind: 'gross', amount: 12_000_000 }],
    })
  })

  it('turns one price column per payer into negotiated amounts', () => {
    const { rows } = read(
      lines(
        'CPT;Description;Gross Charge;Cash Price;Aetna PPO;Blue Cross\n99283;ER LEVEL 3;400;300;250.5;N/A',
      ),
    )
    expect(rows).toHaveLength(1)
    expect(rows[0]?.amounts).toEqual([
      { kind: 'gross', amount: 4_000_000, payer: null, plan: null, methodology: null },
      { kind: 'cash', amount: 3_000_000, payer: null, plan: null, methodology: null },
      { kind: 'negotiated', amount: 2_505_000, payer: 'Aetna PPO', plan: null, methodology: null },
    ])
  })

  it('takes the payer of each row from its column', () => {
    const { rows } = read(
      lines(
        'HCPCS;Description;Payer;Plan;Rate\nJ0171;EPINEPHRINE;Cigna;HMO;12.00\n99283;ER;Humana;;7',
      ),
    )
    expect(rows.map((row) => row.amounts[0])).toEqual([
      { kind: 'negotiated', amount: 120_000, payer: 'Cigna', plan: 'HMO', methodology: null },
      { kind: 'negotiated', amount: 70_000, payer: 'Humana', plan: null, methodology: null },
    ])
    expect(rows[1]?.codes).toEqual([{ type: 'CPT', code: '99283' }])
  })

  it('keeps a row whose price is a word, and flags it', () => {
    const { rows, dataRows } = read(
      lines('Item;Price\nPLATE;Mark Up\nSCREW;N/A\nWIRE;varies\nNAIL;-\nBOLT;\nPIN;3.00'),
    )
    expect(dataRows).toBe(6)
    expect(rows.map((row) => row.flags)).toEqual([
      ...Array.from({ length: 5 }, () => ['no-amount']),
      [],
    ])
  })

  it('flags zero, ranges, rounding and placeholders instead of guessing', () => {
    const { rows } = read(
      lines('Item;Price\nA;0.00\nB;$4,009 - $17,584\nC;1982.1409999999998\nD;999999999'),
    )
    expect(rows.map((row) => row.flags)).toEqual([
      ['zero-amount', 'no-amount'],
      ['range'],
      ['rounded'],
      ['placeholder'],
    ])
    expect(rows[1]?.amounts.map(({ kind, amount }) => [kind, amount])).toEqual([
      ['min', 40_090_000],
      ['max', 175_840_000],
    ])
    expect(rows[2]?.amounts[0]?.amount).toBe(19_821_410)
  })

  it('rejects a row by column and reason, and never by quoting a cell', () => {
    const { rows, rejected, dataRows } = read(
      lines('Code;Item;Price\n1;A;(12.00)\n2;B;12.3.4\n;;5.00\n4;D;4.00;stray\n5;E;5.00'),
    )
    expect(dataRows).toBe(5)
    expect(rows).toHaveLength(1)
    expect(rejected.map(({ code, lineage }) => [code, lineage.row])).toEqual([
      ['AMOUNT_NEGATIVE', 2],
      ['AMOUNT_UNREADABLE', 3],
      ['NO_ITEM', 4],
      ['SURPLUS_CELLS', 5],
    ])
    expect(rejected[1]?.reason).toBe('Column "Price" holds no amount that can be read.')
  })

  it('rejects a record once, however many prices it has', () => {
    const { rows, rejected } = read(
      lines('Code;Item;Inpatient Price;Outpatient Price\n1;A;5.00;1.2.3\n2;B;1;2'),
    )
    expect(rejected).toHaveLength(1)
    expect(rows.map((row) => row.description)).toEqual(['B', 'B'])
  })

  it('passes over headers that repeat, headings, footnotes and totals', () => {
    const { rows, dataRows } = read(
      lines(
        'Code;Description;Price\n;PHARMACY;\n1;ASPIRIN;1.00\nCode;Description;Price\n2;BANDAGE;2.00\n;Total;3.00\n* prices may change without notice;;',
      ),
    )
    expect(dataRows).toBe(2)
    expect(rows.map((row) => row.description)).toEqual(['ASPIRIN', 'BANDAGE'])
  })

  it('splits a DRG from the text that rides on it', () => {
    const { rows } = read(
      lines('MS-DRG;Average Charge\n003 - ECMO OR TRACH;$5,000\n870 - SEPSIS;7,000'),
    )
    expect(rows[0]).toMatchObject({
      description: 'ECMO OR TRACH',
      codes: [{ type: 'MS-DRG', code: '003' }],
    })
  })

  it('flags a code that a spreadsheet made a date of', () => {
    const { rows } = read(
      lines('Code Type;Code;Description;Price\nAPR-DRG;1-Jan;LIVER;5\nNDC;00002-7714-01;INSULIN;6'),
    )
    expect(rows[0]).toMatchObject({
      codes: [{ type: 'APR-DRG', code: '1-Jan' }],
      flags: ['code-date'],
    })
    expect(rows[1]).toMatchObject({ codes: [{ type: 'NDC', code: '00002771401' }], flags: [] })
  })

  it('is not found where there are names and numbers, but no prices', () => {
    expect(findTable(lines('Department;Head;Floor\nRadiology;Jane;3\nSurgery;John;4'))).toBe(null)
    expect(
      findTable(lines('Charge Tab;Description\nGross Charges;What it is\nCash;What that is')),
    ).toBe(null)
  })
})
