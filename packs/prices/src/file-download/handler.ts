// price-file-download: one file, from its first byte to batches of normal rows waiting to be applied.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import {
  handle,
  OrderlyError,
  snooze,
  type Database,
  type Handler,
  type JobContext,
  type JobDefinition,
  type PackRooms,
} from 'orderly'
import { priceFileDownload, priceUpdate } from '../jobs.ts'
import { DEFAULT_LIMITS, PriceFileError, type Limits } from '../read/index.ts'
import {
  contentOfBytes,
  describeIntake,
  endUnchanged,
  findIntake,
  isEnded,
  noteHeard,
  openIntake,
  quarantine,
  restartIntake,
  stagedBatches,
  type Intake,
  type Known,
} from '../store/intake.ts'
import type { PriceTables } from '../store/tables.ts'
import type { WebOptions } from '../web/client.ts'
import { stageFile } from './stage.ts'
import { take, type TakenFile } from './take.ts'

export interface FileDownloadOptions extends WebOptions {
  readonly limits?: Partial<Limits>
}

type Db = Database<PriceTables>
type Context = JobContext<{ readonly source: string; readonly location: string }>
type Ended = { intakeId: string; state: 'updating' | 'unchanged' | 'quarantined' }

const JOBS_AT_ONCE = 500
/** A machine that is short of memory or restarted often does not lose a reader this often at the same place. */
const MOST_BEGUN = 10
/** While an earlier delivery of the same source is being written, the next one waits. */
const EARLIER_DELIVERY = '2s'

export function fileDownloadHandler(rooms: PackRooms, options: FileDownloadOptions): Handler {
  const db = rooms.database.withTables<PriceTables>()
  const { clock } = rooms
  const limits = { ...DEFAULT_LIMITS, ...options.limits }
  return handle(priceFileDownload, async (ctx) => {
    // A reader that died at its very end has left nothing to do: others may have loaded what it read.
    const own = await findIntake(db, ctx.jobId)
    if (own && isEnded(own)) return endOf(own)
    let file: TakenFile | undefined
    try {
      file = await take(ctx.input.location, {
        folder: join(rooms.home, 'downloads'),
        name: ctx.jobId,
        maxBytes: limits.maxFileBytes,
        signal: ctx.signal,
        web: options,
        objects: rooms.objects,
        clock,
      })
      return await read(ctx, file)
    } catch (error) {
      const { source } = ctx.input
      const final = ctx.signal.aborted
        ? stopped(ctx, priceFileDownload)
        : givenUp(error, ctx, file !== undefined)
      if (!(final instanceof PriceFileError)) {
        await noteHeard(db, source)
        throw error
      }
      const delivery = { id: ctx.jobId, source, bytes: file?.bytes ?? 0 }
      ctx.log.info({ source, code: final.code }, 'price file quarantined')
      const intakeId = await quarantine(db, delivery, final.code, final.message, clock.now())
      return { intakeId, state: 'quarantined' as const }
    } finally {
      await file?.release()
    }
  })

  async function read(ctx: Context, file: TakenFile) {
    const bytesDigest = await digestBytes(file.path, ctx.signal)
    let intake = await openIntake(db, ctx.jobId, ctx.input.source, file.bytes, clock.now())
    if (isEnded(intake)) return endOf(intake)
    if (intake.bytes_digest !== null && intake.bytes_digest !== bytesDigest) {
      if (intake.state === 'updating')
        return snooze(EARLIER_DELIVERY, 'an earlier delivery is being written')
      intake = await restartIntake(db, intake, file.bytes)
    }
    if (intake.state !== 'updating') {
      if (intake.begun > MOST_BEGUN)
        throw new PriceFileError(
          'READER_LOST',
          `What read this file was lost in the middle of it ${MOST_BEGUN} times in a row, which may be the file's doing; look at the machine's log, then deliver it again.`,
        )
      await describeIntake(db, intake.intake_id, {
        bytes_digest: bytesDigest,
        location: ctx.input.location,
      })
      const known = await contentOfBytes(db, intake.source_id, bytesDigest)
      if (known) return unchanged(intake, known.source, known)
      const begun = { ...intake, bytes_digest: bytesDigest }
      const sameAs = await stageFile(db, ctx, begun, file.path, limits)
      if (sameAs !== undefined) return unchanged(intake, sameAs)
    }
    await enqueueBatches(db, ctx, intake.intake_id)
    return { intakeId: intake.intake_id, state: 'updating' } satisfies Ended
  }

  async function unchanged(intake: Intake, sameAs: string, known?: Known): Promise<Ended> {
    await endUnchanged(db, intake, sameAs, clock.now(), known)
    return { intakeId: intake.intake_id, state: 'unchanged' }
  }
}

function endOf({ intake_id: intakeId, state }: Intake): Ended {
  return { intakeId, state: state === 'unchanged' || state === 'quarantined' ? state : 'updating' }
}

/** Whoever stops a job for good, or lets it run out of time once too often, stops its file too. */
export function stopped(
  { attempt, signal }: Pick<JobContext, 'attempt' | 'signal'>,
  { options }: Pick<JobDefinition, 'options'>,
): PriceFileError | undefined {
  const reason: unknown = signal.reason
  if (!(reason instanceof OrderlyError)) return undefined
  if (reason.code === 'ORDERLY_CANCELLED')
    return new PriceFileError('STOPPED', 'Somebody cancelled its job; deliver the file again.')
  const isOver = reason.code === 'ORDERLY_TIMEOUT' && attempt >= options.retry.attempts
  if (!isOver && reason.code !== 'ORDERLY_DEADLINE') return undefined
  return new PriceFileError(
    'STOPPED',
    `Its job ran out of time in ${attempt} attempts; look why, then deliver the file again.`,
  )
}

/**
 * After the last attempt a file is quarantined whatever went wrong, so that its story has an end people can see.
 * Messages of other people's errors may quote the file, so only their names go on.
 */
function givenUp(error: unknown, ctx: Context, arrived: boolean): unknown {
  if (error instanceof PriceFileError || ctx.attempt < priceFileDownload.options.retry.attempts)
    return error
  if (arrived) {
    const name =
      error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? error.name) : typeof error
    return new PriceFileError(
      'READ_FAILED',
      `The file could not be read in ${ctx.attempt} attempts (${name}); check that it can be opened and is whole.`,
      { cause: error },
    )
  }
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

async function enqueueBatches(db: Db, ctx: Context, intakeId: string): Promise<void> {
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
