import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  analyticsRollup,
  backup,
  errorCleanup,
  interactionCheck,
  medicationImport,
  medicationReminder,
  metricsRollup,
  notificationCleanup,
  refillCheck,
  supplyMonitor,
} from '../../packs/medication/src/index.ts'
import { dumpFolder } from '../canary/dump.ts'
import { findTokens } from '../canary/needles.ts'
import { readZip } from '../../packages/orderly/src/evidence/zip.ts'
import { bundleOf } from '../../packages/orderly/src/evidence-maintenance.ts'
import { roomsOf } from '../../packages/orderly/src/orderly.ts'
import { reencryptKey, listKeys, verifyKeys } from '../../packages/orderly/src/maintenance.ts'
import { openClinic, type Clinic } from './clinic.ts'

const folder = new URL('../../packs/medication/fixtures/synthea/', import.meta.url)
const bundles = readdirSync(folder).map((file) => readFileSync(new URL(file, folder), 'utf8'))

interface Person {
  readonly resourceType: string
  readonly identifier: readonly { readonly system: string; readonly value: string }[]
  readonly name: readonly { readonly given: readonly string[]; readonly family: string }[]
  readonly telecom: readonly { readonly value: string }[]
  readonly address: readonly { readonly line: readonly string[]; readonly city: string }[]
  readonly extension: readonly { readonly url: string; readonly valueString?: string }[]
}

function peopleOf(text: string): Person[] {
  const { entry } = JSON.parse(text) as { entry: { resource: Person }[] }
  return entry
    .map(({ resource }) => resource)
    .filter(({ resourceType }) => resourceType === 'Patient')
}

/** What tells who somebody is: numbers, whole names, streets, phones. */
function secretsOf(text: string): string[] {
  return peopleOf(text)
    .flatMap((person) => [
      ...person.identifier.map(({ value }) => value),
      ...person.name.flatMap(({ family, given }) => [`${given[0]} ${family}`, family]),
      ...person.telecom.map(({ value }) => value),
      ...person.address.flatMap(({ city, line }) => [...line, city]),
    ])
    .filter((value) => value.length >= 6)
}

/** Every word of their names and towns, however short. */
function wordsOf(text: string): string[] {
  return peopleOf(text)
    .flatMap((person) => [
      ...person.name.flatMap(({ family, given }) => [...given, family]),
      ...person.extension.flatMap(({ url, valueString }) =>
        url.endsWith('mothersMaidenName') && valueString !== undefined ? [valueString] : [],
      ),
      ...person.address.map(({ city }) => city),
    ])
    .flatMap((name) => name.split(/[^\p{L}]+/u))
    .filter((word) => word.length >= 2)
}

/** Those that stand there alone: short letters in a row turn up in ciphertext by chance, with ciphertext around them. */
function standingAlone(words: readonly string[], hay: Buffer): string[] {
  const part = String.raw`[\p{L}\p{N}_+/=-]`
  const any = new RegExp(`(?<!${part})(?:${words.join('|')})(?!${part})`, 'gu')
  return [...new Set(hay.toString('utf8').match(any))]
}

