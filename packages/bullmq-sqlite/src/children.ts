/** Owns looking at the children of a job: counts, values, pages. */
import type { DependenciesOpts, JobJson } from 'bullmq'
import { locateJob, readJob, toJobJson } from './job-row.ts'
import { Tie } from './schema.ts'
import type { Transaction } from './transaction.ts'

const COUNT_TIES = 'SELECT count(*) AS n FROM bullmq_child WHERE parent = ? AND tie = ?'
const PAGE = `
  SELECT child, value FROM bullmq_child WHERE parent = ? AND tie = ? ORDER BY score, key
  LIMIT ? OFFSET ?`

const ALL = -1
const DEFAULT_PAGE = 20

interface ChildRow {
  child: string
  value: string | null
}

const kinds: Record<string, Tie> = {
  processed: Tie.processed,
  unprocessed: Tie.pending,
  ignored: Tie.ignored,
  failed: Tie.failed,
}

function page(
  tx: Transaction,
  parentKey: string,
  kind: Tie,
  count: number = ALL,
  offset = 0,
): ChildRow[] {
  return tx.sql.all<ChildRow>(PAGE, parentKey, kind, count, offset)
}

function countTies(tx: Transaction, parentKey: string, kind: Tie): number {
  return tx.sql.get<{ n: number }>(COUNT_TIES, parentKey, kind)?.n ?? 0
}

/** How many children a job has of each kind. */
export function countChildren(tx: Transaction, parentKey: string, types: string[]): number[] {
  return types.map((type) => countTies(tx, parentKey, kinds[type] ?? Tie.failed))
}

/** Values of one kind of children by their keys, as they were stored. */
export function childValues(
  tx: Transaction,
  parentKey: string,
  kind: 'processed' | 'ignored',
): Record<string, string> {
  const rows = page(tx, parentKey, kind === 'processed' ? Tie.processed : Tie.ignored)
  return Object.fromEntries(rows.map(({ child, value }) => [child, value ?? '']))
}

/** What the contract calls a job's dependencies. */
export interface Dependencies {
  nextFailedCursor?: number
  failed?: string[]
  nextIgnoredCursor?: number
  ignored?: Record<string, unknown>
  nextProcessedCursor?: number
  processed?: Record<string, unknown>
  nextUnprocessedCursor?: number
  unprocessed?: string[]
}

const keysOf = (rows: ChildRow[]): string[] => rows.map(({ child }) => child)
const reasonsOf = (rows: ChildRow[]): Record<string, unknown> =>
  Object.fromEntries(rows.map(({ child, value }) => [child, value]))
const resultsOf = (rows: ChildRow[]): Record<string, unknown> =>
  Object.fromEntries(rows.map(({ child, value }) => [child, JSON.parse(value ?? 'null')]))

/** The children of a job, all of them or a page of the kinds asked for. */
export function dependencies(
  tx: Transaction,
  parentKey: string,
  opts: DependenciesOpts,
): Dependencies {
  if (!opts.processed && !opts.unprocessed && !opts.ignored && !opts.failed) {
    return {
      processed: resultsOf(page(tx, parentKey, Tie.processed)),
      unprocessed: keysOf(page(tx, parentKey, Tie.pending)),
      failed: keysOf(page(tx, parentKey, Tie.failed)),
      ignored: reasonsOf(page(tx, parentKey, Tie.ignored)),
    }
  }
  const found: Dependencies = {}
  const turn = (
    kind: Tie,
    { cursor, count }: { cursor?: number; count?: number },
  ): { rows: ChildRow[]; next: number } => {
    const offset = cursor ?? 0
    const size = count ?? DEFAULT_PAGE
    const rows = page(tx, parentKey, kind, size, offset)
    const more = offset + rows.length < countTies(tx, parentKey, kind)
    return { rows, next: more ? offset + rows.length : 0 }
  }
  if (opts.processed) {
    const { rows, next } = turn(Tie.processed, opts.processed)
    found.processed = resultsOf(rows)
    found.nextProcessedCursor = next
  }
  if (opts.ignored) {
    const { rows, next } = turn(Tie.ignored, opts.ignored)
    found.ignored = reasonsOf(rows)
    found.nextIgnoredCursor = next
  }
  if (opts.failed) {
    const { rows, next } = turn(Tie.failed, opts.failed)
    found.failed = keysOf(rows)
    found.nextFailedCursor = next
  }
  if (opts.unprocessed) {
    const { rows, next } = turn(Tie.pending, opts.unprocessed)
    found.unprocessed = keysOf(rows)
    found.nextUnprocessedCursor = next
  }
  return found
}

/** A page of children, with the jobs themselves if asked for. */
export interface ChildPage {
  cursor: string
  items: { id: string; v?: unknown; err?: string }[]
  total: number
  jobs: JobJson[]
}

/** Pages through the collection that `<job key>:<collection>` names. */
export function paginateChildren(
  tx: Transaction,
  key: string,
  opts: { start: number; end: number; fetchJobs?: boolean },
): ChildPage {
  const at = key.lastIndexOf(':')
  const parentKey = key.slice(0, at)
  const collection = key.slice(at + 1)
  const kind = { dependencies: Tie.pending, processed: Tie.processed, failed: Tie.ignored }[
    collection
  ]
  if (kind === undefined) return { cursor: '0', items: [], total: 0, jobs: [] }
  const count = opts.end < 0 ? ALL : Math.max(opts.end - opts.start + 1, 0)
  const rows = page(tx, parentKey, kind, count, opts.start)
  return {
    cursor: '0',
    items: rows.map((row) => (kind === Tie.pending ? { id: row.child } : parsed(row))),
    total: countTies(tx, parentKey, kind),
    jobs: opts.fetchJobs ? rows.flatMap((row) => jobsOf(tx, row.child)) : [],
  }
}

function parsed({ child, value }: ChildRow): { id: string; v?: unknown; err?: string } {
  try {
    return { id: child, v: JSON.parse(value ?? 'null') }
  } catch (error) {
    return { id: child, err: (error as Error).message }
  }
}

function jobsOf(tx: Transaction, key: string): JobJson[] {
  const found = locateJob(tx, key)
  const row = found && readJob(tx, found.queue, found.job.id)
  return row ? [toJobJson(row)] : []
}
