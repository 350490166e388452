// export-data: prices or statistics as a file, with a manifest that says what is in it.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { handle, type Handler, type PackRooms } from 'orderly'
import { exportData } from '../jobs.ts'
import type { PriceTables } from '../store/tables.ts'
import { exportPrices, exportStatistics } from './rows.ts'
import { bytesOf, MEDIA_TYPES } from './write.ts'

export function exportHandler({ clock, database, objects, home }: PackRooms): Handler {
  const db = database.withTables<PriceTables>()
  return handle(exportData, async ({ input, jobId, signal, progress }) => {
    const { what, format, filter = {}, smallCell } = input
    const rows =
      what === 'prices' ? exportPrices(db, filter) : exportStatistics(db, filter, smallCell)
    const folder = join(home, 'downloads')
    await mkdir(folder, { recursive: true, mode: 0o700 })
    let count = 0
    const body = bytesOf(rows, format, join(folder, `${jobId}.export`), signal, (more) => {
      count += more
      void progress(0.5, `${count} rows`)
    })
    const objectKey = `prices/exports/${jobId}/${what}.${format}`
    const { size, sha256 } = await objects.put(objectKey, body, {
      contentType: MEDIA_TYPES[format],
    })
    const manifestKey = `prices/exports/${jobId}/manifest.json`
    const manifest = {
      format: 'orderly.price-export/1',
      what,
      file: `${what}.${format}`,
      contentType: MEDIA_TYPES[format],
      bytes: size,
      sha256,
      rows: count,
      columns: rows.columns,
      filter,
      ...(what === 'statistics' && { smallCell: smallCell ?? 3 }),
      made: new Date(clock.now()).toISOString(),
    }
    await objects.put(manifestKey, Buffer.from(JSON.stringify(manifest, null, 2)), {
      contentType: 'application/json',
    })
    return { objectKey, manifestKey, rows: count, bytes: size, sha256 }
  })
}
