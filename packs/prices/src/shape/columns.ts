// Owns the column plan of a table of a hospital's own making: which column is what, decided once
// from the header and from a look at the first rows.
import { CPT_OR_HCPCS, isCpt, isHcpcs } from './codes.ts'
import { plainHeader, type Role, roleOf } from './header.ts'
import { readMoney } from './money.ts'
import {
  groupColumns,
  type PriceColumn,
  priceColumn,
  pricedColumns,
  type PriceGroup,
} from './price-columns.ts'

interface CodeColumn {
  readonly index: number
  readonly type: string
}

export interface ColumnPlan {
  readonly header: readonly string[] | null
  readonly width: number
  readonly description: number
  readonly codes: readonly CodeColumn[]
  readonly codeType: number
  readonly modifiers: number
  readonly setting: number
  readonly billingClass: number
  readonly facility: number
  readonly payer: number
  readonly plan: number
  readonly methodology: number
  readonly quantity: number
  readonly unit: number
  readonly notes: number
  readonly prices: readonly PriceColumn[]
  readonly groups: readonly PriceGroup[]
}

type Records = readonly (readonly string[])[]

const HEADER_ROWS = 40

export interface FoundTable {
  readonly plan: ColumnPlan
  /** Index of the header record; -1 when the table has none. */
  readonly headerIndex: number
}

/** Finds the header among the first records, or makes do without one. */
export function findTable(records: Records): FoundTable | null {
  for (let index = 0; index < Math.min(records.length, HEADER_ROWS); index++) {
    const header = records[index]
    if (header === undefined || !mayBeHeader(header)) continue
    const plan = planColumns(header, records.slice(index + 1))
    if (plan !== null) return { plan, headerIndex: index }
  }
  const plan = planWithoutHeader(records)
  return plan === null ? null : { plan, headerIndex: -1 }
}

function mayBeHeader(record: readonly string[]): boolean {
  let named = 0
  for (const cell of record) {
    if (cell === '') continue
    if (/^[$\d.,\s-]+$/.test(cell)) return false
    named++
  }
  return named >= 2
}

function planColumns(header: readonly string[], rows: Records): ColumnPlan | null {
  const roles = header.map(roleOf)
  const find = (is: Role['is']): number => roles.findIndex((role) => role?.is === is)
  const codes: CodeColumn[] = []
  roles.forEach((role, index) => {
    if (role?.is === 'code') codes.push({ index, type: role.type })
  })
  const description = findDescription(header, roles)
  if (description < 0 && codes.length === 0) return null
  const prices = findPrices(header, roles, rows, description >= 0 && codes.length > 0)
  if (prices.length === 0) return null
  return {
    header,
    width: header.length,
    description,
    codes,
    codeType: find('code-type'),
    modifiers: find('modifiers'),
    setting: find('setting'),
    billingClass: find('billing-class'),
    facility: find('facility'),
    payer: find('payer'),
    plan: find('plan'),
    methodology: find('methodology'),
    quantity: find('quantity'),
    unit: find('unit'),
    notes: find('notes'),
    prices,
    groups: groupColumns(prices),
  }
}

/** Of several descriptions the one that says so most plainly wins over "item" and "service". */
function findDescription(header: readonly string[], roles: readonly (Role | null)[]): number {
  const candidates = roles.flatMap((role, index) => (role?.is === 'description' ? [index] : []))
  const plainest = candidates.find((index) => /descr/.test(plainHeader(header[index] ?? '')))
  return plainest ?? candidates[0] ?? -1
}

function findPrices(
  header: readonly string[],
  roles: readonly (Role | null)[],
  rows: Records,
  described: boolean,
): PriceColumn[] {
  const priced = roles.flatMap((role, index) =>
    role?.is === 'price' && looksPriced(index, rows) !== 'no' ? [index] : [],
  )
  const unknown = (index: number): boolean => roles[index] === null && (header[index] ?? '') !== ''
  if (priced.length > 0) {
    // Sentences mention prices too. Without a single amount below, the header has to be beyond doubt.
    const sure =
      priced.some((index) => looksPriced(index, rows) === 'yes') ||
      header.every((name, index) => name === '' || roles[index] !== null) ||
      rows.filter((row) => row.some((cell) => cell !== '')).length < 3
    if (!sure) return []
    // Beside named prices, a column named after a payer holds what that payer pays.
    const payers = header.flatMap((name, index) =>
      unknown(index) &&
      /[a-z]/i.test(name) &&
      looksPriced(index, rows) === 'yes' &&
      priceColumn(index, name, true).payer !== null
        ? [index]
        : [],
    )
    return pricedColumns([
      ...priced.map((index) => priceColumn(index, header[index] ?? '', false)),
      ...payers.map((index) => priceColumn(index, header[index] ?? '', true)),
    ])
  }
  if (!described) return []
  // No column is called a price: then the columns named after places or payers hold them.
  const last = roles.findLastIndex((role) => role?.is === 'description' || role?.is === 'code')
  const places = header.flatMap((_, index) =>
    index > last && unknown(index) && looksPriced(index, rows) !== 'no' ? [index] : [],
  )
  if (!places.some((index) => looksPriced(index, rows) === 'yes')) return []
  return places.map((index) => priceColumn(index, header[index] ?? '', true))
}

