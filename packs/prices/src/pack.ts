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
import { PRICES_SPANISH } from './pages/spanish.ts'
import { reportDocument } from './pages/file-pages.ts'
import { reportRecent } from './report.ts'
import { fileFetchHandler, type FileFetchOptions } from './scan/file-handler.ts'
import { scanHandler, type ScanOptions } from './scan/handler.ts'
import { scanOnTime, type OnTimeOptions } from './scan/on-time.ts'
import { MIGRATIONS } from './store/migrations.ts'
import type { PriceTables } from './store/tables.ts'
import { updateHandlers } from './update/handlers.ts'
import { publishHandlers } from './update/publish.ts'
import { pricesPipeline } from './workflow.ts'
import { validationHandler, type ValidationOptions } from './validate/handler.ts'

export type PricesOptions = FileDownloadOptions &
  ScanOptions &
  FileFetchOptions &
  ValidationOptions &
  OnTimeOptions

const PANEL_FILES = 200
/** The pack for `createOrderly({ packs: [prices()] })`. It keeps its tables in the instance's database. */
export function prices(options: PricesOptions = {}): Pack<PackRooms> {
  const onTime = scanOnTime(options)
  return definePack<PackRooms>({
    name: 'prices',
    jobs: [
      praUnifiedScan,
      ...onTime.jobs,
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
    migrations: MIGRATIONS,
    words: { es: PRICES_SPANISH },
    workflows: [pricesPipeline],
    triggers: [{ path: '/jobs/pra/scan', job: praUnifiedScan }],
    async open(rooms) {
      await migrate(rooms.database, 'prices', MIGRATIONS)
      const tables = rooms.database.withTables<PriceTables>()
      return {
        handlers: [
          scanHandler(rooms, options),
          ...onTime.handlers,
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
        document: (id) => reportDocument(tables, rooms.objects, id),
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
