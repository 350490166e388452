// Reads a file and stages its rows, batch by batch, from where an earlier attempt stopped.
import type { Database, JobContext } from 'orderly'
import {
  combineDigests,
  openPriceFile,
  PriceFileError,
  type LeftOutValue,
  type Limits,
  type RejectedRow,
  type RowBatch,
} from '../read/index.ts'
import { describeIntake, recognise, type Intake } from '../store/intake.ts'
import { packItems } from '../store/packed-items.ts'
import { batchDigests, MOST_LISTED, stageBatch, type StagedBatch } from '../store/stage-batch.ts'
import { ItemGatherer } from '../store/staged-items.ts'
import type { PriceTables } from '../store/tables.ts'

/** Rows, amounts and payer terms in one staged batch: a second or less of work, a few MB of memory. */
const STAGED_WEIGHT = 20_000

/**
 * Reads the file from where an earlier attempt stopped and stages its rows, batch by batch.
 *
 * @returns the source that has this content already, if there is one
 * @throws PriceFileError
 */
export async function stageFile(
  db: Database<PriceTables>,
  ctx: JobContext<{ readonly source: string }>,
  opened: Intake,
  path: string,
  limits: Limits,
): Promise<string | undefined> {
  let intake = opened
  const { signal } = ctx
  const file = await openPriceFile(path, { name: ctx.input.source, limits, signal })
  try {
    await describeIntake(db, intake.intake_id, { format: file.format, encoding: file.encoding })
    const from = intake.cursor === null ? {} : { from: JSON.parse(intake.cursor) as never }
    for await (const { batch, progress } of joined(file.batches({ ...from, signal }))) {
      intake = await stageBatch(db, intake, batch)
      await ctx.progress(progress, `${intake.rows_read} rows read`)
    }
    refuseWithoutPrices(intake)
    const recognised = await recognise(db, intake, {
      digest: combineDigests(file.headDigest, await batchDigests(db, intake.intake_id)),
      hospital: file.hospital.name,
      validFrom: file.hospital.lastUpdatedOn,
      details: JSON.stringify({ ...file.hospital, columns: file.columns }),
    })
    return 'sameAs' in recognised ? recognised.sameAs : undefined
  } catch (error) {
    // Only a file that nests thousands of levels runs out of stack.
    if (error instanceof RangeError && /call stack/.test(error.message)) {
      throw new PriceFileError(
        'LIMIT_EXCEEDED',
        'The file nests its values thousands of levels deep, which no price list does; check what it is.',
        { cause: error },
      )
    }
    throw error
  } finally {
    await file.close()
  }
}

/** Joins the reader's batches into larger ones: each costs a job and two synced commits. */
async function* joined(
  batches: AsyncIterable<RowBatch>,
): AsyncGenerator<{ batch: StagedBatch; progress: number }> {
  const gatherer = new ItemGatherer()
  let joining = emptyBatch()
  let last: RowBatch | undefined
  const stage = ({
    cursor,
    bytesRead,
    bytesTotal,
  }: RowBatch): { batch: StagedBatch; progress: number } => {
    const batch = { ...joining, items: packItems(gatherer.take()), cursor: JSON.stringify(cursor) }
    joining = emptyBatch()
    last = undefined
    return { batch, progress: bytesRead / Math.max(1, bytesTotal) }
  }
  for await (const batch of batches) {
    gatherer.add(batch.rows)
    joining.digests.push(batch.digest)
    joining.rejected.push(...batch.rejected)
    for (const value of batch.leftOut.slice(0, MOST_LISTED - joining.leftOut.length))
      joining.leftOut.push(value)
    joining.valuesLeftOut += batch.valuesLeftOut
    joining.rowsRead += batch.rowsRead
    for (const row of batch.rows) joining.facts += row.amounts.length + row.terms.length
    last = batch
    if (joining.rowsRead + joining.facts >= STAGED_WEIGHT) yield stage(batch)
  }
  if (last) yield stage(last)
}

function emptyBatch() {
  return {
    digests: [] as string[],
    rejected: [] as RejectedRow[],
    leftOut: [] as LeftOutValue[],
    valuesLeftOut: 0,
    rowsRead: 0,
    facts: 0,
  }
}

function refuseWithoutPrices(intake: Intake): void {
  if (intake.rows_read === 0) {
    throw new PriceFileError(
      'NO_PRICES',
      'The file has the headers of a price table but no rows; it may be an empty template.',
    )
  }
  if (intake.rows_read === intake.rows_quarantined) {
    throw new PriceFileError(
      'NO_PRICES',
      'No row of the file could be understood; its quarantined rows say why.',
    )
  }
  if (intake.facts_read === 0) {
    throw new PriceFileError(
      'NO_PRICES',
      'The rows of the file can be read, but not one of them holds a price.',
    )
  }
}
