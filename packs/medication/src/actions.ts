// What people do by hand: say what became of a dose, rest an order, let a finding stand, say how somebody wants it.
import { definePackAction, OrderlyError, phi, type PackAction } from 'orderly'
import { z } from 'zod'
import type { MedicationApi } from './pack.ts'
import { MINUTE_MS } from './schedule/zone.ts'
import type { LoggingService } from './services/ports.ts'
import type { PreferencesChange } from './services/preferences.ts'
import { patientOfFinding } from './checks/interactions.ts'
import { dosesOf, mayBeTakenAt } from './store/doses.ts'
import { findOrderOf } from './store/replan.ts'
import type { Store } from './store/store.ts'

const id = z.string().min(1).max(64)
const titled = (title: string, description?: string) => ({
  title,
  ...(description === undefined ? {} : { description }),
})
/** Programs name it; who stands before a form says it by the row they are in. */
const forPrograms = { 'x-for-programs': true }

const instant = z.iso.datetime({ offset: true })
const EXAMPLE = 'Such as 2026-03-08T08:00:00-05:00.'
const clockTime = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/)
  .describe('On the clock of the patient, such as 22:00.')
const reason = phi.of('text', z.string().trim().min(5).max(500).meta(titled('Reason')))
const minutes = z.int().min(0).max(1_440)

/** The doses of a patient that are due at one time, all of them or those of one order. */
const dose = {
  patient: id,
  due: instant,
  order: id.optional().meta(forPrograms),
  dosage: z
    .int()
    .min(0)
    .max(9_999)
    .optional()
    .meta({ ...forPrograms, description: 'With an order: its dosage, from 0.' }),
}

const preferences = z.object({
  patient: id,
  reminders: z.boolean().optional(),
  channels: z
    .array(z.enum(['in-app', 'email', 'push', 'sms']))
    .max(4)
    .optional(),
  grace: minutes.optional().describe('Minutes a reminder may be late.'),
  fromLastTaken: z.boolean().optional().describe('Count intervals from the last dose taken.'),
  quiet: z
    .object({ from: clockTime, to: clockTime })
    .nullish()
    .describe('Nothing that can wait is sent then; null ends it.'),
  caregiver: z
    .object({ email: phi.of('email', z.email()), after: minutes.min(1) })
    .nullish()
    .describe('Told of a dose that nobody confirmed, after so many minutes; null ends it.'),
  times: z
    .object({
      wake: clockTime,
      breakfast: clockTime,
      lunch: clockTime,
      dinner: clockTime,
      bed: clockTime,
    })
    .partial()
    .optional(),
})

/** What the audit log has them done to, by their pseudonyms. */
const onPatient = ({ patient }: { readonly patient: string }) => ({ patient })
const onDose = ({
  order,
  patient,
}: {
  readonly patient: string
  readonly order?: string | undefined
}) => ({
  patient,
  ...(order === undefined ? {} : { order }),
})

