// The one stream of live events of a tab. Jobs and counts come with it; of what it only says that it changed, the page
// reads again what is in view. Without a stream the page asks every five seconds.
import type { LiveJob } from 'orderly/api'
import { useSyncExternalStore } from 'react'
import { BASE } from './place.ts'
import { client } from '../api/use.ts'
import {
  addNew,
  greet,
  holdRows,
  patchJobs,
  setCounts,
  tellLog,
  type LiveCount,
  type LogNews,
} from './live-jobs.ts'
import { preferences } from './preferences.ts'
import { after, now } from './time-source.ts'

export interface LiveState {
  readonly status: 'live' | 'reconnecting' | 'paused'
  /** When the server last said anything. */
  readonly heardAt: number
}

const RENEW_MS = 2_000
const HIDDEN_MS = 60_000
const POLL_MS = 5_000

/** What is read again when counts have changed: the beginnings of the keys it is kept by. */
const OF_COUNTS = ['queues', 'overview', 'jobs jobs.list'] as const
const OF_ALERTS = ['alerts', 'overview', 'notifications'] as const
const EVERYTHING = [
  'jobs',
  'queues',
  'overview',
  'failures',
  'dead-letters',
  'metrics',
  'workers',
  'alerts',
  'notifications',
] as const

let state: LiveState = { status: 'reconnecting', heardAt: now() }
const listeners = new Set<() => void>()
let source: EventSource | undefined
let stopHidden: (() => void) | undefined
let stopPoll: (() => void) | undefined
const due = new Set<string>()
let isRenewing = false
let isAgain = false

function set(next: Partial<LiveState>): void {
  state = { ...state, ...next }
  for (const listener of listeners) listener()
}

function renew(areas: readonly string[]): void {
  for (const area of areas) due.add(area)
  if (isRenewing) return
  isRenewing = true
  after(RENEW_MS, () => {
    isRenewing = false
    const areasDue = [...due]
    due.clear()
    if (isFrozen()) return
    for (const area of areasDue)
      void client.invalidateQueries({ queryKey: area.split(' '), refetchType: 'active' })
  })
}

const frozen = new Set<symbol>()

/** Rows stay as they are while somebody chooses among them. @returns what lets them go on */
export function freeze(): () => void {
  const token = Symbol('frozen')
  frozen.add(token)
  holdRows(true)
  return () => {
    if (!frozen.delete(token) || frozen.size > 0) return
    holdRows(false)
    renew(OF_COUNTS)
  }
}

function isFrozen(): boolean {
  return frozen.size > 0
}

export function startLive(): void {
  if (source || !preferences().isLive) {
    if (!preferences().isLive) set({ status: 'paused' })
    return
  }
  source = new EventSource(`${BASE}/api/v1/live`, { withCredentials: true })
  const heard = (): void => set({ status: 'live', heardAt: now() })
  source.addEventListener('open', heard)
  const on = <Data>(name: string, told: (data: Data) => void): void =>
    source?.addEventListener(name, ({ data }: MessageEvent<string>) => {
      heard()
      told(JSON.parse(data) as Data)
    })
  on<{ stream: string; counts: readonly LiveCount[] }>('hello', ({ stream, counts }) => {
    greet(stream, counts)
    // A stream after another one of this page may have missed what happened between them.
    if (isAgain) renew(EVERYTHING)
    isAgain = true
  })
  on<{ counts: readonly LiveCount[] }>('counts', ({ counts }) => {
    setCounts(counts)
    renew(OF_COUNTS)
  })
  on<{ jobs: readonly LiveJob[] }>('jobs', ({ jobs }) => patchJobs(jobs))
  on<{ queues: Readonly<Record<string, number>> }>('new', ({ queues }) => addNew(queues))
  on<LogNews>('log', tellLog)
  on('alert', () => renew(OF_ALERTS))
  on('notification', () => renew(['notifications']))
  on('gap', () => renew(EVERYTHING))
  source.addEventListener('error', () => {
    set({ status: 'reconnecting' })
    stopPoll ??= after(POLL_MS, poll)
    // A stream that the server refused is not tried again by the browser.
    if (source?.readyState === EventSource.CLOSED) {
      source = undefined
      after(POLL_MS, () => {
        if (state.status === 'reconnecting') startLive()
      })
    }
  })
}

function poll(): void {
  stopPoll = undefined
  if (state.status !== 'reconnecting') return
  renew(EVERYTHING)
  stopPoll = after(POLL_MS, poll)
}

export function stopLive(status: LiveState['status'] = 'paused'): void {
  source?.close()
  source = undefined
  greet(undefined)
  stopPoll?.()
  stopPoll = undefined
  set({ status })
}

/** A tab nobody looks at lets its stream go after a minute. */
export function watchVisibility(): void {
  document.addEventListener('visibilitychange', () => {
    stopHidden?.()
    stopHidden = undefined
    if (document.hidden) stopHidden = after(HIDDEN_MS, () => stopLive('reconnecting'))
    else if (state.status !== 'paused') startLive()
  })
}

export function useLive(): LiveState {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => state,
    () => state,
  )
}
