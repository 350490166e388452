// The medication service the pack brings: it reads the pack's own tables.
import { readBundle } from '../fhir/read-bundle.ts'
import { BUILT_IN } from '../interactions/built-in.ts'
import { checkInteractions, type RxcuiBridge } from '../interactions/check.ts'
import type { QuietPair } from '../interactions/never-interrupt.ts'
import type { RuleSet } from '../interactions/rule.ts'
import { DAY_MS } from '../schedule/zone.ts'
import { findMedications, listPatients } from '../store/patients.ts'
import type { Store } from '../store/store.ts'
import type { Thresholds } from '../supply/days-left.ts'
import type { MedicationService } from './ports.ts'
import { supplyOf } from './supply-of.ts'

export interface MedicationRules {
  /** Sets of interaction rules beside the built-in one, such as a licensed list. */
  readonly rules?: readonly RuleSet[]
  readonly bridge?: RxcuiBridge
  /** Pairs that are shown and never told; `NEVER_INTERRUPT` unless given. */
  readonly neverInterrupt?: readonly QuietPair[]
  readonly thresholds?: Thresholds
}

export function storedMedication(store: Store, rules: MedicationRules): MedicationService {
  const sets = [BUILT_IN, ...(rules.rules ?? [])]
  const version = sets.map((set) => `${set.name}@${set.version}`).join('+')
  return {
    patients: (after, limit, which) => listPatients(store, after, limit, which),
    medications: (patientId) => findMedications(store, patientId),
    validate: async (bundle) => readBundle(bundle),
    async interactions({ orders }, now) {
      const checked = checkInteractions(
        orders.flatMap(({ order, orderId, stoppedAt }) => {
          if (order.status === 'active')
            return [{ id: orderId, drug: order.drug, route: order.dosages[0]?.route }]
          if (stoppedAt === undefined) return []
          const stoppedDays = Math.max(0, Math.floor((now - stoppedAt) / DAY_MS))
          return [{ id: orderId, drug: order.drug, route: order.dosages[0]?.route, stoppedDays }]
        }),
        {
          rules: sets,
          ...(rules.bridge ? { bridge: rules.bridge } : {}),
          ...(rules.neverInterrupt ? { neverInterrupt: rules.neverInterrupt } : {}),
        },
      )
      return { ...checked, version }
    },
    supply: (medications, now) =>
      Promise.all(
        medications.orders
          .filter(({ order }) => order.status === 'active')
          .map((record) => supplyOf(store, medications, record, now, rules)),
      ),
  }
}
