// The public names of the lab pack.
export {
  findAnomalies,
  type Anomalies,
  type AnomalyOptions,
  type Incident,
} from './anomaly/detect.ts'
export { figure, type BriefingFacts, type Figure } from './briefing/facts.ts'
export { highlightsOf, refuseBriefing, writeBriefing } from './briefing/text.ts'
export {
  readDcs,
  recordsOf,
  setRecord,
  valueOf,
  writeDcs,
  type DcsDocument,
} from './dcs/document.ts'
export { dcsOfJob, readDcsJob, withStatus, type DcsJob } from './dcs/job.ts'
export { measureTrace, readTraces, type Trace } from './dcs/trace.ts'
export { forecast, type Forecast, type ForecastOptions } from './forecast/forecast.ts'
export { adviseStock, type StockAdvice, type StockTerms } from './forecast/stock.ts'
export * from './optics/geometry.ts'
export type { Eye, Frame, LensType, Prescription, Prism } from './optics/prescription.ts'
export { checkPrescription, PRESCRIPTION_RULES, type Finding } from './optics/rules.ts'
export {
  ANSI_Z80_1_2015,
  checkPair,
  type Reading,
  type ToleranceTable,
} from './optics/tolerance.ts'
export { judgeMove, type OrderStatus } from './orders/status.ts'
