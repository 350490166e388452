// What administrators are told, and what the services of monitoring and logging are given.
import { afterAll, beforeAll, expect, it } from 'vitest'
import {
  interactionCheck,
  medicationImport,
  medicationReminder,
  metricsRollup,
} from '../../packs/medication/src/index.ts'
import { insertUser, newUserRow } from '../../packages/orderly/src/access/users.ts'
import { roomsOf } from '../../packages/orderly/src/orderly.ts'
import { bundleOf, openClinic, order, PATIENT, type Clinic } from './clinic.ts'

let clinic: Clinic
const ADMIN = { user: 'ann', tenant: 'default', topics: ['#role/admin'] }
const queues: [string, number][] = []

beforeAll(async () => {
  clinic = await openClinic('sqlite', {
    services: {
      monitoring: {
        run: async () => undefined,
        error: async () => undefined,
        queue: async (name, waiting) => void queues.push([name, waiting]),
      },
    },
  })
})
afterAll(() => clinic.close())

const toAdmins = async (): Promise<[string, string][]> =>
  (await clinic.orderly.notifications.list(ADMIN)).map(({ kind, title }) => [kind, title])
const details = async (): Promise<unknown[]> =>
  Promise.all(
    (await clinic.orderly.notifications.list(ADMIN)).map(({ id }) =>
      clinic.orderly.notifications.detail(ADMIN, id),
    ),
  )
const remind = async (at: string) => {
  clinic.clock.set(at)
  return (await clinic.orderly.perform(medicationReminder, {})).output!
}
const metoprolol = order('m', 'Metoprolol 50 MG Oral Tablet')
const take = (...resources: object[]) =>
  clinic.orderly.perform(medicationImport, {
    bundle: JSON.stringify(bundleOf(PATIENT, ...resources)),
    zone: 'UTC',
  })

it('tells administrators by mail as well, where their preferences say so', async () => {
  const row = newUserRow({ login: 'bea', name: 'Bea', roles: ['admin'] }, 'test', 0)
  await roomsOf(clinic.orderly).access.database.transaction((tx) => insertUser(tx, row))
  const wishes = { mail: 'all', address: 'bea@clinic.example' } as const
  await clinic.orderly.notifications.setPreferences({ user: row.id }, wishes)
  clinic.clock.set('2026-03-01T06:50:00Z')
  await clinic.orderly.perform(interactionCheck, { patientId: 'nobody' })
  await remind('2026-03-01T07:00:05Z')
  await expect
    .poll(() => clinic.smtp.received.map(({ mail, to }) => [to[0], mail.subject]), {
      timeout: 10_000,
    })
    .toEqual([[wishes.address, 'A medication job failed']])
  clinic.smtp.clear()
  await clinic.orderly.notifications.setPreferences({ user: row.id }, { mail: 'none' })
  await clinic.orderly.database.query.deleteFrom('orderly_notifications' as never).execute()
})

it('tells administrators once a day what nobody is reminded of, what is lost, and which job failed for good', async () => {
  clinic.clock.set('2026-03-02T06:50:00Z')
  await take(
    metoprolol,
    order('w', 'Lisinopril 10 MG Oral Tablet', { dosageInstruction: [{ text: 'as told' }] }),
  )
  await remind('2026-03-02T07:00:05Z')
  expect(await toAdmins()).toEqual([['admin-alert', 'A medicine has no times']])
  for (const patientId of ['nobody', 'no one'])
    await clinic.orderly.perform(interactionCheck, { patientId })
  await clinic.orderly.perform(medicationImport, { bundle: '{', zone: 'UTC' })
  await take(order('x', 'Aspirin 81 MG Oral Tablet', { dosageInstruction: [{ text: 'as told' }] }))
  await remind('2026-03-02T07:15:05Z')
  expect((await toAdmins()).map(([kind]) => kind).toSorted()).toEqual([
    'admin-alert',
    'error-notification',
    'error-notification',
  ])
  await clinic.orderly.database.query.deleteFrom('med_orders' as never).execute()
  await remind('2026-03-02T08:00:05Z')
  expect(await toAdmins()).toContainEqual(['admin-alert', 'A medicine could not be read'])
  expect(await details()).toEqual(
    expect.arrayContaining([
      { dosages: 1 },
      { job: 'interaction-check', code: 'FAILED' },
      { job: 'medication-import', code: 'FAILED' },
    ]),
  )
  await clinic.orderly.perform(interactionCheck, { patientId: 'nobody' })
  await remind('2026-03-03T07:00:05Z')
  expect(await toAdmins()).toHaveLength(4)
  await clinic.orderly.perform(interactionCheck, { patientId: 'nobody' })
  await remind('2026-03-03T07:15:05Z')
  expect(await toAdmins()).toHaveLength(5)
})

it('gives monitoring how much waits in each queue, and logging how each run ended', async () => {
  for (let n = 0; n < 3; n++) await clinic.orderly.enqueue(interactionCheck, {}, { delay: '1h' })
  await clinic.orderly.start()
  await clinic.orderly.enqueueAndWait(metricsRollup, {}, { timeout: '30s' })
  expect(Object.fromEntries(queues)).toEqual({ medication: 3, notifications: 0 })
  expect(clinic.log.map((line) => JSON.parse(line) as object)).toContainEqual(
    expect.objectContaining({ text: 'run ended', job: 'metrics-rollup', attempt: 1, ok: true }),
  )
})
