// Backups that are cut, changed, incomplete, or under another's keys: each is found, and nothing of it is put back.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { backup, medicationReminder, refillCheck } from '../../packs/medication/src/index.ts'
import { bundleOf, fill, openClinic, order, PATIENT, type Clinic } from './clinic.ts'

const TABLES = [
  'med_patients',
  'med_orders',
  'med_dosages',
  'med_unplanned',
  'med_doses',
  'med_fills',
  'med_supply',
  'med_issues',
]
/** Sealed anew each time. */
const SEALED = new Set(['identity', 'preferences', 'detail', 'note'])

let clinic: Clinic
let patientId = ''
let full = ''
let second = ''

const rows = async (): Promise<unknown[]> =>
  Promise.all(
    TABLES.map(async (table) =>
      (
        await clinic.orderly.database.query
          .selectFrom(table as never)
          .selectAll()
          .execute()
      ).map((row) => Object.entries(row).filter(([name]) => !SEALED.has(name))),
    ),
  )
const forget = async (): Promise<void> => {
  for (const table of TABLES)
    await clinic.orderly.database.query.deleteFrom(table as never).execute()
}
const read = async (key: string): Promise<Buffer> => {
  const parts: Uint8Array[] = []
  for await (const part of (await clinic.orderly.objects.get(key))!.body) parts.push(part)
  return Buffer.concat(parts)
}
const objectsOf = async (id: string): Promise<string[]> => {
  const found: string[] = []
  for await (const { key } of clinic.orderly.objects.list(`medication/backups/${id}/`))
    found.push(key)
  return found
}
const changedAt = (bytes: Buffer, at: number): Buffer =>
  Buffer.from(bytes).fill(bytes[at]! ^ 1, at, at + 1)
const orders = (id: string): string => `medication/backups/${id}/med_orders.`
const take = async (type: 'full' | 'incremental'): Promise<string> => {
  const done = await clinic.orderly.perform(backup, { type })
  expect(done.output!.backup).toMatchObject({ type, validation: 'passed' })
  return done.output!.backup_id
}

beforeAll(async () => {
  clinic = await openClinic('sqlite')
  clinic.clock.set('2026-03-02T07:50:00Z')
  const metoprolol = order('m', 'Metoprolol 50 MG Oral Tablet')
  const { importBundle, noteCount } = clinic.pack.api
  const bundle = bundleOf(PATIENT, metoprolol, fill('f', 'm', '2026-03-01T10:00:00Z', 60))
  patientId = (await importBundle(bundle, 'UTC')).patients[0]!
  full = await take('full')
  clinic.clock.set('2026-03-02T08:00:05Z')
  await clinic.orderly.perform(medicationReminder, {})
  const { orderId } = (await clinic.pack.api.medications(patientId))!.orders[0]!
  await noteCount(patientId, orderId, 44)
  second = await take('incremental')
})
afterAll(() => clinic.close())

describe('a backup', () => {
  it('that only has what changed brings all of it back, with what the first one has', async () => {
    const own = (await objectsOf(second)).map((key) => key.split('/').at(-1)!)
    expect(own.some((name) => name.startsWith('med_doses'))).toBe(true)
    expect(own.some((name) => name.startsWith('med_orders'))).toBe(false)
    const before = await rows()
    const patient = await clinic.pack.api.medications(patientId)
    await forget()
    await clinic.pack.api.restore(second)
    expect(await rows()).toEqual(before)
    expect(await clinic.pack.api.medications(patientId)).toEqual(patient)
  })

  it.each<[string, (bytes: Buffer) => Buffer]>([
    ['cut short', (bytes) => bytes.subarray(0, -7)],
    ['longer', (bytes) => Buffer.concat([bytes, Buffer.from('x')])],
    ['empty', () => Buffer.alloc(0)],
    ['changed in one place', (bytes) => changedAt(bytes, bytes.length - 9)],
  ])('of which a part is %s is damaged, and nothing is put back', async (_what, change) => {
    await forget()
    for (const name of ['manifest', 'med_orders.', 'med_doses.']) {
      const key = (await objectsOf(second))
        .concat(await objectsOf(full))
        .find((each) => each.split('/').at(-1)!.startsWith(name))!
      const whole = await read(key)
      await clinic.orderly.objects.put(key, change(whole))
      for (const use of ['testBackup', 'restore'] as const)
        await expect(clinic.pack.api[use](second)).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' })
      await clinic.orderly.objects.put(key, whole)
    }
    expect((await rows()).flat()).toEqual([])
    await clinic.pack.api.restore(second)
  })

  it('whose parts have changed places is damaged', async () => {
    const [one, other] = ['med_doses.', 'med_dosages.'].map(async (name) =>
      (await objectsOf(second)).find((key) => key.split('/').at(-1)!.startsWith(name)),
    )
    const [a, b] = [(await one)!, (await other)!]
    const [first, last] = [await read(a), await read(b)]
    await clinic.orderly.objects.put(a, last)
    await clinic.orderly.objects.put(b, first)
    await expect(clinic.pack.api.testBackup(second)).rejects.toMatchObject({
      code: 'BACKUP_DAMAGED',
    })
    await clinic.orderly.objects.put(a, first)
    await clinic.orderly.objects.put(b, last)
    await clinic.pack.api.testBackup(second)
  })

  it('that refers to one that is gone says so, and the next one has all it needs again', async () => {
    const key = (await objectsOf(full)).find((each) => each.startsWith(orders(full)))
    const whole = await read(key!)
    await clinic.orderly.objects.delete(key!)
    for (const id of [full, second])
      for (const use of ['testBackup', 'restore'] as const)
        await expect(clinic.pack.api[use](id)).rejects.toMatchObject({ code: 'BACKUP_MISSING' })
    const third = await take('incremental')
    const own = (await objectsOf(third)).filter((each) => each.startsWith(orders(third)))
    expect(own).toHaveLength(1)
    const before = await rows()
    await forget()
    await clinic.pack.api.restore(third)
    expect(await rows()).toEqual(before)
    await clinic.orderly.objects.put(key!, whole)
  })

  it('has what somebody is still to be told, and tells nothing twice', async () => {
    const { api } = clinic.pack
    const { orderId } = (await api.medications(patientId))!.orders[0]!
    await api.noteCount(patientId, orderId, 10)
    await api.setPreferences(patientId, { quiet: { from: 7 * 60, to: 9 * 60 } })
    clinic.smtp.clear()
    expect((await clinic.orderly.perform(refillCheck, {})).output).toMatchObject({ alerted: 1 })
    const id = await take('incremental')
    await clinic.orderly.database.query.deleteFrom('med_notifications' as never).execute()
    await api.restore(id)
    clinic.clock.set('2026-03-02T09:05:00Z')
    await clinic.orderly.perform(medicationReminder, {})
    await api.restore(id)
    await clinic.orderly.perform(medicationReminder, {})
    expect(clinic.smtp.received.map(({ mail }) => mail.subject)).toEqual(['Time to refill'])
  })

  it('cannot be read with the keys of somebody else, and tells them so', async () => {
    const other = await openClinic('sqlite')
    try {
      for (const id of [full, second])
        for (const key of await objectsOf(id)) await other.orderly.objects.put(key, await read(key))
      for (const use of ['testBackup', 'restore'] as const)
        await expect(other.pack.api[use](second)).rejects.toMatchObject({
          code: 'BACKUP_KEY',
        })
      expect(await other.pack.api.patients()).toEqual([])
    } finally {
      await other.close()
    }
  })
})
