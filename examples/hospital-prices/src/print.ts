// What the program says on a terminal.
import type { FileReport } from '@orderly/prices'
import { isFinal, type LoadResult } from './load.ts'

type Paint = (code: number, text: string) => string

/** Colour only where a terminal shows it and nobody has declined it (no-color.org). */
export function painter(stream: NodeJS.WriteStream, environment: NodeJS.ProcessEnv): Paint {
  const colour = stream.isTTY && !environment['NO_COLOR']
  return (code, text) => (colour ? `\x1b[${code}m${text}\x1b[0m` : text)
}

const BOLD = 1
const QUIET = 2
const STATE_COLOURS: Record<FileReport['state'], number> = {
  loaded: 32,
  unchanged: 36,
  quarantined: 33,
  reading: 31,
  updating: 31,
  waiting: 31,
}

const NAME_WIDTH = 56

/** The files of a run as a table, and a line with the sums. */
export function table(result: LoadResult, paint: Paint): string {
  const head = [
    'file',
    'format',
    'encoding',
    'rows',
    'prices',
    'duplicates',
    'conflicts',
    'bad rows',
    'left out',
    'time',
    'state',
  ]
  const rows = result.files.map((file) => [
    shorten(file.name, NAME_WIDTH),
    file.format ?? '–',
    file.encoding ?? '–',
    ...[
      file.rowsRead,
      file.pricesLoaded,
      file.duplicates,
      file.conflicts,
      file.rowsQuarantined,
      file.valuesLeftOut,
    ].map(count),
    file.durationMs === null ? '–' : duration(file.durationMs),
    file.state,
  ])
  const { totals } = result
  const foot = [
    `${result.files.length} files`,
    '',
    '',
    ...[
      totals.rowsRead,
      totals.pricesLoaded,
      totals.duplicates,
      totals.conflicts,
      totals.rowsQuarantined,
      totals.valuesLeftOut,
    ].map(count),
    duration(totals.durationMs),
    '',
  ]
  const widths = head.map((_, column) =>
    Math.max(...[head, foot, ...rows].map((row) => row[column]!.length)),
  )
  const line = (
    cells: readonly string[],
    finish: (padded: string, column: number) => string,
  ): string =>
    cells
      .map((cell, column) => {
        const isNumber = column >= 3 && column <= 9
        return finish(
          isNumber ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!),
          column,
        )
      })
      .join('  ')
      .trimEnd()
  const stateColumn = head.length - 1
  const body = rows.map((row, index) => {
    const file = result.files[index]!
    const text = line(row, (cell, column) =>
      column === stateColumn ? paint(STATE_COLOURS[file.state], cell) : cell,
    )
    return file.reason === null ? text : `${text}\n  ${paint(QUIET, `└ ${file.reason}`)}`
  })
  return [
    line(head, (cell) => paint(QUIET, cell)),
    ...body,
    line(foot, (cell) => paint(BOLD, cell)),
    '',
    `${count(result.published)} published, ${count(result.held)} held; ${count(result.statistics)} statistics by code, market and payer.`,
    `Prices are in ${result.database} (tables prices and items; the view price_list has them in words).`,
  ].join('\n')
}

/** One line on what became of a file of the inbox. */
export function inboxLine(file: FileReport): string {
  if (file.reason !== null) return `${file.name}: ${file.state}, ${file.reason}`
  const bad = file.rowsQuarantined > 0 ? `, ${count(file.rowsQuarantined)} bad rows` : ''
  const left = file.valuesLeftOut > 0 ? `, ${count(file.valuesLeftOut)} values left out` : ''
  return `${file.name}: ${file.state}, ${count(file.rowsRead)} rows, ${count(file.pricesLoaded)} prices${bad}${left}`
}

/** One line on how far a run is. */
export function progressLine(reports: readonly FileReport[]): string {
  const final = reports.filter(isFinal).length
  const rows = reports.reduce((sum, report) => sum + report.rowsRead, 0)
  const current = reports.find(
    (report) => report.state === 'reading' || report.state === 'updating',
  )
  const doing = current ? `, ${current.state} ${current.name}` : ''
  return `${final} of ${reports.length} files done, ${count(rows)} rows read${doing}`
}

function count(value: number): string {
  return value.toLocaleString('en-US')
}

function duration(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`
}

function shorten(name: string, width: number): string {
  return name.length <= width ? name : `${name.slice(0, width / 2 - 1)}…${name.slice(-width / 2)}`
}
