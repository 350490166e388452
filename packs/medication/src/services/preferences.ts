// How a patient wants to be reminded.
import { DEFAULT_DAY_TIMES, type DayTimes } from '../schedule/timing.ts'

export type Channel = 'in-app' | 'email' | 'push' | 'sms'

export interface Preferences {
  /** Whether doses are reminded at all. */
  readonly reminders: boolean
  readonly channels: readonly Channel[]
  readonly times: DayTimes
  /** Minutes of the day from and to which nothing that can wait is sent. */
  readonly quiet?: { readonly from: number; readonly to: number } | undefined
  /** Minutes after which a dose is no longer reminded but noted as missed. */
  readonly grace: number
  /** Whom to tell of a dose that was not taken, and after how many minutes. */
  readonly caregiver?: { readonly email: string; readonly after: number } | undefined
  /** Count interval doses from the last one taken instead of from the first one ordered. */
  readonly fromLastTaken: boolean
}

/** What is left out stays; what is undefined is as if it had never been set. */
export type PreferencesChange = { readonly [K in keyof Preferences]?: Preferences[K] | undefined }

export const DEFAULT_PREFERENCES: Preferences = {
  reminders: true,
  channels: ['in-app', 'email'],
  times: DEFAULT_DAY_TIMES,
  grace: 60,
  fromLastTaken: false,
}

/** Minutes until the quiet hours end; 0 when it is not quiet. */
export function quietLeft(preferences: Preferences, minute: number): number {
  if (!isQuiet(preferences, minute)) return 0
  const { to } = preferences.quiet!
  return to > minute ? to - minute : to + 24 * 60 - minute
}

/** Whether a minute of the day is in the quiet hours, which may reach over midnight. */
export function isQuiet({ quiet }: Preferences, minute: number): boolean {
  if (!quiet || quiet.from === quiet.to) return false
  return quiet.from < quiet.to
    ? minute >= quiet.from && minute < quiet.to
    : minute >= quiet.from || minute < quiet.to
}
