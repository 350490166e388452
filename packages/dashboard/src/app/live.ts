// The one stream of live events of a tab. It renews what the page has read, at most four times a second, and says how
// old the data is. Without a stream the page asks every five seconds, one question after the other.
import { useSyncExternalStore } from 'react'
import { BASE } from './place.ts'
import { client } from '../api/use.ts'
import { preferences } from './preferences.ts'
import { after, now } from './time-source.ts'

export interface LiveState {
  readonly status: 'live' | 'reconnecting' | 'paused'
  /** When the server last said anything. */
  readonly heardAt: number
}

const RENEW_MS = 500
const HIDDEN_MS = 60_000
const POLL_MS = 5_000

/** Which of the read areas an event makes old. */
const RENEWS: Readonly<Record<string, readonly string[]>> = {
  hello: [
    'jobs',
    'queues',
    'overview',
    'failures',
    'dead-letters',
    'metrics',
    'workers',
    'alerts',
    'notifications',
  ],
  counts: ['jobs', 'queues', 'overview'],
  jobs: ['jobs', 'overview'],
  new: ['jobs'],
  alert: ['alerts', 'overview', 'notifications'],
  notification: ['notifications'],
  gap: ['jobs', 'queues', 'overview', 'failures', 'dead-letters', 'workers', 'alerts'],
}

let state: LiveState = { status: 'reconnecting', heardAt: now() }
const listeners = new Set<() => void>()
let source: EventSource | undefined
let stopHidden: (() => void) | undefined
let stopPoll: (() => void) | undefined
const due = new Set<string>()
let isRenewing = false

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
      void client.invalidateQueries({ queryKey: [area], refetchType: 'active' })
  })
}

const frozen = new Set<symbol>()

/** Rows stay as they are while somebody chooses among them. @returns what lets them go on */
export function freeze(): () => void {
  const token = Symbol('frozen')
  frozen.add(token)
  return () => {
    if (frozen.delete(token) && frozen.size === 0) renew(RENEWS['gap']!)
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
  source.addEventListener('message', heard)
  for (const [name, areas] of Object.entries(RENEWS))
    source.addEventListener(name, () => {
      heard()
      renew(areas)
    })
  source.addEventListener('heartbeat', heard)
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
  renew(RENEWS['gap']!)
  stopPoll = after(POLL_MS, poll)
}

export function stopLive(status: LiveState['status'] = 'paused'): void {
  source?.close()
  source = undefined
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
