// A patient with medicines, and an instance with the medication pack, on a store of one's choice.
import { startRedis } from '../../packages/bullmq-sqlite/conformance/servers.ts'
import { createTestOrderly, type TestOrderly } from '../../packages/orderly/src/testing/index.ts'
import { systemClock } from '../../packages/orderly/src/primitives/clock.ts'
import type { Clock } from '../../packages/orderly/src/index.ts'
import {
  medication,
  type MedicationOptions,
  type MedicationPack,
} from '../../packs/medication/src/index.ts'
import { PLACES } from '../record/databases.ts'
import { startSmtp, type SmtpKit } from '../support/smtp.ts'

export interface MovedClock extends Clock {
  /** Sets what it shows; it goes on from there. */
  set(at: number | string): void
}

export function movedClock(): MovedClock {
  let offset = 0
  return {
    ...systemClock,
    now: () => systemClock.now() + offset,
    set: (at) => (offset = (typeof at === 'string' ? Date.parse(at) : at) - systemClock.now()),
  }
}

export interface Clinic {
  readonly orderly: TestOrderly
  readonly pack: MedicationPack
  readonly clock: MovedClock
  readonly smtp: SmtpKit
  readonly log: string[]
  close(): Promise<void>
}

export async function openClinic(
  store: 'sqlite' | 'redis and postgres',
  options: MedicationOptions = {},
): Promise<Clinic> {
  const redis = store === 'sqlite' ? undefined : await startRedis()
  const place = store === 'sqlite' ? undefined : await PLACES.postgres()
  const smtp = await startSmtp()
  const clock = movedClock()
  const pack = medication(options)
  const log: string[] = []
  const write = (fields: object, text: string): void =>
    void log.push(JSON.stringify({ ...fields, text }))
  const orderly = await createTestOrderly({
    packs: [pack],
    clock,
    smtpUrl: smtp.url,
    mailFrom: 'clinic@example.org',
    log: { debug: write, info: write, warn: write, error: write },
    ...(place ? { databaseUrl: await place.fresh() } : {}),
    ...(redis ? { queueUrl: `redis://127.0.0.1:${redis.port}`, allowVolatile: true } : {}),
  })
  // Only what a test runs is to run.
  await orderly.start()
  for (const { id } of await orderly.schedules())
    await orderly.pause({ schedule: id }, { reason: 'a test runs the jobs', by: 'test' })
  return {
    orderly,
    pack,
    clock,
    smtp,
    log,
    async close() {
      await orderly.close()
      await smtp.stop()
      await redis?.stop()
      await place?.stop()
    },
  }
}

export const PATIENT = {
  resourceType: 'Patient',
  id: 'p-1',
  name: [{ given: ['Jane'], family: 'Roe' }],
  birthDate: '1961-04-05',
  telecom: [{ system: 'email', value: 'jane.roe@example.org' }],
}

const RXNORM = 'http://www.nlm.nih.gov/research/umls/rxnorm'

export function order(id: string, name: string, more: object = {}) {
  return {
    resourceType: 'MedicationRequest',
    id,
    status: 'active',
    intent: 'order',
    subject: { reference: 'Patient/p-1' },
    authoredOn: '2026-01-01',
    medicationCodeableConcept: {
      text: name,
      coding: [{ system: RXNORM, code: `0-${id}`, display: name }],
    },
    dosageInstruction: [
      {
        timing: {
          repeat: { frequency: 2, period: 1, periodUnit: 'd', timeOfDay: ['08:00:00', '20:00:00'] },
        },
        doseAndRate: [{ doseQuantity: { value: 1, unit: 'TAB' } }],
      },
    ],
    dispenseRequest: { numberOfRepeatsAllowed: 3, validityPeriod: { end: '2026-12-31' } },
    ...more,
  }
}

export function fill(id: string, of: string, on: string, tablets: number) {
  return {
    resourceType: 'MedicationDispense',
    id,
    status: 'completed',
    subject: { reference: 'Patient/p-1' },
    medicationCodeableConcept: { text: 'Metoprolol 50 MG Oral Tablet' },
    whenHandedOver: on,
    quantity: { value: tablets, unit: 'TAB' },
    daysSupply: { value: tablets / 2, code: 'd' },
    authorizingPrescription: [{ reference: `MedicationRequest/${of}` }],
  }
}

export function bundleOf(...resources: object[]) {
  return {
    resourceType: 'Bundle',
    type: 'collection',
    entry: resources.map((resource) => ({ resource })),
  }
}
