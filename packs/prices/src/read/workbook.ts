// Owns workbooks in binary: XLSB and BIFF XLS, read into memory up to a bound, as sheets of text.
import type { CellObject, WorkBook } from '@e965/xlsx'
import { PriceFileError } from './error.ts'
import type { Grid, GridRow, GridSheet } from './grid.ts'
import type { Limits } from './limits.ts'
import { readPiece, type Source } from './source.ts'
import { HEAD_RECORDS } from './table.ts'

const HANDFUL = 500

/** Rows and cells by position, with holes where the sheet is empty. */
type SheetData = readonly (readonly (CellObject | undefined)[] | undefined)[]

/** The bytes of a workbook, once they are known to be few enough. */
export async function readWorkbookBytes(source: Source, limits: Limits): Promise<Buffer> {
  if (source.size > limits.maxWorkbookBytes)
    throw new PriceFileError(
      'LIMIT_EXCEEDED',
      `The workbook is larger than ${limits.maxWorkbookBytes} bytes; save its sheets as CSV.`,
    )
  return readPiece(source, 0, source.size)
}

/** Opens a compound file: a BIFF workbook, or something that only looks like one. */
export async function openCompound(bytes: Buffer, limits: Limits): Promise<Grid> {
  const { CFB } = await import('@e965/xlsx')
  let paths: readonly string[] = []
  if (bytes.readUInt32BE(0) === 0xd0cf11e0) {
    try {
      paths = CFB.read(bytes, { type: 'buffer' }).FullPaths
    } catch (error) {
      throw corrupt(error)
    }
    if (paths.some((path) => /\/EncryptedPackage$/i.test(path))) throw encrypted()
    if (!paths.some((path) => /\/(Workbook|Book)$/i.test(path)))
      throw new PriceFileError(
        'FORMAT_UNKNOWN',
        'The file is an Office document without a workbook in it; get the price list itself.',
      )
  }
  return openWorkbook(bytes, 'xls', limits)
}

export async function openWorkbook(bytes: Buffer, format: string, limits: Limits): Promise<Grid> {
  // The library is large, and most price files do without it.
  const { read, SSF } = await import('@e965/xlsx')
  let workbook: WorkBook
  try {
    workbook = read(bytes, { type: 'buffer', dense: true, cellNF: true, cellHTML: false })
  } catch (error) {
    if (/password|encrypt/i.test(String(error))) throw encrypted()
    throw corrupt(error)
  }
  const names = workbook.SheetNames
  const cellText = (cell: CellObject | undefined): string => textOf(cell, SSF.is_date)
  const rowOf = (data: SheetData, index: number): string[] => {
    const row = data[index] ?? []
    if (row.length > limits.maxColumns)
      throw new PriceFileError(
        'LIMIT_EXCEEDED',
        `A sheet has more than ${limits.maxColumns} columns; get a smaller table.`,
      )
    // The array has holes where cells are empty, so it is walked by position.
    return Array.from({ length: row.length }, (_, column) => cellText(row[column]))
  }
  const dataOf = (name: string): SheetData => workbook.Sheets[name]?.['!data'] ?? []
  const sheets = names.map((name): GridSheet => {
    const data = dataOf(name)
    const rows = Math.min(data.length, HEAD_RECORDS)
    return {
      name,
      head: Array.from({ length: rows }, (_, index) => rowOf(data, index)),
      virtualRows: 0,
    }
  })
  const total = names.reduce((sum, name) => sum + dataOf(name).length, 0)
  return {
    format,
    encoding: 'binary',
    bytes: bytes.length,
    sheets,
    async *rows() {
      let passed = 0
      for (const [sheet, name] of names.entries()) {
        const data = dataOf(name)
        for (let start = 0; start < data.length; start += HANDFUL) {
          const rows: GridRow[] = []
          for (let index = start; index < Math.min(start + HANDFUL, data.length); index++) {
            const cells = rowOf(data, index)
            passed++
            if (cells.every((cell) => cell === '')) continue
            rows.push({
              sheet,
              row: index + 1,
              cells,
              bytesRead: Math.floor((passed / total) * bytes.length),
            })
          }
          yield rows
        }
      }
    },
  }
}

/**
 * A number is given by its digits, not by its format, so that no cent is rounded away; only formats
 * that are part of the value speak: leading zeros, dates, percentages.
 */
function textOf(cell: CellObject | undefined, isDate: (format: string) => boolean): string {
  if (cell === undefined) return ''
  const value = cell.v
  if (cell.t === 'n' && typeof value === 'number') {
    const format = typeof cell.z === 'string' ? cell.z : ''
    if (isPartOfValue(format, isDate)) return (cell.w ?? String(value)).trim()
    return String(value)
  }
  if (cell.t === 'e' || cell.t === 'z' || value === undefined || value === null) return ''
  return String(cell.t === 'd' ? (cell.w ?? value) : value)
    .replace(/\r\n?/g, '\n')
    .trim()
}

/** Leading zeros, a percentage, a date: what a number is written as is what it says. */
export function isPartOfValue(format: string, isDate: (format: string) => boolean): boolean {
  if (format === '' || format === 'General') return false
  return /^0{2,}(?![.,])|^0+[-\s\\]/.test(format) || format.endsWith('%') || isDate(format)
}

function encrypted(): PriceFileError {
  return new PriceFileError(
    'FILE_ENCRYPTED',
    'The workbook is protected by a password; ask the hospital for an open file.',
  )
}

function corrupt(cause: unknown): PriceFileError {
  return new PriceFileError(
    'FILE_CORRUPT',
    'The workbook is damaged or cut short; download it again.',
    { cause },
  )
}
