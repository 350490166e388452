// What the jobs of the scheduled queue do.
import { ExternalError, handle, type Handler } from 'orderly'
import { DAY_MS } from '../forecast/series.ts'
import { anomalyDetection, dailyBriefing, demandForecast } from '../jobs/ai.ts'
import { labCleanup, limsPoll, morningRound } from '../jobs/scheduled.ts'
import { nextToAsk, noteAsked } from '../lims/turns.ts'
import { applyStatus } from '../lims/webhook.ts'
import { dayIn } from '../store/orders.ts'
import type { LabRooms } from '../store/rooms.ts'

/** What is looked at each morning beside orders. */
const WATCHED = { lab: ['revenue', 'inventory'], practice: ['patients'], supplier: [] } as const
const MOST_POLLED = 1_000
const KEPT_MS = 365 * DAY_MS

export function scheduledHandlers(rooms: LabRooms): Handler[] {
  return [
    handle(morningRound, async (ctx) => {
      const date = dayIn(rooms.zone, rooms.clock.now())
      const companies = await rooms.db.query
        .selectFrom('lab_companies')
        .select(['company_id', 'kind'])
        .where('kind', '!=', 'supplier')
        .orderBy('company_id')
        .execute()
      for (const { company_id: companyId, kind } of companies) {
        const once = (what: string) => ({ idempotencyKey: `${what}/${companyId}/${date}` })
        await ctx.enqueue(dailyBriefing, { companyId, date }, once('briefing'))
        await ctx.enqueue(demandForecast, { companyId, forecastDays: 30 }, once('forecast'))
        for (const metric of ['orders', ...WATCHED[kind]] as const)
          await ctx.enqueue(anomalyDetection, { companyId, metric, period: 'daily' }, once(metric))
      }
      return { companies: companies.length }
    }),
    handle(limsPoll, async ({ signal }) => {
      const { lims } = rooms
      if (!lims) return { asked: 0, moved: 0 }
      const open = await nextToAsk(rooms, MOST_POLLED)
      let moved = 0
      let asked = 0
      let failed = 0
      let cause: unknown
      for (const { order_id, lab_id, lims_job } of open) {
        if (signal.aborted) break
        asked++
        const saidAt = rooms.clock.now()
        await noteAsked(rooms, lab_id, order_id, saidAt)
        let known
        try {
          known = await lims.status(lims_job!)
        } catch (error) {
          // What the LIMS cannot say of one order keeps no other from its news.
          failed++
          cause = error
          continue
        }
        if (!known) continue
        const news = { orderId: order_id, word: known.status, saidAt, isPolled: true }
        const { state } = await applyStatus(rooms, lab_id, news)
        if (state === 'taken') moved++
      }
      if (failed > 0 && !signal.aborted)
        throw new ExternalError(
          `the LIMS gave no answer for ${failed} of ${asked} orders; the others are done, see to the LIMS`,
          { cause },
        )
      return { asked, moved }
    }),
    handle(labCleanup, async () => {
      const { db, clock } = rooms
      const before = clock.now() - KEPT_MS
      let removed = 0n
      for (const table of ['lab_lims_news', 'lab_chat'] as const) {
        const done = await db.query.deleteFrom(table).where('at', '<', before).executeTakeFirst()
        removed += done.numDeletedRows
      }
      const mails = await db.query
        .deleteFrom('lab_mails')
        .where('at', '<', before)
        .where('state', 'in', ['sent', 'suppressed'])
        .executeTakeFirst()
      return { removed: Number(removed + mails.numDeletedRows) }
    }),
  ]
}
