// What the live stream says of jobs, kept for the pages: rows that changed are put right where they stand, what is new
// is counted, and the stream is told which rows are in view.
import { notifyManager, type InfiniteData } from '@tanstack/react-query'
import type { FoundJobs, Job, LiveJob } from 'orderly/api'
import { useEffect, useSyncExternalStore } from 'react'
import { call } from '../api/call.ts'
import { client } from '../api/use.ts'
import { after } from './time-source.ts'

export interface LiveCount {
  readonly queue: string
  readonly type: string
  readonly state: string
  readonly n: number
}

export interface LiveNews {
  /** How many jobs there are, by queue, type and state; undefined until the stream has said it. */
  readonly counts: readonly LiveCount[] | undefined
  /** Jobs added since this page was opened, by queue. */
  readonly added: Readonly<Record<string, number>>
}

const WATCH_MS = 250
const MOST_WATCHED = 500

let news: LiveNews = { counts: undefined, added: {} }
const listeners = new Set<() => void>()
const watched = new Map<symbol, readonly string[]>()
let stream: string | undefined
let told = ''
let stopTelling: (() => void) | undefined
let held: Map<string, LiveJob> | undefined

/** Lines of a job's log from a place on. */
export interface LogNews {
  readonly job: string
  readonly from: number
  readonly lines: readonly { readonly level: string; readonly message: string }[]
}

let logReader: { readonly job: string; readonly onLines: (news: LogNews) => void } | undefined

/** Numbers, rows and news come one after another: the page is drawn once for all of them. */
const DRAW_MS = 100
let stopDrawing: (() => void) | undefined
let rowsDue: LiveJob[] = []

function drawSoon(): void {
  stopDrawing ??= after(DRAW_MS, () => {
    stopDrawing = undefined
    const rows = rowsDue
    rowsDue = []
    notifyManager.batch(() => {
      putRight(rows)
      notifyManager.schedule(() => {
        for (const listener of listeners) listener()
      })
    })
  })
}

function set(next: Partial<LiveNews>): void {
  news = { ...news, ...next }
  drawSoon()
}

/** A stream has opened; it is told anew what is in view. */
export function greet(id: string | undefined, counts?: readonly LiveCount[]): void {
  stream = id
  told = ''
  if (counts) set({ counts })
  tellSoon()
}

export function setCounts(counts: readonly LiveCount[]): void {
  set({ counts })
}

export function addNew(queues: Readonly<Record<string, number>>): void {
  const added = { ...news.added }
  for (const [queue, n] of Object.entries(queues)) added[queue] = (added[queue] ?? 0) + n
  set({ added })
}

/** Rows stay as they are until they are let go on. */
export function holdRows(isHeld: boolean): void {
  if (isHeld) return void (held ??= new Map())
  const rows = [...(held?.values() ?? [])]
  held = undefined
  patchJobs(rows)
}

/** Puts rows right wherever they are shown; what says more of a job than a row does is read again. */
export function patchJobs(rows: readonly LiveJob[]): void {
  if (rows.length === 0) return
  rowsDue.push(...rows)
  drawSoon()
}

function putRight(rows: readonly LiveJob[]): void {
  if (rows.length === 0) return
  if (held) {
    for (const row of rows) held.set(row.id, row)
    return
  }
  const byId = new Map(rows.map((row) => [row.id, row]))
  const patch = (job: Job): Job => {
    const row = byId.get(job.id)
    return row && row.updatedAt > job.updatedAt
      ? { ...job, ...row, state: row.state as Job['state'] }
      : job
  }
  for (const { queryKey, state } of client.getQueryCache().findAll({ queryKey: ['jobs'] })) {
    const { data, dataUpdatedAt } = state
    if (data === undefined) continue
    const [, what, request] = queryKey
    // When it was read stays: a patch is not a reading.
    const options = { updatedAt: dataUpdatedAt }
    if (what === 'found') {
      const { pages, ...rest } = data as InfiniteData<FoundJobs>
      const next = pages.map((page) => patchPage(page, patch))
      if (next.some((page, at) => page !== pages[at]))
        client.setQueryData(queryKey, { ...rest, pages: next }, options)
    } else if (what === 'jobs.list') {
      const next = patchPage(data as FoundJobs, patch)
      if (next !== data) client.setQueryData(queryKey, next, options)
    } else if (what === 'jobs.get') {
      const job = data as Job
      if (patch(job) !== job) renewJob(request, job.id)
    }
  }
}

function patchPage(page: FoundJobs, patch: (job: Job) => Job): FoundJobs {
  const data = page.data.map(patch)
  return data.some((job, at) => job !== page.data[at]) ? { ...page, data } : page
}

function renewJob(request: unknown, id: string): void {
  const isOfJob = (other: unknown): boolean =>
    other === request ||
    (typeof other === 'object' &&
      other !== null &&
      'params' in other &&
      (other.params as { readonly id?: unknown }).id === id)
  for (const area of ['jobs', 'evidence'])
    void client.invalidateQueries({
      queryKey: [area],
      refetchType: 'active',
      predicate: ({ queryKey }) => isOfJob(queryKey[2]),
    })
}

function tellSoon(): void {
  stopTelling ??= after(WATCH_MS, () => {
    stopTelling = undefined
    void tell()
  })
}

async function tell(): Promise<void> {
  const id = stream
  const jobs = [...new Set([...watched.values()].flat())].slice(0, MOST_WATCHED)
  const log = logReader?.job
  const text = `${jobs.join('\n')}\n\n${log ?? ''}`
  if (id === undefined || text === told) return
  told = text
  try {
    patchJobs(
      (
        await call('live.watch', {
          params: { id },
          body: { jobs, ...(log === undefined ? {} : { log }) },
        })
      ).jobs,
    )
  } catch {
    // The stream has ended meanwhile; the next one is told.
    if (stream === id) told = ''
  }
}

/** Keeps these jobs fresh while they are in view. */
export function useWatched(ids: readonly string[]): void {
  const text = ids.join('\n')
  useEffect(() => {
    const token = Symbol('watched')
    watched.set(token, text === '' ? [] : text.split('\n'))
    tellSoon()
    return () => {
      watched.delete(token)
      tellSoon()
    }
  }, [text])
}

/** Reads the log of a job as it is written: line by line from the first, as long as the stream is open. */
export function readLog(job: string, onLines: (news: LogNews) => void): () => void {
  const reader = { job, onLines }
  logReader = reader
  tellSoon()
  return () => {
    if (logReader !== reader) return
    logReader = undefined
    tellSoon()
  }
}

export function tellLog(news: LogNews): void {
  if (logReader?.job === news.job) logReader.onLines(news)
}

export function useNews(): LiveNews {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => news,
    () => news,
  )
}

/** How many jobs are in a state, in some queues or all of them. */
export function totalOf(
  counts: readonly LiveCount[],
  states: readonly string[],
  queues: readonly string[] = [],
): number {
  return counts
    .filter(({ state }) => states.includes(state))
    .filter(({ queue }) => queues.length === 0 || queues.includes(queue))
    .reduce((sum, { n }) => sum + n, 0)
}
