// The medication pack: FHIR bundles in; reminders, supply, interactions, figures and backups out.
import { randomUUID } from 'node:crypto'
import {
  BadInputError,
  definePack,
  migrate,
  OrderlyError,
  type Pack,
  type PackAction,
  type PackRooms,
} from 'orderly'
import { medicationActions } from './actions.ts'
import { acknowledge, listFindings, type KeptFinding } from './checks/interactions.ts'
import type { Metrics } from './analytics/measure.ts'
import { runBackup } from './backup/run.ts'
import { readManifest, restoreBackup, testBackup, type Tested } from './backup/read.ts'
import { medicationHandlers } from './handlers.ts'
import { JOBS, medicationImport, MOST_BUNDLE, QUEUES } from './jobs.ts'
import { medicationPages } from './pages/pages.ts'
import { MEDICATION_SPANISH } from './pages/spanish.ts'
import { revealField } from './pages/reveal.ts'
import { storedMedication, type MedicationRules } from './services/medication.ts'
import { ownNotifications, type NotificationWays } from './services/notification.ts'
import type { Medications, MedicationServices, Supply } from './services/ports.ts'
import type { PreferencesChange } from './services/preferences.ts'
import { ownLogging, ownMonitoring } from './services/watching.ts'
import { noteCount, noteDose, type DoseEvent, type DoseOf } from './store/doses.ts'
import { importBundle, type Imported } from './store/import.ts'
import { MIGRATIONS, SEALED_COLUMNS } from './store/migrations.ts'
import { savePreferences } from './store/patients.ts'
import { lookAsNeeded, takeAsNeeded } from './store/as-needed.ts'
import { changeHolds, findStand, replan } from './store/replan.ts'
import { stashBundle } from './store/stash.ts'
import { openStore } from './store/store.ts'
import { listUnscheduled, type Unscheduled } from './store/unplanned.ts'
import { RETENTION, type Retention } from './upkeep/clean.ts'
import { ingredientsOf, type Checked } from './interactions/check.ts'
import type { AsNeeded } from './schedule/as-needed.ts'
import type { Hold } from './schedule/order.ts'

export interface MedicationOptions extends MedicationRules, NotificationWays {
  /** Services of the application's own in place of those the pack brings. */
  readonly services?: Partial<MedicationServices>
  /** How many days what is kept; `RETENTION` unless told. */
  readonly retention?: Partial<Retention>
}

/** What an application asks of the pack beside its jobs. Works once the instance is open. */
export interface MedicationApi {
  /**
   * @param zone the IANA zone its patients live in
   * @throws OrderlyError `ORDERLY_INPUT_INVALID` for what is no bundle, or too large a one: nothing of it was read
   */
  importBundle(bundle: unknown, zone: string): Promise<Imported>
  patients(after?: string, limit?: number): Promise<readonly string[]>
  medications(patientId: string): Promise<Medications | undefined>
  supply(patientId: string): Promise<readonly Supply[]>
  interactions(patientId: string): Promise<Checked>
  /** Changes what is named; false when there is no such patient. */
  setPreferences(patientId: string, change: PreferencesChange): Promise<boolean>
  noteDose(dose: DoseOf, event: DoseEvent): Promise<string>
  /** Whether a dose may be taken as needed now; undefined when it is no dose that is. */
  mayTake(dose: DosageOf): Promise<AsNeeded | undefined>
  /** Notes that one is taken now, unless it is too soon or the most is reached. */
  takeAsNeeded(dose: DosageOf): Promise<AsNeeded | undefined>
  /** Nothing of the order is to be taken for a time, or until the hold is ended. False when there is no such order. */
  hold(patientId: string, orderId: string, hold: Hold): Promise<boolean>
  /** Ends the holds of an order now. */
  endHold(patientId: string, orderId: string): Promise<boolean>
  noteCount(patientId: string, orderId: string, counted: number): Promise<void>
  /** The findings of a patient that stand, as they were kept by the last check. */
  findings(patientId: string): Promise<readonly KeptFinding[]>
  /** Somebody looked at a finding and lets it stand. */
  acknowledge(findingId: string, by: string, reason: string): Promise<boolean>
  /** The next doses, soonest first. */
  due(limit: number): Promise<readonly DueDose[]>
  /** Dosages of active orders that have no times, of one patient or of all: nobody is reminded of them. */
  unscheduled(patientId?: string): Promise<readonly Unscheduled[]>
  /** What was summed up, newest first. */
  rollups(limit: number): Promise<readonly RolledUp[]>
  /** The same as the backup job: it has been read back when this resolves. */
  backup(
    kind: 'full' | 'incremental',
  ): Promise<{ readonly id: string; readonly rows: number; readonly bytes: number }>
  /** Reads a backup and compares it with its manifest. */
  testBackup(id: string): Promise<Tested>
  /** Puts a backup back over what is there. */
  restore(id: string): Promise<Tested>
}

