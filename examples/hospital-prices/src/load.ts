// Loads a set of files: one job per file, then waits until nothing is owed.
import { priceFileDownload, reportSources, type FileReport, type FoundFile } from '@orderly/prices'
import type { Orderly } from 'orderly'

export interface Totals {
  readonly bytes: number
  readonly rowsRead: number
  readonly pricesLoaded: number
  readonly duplicates: number
  readonly conflicts: number
  readonly rowsQuarantined: number
  readonly durationMs: number
}

export interface LoadResult {
  readonly files: readonly FileReport[]
  readonly totals: Totals
  readonly database: string
}

const PROGRESS_MS = 1_000
const FINAL = new Set<string>(['loaded', 'unchanged', 'quarantined'])

export function isFinal(file: FileReport): boolean {
  return FINAL.has(file.state)
}

export function enqueueFiles(orderly: Orderly, files: readonly FoundFile[]): Promise<unknown> {
  return orderly.enqueueMany(
    priceFileDownload,
    files.map(({ source, location }) => ({
      input: { source, location },
      options: { unique: source },
    })),
  )
}

/**
 * Loads `files` and reports on each.
 *
 * @param onProgress called now and then with how many files are final
 */
export async function load(
  orderly: Orderly,
  files: readonly FoundFile[],
  signal: AbortSignal,
  onProgress: (reports: readonly FileReport[]) => void,
): Promise<LoadResult> {
  const sources = files.map(({ source }) => source)
  const since = Date.now()
  await enqueueFiles(orderly, files)
  await orderly.start()
  const ticker = setInterval(() => {
    // The instance may be closed in between; the result below is what counts.
    reportSources(orderly.database, sources, since).then(onProgress, () => {})
  }, PROGRESS_MS)
  await orderly.whenIdle({ signal }).finally(() => clearInterval(ticker))
  const reports = await reportSources(orderly.database, sources, since)
  return {
    files: reports,
    totals: sum(reports, Date.now() - since),
    database: orderly.database.place,
  }
}

function sum(reports: readonly FileReport[], durationMs: number): Totals {
  const total = (field: keyof Totals & keyof FileReport): number =>
    reports.reduce((all, report) => all + (report[field] ?? 0), 0)
  return {
    bytes: total('bytes'),
    rowsRead: total('rowsRead'),
    pricesLoaded: total('pricesLoaded'),
    duplicates: total('duplicates'),
    conflicts: total('conflicts'),
    rowsQuarantined: total('rowsQuarantined'),
    durationMs,
  }
}
