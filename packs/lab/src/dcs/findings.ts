// What is wrong with the lenses a data file asks for.
import type { Finding } from '../optics/finding.ts'
import { checkPrescription } from '../optics/rules.ts'
import type { DcsJob } from './job.ts'

/** Of a single lens that is asked for, nothing is said of the other. */
export function findingsOf({ lenses, prescription: rx }: DcsJob, today: string): Finding[] {
  if (lenses === 'B') return checkPrescription(rx, today)
  const side = lenses === 'R' ? 'od' : 'os'
  const alone = { ...rx, od: rx[side], os: rx[side], pd: null, nearPd: null }
  return checkPrescription(alone, today).filter(
    (finding) => finding.side === side || finding.side === null,
  )
}
