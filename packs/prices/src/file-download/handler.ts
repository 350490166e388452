// price-file-download: one file, from its first byte to batches of normal rows waiting to be applied.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import {
  handle,
  snooze,
  type Database,
  type Handler,
  type JobContext,
  type PackRooms,
} from 'orderly'
import { priceFileDownload, priceUpdate } from '../jobs.ts'
import {
  combineDigests,
  DEFAULT_LIMITS,
  openPriceFile,
  PriceFileError,
  type Limits,
  type RejectedRow,
  type RowBatch,
} from '../read/index.ts'
import {
  batchDigests,
  contentOfBytes,
  describeIntake,
  endQuarantined,
  endUnchanged,
  openIntake,
  recognise,
  restartIntake,
  stageBatch,
  stagedBatches,
  type Intake,
  type Known,
  type StagedBatch,
} from '../store/intake.ts'
import { packItems } from '../store/packed-items.ts'
import { ItemGatherer } from '../store/staged-items.ts'
import type { PriceTables } from '../store/tables.ts'
import { take, type TakenFile } from './take.ts'

export interface FileDownloadOptions {
  readonly limits?: Partial<Limits>
  readonly allowPrivateAddresses?: boolean
}

type Db = Database<PriceTables>
type Input = { readonly source: string; readonly location: string }
type Ended = { intakeId: string; state: 'updating' | 'unchanged' | 'quarantined' }

/** Rows, amounts and payer terms in one staged batch: a second or less of work, a few MB of memory. */
const STAGED_WEIGHT = 20_000
const JOBS_AT_ONCE = 500
/** While an earlier delivery of the same source is being written, the next one waits. */
const EARLIER_DELIVERY = '2s'

export function fileDownloadHandler(rooms: PackRooms, options: FileDownloadOptions): Handler {
  const db = rooms.database.withTables<PriceTables>()
  const limits = { ...DEFAULT_LIMITS, ...options.limits }
  return handle(priceFileDownload, async (ctx) => {
    const quarantine = async (intakeId: string, error: unknown): Promise<Ended> => {
      if (!(error instanceof PriceFileError)) throw error
      await endQuarantined(db, intakeId, error.code, error.message, rooms.clock.now())
      ctx.log.info({ source: ctx.input.source, code: error.code }, 'price file quarantined')
      return { intakeId, state: 'quarantined' }
    }
    let file: TakenFile
    try {
      file = await take(ctx.input.location, {
        folder: join(rooms.home, 'downloads'),
        name: ctx.jobId,
        maxBytes: limits.maxFileBytes,
        signal: ctx.signal,
        ...(options.allowPrivateAddresses ? { allowPrivateAddresses: true } : {}),
      })
    } catch (error) {
      const final = ctx.signal.aborted ? error : givenUp(error, ctx)
      if (!(final instanceof PriceFileError)) throw final
      const intake = await openIntake(db, ctx.jobId, ctx.input.source, 0, rooms.clock.now())
      return quarantine(intake.intake_id, final)
    }
    try {
      const bytesDigest = await digestBytes(file.path, ctx.signal)
      let intake = await openIntake(db, ctx.jobId, ctx.input.source, file.bytes, rooms.clock.now())
      if (intake.bytes_digest !== null && intake.bytes_digest !== bytesDigest) {
        if (intake.state === 'updating')
          return snooze(EARLIER_DELIVERY, 'an earlier delivery is being written')
        intake = await restartIntake(db, intake, file.bytes)
      }
      try {
        return await read(intake, file, bytesDigest)
      } catch (error) {
        return await quarantine(intake.intake_id, error)
      }
    } finally {
      await file.release()
    }

    async function read(intake: Intake, taken: TakenFile, bytesDigest: string): Promise<Ended> {
      if (intake.state !== 'updating') {
        await describeIntake(db, intake.intake_id, { bytes_digest: bytesDigest })
        const known = await contentOfBytes(db, bytesDigest)
        if (known) return unchanged(intake, known.source, known)
        const sameAs = await stageFile(db, ctx, intake, taken, limits)
        if (sameAs !== undefined) return unchanged(intake, sameAs)
      }
      await enqueueBatches(db, ctx, intake.intake_id)
      return { intakeId: intake.intake_id, state: 'updating' }
    }

    async function unchanged(intake: Intake, sameAs: string, known?: Known): Promise<Ended> {
      await endUnchanged(db, intake, sameAs, rooms.clock.now(), known)
      return { intakeId: intake.intake_id, state: 'unchanged' }
    }
  })
}

/** After the last attempt a file that never arrived is quarantined, so that its story has an end people can see. */
function givenUp(error: unknown, ctx: JobContext<Input>): unknown {
  if (error instanceof PriceFileError || ctx.attempt < priceFileDownload.options.attempts)
    return error
  const cause =
    error instanceof Error
      ? (error.cause instanceof Error ? error.cause : error).message
      : 'no reason given'
  return new PriceFileError(
    'DOWNLOAD_FAILED',
    `The file could not be downloaded in ${ctx.attempt} attempts (${cause}); check the URL and deliver it again.`,
    { cause: error },
  )
}

/**
 * Reads the file from where an earlier attempt stopped and stages its rows, batch by batch.
 *
 * @returns the source that has this content already, if there is one
 * @throws PriceFileError
 */
async function stageFile(
  db: Db,
  ctx: JobContext<Input>,
  opened: Intake,
  taken: TakenFile,
  limits: Limits,
): Promise<string | undefined> {
  let intake = opened
  const { signal } = ctx
  const file = await openPriceFile(taken.path, { name: ctx.input.source, limits, signal })
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
      details: JSON.stringify(file.hospital),
    })
    return 'sameAs' in recognised ? recognised.sameAs : undefined
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
    joining.rowsRead += batch.rowsRead
    for (const row of batch.rows) joining.facts += row.amounts.length + row.terms.length
    last = batch
    if (joining.rowsRead + joining.facts >= STAGED_WEIGHT) yield stage(batch)
  }
  if (last) yield stage(last)
}

function emptyBatch() {
  return { digests: [] as string[], rejected: [] as RejectedRow[], rowsRead: 0, facts: 0 }
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

async function enqueueBatches(db: Db, ctx: JobContext<Input>, intakeId: string): Promise<void> {
  const waiting = await stagedBatches(db, intakeId)
  // After an interruption all batches may be in while the version is not finished: the last one asks for that again.
  if (waiting.length === 0) waiting.push(0)
  for (let first = 0; first < waiting.length; first += JOBS_AT_ONCE) {
    await ctx.enqueueMany(
      priceUpdate,
      waiting
        .slice(first, first + JOBS_AT_ONCE)
        .map((seq) => ({ input: { intakeId, seq }, options: { unique: `${intakeId}/${seq}` } })),
    )
  }
}

async function digestBytes(path: string, signal: AbortSignal): Promise<string> {
  const digest = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024, signal })) {
    digest.update(chunk as Buffer)
  }
  return digest.digest('hex')
}
