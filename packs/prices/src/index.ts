// The public names of the prices pack.
export { listFiles, watchInbox, type FoundFile } from './inbox.ts'
export { cmsHptDirectory } from './directory/cms-hpt.ts'
export type {
  DirectoryScan,
  HospitalDirectory,
  ListedFile,
  ListedHospital,
  Listing,
} from './directory/directory.ts'
export { praDirectory, type PraOptions } from './directory/pra.ts'
export { registryDirectory } from './directory/registry.ts'
export { compare, ratiosOf, type CompareQuery, type Comparison } from './analytics/compare.ts'
export {
  analyticsRefresh,
  dataValidation,
  exportData,
  hospitalImport,
  praFileDownload,
  praUnifiedScan,
  priceFileDownload,
  pricePublish,
  pricesSettle,
  priceUpdate,
} from './jobs.ts'
export { historyOf, type HistoryQuery, type Lineage, type PricePoint } from './history.ts'
export { checkCms, type CmsCheck, type CmsCheckOptions } from './validate/cms.ts'
export { RULES, type Rule, type RuleId } from './validate/rules.ts'
export { pricesPipeline } from './workflow.ts'
export { prices, type PricesOptions } from './pack.ts'
export { reportRecent, reportSources, type FileReport } from './report.ts'
