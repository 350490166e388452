// analytics-refresh: the statistics a version has a part in, worked out anew.
import { handle, type Handler, type PackRooms } from 'orderly'
import { analyticsRefresh } from '../jobs.ts'
import type { PriceTables } from '../store/tables.ts'
import { refreshStatistics } from './refresh.ts'

export function analyticsHandler({ clock, database }: PackRooms): Handler {
  const db = database.withTables<PriceTables>()
  return handle(analyticsRefresh, ({ input, signal, progress }) =>
    refreshStatistics(db, input, {
      clock,
      signal,
      onStep: (codes) => progress(0.5, `${codes} codes`),
    }),
  )
}