function looksPriced(index: number, rows: Records): 'yes' | 'no' | 'empty' {
  let amounts = 0
  let words = 0
  let other = 0
  for (const row of rows) {
    const cell = row[index] ?? ''
    if (cell === '') continue
    const reading = readMoney(cell)
    if (reading.is === 'none') {
      // A sentence is no price word.
      if (cell.length > 40) other++
      else words++
    } else if (reading.is === 'unreadable') other++
    else amounts++
  }
  if (amounts + words + other === 0) return 'empty'
  if (other > amounts + words) return 'no'
  return amounts > 0 ? 'yes' : words > 0 ? 'empty' : 'no'
}

/** Some files begin with their data. Then every column is known by what is in it. */
function planWithoutHeader(records: Records): ColumnPlan | null {
  const rows = records.filter((record) => record.some((cell) => cell !== ''))
  const width = Math.max(0, ...rows.map((row) => row.length))
  if (rows.length < 3 || width < 2 || width > 40) return null
  const columns = Array.from({ length: width }, (_, index) =>
    describe(rows.map((row) => row[index] ?? '')),
  )
  const first = rows[0] ?? []
  const text = columns
    .map((column, index) => ({ index, ...column }))
    .filter((column) => column.textShare > 0.8)
    .sort((a, b) => b.length - a.length)[0]
  if (text === undefined) return null
  let prices = columns.flatMap((column, index) =>
    column.moneyShare > 0.9 && column.decimalShare > 0.3 && index !== text.index ? [index] : [],
  )
  if (prices.length === 0) {
    const last = columns.findLastIndex((column) => column.moneyShare > 0.9)
    if (last > text.index) prices = [last]
  }
  // The first record has to be data itself, or it is a title over a table that we do not know.
  if (!prices.some((index) => readMoney(first[index] ?? '').is === 'amount')) return null
  const codes = columns.flatMap((column, index): CodeColumn[] =>
    index === text.index || prices.includes(index) || column.codeType === null
      ? []
      : [{ index, type: column.codeType }],
  )
  const found = prices.map((index) => priceColumn(index, '', false))
  return {
    header: null,
    width,
    description: text.index,
    codes,
    codeType: -1,
    modifiers: -1,
    setting: -1,
    billingClass: -1,
    facility: -1,
    payer: -1,
    plan: -1,
    methodology: -1,
    quantity: -1,
    unit: -1,
    notes: -1,
    prices: found,
    groups: groupColumns(found),
  }
}

function describe(cells: readonly string[]): {
  moneyShare: number
  decimalShare: number
  textShare: number
  length: number
  codeType: string | null
} {
  const filled = cells.filter((cell) => cell !== '')
  const share = (test: (cell: string) => boolean): number =>
    filled.length === 0 ? 0 : filled.filter(test).length / filled.length
  const codeType =
    share((cell) => /^\d{11}$|^\d{4,5}-\d{3,4}-\d{1,2}$/.test(cell)) > 0.8
      ? 'NDC'
      : share((cell) => isCpt(cell) || isHcpcs(cell)) > 0.8
        ? CPT_OR_HCPCS
        : share((cell) => /^[A-Z0-9-]{3,20}$/i.test(cell) && /\d/.test(cell)) > 0.8
          ? 'CDM'
          : null
  return {
    moneyShare: share((cell) => readMoney(cell).is === 'amount'),
    decimalShare: share((cell) => /[$.]/.test(cell)),
    textShare: share((cell) => /[a-z]{2}/i.test(cell)),
    length: filled.reduce((sum, cell) => sum + cell.length, 0),
    codeType,
  }
}
