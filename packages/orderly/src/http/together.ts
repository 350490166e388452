// Looks that come in one turn of the event loop and ask the same: all of them are answered by one.
import type { Clock } from '../primitives/clock.ts'

/** Looks once for all who ask under one key before the looking begins: none is told of an earlier time than its own. */
export type Together<T> = (key: string, look: () => Promise<T>) => Promise<T>

export function openTogether<T>({ turn }: Pick<Clock, 'turn'>): Together<T> {
  const waiting = new Map<string, Promise<T>>()
  return (key, look) => {
    const begun = waiting.get(key)
    if (begun) return begun
    const made = turn().then(() => {
      waiting.delete(key)
      return look()
    })
    waiting.set(key, made)
    return made
  }
}