describe('ten Synthea patients in the medication pack', { timeout: 120_000 }, () => {
  let clinic: Clinic
  const secrets = [...new Set(bundles.flatMap(secretsOf))]
  /** Searched in every spelling: short words turn up in ciphertext by chance. */
  const spelled = new Map(
    secrets
      .filter(
        (value) => /^\d{3}-\d{2}-\d{4}$|^[A-Z][a-z]+ [A-Z][a-z]+$/.test(value) && value.length > 9,
      )
      .map((value) => [value, value]),
  )
  const medicines = ['Simvistatin', 'Clopidogrel', 'Warfarin', 'Astemizole']
  const words = [...new Set(bundles.flatMap(wordsOf))]
  const leaks = (where: string, hay: Buffer): string[] =>
    [
      ...secrets.filter((value) => hay.includes(value)),
      ...standingAlone(words, hay),
      ...findTokens(hay, spelled),
    ].map((name) => `${where}: ${name}`)

  beforeAll(async () => {
    clinic = await openClinic('sqlite', {
      push: async () => undefined,
      sms: async ({ to }) => {
        throw new Error(`cannot reach ${to.phone}`)
      },
    })
  })
  afterAll(() => clinic.close())

  const imported: string[] = []

  it('go through all jobs, their failures, mails and backups, and nothing of who they are comes to light', async () => {
    const { clock, orderly, pack, smtp } = clinic
    clock.set('2026-03-02T12:50:00Z')
    const patients: string[] = []
    for (const bundle of bundles) {
      const done = await orderly.perform(medicationImport, { bundle, zone: 'America/New_York' })
      expect(done).toMatchObject({ state: 'completed' })
      patients.push(...done.output!.patients)
    }
    imported.push(...patients)
    expect(new Set(patients).size).toBe(10)
    expect(spelled.size).toBeGreaterThan(15)
    // What finds them where they stand: each of them, and those of few letters too.
    const plain = Buffer.from(JSON.stringify(bundles.map((each) => JSON.parse(each) as unknown)))
    expect(standingAlone(words, plain).toSorted()).toEqual(words.toSorted())
    expect(words.filter((word) => word.length < 6).length).toBeGreaterThan(5)
    for (const id of patients)
      await pack.api.setPreferences(id, {
        channels: ['in-app', 'email', 'push', 'sms'],
        caregiver: { email: 'carer@example.org', after: 30 },
      })
    await orderly.perform(medicationImport, { bundle: bundles[0]!.slice(0, -20), zone: 'UTC' })
    clock.set('2026-03-02T13:00:10Z')
    const reminded = await orderly.perform(medicationReminder, {})
    expect(reminded.output!.reminded).toBeGreaterThan(0)
    clock.set('2026-03-02T13:45:10Z')
    expect((await orderly.perform(medicationReminder, {})).output!.escalated).toBeGreaterThan(0)
    const checked = await orderly.perform(interactionCheck, {})
    expect(checked.output!.findings).toBeGreaterThan(0)
    expect((await orderly.perform(refillCheck, {})).state).toBe('completed')
    expect((await orderly.perform(supplyMonitor, {})).state).toBe('completed')
    clock.set('2026-03-03T13:45:10Z')
    for (const timeRange of ['daily', 'weekly', 'monthly'] as const) {
      const done = await orderly.perform(analyticsRollup, { timeRange })
      expect(done.output!.analytics_roll_up).toMatchObject({
        time_range: timeRange,
        metrics_collected: ['adherence', 'supply', 'safety', 'performance'],
      })
    }
    const saved = await orderly.perform(backup, {})
    expect(saved.output!.backup).toMatchObject({ validation: 'passed' })
    expect((await orderly.perform(notificationCleanup, {})).state).toBe('completed')
    expect((await orderly.perform(metricsRollup, {})).state).toBe('completed')
    expect((await orderly.perform(errorCleanup, {})).state).toBe('completed')
    await orderly.perform(interactionCheck, { patientId: 'nobody' })

    const { archive } = await bundleOf(roomsOf(orderly), {})
    const lists = await Promise.all(
      [...patients.map((id) => `patient:${id}`), 'ann'].map((user) =>
        orderly.notifications.list({ user, tenant: 'default', topics: ['#role/admin'] }),
      ),
    )
    expect(lists.flat().length).toBeGreaterThan(patients.length)
    const everything = [
      ...leaks('evidence', Buffer.concat([...readZip(archive).values()])),
      ...leaks('lists', Buffer.from(JSON.stringify(lists))),
      ...leaks('files', dumpFolder(orderly.settings.home)),
      ...leaks('log', Buffer.from(clinic.log.join('\n'))),
      ...leaks('mail', Buffer.from(smtp.received.map(({ raw }) => raw).join('\n'))),
    ]
    expect(everything).toEqual([])
    // The medicines themselves are under seal too, and in no mail.
    const hay =
      dumpFolder(orderly.settings.home).toString('latin1') +
      smtp.received.map(({ raw }) => raw).join()
    expect(medicines.filter((name) => hay.includes(name))).toEqual([])
  })

  it('are read again after a change of keys, and from a backup where the database is gone', async () => {
    const { orderly, pack } = clinic
    const home = orderly.settings.home
    const known = await pack.api.patients()
    const [patient] = known
    const before = await pack.api.medications(patient!)
    const { id } = await pack.api.backup('full')
    const more = await pack.api.backup('incremental')
    expect(more.bytes).toBeGreaterThan(0)
    const keys = (await listKeys({ home })).dataKeys.filter(
      ({ scope, state }) => scope.startsWith('epoch/') && state === 'active',
    )
    for (const { id: key } of keys) await reencryptKey({ home }, key)
    expect((await verifyKeys({ home })).broken).toEqual([])
    expect(await pack.api.medications(patient!)).toEqual(before)

    const other = mkdtempSync(join(tmpdir(), 'orderly-after-a-loss-'))
    // What is left after a loss: the keyring, and the store of objects.
    const again = await reopen(home, other)
    try {
      expect(await again.pack.api.patients()).toEqual([])
      const restored = await again.pack.api.restore(id)
      expect(restored.tables).toMatchObject({ med_patients: 10 })
      const twice = await again.pack.api.importBundle(JSON.parse(bundles[0]!), 'America/New_York')
      expect(await again.pack.api.patients()).toEqual(known)
      expect(imported).toContain(twice.patients[0])
      const names = await Promise.all(
        (await again.pack.api.patients()).map(
          async (each) => (await again.pack.api.medications(each))!.patient.identity.name,
        ),
      )
      expect(names).toContain(before!.patient.identity.name)
    } finally {
      await again.close()
    }
  })
})

/** A new installation in `to` with the keyring and the objects of `from`. */
async function reopen(from: string, to: string) {
  const { cpSync } = await import('node:fs')
  const { createOrderly } = await import('../../packages/orderly/src/index.ts')
  const { medication } = await import('../../packs/medication/src/index.ts')
  cpSync(`${from}/keyring.json`, `${to}/keyring.json`)
  cpSync(`${from}/objects`, `${to}/objects`, { recursive: true })
  const pack = medication()
  const orderly = await createOrderly({
    home: to,
    packs: [pack],
    log: { debug() {}, info() {}, warn() {}, error() {} },
  })
  return {
    pack,
    async close() {
      await orderly.close()
      rmSync(to, { recursive: true, force: true })
    },
  }
}
