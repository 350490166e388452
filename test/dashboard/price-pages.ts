// The pages of prices with something on them, for the journey that looks at every page: the examples of CMS, each the file
// of a hospital, served by a mirror.
import { join } from 'node:path'
import { praUnifiedScan, prices, registryDirectory } from '../../packs/prices/src/index.ts'
import { startMirror } from '../../packs/prices/src/mirror/index.ts'
import type { PriceTables } from '../../packs/prices/src/store/tables.ts'
import type { Orderly, OrderlyOptions } from '../../packages/orderly/src/orderly.ts'
import { ROOT } from '../sources.ts'

export interface PricePages {
  readonly packs: NonNullable<OrderlyOptions['packs']>
  /** @returns where the pages are */
  fill(orderly: Orderly): Promise<readonly string[]>
  close(): Promise<void>
}

export async function openPricePages(): Promise<PricePages> {
  const mirror = await startMirror({ folder: join(ROOT, 'packs/prices/fixtures/cms') })
  const directories = [registryDirectory(`${mirror.origin}/registry.json`)]
  return {
    packs: [prices({ directories, connectTo: mirror.connectTo })],
    async fill(orderly) {
      await orderly.enqueueAndWait(praUnifiedScan, {}, { timeout: '1m' })
      await orderly.whenIdle()
      const { query } = orderly.database.withTables<PriceTables>()
      const { source_id: id } = await query
        .selectFrom('sources')
        .selectAll()
        .where('name', 'like', '%V3.0.0_Tall%')
        .executeTakeFirstOrThrow()
      const { hospital_id: hospital } = await query
        .selectFrom('hospitals')
        .selectAll()
        .where('name', 'like', 'V3.0.0_Tall%')
        .executeTakeFirstOrThrow()
      return [
        'hospitals',
        `hospital?id=${encodeURIComponent(hospital)}`,
        'files',
        `file?id=${id}`,
        `form?id=${id}`,
        'codes',
        'compare?type=CPT&code=99283',
      ].map((page) => `/packs/prices/${page}`)
    },
    close: () => mirror[Symbol.asyncDispose](),
  }
}
