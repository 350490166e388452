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
export {
  hospitalImport,
  praFileDownload,
  praUnifiedScan,
  priceFileDownload,
  priceUpdate,
} from './jobs.ts'
export { prices, type PricesOptions } from './pack.ts'
export { reportRecent, reportSources, type FileReport } from './report.ts'
