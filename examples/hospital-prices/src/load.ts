// Runs the pipeline over a set of files, from the scan on, and waits until nothing is owed.
import {
  praUnifiedScan,
  priceFileDownload,
  reportPublished,
  reportSources,
  type FileReport,
  type FoundFile,
} from '@orderly/prices'
import type { Mirror } from '@orderly/prices/mirror'
import type { Orderly } from 'orderly'

export interface Totals {
  readonly bytes: number
  readonly rowsRead: number
  readonly pricesLoaded: number
  readonly duplicates: number
  readonly conflicts: number
  readonly rowsQuarantined: number
  readonly valuesLeftOut: number
  readonly durationMs: number
}

/** What the scan found; undefined when it did not come to its end. */
export type Scan = Awaited<ReturnType<typeof scanOf>>

export interface LoadResult {
  readonly files: readonly FileReport[]
  readonly totals: Totals
  readonly scan: Scan
  /** Versions whose prices are shown and counted; those that wait for a decision are held. */
  readonly published: number
  readonly held: number
  readonly statistics: number
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
 * Scans the mirror, takes `files` through the pipeline and reports on each.
 *
 * @param onProgress called now and then with how many files are final
 */
export async function load(
  orderly: Orderly,
  mirror: Mirror,
  files: readonly FoundFile[],
  signal: AbortSignal,
  onProgress: (reports: readonly FileReport[]) => void,
): Promise<LoadResult> {
  const since = Date.now()
  const report = async (): Promise<FileReport[]> => {
    const urls = files.map(({ source }) => mirror.urlOf(source))
    const reports = await reportSources(orderly.database, urls, since)
    // A person knows a file by its path, not by where the mirror has it.
    const names = new Map(files.map(({ source }, at) => [urls[at]!, source]))
    const named = (text: string | null): string | null =>
      text?.replace(/http:\/\/\S+/, (url) => names.get(url) ?? url) ?? null
    return reports.map((each, at) => ({
      ...each,
      name: files[at]!.source,
      reason: named(each.reason),
    }))
  }
  await orderly.start()
  const ticker = setInterval(() => {
    // The instance may be closed in between; the result below is what counts.
    report().then(onProgress, () => {})
  }, PROGRESS_MS)
  const scan = await scanOf(orderly, signal)
  await orderly.whenIdle({ signal }).finally(() => clearInterval(ticker))
  const reports = await report()
  return {
    files: reports,
    totals: sum(reports, Date.now() - since),
    scan,
    ...(await reportPublished(orderly.database)),
    database: orderly.database.place,
  }
}

async function scanOf(orderly: Orderly, signal: AbortSignal) {
  try {
    return await orderly.enqueueAndWait(praUnifiedScan, {}, { timeout: '12h', signal })
  } catch {
    return undefined
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
    valuesLeftOut: total('valuesLeftOut'),
    durationMs,
  }
}
