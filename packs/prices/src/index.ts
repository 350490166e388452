// The public names of the prices pack.
export { listFiles, watchInbox, type FoundFile } from './inbox.ts'
export { priceFileDownload, priceUpdate } from './jobs.ts'
export { prices, type PricesOptions } from './pack.ts'
export { reportRecent, reportSources, type FileReport } from './report.ts'