/** A dosage of an order. */
export type DosageOf = Omit<DoseOf, 'dueAt'>

export interface DueDose {
  readonly due_at: string
  readonly patient_id: string
  readonly order_id: string
  readonly dosage: number
}

export interface RolledUp {
  readonly range: string
  readonly day: string
  readonly metrics: Metrics
}

export interface MedicationPack extends Pack<PackRooms> {
  readonly api: MedicationApi
  /** The same that the pages offer, for commands: by their ids. */
  act(action: string, input: unknown, by: string): Promise<boolean>
}

interface ImportInput {
  readonly bundle?: unknown
  readonly stored?: string
  readonly zone: string
}

/** A job is 256 KiB at most once it is sealed. */
const MOST_IN_A_JOB = 100_000

/** The pack for `createOrderly({ packs: [medication()] })`. It keeps its tables in the instance's database. */
export function medication(options: MedicationOptions = {}): MedicationPack {
  let open: MedicationApi | undefined
  let actions: readonly PackAction[] | undefined
  let putAside: ((input: ImportInput) => Promise<ImportInput>) | undefined
  const pack = definePack<PackRooms>({
    name: 'medication',
    jobs: JOBS,
    queues: QUEUES,
    migrations: MIGRATIONS,
    words: { es: MEDICATION_SPANISH },
    triggers: [
      {
        path: '/jobs/medication/import',
        job: medicationImport,
        mostBytes: MOST_BUNDLE,
        prepare: (body) => putAside!(body as ImportInput),
      },
    ],
    async open(rooms) {
      await migrate(rooms.database, 'medication', MIGRATIONS)
      await rooms.vault.keep(SEALED_COLUMNS)
      const store = openStore(rooms)
      const services: MedicationServices = {
        medication: storedMedication(store, options),
        notification: ownNotifications(rooms, options),
        monitoring: ownMonitoring(store),
        logging: ownLogging(store, rooms.log),
        ...options.services,
      }
      open = apiOf(rooms, store, services)
      actions = medicationActions(open, store, services.logging)
      putAside = async ({ bundle, ...rest }) => {
        const text = typeof bundle === 'string' ? bundle : JSON.stringify(bundle ?? null)
        if (bundle === undefined || text.length <= MOST_IN_A_JOB) return { bundle, ...rest }
        return { ...rest, stored: await stashBundle(store, rooms.objects, text) }
      }
      const retention = { ...RETENTION, ...options.retention }
      return {
        handlers: medicationHandlers(rooms, {
          store,
          services,
          retention,
          ingredientsOf: (drug) =>
            ingredientsOf(drug, options.bridge).map(({ ingredient }) => ingredient),
        }),
        pages: medicationPages(store, services),
        actions,
        reveal: (record, field) => revealField(store, record, field),
      }
    },
  })
  return Object.freeze({
    ...pack,
    get api(): MedicationApi {
      return open ?? notOpen()
    },
    async act(id: string, input: unknown, by: string): Promise<boolean> {
      const action = (actions ?? notOpen()).find((each) => each.id === id)
      if (!action) throw new BadInputError(`the medication pack has no action "${id}"`)
      const checked = await action.input['~standard'].validate(input)
      if (!checked.issues) return action.run(checked.value, by)
      const places = checked.issues.map(({ path = [] }) => path.map(String).join('.'))
      throw new BadInputError(`what was given does not fit: ${places.join(', ')}`)
    },
  })
}

