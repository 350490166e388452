// The prices pack: hospital price files in, comparable prices out.
import { definePack, migrate, type Pack, type PackRooms } from 'orderly'
import { fileDownloadHandler, type FileDownloadOptions } from './file-download/handler.ts'
import { priceFileDownload, priceUpdate, priceUpdateFinish, QUEUES } from './jobs.ts'
import { reportRecent } from './report.ts'
import { MIGRATIONS } from './store/migrations.ts'
import { updateHandlers } from './update/handlers.ts'

export type PricesOptions = FileDownloadOptions

const PANEL_FILES = 200

/** The pack for `createOrderly({ packs: [prices()] })`. It keeps its tables in the instance's database. */
export function prices(options: PricesOptions = {}): Pack<PackRooms> {
  return definePack<PackRooms>({
    name: 'prices',
    jobs: [priceFileDownload, priceUpdate, priceUpdateFinish],
    queues: QUEUES,
    async open(rooms) {
      await migrate(rooms.database, 'prices', MIGRATIONS)
      return {
        handlers: [fileDownloadHandler(rooms, options), ...updateHandlers(rooms)],
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
