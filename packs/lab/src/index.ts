// The public names of the lab pack.
export type { ModelOptions } from './ai/client.ts'
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
export type { Desk } from './desk.ts'
export { forecast, type Forecast, type ForecastOptions } from './forecast/forecast.ts'
export { adviseStock, type StockAdvice, type StockTerms } from './forecast/stock.ts'
export type { KeptForecast } from './handlers/ai.ts'
export * from './jobs/ai.ts'
export * from './jobs/email.ts'
export * from './jobs/notification.ts'
export * from './jobs/oma.ts'
export * from './jobs/pdf.ts'
export { QUEUE_NAMES } from './jobs/queues.ts'
export * from './jobs/scheduled.ts'
export type { LimsOrder, LimsPort, LimsState } from './lims/port.ts'
export { signNews, type LimsSecrets, type NewsResult, type SignedNews } from './lims/webhook.ts'
export * from './optics/geometry.ts'
export type { Eye, Frame, LensType, Prescription, Prism } from './optics/prescription.ts'
export { checkPrescription, PRESCRIPTION_RULES, type Finding } from './optics/rules.ts'
export {
  ANSI_Z80_1_2015,
  checkPair,
  type Reading,
  type ToleranceTable,
} from './optics/tolerance.ts'
export { judgeMove, type OrderStatus, type Standing } from './orders/status.ts'
export { lab, type LabOptions, type LabPack } from './pack.ts'
export type { LabDocument } from './pdf/documents.ts'
export { renderDocument } from './pdf/render.ts'
export { queueWork, type QueueFunctions } from './queue/queue-work.ts'
export type { Company, User } from './store/companies.ts'
export type { StatusChange } from './store/order-moves.ts'
export { PrescriptionError, type NewOrder, type Order, type OrderDetails } from './store/orders.ts'
export { orderReceived } from './workflow/order-received.ts'
