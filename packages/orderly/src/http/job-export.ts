// Rows of found jobs as a file that is written while it is read: CSV that a spreadsheet may open, JSON, one JSON a line.
import type { JobView } from './job-view.ts'

export const EXPORT_FORMATS = ['csv', 'json', 'ndjson'] as const
export type ExportFormat = (typeof EXPORT_FORMATS)[number]

export const EXPORT_TYPES: Readonly<Record<ExportFormat, string>> = {
  csv: 'text/csv; charset=utf-8; header=present',
  json: 'application/json; charset=utf-8',
  ndjson: 'application/x-ndjson; charset=utf-8',
}

const COLUMNS = [
  'id',
  'type',
  'queue',
  'state',
  'attempts',
  'priority',
  'createdAt',
  'runAt',
  'startedAt',
  'finishedAt',
  'duration',
  'errorCode',
  'fingerprint',
  'worker',
  'schedule',
] as const satisfies readonly (keyof JobView)[]

const TIMES: ReadonlySet<string> = new Set(['createdAt', 'runAt', 'startedAt', 'finishedAt'])

export interface ExportFile {
  head(): string
  /** @param isFirst whether no page was written before */
  page(jobs: readonly JobView[], isFirst: boolean): string
  /** @param isWhole whether nothing that was found is left out */
  end(isWhole: boolean): string
}

/** @param about what the file says of itself where its format has room for it */
export function exportFile(
  format: ExportFormat,
  about: Readonly<Record<string, string | number>>,
): ExportFile {
  if (format === 'csv')
    return {
      head: () => `${COLUMNS.join(',')}\r\n`,
      page: (jobs) => jobs.map((job) => `${csvLine(job)}\r\n`).join(''),
      end: () => '',
    }
  if (format === 'ndjson')
    return {
      head: () => '',
      page: (jobs) => jobs.map((job) => `${JSON.stringify(shown(job))}\n`).join(''),
      end: () => '',
    }
  return {
    head: () => `{"export":${JSON.stringify(about)},"jobs":[`,
    page: (jobs, isFirst) =>
      jobs
        .map((job, index) => `${isFirst && index === 0 ? '' : ','}\n${JSON.stringify(shown(job))}`)
        .join(''),
    end: (isWhole) => `\n],"isWhole":${isWhole}}\n`,
  }
}

function shown(job: JobView): Record<string, unknown> {
  return Object.fromEntries(
    COLUMNS.map((column) => [
      column,
      TIMES.has(column) ? isoOf(job[column] as number | null) : job[column],
    ]),
  )
}

function csvLine(job: JobView): string {
  return Object.values(shown(job))
    .map((value) => csvCell(value as string | number | null))
    .join(',')
}

function isoOf(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString()
}

/**
 * A cell as RFC 4180 §2 writes it. A text that a spreadsheet would take for a formula has an apostrophe in front:
 * quoting alone does not keep one from being worked out.
 */
export function csvCell(value: string | number | null): string {
  if (value === null) return ''
  if (typeof value === 'number') return String(value)
  const safe = /^[\s]*[=+\-@\t\r\n＝＋－＠]/u.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
