// The time as the page shows it: one tick a second for everything that says how long ago something was.
import { useSyncExternalStore } from 'react'
import { every, now } from './time-source.ts'

let current = now()
let stop: (() => void) | undefined
const listeners = new Set<() => void>()

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  stop ??= every(1_000, () => {
    current = now()
    for (const each of listeners) each()
  })
  return () => {
    listeners.delete(listener)
    if (listeners.size > 0) return
    stop?.()
    stop = undefined
  }
}

/** Milliseconds since 1970 UTC, renewed each second. */
export function useNow(): number {
  return useSyncExternalStore(
    subscribe,
    () => current,
    () => current,
  )
}
