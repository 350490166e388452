// Adherence by the log of doses: what was due and what became of it. Medicines taken as needed are not in it.
import { HOUR_MS } from '../schedule/zone.ts'

export interface LoggedDose {
  readonly dueAt: number
  readonly takenAt?: number | undefined
  readonly skipped?: boolean | undefined
}

export interface DoseLog {
  readonly due: number
  readonly onTime: number
  readonly late: number
  readonly skipped: number
  readonly missed: number
  /** Doses that may still be taken in time: in none of the others, and not in `due`. */
  readonly open: number
  /** Taken, on time or late, over due; undefined when none was due. */
  readonly share: number | undefined
}

/** How long before and after its time a dose counts as taken on time. */
export const ON_TIME_MS = 2 * HOUR_MS

export function doseLog(doses: Iterable<LoggedDose>, now: number, onTime = ON_TIME_MS): DoseLog {
  const log = { onTime: 0, late: 0, skipped: 0, missed: 0, open: 0 }
  for (const { dueAt, skipped, takenAt } of doses) {
    if (takenAt !== undefined) {
      if (Math.abs(takenAt - dueAt) <= onTime) log.onTime++
      else log.late++
    } else if (skipped) log.skipped++
    else if (now > dueAt + onTime) log.missed++
    else log.open++
  }
  const due = log.onTime + log.late + log.skipped + log.missed
  return { due, ...log, share: due === 0 ? undefined : (log.onTime + log.late) / due }
}
