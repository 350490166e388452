// An export as bytes: CSV and JSON as they come, Parquet by way of a file.
import { createReadStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { decimal, type Column, type Export, type ExportRow } from './rows.ts'

export type Format = 'csv' | 'json' | 'parquet'

export const MEDIA_TYPES: Readonly<Record<Format, string>> = {
  csv: 'text/csv; charset=utf-8',
  json: 'application/json',
  parquet: 'application/vnd.apache.parquet',
}

/**
 * @param path where a file may be made for formats that need one; it is removed in the end
 * @param count is told of the rows that went out
 */
export async function* bytesOf(
  what: Export,
  format: Format,
  path: string,
  signal: AbortSignal,
  count: (rows: number) => void,
): AsyncGenerator<Uint8Array> {
  if (format === 'parquet') yield* parquet(what, path, signal, count)
  else
    for await (const text of format === 'csv'
      ? csv(what, signal, count)
      : json(what, signal, count))
      yield Buffer.from(text)
}

async function* csv(
  { columns, pages }: Export,
  signal: AbortSignal,
  count: (rows: number) => void,
): AsyncGenerator<string> {
  yield `${columns.map(({ name }) => name).join(',')}\r\n`
  for await (const rows of pages(signal)) {
    count(rows.length)
    yield rows.map((row) => `${plain(columns, row).map(quoted).join(',')}\r\n`).join('')
  }
}

/** A spreadsheet takes text that begins like a formula for one (CWE-1236); a quote before it keeps it text. */
function quoted(value: string | number | null): string {
  if (value === null) return ''
  if (typeof value === 'number') return String(value)
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

async function* json(
  { columns, pages }: Export,
  signal: AbortSignal,
  count: (rows: number) => void,
): AsyncGenerator<string> {
  let before = '[\n'
  for await (const rows of pages(signal)) {
    count(rows.length)
    const lines = rows.map((row) => {
      const values = plain(columns, row)
      return JSON.stringify(Object.fromEntries(columns.map(({ name }, at) => [name, values[at]])))
    })
    yield before + lines.join(',\n')
    before = ',\n'
  }
  yield before === '[\n' ? '[]\n' : '\n]\n'
}

function plain(columns: readonly Column[], row: ExportRow): (string | number | null)[] {
  return row.map((value, at) =>
    columns[at]!.type === 'dollars' && typeof value === 'number' ? decimal(value) : value,
  )
}

const PARQUET = {
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  whole: { type: 'INT64' },
  dollars: { type: 'INT64', converted_type: 'DECIMAL', precision: 18, scale: 4 },
} as const

async function* parquet(
  { columns, pages }: Export,
  path: string,
  signal: AbortSignal,
  count: (rows: number) => void,
): AsyncGenerator<Uint8Array> {
  const { fileWriter, ParquetWriter } = await import('hyparquet-writer')
  try {
    const writer = new ParquetWriter({
      writer: fileWriter(path),
      schema: [
        { name: 'root', num_children: columns.length },
        ...columns.map(({ name, type }) => ({
          name,
          repetition_type: 'OPTIONAL' as const,
          ...PARQUET[type],
        })),
      ],
    })
    for await (const rows of pages(signal)) {
      count(rows.length)
      await writer.write({
        columnData: columns.map(({ name, type }, at) => ({
          name,
          data: rows.map((row) => {
            const value = row[at] ?? null
            // Ten-thousandths are what the decimal is made of: no digit goes through a float.
            return type === 'text' || value === null ? value : BigInt(value)
          }),
        })),
      })
    }
    await writer.finish()
    yield* createReadStream(path) as AsyncIterable<Uint8Array>
  } finally {
    await rm(path, { force: true })
  }
}
