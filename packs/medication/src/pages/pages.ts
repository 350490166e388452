// The pack's pages on the dashboard, said as data. Names and medicines are masked on the server.
import type { PackPage } from 'orderly'
import type { MedicationServices } from '../services/ports.ts'
import type { Store } from '../store/store.ts'
import { adherencePage } from './adherence.ts'
import { findingsPage } from './findings.ts'
import { patientPage } from './patient.ts'
import { patientsPage } from './patients.ts'
import { schedulePage } from './schedule.ts'
import { supplyPage } from './supply.ts'

export function medicationPages(store: Store, services: MedicationServices): PackPage[] {
  return [
    { id: 'patients', title: 'Patients', inRail: true, load: () => patientsPage(store, services) },
    {
      id: 'patient',
      title: 'Patient',
      inRail: false,
      params: ['id'],
      load: ({ id }) => patientPage(store, services, id ?? ''),
    },
    { id: 'schedule', title: 'Schedule', inRail: true, load: () => schedulePage(store) },
    { id: 'supply', title: 'Supply', inRail: true, load: () => supplyPage(store) },
    { id: 'findings', title: 'Findings', inRail: true, load: () => findingsPage(store) },
    { id: 'adherence', title: 'Adherence', inRail: true, load: () => adherencePage(store) },
  ]
}
