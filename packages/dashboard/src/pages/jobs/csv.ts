// Jobs as CSV that a spreadsheet may open: no cell is taken for a formula.
import type { Job } from 'orderly/api'

const COLUMNS = [
  'id',
  'type',
  'queue',
  'state',
  'attempts',
  'priority',
  'createdAt',
  'startedAt',
  'finishedAt',
  'duration',
  'errorCode',
  'fingerprint',
  'worker',
] as const

const TIMES = new Set<string>(['createdAt', 'startedAt', 'finishedAt'])

export function csvOf(jobs: readonly Job[]): string {
  const lines = jobs.map((job) =>
    COLUMNS.map((column) => {
      const value = job[column]
      return cell(TIMES.has(column) && value !== null ? new Date(value).toISOString() : value)
    }).join(','),
  )
  return [COLUMNS.join(','), ...lines].join('\r\n')
}

function cell(value: string | number | null): string {
  if (value === null) return ''
  if (typeof value === 'number') return String(value)
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
