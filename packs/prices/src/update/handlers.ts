// Handlers of price-update and price-update-finish.
import { handle, type Handler, type PackRooms } from 'orderly'
import { dataValidation, priceUpdate, priceUpdateFinish } from '../jobs.ts'
import { applyBatches } from '../store/apply-batch.ts'
import { finishVersion } from '../store/finish-version.ts'
import { findIntake } from '../store/intake.ts'
import type { PriceTables } from '../store/tables.ts'

export function updateHandlers({ clock, database }: PackRooms): Handler[] {
  const db = database.withTables<PriceTables>()
  return [
    handle(priceUpdate, async ({ input, enqueue }) => {
      const last = await applyBatches(db, input.intakeId, input.seq)
      // A batch that was applied before answers the same, so a crash between commit and enqueue loses nothing.
      if (last)
        await enqueue(priceUpdateFinish, { intakeId: input.intakeId }, { unique: input.intakeId })
    }),
    handle(priceUpdateFinish, async ({ input, log, progress, enqueue }) => {
      const intake = await findIntake(db, input.intakeId)
      if (intake?.state === 'updating')
        await finishVersion(db, clock, intake, (share) => progress(share))
      else if (intake?.state !== 'loaded') return
      // Also when an earlier run finished the version and died before it asked for this.
      await enqueue(dataValidation, { intakeId: intake.intake_id })
      log.info({ intake: intake.intake_id, version: intake.version_id }, 'price file loaded')
    }),
  ]
}
