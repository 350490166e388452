// Handlers of price-update and price-update-finish.
import { handle, type Handler, type JobContext, type PackRooms } from 'orderly'
import { dataValidation, priceUpdate, priceUpdateFinish } from '../jobs.ts'
import { applyBatches } from '../store/apply-batch.ts'
import { finishVersion } from '../store/finish-version.ts'
import { findIntake, stagedBatches } from '../store/intake.ts'
import type { PriceTables } from '../store/tables.ts'
import { endUnwritten, isUnwritten, takeUp } from '../store/unwritten.ts'

type Context = JobContext<{ readonly intakeId: string }>

export function updateHandlers({ clock, database }: PackRooms): Handler[] {
  const db = database.withTables<PriceTables>()
  return [
    handle(priceUpdate, async (ctx) => {
      const { intakeId, seq } = ctx.input
      const last = await orEnd(ctx, priceUpdate.options.retry.attempts, async () => {
        const before = await findIntake(db, intakeId)
        let isLast = await applyBatches(db, intakeId, seq)
        // The jobs of the other batches may have given up as well: whoever succeeds writes what is left.
        if (before && isUnwritten(before))
          for (const next of await stagedBatches(db, intakeId)) {
            ctx.signal.throwIfAborted()
            isLast = await applyBatches(db, intakeId, next)
          }
        return isLast
      })
      // A batch that was applied before answers the same, so a crash between commit and enqueue loses nothing.
      if (last) await ctx.enqueue(priceUpdateFinish, { intakeId }, { unique: intakeId })
    }),
    handle(priceUpdateFinish, async (ctx) => {
      const { intakeId } = ctx.input
      const finished = await orEnd(ctx, priceUpdateFinish.options.retry.attempts, async () => {
        const intake = await takeUp(db, intakeId)
        if (intake) await finishVersion(db, clock, intake, (share) => ctx.progress(share))
        return intake ?? (await findIntake(db, intakeId))
      })
      // Also when an earlier run finished the version and died before it asked for this.
      if (finished?.state === 'quarantined' || finished === undefined) return
      await ctx.enqueue(dataValidation, { intakeId })
      ctx.log.info({ intake: intakeId, version: finished.version_id }, 'price file loaded')
    }),
  ]

  /** After the last attempt the delivery has an end that people can see. Messages of a database may quote what it was given. */
  async function orEnd<T>(ctx: Context, attempts: number, work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      if (ctx.attempt >= attempts) {
        const { name, code } = error as NodeJS.ErrnoException
        const reason = `The prices could not be written in ${ctx.attempt} attempts (${code ?? name}); mend the database and redrive the job, or scan with forceRefresh.`
        await endUnwritten(db, ctx.input.intakeId, reason, clock.now())
      }
      throw error
    }
  }
}
