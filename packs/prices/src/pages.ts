// The pages of the pack in the dashboard: hospitals, one hospital, files, one file, its normal form, what a code costs.
import type { PackPage, PackRooms } from 'orderly'
import { codesPage, comparePage } from './pages/code-pages.ts'
import { formPage } from './pages/form-page.ts'
import { filePage, filesPage } from './pages/file-pages.ts'
import { hospitalPage, hospitalsPage } from './pages/hospital-pages.ts'
import type { PriceTables } from './store/tables.ts'

export function pricePages({
  database,
  objects,
}: Pick<PackRooms, 'database' | 'objects'>): readonly PackPage[] {
  const db = database.withTables<PriceTables>()
  return [
    {
      id: 'hospitals',
      title: 'Hospitals',
      inRail: true,
      filters: ['search'],
      load: ({ search = '' }) => hospitalsPage(db, search),
    },
    {
      id: 'hospital',
      title: 'Hospital',
      inRail: false,
      params: ['id'],
      load: ({ id = '' }) => hospitalPage(db, id),
    },
    {
      id: 'files',
      title: 'Price files',
      inRail: true,
      filters: ['search'],
      load: ({ search = '' }) => filesPage(db, search),
    },
    {
      id: 'file',
      title: 'Price file',
      inRail: false,
      params: ['id'],
      load: ({ id = '' }) => filePage(db, objects, id),
    },
    {
      id: 'form',
      title: 'Normal form of a file',
      inRail: false,
      params: ['id'],
      load: ({ id = '' }) => formPage(db, id),
    },
    {
      id: 'codes',
      title: 'Compare prices',
      inRail: true,
      filters: ['search'],
      load: ({ search = '' }) => codesPage(db, search),
    },
    {
      id: 'compare',
      title: 'Prices of a code',
      inRail: false,
      params: ['type', 'code'],
      load: ({ type = '', code = '' }) => comparePage(database, type, code),
    },
  ]
}
