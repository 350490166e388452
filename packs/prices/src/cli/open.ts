// Opens an installation for one command, and reads what commands have in common.
import { createOrderly, type Logger, type Orderly, type PackCommandContext } from 'orderly'
import { prices, type PricesOptions } from '../pack.ts'

export interface Flags {
  readonly [name: string]: string | boolean
}

/** Warnings and errors go to stderr as sentences. */
function loggerOf(say: (line: string) => void): Logger {
  const silent = (): void => {}
  const line =
    (level: string) =>
    (_fields: Record<string, unknown>, message: string): void =>
      say(`${level}: ${message}`)
  return { debug: silent, info: silent, warn: line('warning'), error: line('error') }
}

export async function openFor(
  { home, say }: PackCommandContext,
  options: PricesOptions = {},
): Promise<Orderly> {
  return createOrderly({
    packs: [prices(options)],
    log: loggerOf(say),
    ...(home === undefined ? {} : { home }),
  })
}

export function textFlag(flags: Flags, name: string): string | undefined {
  const value = flags[name]
  return typeof value === 'string' ? value : undefined
}

export function listFlag(flags: Flags, name: string): readonly string[] | undefined {
  return textFlag(flags, name)
    ?.split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '')
}

/** Columns lined up, numbers to the right. */
export function tableOf(
  head: readonly string[],
  rows: readonly (readonly (string | number | null)[])[],
): string {
  const text = rows.map((row) =>
    row.map((cell) => (typeof cell === 'number' ? cell.toLocaleString('en-US') : (cell ?? '–'))),
  )
  const widths = head.map((name, at) =>
    Math.max(name.length, ...text.map((row) => row[at]!.length)),
  )
  const isNumber = head.map((_, at) => rows.some((row) => typeof row[at] === 'number'))
  return [head, ...text]
    .map((row) =>
      row
        .map((cell, at) => (isNumber[at] ? cell.padStart(widths[at]!) : cell.padEnd(widths[at]!)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