function notOpen(): never {
  throw new OrderlyError(
    'ORDERLY_CLOSED',
    'the medication pack is not open; give it to createOrderly first',
  )
}

function apiOf(
  { clock, objects }: PackRooms,
  store: ReturnType<typeof openStore>,
  { logging, medication }: MedicationServices,
): MedicationApi {
  const never = new AbortController().signal
  const known = async (patientId: string): Promise<Medications> => {
    const found = await medication.medications(patientId)
    if (found) return found
    throw new OrderlyError(
      'ORDERLY_NOT_FOUND',
      'there is no such patient here; import the bundle first',
    )
  }
  return {
    async importBundle(bundle, zone) {
      const read = await medication.validate(bundle)
      const whole = read.issues.find(({ code }) => code === 'not-a-bundle' || code === 'too-large')
      // Nothing of it could be read: who asks for no issues must not believe that it was imported.
      if (whole) throw new OrderlyError('ORDERLY_INPUT_INVALID', whole.text)
      return importBundle(store, read, zone)
    },
    patients: (after = '', limit = 100) => medication.patients(after, limit),
    medications: (patientId) => medication.medications(patientId),
    supply: async (patientId) => medication.supply(await known(patientId), clock.now()),
    interactions: async (patientId) => medication.interactions(await known(patientId), clock.now()),
    async setPreferences(patientId, preferences) {
      const before = await findStand(store, patientId)
      if (!before || !(await savePreferences(store, patientId, preferences))) return false
      // Meals at other times are doses at other times.
      await replan(store, patientId, before)
      return true
    },
    noteDose: (dose, event) => noteDose(store, dose, event),
    mayTake: (dose) => lookAsNeeded(store, dose),
    takeAsNeeded: (dose) => takeAsNeeded(store, dose),
    hold: (patientId, orderId, hold) =>
      changeHolds(store, patientId, orderId, (holds) => [...holds, hold]),
    endHold: (patientId, orderId) =>
      changeHolds(store, patientId, orderId, (holds) =>
        holds.map((hold) => ({ ...hold, until: Math.min(hold.until ?? Infinity, clock.now()) })),
      ),
    noteCount: (patientId, orderId, counted) => noteCount(store, patientId, orderId, counted),
    findings: (patientId) => listFindings(store, patientId),
    async acknowledge(findingId, by, reason) {
      const isDone = await acknowledge(store, findingId, by, reason)
      if (isDone) await logging.audit('finding acknowledged', { finding: findingId })
      return isDone
    },
    async due(limit) {
      const rows = await store.db.query
        .selectFrom('med_dosages')
        .selectAll()
        .where('next_due_at', 'is not', null)
        .orderBy('next_due_at')
        .limit(limit)
        .execute()
      return rows.map((row) => ({
        due_at: new Date(row.next_due_at!).toISOString(),
        patient_id: row.patient_id,
        order_id: row.order_id,
        dosage: row.no,
      }))
    },
    unscheduled: (patientId) => listUnscheduled(store, patientId),
    async rollups(limit) {
      const rows = await store.db.query
        .selectFrom('med_rollups')
        .selectAll()
        .orderBy('day', 'desc')
        .orderBy('time_range')
        .limit(limit)
        .execute()
      return rows.map((row) => ({
        range: row.time_range,
        day: row.day,
        metrics: JSON.parse(row.metrics) as Metrics,
      }))
    },
    async backup(kind) {
      const { bytes, manifest, rows } = await runBackup(store, objects, kind, randomUUID(), never)
      await logging.audit('backup taken', { backup: manifest.id, rows, bytes })
      return { id: manifest.id, rows, bytes }
    },
    testBackup: async (id) =>
      testBackup(store, objects, await readManifest(store, objects, id), never),
    async restore(id) {
      const done = await restoreBackup(
        store,
        objects,
        await readManifest(store, objects, id),
        never,
      )
      await logging.audit('backup restored', { backup: id, rows: done.rows })
      return done
    },
  }
}