export function medicationActions(
  api: MedicationApi,
  store: Store,
  logging: LoggingService,
): PackAction[] {
  const told = async (what: string, facts: Record<string, string>, done: boolean) => {
    if (done) await logging.audit(what, facts)
    return done
  }
  /** @returns whether there was a dose to note it of */
  const note = async (
    { dosage, due, order, patient }: z.infer<z.ZodObject<typeof dose>>,
    event: Parameters<MedicationApi['noteDose']>[1],
  ): Promise<boolean> => {
    const doses = await dosesOf(store, {
      patient,
      dueAt: Date.parse(due),
      order,
      dosage,
      open: event.what === 'snoozed',
    })
    for (const each of doses) await api.noteDose(each, event)
    return told(`dose ${event.what}`, { patient }, doses.length > 0)
  }
  const setPreferences = async ({
    caregiver,
    patient,
    quiet,
    times,
    ...rest
  }: z.output<typeof preferences>): Promise<boolean> => {
    const known = times && (await api.medications(patient))?.patient.preferences.times
    const change: PreferencesChange = {
      ...rest,
      ...(quiet === undefined
        ? {}
        : { quiet: quiet ? { from: minute(quiet.from), to: minute(quiet.to) } : undefined }),
      ...(caregiver === undefined ? {} : { caregiver: caregiver ?? undefined }),
      ...(known
        ? {
            times: {
              ...known,
              ...Object.fromEntries(
                Object.entries(times).flatMap(([name, text]) =>
                  text === undefined ? [] : [[name, minute(text)]],
                ),
              ),
            },
          }
        : {}),
    }
    return told('preferences set', { patient }, await api.setPreferences(patient, change))
  }
  return [
    ...preferenceActions(setPreferences),
    definePackAction({
      id: 'acknowledge',
      title: 'Let it stand',
      input: z.object({ finding: id, reason }),
      about: async ({ finding }) => {
        const patient = await patientOfFinding(store, finding)
        return { ...(patient === undefined ? {} : { patient }), finding }
      },
      run: (input, by) => api.acknowledge(input.finding, by, input.reason),
    }),
    definePackAction({
      id: 'taken',
      title: 'Taken',
      input: z.object({
        ...dose,
        at: instant
          .refine((at) => mayBeTakenAt(store, Date.parse(at)), 'is ahead')
          .optional()
          .meta(titled('When', `Now, unless told. ${EXAMPLE}`)),
      }),
      about: onDose,
      run: ({ at, ...rest }) =>
        note(rest, {
          what: 'taken',
          at: at === undefined ? store.clock.now() : Date.parse(at),
        }),
    }),
    definePackAction({
      id: 'skipped',
      title: 'Skipped',
      input: z.object({ ...dose, reason }),
      about: onDose,
      run: ({ reason: why, ...rest }) => note(rest, { what: 'skipped', reason: why }),
    }),
    definePackAction({
      id: 'snooze',
      title: 'Snooze',
      input: z.object({
        ...dose,
        minutes: z.int().min(5).max(240).default(15).meta(titled('Minutes')),
      }),
      about: onDose,
      run: ({ minutes: later, ...rest }) =>
        note(rest, { what: 'snoozed', until: store.clock.now() + later * MINUTE_MS }),
    }),
    definePackAction({
      id: 'hold',
      title: 'Rest',
      input: z.object({
        patient: id,
        order: id,
        until: instant
          .optional()
          .meta(titled('Until', `Until it is ended, unless told. ${EXAMPLE}`)),
      }),
      about: onDose,
      run: async ({ order, patient, until }) =>
        told(
          'order held',
          { patient, order },
          await api.hold(patient, order, {
            from: store.clock.now(),
            ...(until === undefined ? {} : { until: Date.parse(until) }),
          }),
        ),
    }),
    definePackAction({
      id: 'resume',
      title: 'Go on',
      input: z.object({ patient: id, order: id }),
      about: onDose,
      run: async ({ order, patient }) =>
        told('hold ended', { patient, order }, await api.endHold(patient, order)),
    }),
    definePackAction({
      id: 'count',
      title: 'Count',
      input: z.object({
        patient: id,
        order: id,
        counted: phi.of(
          'text',
          z
            .number()
            .min(0)
            .max(1_000_000)
            .meta(titled('What is left', 'In tablets, millilitres or actuations.')),
        ),
      }),
      about: onDose,
      run: async ({ counted, order, patient }) => {
        const isKnown = (await findOrderOf(store, patient, order)) !== undefined
        if (isKnown) await api.noteCount(patient, order, counted)
        return told('stock counted', { patient, order }, isKnown)
      },
    }),
    definePackAction({
      id: 'as-needed',
      title: 'Taken as needed',
      input: z.object({ patient: id, order: id, dosage: dose.dosage }),
      about: onDose,
      run: async ({ dosage, order, patient }) => {
        const found = (await findOrderOf(store, patient, order))?.order.dosages
        const no = dosage ?? found?.find(({ asNeeded }) => asNeeded)?.no
        if (no === undefined) return false
        const answer = await api.takeAsNeeded({ patientId: patient, orderId: order, no })
        if (answer?.allowed === false)
          throw new OrderlyError(
            'ORDERLY_CONFLICT',
            answer.why === 'too-soon'
              ? 'It is too soon after the last dose: nothing was noted.'
              : 'The most that may be taken in this time is reached: nothing was noted.',
          )
        return told('dose taken as needed', { patient, order }, answer !== undefined)
      },
    }),
    definePackAction({
      id: 'preferences',
      title: 'Preferences',
      input: preferences,
      about: onPatient,
      run: setPreferences,
    }),
  ]
}

/** Parts of the preferences, each with a form of its own. What a form leaves empty stays as it is. */
function preferenceActions(
  change: (input: z.output<typeof preferences>) => Promise<boolean>,
): PackAction[] {
  const ofPatient = z.object({ patient: id })
  const part = <Input extends { readonly patient: string }>(
    name: string,
    title: string,
    input: z.ZodType<Input>,
    rest: (input: Input) => Omit<z.output<typeof preferences>, 'patient'>,
  ): PackAction => ({
    id: name,
    title,
    input,
    about: onPatient,
    run: (given: Input) => change({ ...rest(given), patient: given.patient }),
  })
  const at = (title: string) =>
    clockTime.meta(titled(title, 'On the clock of the patient, such as 22:00.'))
  return [
    part('remind', 'Remind', ofPatient, () => ({ reminders: true })),
    part('no-reminders', 'No reminders', ofPatient, () => ({ reminders: false })),
    part(
      'quiet-hours',
      'Quiet hours',
      ofPatient.extend({ from: at('From'), to: at('To') }),
      ({ from, to }) => ({ quiet: { from, to } }),
    ),
    part('no-quiet-hours', 'No quiet hours', ofPatient, () => ({ quiet: null })),
    part(
      'caregiver',
      'Caregiver',
      ofPatient.extend({
        email: phi.of('email', z.email().meta(titled('Address'))),
        after: minutes.min(1).default(30).meta(titled('Minutes after a dose nobody confirmed')),
      }),
      ({ after, email }) => ({ caregiver: { after, email } }),
    ),
    part('no-caregiver', 'No caregiver', ofPatient, () => ({ caregiver: null })),
    part(
      'meals',
      'Meals and sleep',
      ofPatient.extend({
        wake: at('Wakes').optional(),
        breakfast: at('Breakfast').optional(),
        lunch: at('Lunch').optional(),
        dinner: at('Dinner').optional(),
        bed: at('To bed').optional(),
      }),
      ({ patient: _patient, ...times }) => ({ times }),
    ),
  ]
}

function minute(text: string): number {
  const [hours, minutes] = text.split(':')
  return Number(hours) * 60 + Number(minutes)
}
