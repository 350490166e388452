// The prices pack: hospital price files in, comparable prices out.
import { definePack, migrate, type Pack, type PackRooms } from 'orderly'
import { analyticsHandler } from './analytics/handler.ts'
import { exportHandler } from './export/handler.ts'
import { fileDownloadHandler, type FileDownloadOptions } from './file-download/handler.ts'
import { hospitalImportHandler } from './import/handler.ts'
import {
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
  priceUpdateFinish,
  QUEUES,
} from './jobs.ts'
import { pricePages } from './pages.ts'
import { reportRecent } from './report.ts'
import { fileFetchHandler, type FileFetchOptions } from './scan/file-handler.ts'
import { scanHandler, type ScanOptions } from './scan/handler.ts'
import { MIGRATIONS } from './store/migrations.ts'
import { updateHandlers } from './update/handlers.ts'
import { publishHandlers } from './update/publish.ts'
import { pricesPipeline } from './workflow.ts'
import { validationHandler, type ValidationOptions } from './validate/handler.ts'

export type PricesOptions = FileDownloadOptions &
  ScanOptions &
  FileFetchOptions &
  ValidationOptions & {
    /** When to scan, in UTC. Every night at 03:17 once there is a directory to scan; `null` for never. */
    readonly scanAt?: string | null
  }

const PANEL_FILES = 200
/** At no full hour, when everybody else's jobs ask the same servers. */
const EVERY_NIGHT = '17 3 * * *'

/** To name a directory is to ask for its hospitals; without one there is nobody to ask, and no schedule either. */
function scheduledScan({ directories = [], scanAt = EVERY_NIGHT }: PricesOptions) {
  if (directories.length === 0 || scanAt === null) return praUnifiedScan
  const schedule = { cron: scanAt, zone: 'UTC', input: {} }
  return { ...praUnifiedScan, options: { ...praUnifiedScan.options, schedule } }
}

/** The pack for `createOrderly({ packs: [prices()] })`. It keeps its tables in the instance's database. */
export function prices(options: PricesOptions = {}): Pack<PackRooms> {
  const scan = scheduledScan(options)
  return definePack<PackRooms>({
    name: 'prices',
    jobs: [
      scan,
      praFileDownload,
      hospitalImport,
      priceFileDownload,
      priceUpdate,
      priceUpdateFinish,
      dataValidation,
      pricePublish,
      pricesSettle,
      analyticsRefresh,
      exportData,
    ],
    queues: QUEUES,
    workflows: [pricesPipeline],
    triggers: [{ path: '/jobs/pra/scan', job: scan }],
    async open(rooms) {
      await migrate(rooms.database, 'prices', MIGRATIONS)
      return {
        handlers: [
          { ...scanHandler(rooms, options), job: scan },
          fileFetchHandler(rooms, options),
          hospitalImportHandler(rooms),
          fileDownloadHandler(rooms, options),
          ...updateHandlers(rooms),
          validationHandler(rooms, options),
          analyticsHandler(rooms),
          ...publishHandlers(rooms),
          exportHandler(rooms),
        ],
        pages: pricePages(rooms),
        panels: [
          {
            title: 'Price files',
            columns: ['file', 'state', 'format', 'rows', 'prices', 'quarantined rows', 'reason'],
            rows: async () =>
              (await reportRecent(rooms.database, PANEL_FILES)).map((file) => [
                file.name,
                file.state,
                file.format,
                file.rowsRead,
                file.pricesLoaded,
                file.rowsQuarantined,
                file.reason,
              ]),
          },
        ],
      }
    },
  })
}
