// What a person chose for this browser: language, density, time zone, rail. Nothing of a job is ever kept here.
import { useSyncExternalStore } from 'react'

export interface Preferences {
  readonly language: 'en' | 'es'
  readonly density: 'comfortable' | 'compact'
  /** `local`, `UTC`, or an IANA name. */
  readonly zone: string
  readonly rail: 'wide' | 'narrow'
  readonly isLive: boolean
  readonly hasSeenTour: boolean
}

const KEY = 'orderly-preferences'

function firstLanguage(): Preferences['language'] {
  return globalThis.navigator?.language.startsWith('es') ? 'es' : 'en'
}

const DEFAULTS: Preferences = {
  language: firstLanguage(),
  density: 'comfortable',
  zone: 'local',
  rail: 'wide',
  isLive: true,
  hasSeenTour: false,
}

function read(): Preferences {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Preferences>
    return { ...DEFAULTS, ...kept }
  } catch {
    return DEFAULTS
  }
}

let current = read()
const listeners = new Set<() => void>()

export function setPreference<Key extends keyof Preferences>(
  key: Key,
  value: Preferences[Key],
): void {
  current = { ...current, [key]: value }
  try {
    localStorage.setItem(KEY, JSON.stringify(current))
  } catch {
    // A browser that keeps nothing still works until the page is left.
  }
  apply()
  for (const listener of listeners) listener()
}

function apply(): void {
  document.documentElement.lang = current.language
  document.documentElement.dataset['density'] = current.density
}

export function preferences(): Preferences {
  return current
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export function usePreferences(): Preferences {
  return useSyncExternalStore(subscribe, preferences, preferences)
}

apply()
