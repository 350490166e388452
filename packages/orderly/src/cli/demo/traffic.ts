// What goes on in the made-up clinic: a full house to begin with, and some forty jobs a minute from then on.
import type { Orderly } from '../../orderly.ts'
import { clinicJob } from './clinic.ts'

const CLINICS = ['north', 'south', 'harbour', 'hill']
const FIRST = ['Alma', 'Bruno', 'Clara', 'Diego', 'Elena', 'Farid', 'Greta', 'Hugo']
const LAST = ['Sample', 'Muster', 'Ejemplo', 'Exempel']
const HOSPITALS = ['Example General', 'Sample Memorial', 'Test Valley', 'Model Children’s']
const EVERY_MS = 1_500

/** Fills the queues with jobs of every state, and pauses one. */
export async function seed(orderly: Orderly): Promise<void> {
  for (let n = 0; n < 60; n++) {
    await addRefill(orderly, n)
    await orderly.enqueueByName('lab.import-order', {
      orderId: `L-${2_000 + n}`,
      urgent: n % 6 === 0,
    })
  }
  for (let n = 0; n < 24; n++) await addReminder(orderly, n)
  for (const [n, hospital] of HOSPITALS.entries())
    await orderly.enqueueByName('prices.load-file', {
      hospital,
      url: `https://example.org/${n}.${n === 3 ? 'xls' : 'csv'}`,
    })
  await orderly.enqueueSet(
    clinicJob('reports.monthly'),
    ['2025-10', '2025-11', '2025-12'].map((month) => ({ input: { month, pages: 12 } })),
  )
  for (let month = 1; month <= 7; month++)
    await orderly.enqueueByName('reports.monthly', { month: `2026-0${month}`, pages: 40 * month })
  await orderly.enqueueByName('reports.monthly', { month: '2026-12', pages: 12 }, { delay: '2h' })
  await orderly.schedule({
    id: 'nightly-prices',
    job: clinicJob('prices.load-file'),
    input: { hospital: HOSPITALS[0]!, url: 'https://example.org/nightly.csv' },
    spec: { cron: '30 2 * * *', zone: 'America/New_York' },
    by: 'demo',
  })
  await orderly.schedule({
    id: 'monday-report',
    job: clinicJob('reports.monthly'),
    input: { month: '2026-11', pages: 20 },
    spec: { times: ['07:00', '13:00'], weekdays: ['MON', 'THU'], zone: 'Europe/Madrid' },
    by: 'demo',
  })
  await orderly.startRun('price_refresh', { hospital: HOSPITALS[1]! }, { by: 'demo' })
}

/** Pauses a queue as somebody would, once its first jobs have run. */
export async function pauseLab(orderly: Orderly): Promise<void> {
  await orderly.pause(
    { queue: 'lab' },
    { by: 'Ana', reason: 'the laboratory updates its system', for: '1h' },
  )
  for (let n = 0; n < 12; n++)
    await orderly.enqueueByName('lab.import-order', { orderId: `L-${3_000 + n}` })
}

/** Adds jobs until `signal` aborts. */
export async function keepBusy(orderly: Orderly, signal: AbortSignal): Promise<void> {
  for (let n = 100; !signal.aborted; n++) {
    await orderly.clock.sleep(EVERY_MS, signal)
    if (signal.aborted) return
    if (n % 3 === 0) await addRefill(orderly, n)
    else if (n % 3 === 1) await addReminder(orderly, n)
    else await orderly.enqueueByName('lab.import-order', { orderId: `L-${4_000 + n}` })
    if (n % 25 === 0)
      await orderly.startRun('price_refresh', { hospital: HOSPITALS[n % 4]! }, { by: 'demo' })
  }
}

async function addRefill(orderly: Orderly, n: number): Promise<void> {
  await orderly.enqueueByName('medication.refill-check', {
    patient: nameOf(n),
    mrn: String(700_100 + n),
    clinicId: CLINICS[n % CLINICS.length]!,
    daysLeft: n % 30,
  })
}

async function addReminder(orderly: Orderly, n: number): Promise<void> {
  await orderly.enqueueByName(
    'medication.reminder',
    { patient: nameOf(n), phone: '202-555-0100', clinicId: CLINICS[n % CLINICS.length]! },
    { tags: [`clinic-${CLINICS[n % CLINICS.length]!}`], ...(n % 4 === 3 ? { delay: '30m' } : {}) },
  )
}

function nameOf(n: number): string {
  return `${FIRST[n % FIRST.length]!} ${LAST[n % LAST.length]!}`
}
