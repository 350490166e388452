// What people do by hand: say what became of a dose, rest an order, let a finding stand, say how somebody wants it.
import { definePackAction, phi, type PackAction } from 'orderly'
import { z } from 'zod'
import type { MedicationApi } from './pack.ts'
import { MINUTE_MS } from './schedule/zone.ts'
import type { LoggingService } from './services/ports.ts'
import type { PreferencesChange } from './services/preferences.ts'
import { dosesOf } from './store/doses.ts'
import type { Store } from './store/store.ts'

const id = z.string().min(1).max(64)
const instant = z.iso.datetime({ offset: true }).describe('Such as 2026-03-08T08:00:00-05:00.')
const clockTime = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/)
  .describe('On the clock of the patient, such as 22:00.')
const reason = phi.of('text', z.string().trim().min(5).max(500))

/** The doses of a patient that are due at one time, all of them or those of one order. */
const dose = {
  patient: id,
  due: instant,
  order: id.optional(),
  dosage: z.int().min(0).max(49).optional().describe('With an order: its dosage, from 0.'),
}

const preferences = z.object({
  patient: id,
  reminders: z.boolean().optional(),
  channels: z
    .array(z.enum(['in-app', 'email', 'push', 'sms']))
    .max(4)
    .optional(),
  grace: z.int().min(0).max(1_440).optional().describe('Minutes a reminder may be late.'),
  fromLastTaken: z.boolean().optional().describe('Count intervals from the last dose taken.'),
  quiet: z
    .object({ from: clockTime, to: clockTime })
    .nullish()
    .describe('Nothing that can wait is sent then; null ends it.'),
  caregiver: z
    .object({ email: phi.of('email', z.email()), after: z.int().min(1).max(1_440) })
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
    const doses = await dosesOf(store, { patient, dueAt: Date.parse(due), order, dosage })
    for (const each of doses) await api.noteDose(each, event)
    return told(`dose ${event.what}`, { patient }, doses.length > 0)
  }
  return [
    definePackAction({
      id: 'acknowledge',
      title: 'Let it stand',
      input: z.object({ finding: id, reason }),
      run: (input, by) => api.acknowledge(input.finding, by, input.reason),
    }),
    definePackAction({
      id: 'taken',
      title: 'Taken',
      input: z.object({ ...dose, at: instant.optional() }),
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
      run: ({ reason: why, ...rest }) => note(rest, { what: 'skipped', reason: why }),
    }),
    definePackAction({
      id: 'snooze',
      title: 'Snooze',
      input: z.object({ ...dose, minutes: z.int().min(5).max(240).default(15) }),
      run: ({ minutes, ...rest }) =>
        note(rest, { what: 'snoozed', until: store.clock.now() + minutes * MINUTE_MS }),
    }),
    definePackAction({
      id: 'hold',
      title: 'Rest',
      input: z.object({
        patient: id,
        order: id,
        until: instant.optional().describe('Left out: until it is ended.'),
      }),
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
      run: async ({ order, patient }) =>
        told('hold ended', { patient, order }, await api.endHold(patient, order)),
    }),
    definePackAction({
      id: 'preferences',
      title: 'How to remind',
      input: preferences,
      run: async ({ caregiver, patient, quiet, times, ...rest }) => {
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
      },
    }),
  ]
}

function minute(text: string): number {
  const [hours, minutes] = text.split(':')
  return Number(hours) * 60 + Number(minutes)
}
