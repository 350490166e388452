// Holds, preferences and new versions of one order, all said at the same time.
import { expect } from 'vitest'
import { bundleOf, order, PATIENT, type Clinic } from './clinic.ts'

export async function keepsAllThatIsSaidAtOnce(clinic: Clinic): Promise<void> {
  const { api } = clinic.pack
  const line = (time: string, tablets: number) => ({
    timing: { repeat: { frequency: 1, period: 1, periodUnit: 'd', timeOfDay: [`${time}:00`] } },
    doseAndRate: [{ doseQuantity: { value: tablets, unit: 'TAB' } }],
  })
  const deliver = (...lines: object[]) =>
    api.importBundle(
      bundleOf(
        { ...PATIENT, id: 'busy' },
        {
          ...order('busy', 'Lisinopril 10 MG Oral Tablet', { dosageInstruction: lines }),
          subject: { reference: 'Patient/busy' },
        },
      ),
      'UTC',
    )
  const [busy] = (await deliver(line('08:00', 1), line('20:00', 1))).patients
  const found = async () => (await api.medications(busy!))!
  const { orderId } = (await found()).orders[0]!
  const froms = [1, 2, 3, 4, 5, 6].map((day) => Date.parse(`2026-04-0${day}T00:00:00Z`))
  await Promise.all([
    ...froms.map((from) => api.hold(busy!, orderId, { from, until: from + 1 })),
    ...[2, 3, 4].map((tablets) => deliver(line('20:00', 1), line('08:00', tablets))),
    ...[10, 20, 30].map((grace) => api.setPreferences(busy!, { grace })),
    api.setPreferences(busy!, { caregiver: { email: 'x@example.org', after: 30 } }),
  ])
  const { orders, patient } = await found()
  const { dosages, holds, past } = orders[0]!.order
  expect(holds.map(({ from }) => from).toSorted((a, b) => a - b)).toEqual(froms)
  expect(patient.preferences).toMatchObject({ caregiver: { after: 30 } })
  expect(dosages.map(({ no }) => no)).toEqual([1, 0])
  expect(past!.map(({ dosages: [first] }) => first!.no)).toEqual([0, 1, 1])
  await api.setPreferences(busy!, { reminders: false })
}
