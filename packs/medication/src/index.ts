// The public names of the medication pack.
export { daysCovered, type DaysCovered, type Fill } from './adherence/days-covered.ts'
export { doseLog, type DoseLog } from './adherence/dose-log.ts'
export { persistence, possession } from './adherence/possession.ts'
export { readBundle } from './fhir/read-bundle.ts'
export type { Issue } from './fhir/issue.ts'
export type { Drug, ReadBundle, ReadFill, ReadOrder, ReadPatient } from './fhir/regimen.ts'
export { BUILT_IN, parseRules } from './interactions/built-in.ts'
export type { Unscheduled } from './store/unplanned.ts'
export type { KeptFinding } from './checks/interactions.ts'
export { NEVER_INTERRUPT, parseQuietPairs, type QuietPair } from './interactions/never-interrupt.ts'
export { readBridge, readPairs, type LeftOut, type ReadSet } from './interactions/read-set.ts'
export { checkInteractions, type Checked, type Finding } from './interactions/check.ts'
export type { InteractionRule, RuleSet, Severity } from './interactions/rule.ts'
export { mayTake, type AsNeeded, type AsNeededRule } from './schedule/as-needed.ts'
export { dosesBetween, nextDose, planOrder, type Dosage, type Order } from './schedule/order.ts'
export { zoneOf } from './schedule/zone.ts'
export { daysLeft, levelOf, THRESHOLDS } from './supply/days-left.ts'
export { onHand } from './supply/on-hand.ts'
export { measure, productOf } from './supply/product.ts'
export { refillState } from './supply/refill.ts'
export {
  medication,
  type DosageOf,
  type MedicationApi,
  type MedicationOptions,
  type MedicationPack,
} from './pack.ts'
export {
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
} from './jobs.ts'
export type { Metrics } from './analytics/measure.ts'
export { shareable, type Shareable } from './analytics/share.ts'
export type {
  LoggingService,
  MedicationService,
  MedicationServices,
  MonitoringService,
  Notice,
  NotificationService,
  SendBy,
  SupplyMonitor,
} from './services/ports.ts'
export {
  DEFAULT_PREFERENCES,
  type Preferences,
  type PreferencesChange,
} from './services/preferences.ts'
