// pra-unified-scan: what the directories list, compared with what is known, and a job for whatever is new.
import { handle, type Database, type Handler, type JobContext, type PackRooms } from 'orderly'
import { TEST_STATES, type HospitalDirectory } from '../directory/directory.ts'
import { misplaced } from '../analytics/voices.ts'
import {
  analyticsRefresh,
  dataValidation,
  hospitalImport,
  loadKey,
  praFileDownload,
  praUnifiedScan,
  priceFileDownload,
} from '../jobs.ts'
import {
  findFile,
  markChecked,
  recordFileState,
  recordListing,
  unlistOthers,
  type PriceFile,
  type Seen,
} from '../store/hospitals.ts'
import { matchRenamed } from '../store/renamed.ts'
import { strandedChecks, strandedFiles } from '../store/stranded.ts'
import type { PriceTables } from '../store/tables.ts'
import type { Web, WebOptions } from '../web/client.ts'
import { isSame, lengthOf, validatorsOf } from '../web/download.ts'

export interface ScanOptions extends WebOptions {
  /** Where hospitals come from. */
  readonly directories?: readonly HospitalDirectory[]
}

const MOST_ERRORS = 100
/** Servers asked at the same time whether a file of theirs has changed. */
const PROBES_AT_ONCE = 8

interface Summary {
  scannedStates: string[]
  newHospitals: number
  updatedHospitals: number
  newFiles: number
  updatedFiles: number
  unchangedFiles: number
  errors: string[]
  /** Ids of the download jobs: several hospitals may name one file. */
  readonly orders: Set<string>
}

type Context = JobContext<{
  readonly states?: readonly string[] | undefined
  readonly testMode?: boolean | undefined
  readonly forceRefresh?: boolean | undefined
}>

export function scanHandler(rooms: PackRooms, options: ScanOptions): Handler {
  const db: Database<PriceTables> = rooms.database.withTables()
  const { clock, log } = rooms
  return handle(praUnifiedScan, async (ctx) => {
    const began = clock.elapsed()
    const { input, signal } = ctx
    const states = input.states ?? (input.testMode ? TEST_STATES : undefined)
    const summary: Summary = {
      scannedStates: [], newHospitals: 0, updatedHospitals: 0, newFiles: 0, updatedFiles: 0,
      unchangedFiles: 0, errors: [], orders: new Set(),
    } // prettier-ignore
    const { openWeb } = await import('../web/client.ts')
    await using web = openWeb(options)
    for (const directory of options.directories ?? []) {
      const inState = new Set<string>()
      const started = clock.now()
      let isWhole = states === undefined
      let named = 0
      let waiting: PriceFile[] = []
      const followers = new Set<string>()
      try {
        for await (const { hospital, problem, state } of directory.scan({
          web,
          clock,
          log,
          signal,
          states,
        })) /* prettier-ignore */ {
          if (problem !== undefined) {
            addError(summary, `${directory.name}: ${problem}`)
            isWhole = false
          }
          if (state !== undefined) inState.add(state)
          if (!hospital) continue
          named++
          if (hospital.state) inState.add(hospital.state)
          const seen = await recordListing(db, directory.name, hospital, clock.now())
          await takeHospital(ctx, seen, summary)
          waiting.push(...(await takeFiles(ctx, seen, summary, followers)))
          if (waiting.length >= PROBES_AT_ONCE) {
            await probe(ctx, web, waiting, summary)
            waiting = []
          }
        }
      } catch (error) {
        signal.throwIfAborted()
        isWhole = false
        // One directory that fails does not cost the others.
        const why = error instanceof Error ? error.message : 'it could not be read'
        addError(summary, `${directory.name}: ${why}`)
      }
      await probe(ctx, web, waiting, summary)
      if (isWhole && named > 0) await unlistOthers(db, directory.name, started)
      for (const sentence of await matchRenamed(db, directory.name)) addError(summary, sentence)
      for (const id of followers) {
        const file = await findFile(db, id)
        if (file) await order(ctx, file, summary)
      }
      for (const state of inState)
        if (!summary.scannedStates.includes(state)) summary.scannedStates.push(state)
    }
    for (const sourceId of await misplaced(db)) await ctx.enqueue(analyticsRefresh, { sourceId })
    await askAgain(ctx)
    const { orders, ...counts } = summary
    return {
      ...counts,
      scannedStates: summary.scannedStates.toSorted(),
      downloadJobsCreated: orders.size,
      duration: Math.round(clock.elapsed() - began),
      completedAt: new Date(clock.now()).toISOString(),
    }
  })

  /** What has a living job is not asked for twice; what has lost its own goes on where it stopped. */
  async function askAgain(ctx: Context): Promise<void> {
    for (const { url, source, object_key: key, bytes_digest: sha256 } of await strandedFiles(db))
      await ctx.enqueue(
        priceFileDownload,
        { source, location: `object:${key}` },
        { unique: loadKey(url, sha256) },
      )
    for (const intakeId of await strandedChecks(db)) await ctx.enqueue(dataValidation, { intakeId })
  }

  async function takeHospital(ctx: Context, seen: Seen, summary: Summary): Promise<void> {
    if (seen.hospital === 'new') summary.newHospitals++
    if (seen.hospital === 'changed') summary.updatedHospitals++
    if (seen.hospital !== 'same' || (await isUnimported(seen.hospitalId)))
      await ctx.enqueue(hospitalImport, { hospitalId: seen.hospitalId })
  }

  /** A scan that died may have recorded a hospital and not asked for its import. */
  async function isUnimported(hospitalId: string): Promise<boolean> {
    const found = await db.query
      .selectFrom('hospitals')
      .select('imported_at')
      .where('hospital_id', '=', hospitalId)
      .executeTakeFirst()
    return found?.imported_at === null
  }

  /** @returns files whose servers are to be asked whether they have changed */
  async function takeFiles(
    ctx: Context,
    seen: Seen,
    summary: Summary,
    followers: Set<string>,
  ): Promise<PriceFile[]> {
    const unsure: PriceFile[] = []
    for (const { file, is } of seen.files) {
      if (is === 'new') summary.newFiles++
      // What it follows is known once all hospitals have been gone through: they may share it.
      if (seen.hasDeparted && file.state === 'listed' && file.object_key === null) {
        followers.add(file.file_id)
        continue
      }
      // A file that was never stored is asked for again, unless it was refused for what it is.
      if (is === 'new' || file.state === 'listed' || ctx.input.forceRefresh) {
        await order(ctx, file, summary)
      } else if (is === 'changed') {
        summary.updatedFiles++
        await order(ctx, file, summary)
      } else unsure.push(file)
    }
    return unsure
  }

  async function order(ctx: Context, file: PriceFile, summary: Summary): Promise<void> {
    // So that whoever waits for the pipeline to settle sees that this file is on its way.
    if (file.state !== 'listed')
      await recordFileState(db, file.file_id, { state: 'listed', code: null, reason: null })
    const { id, duplicate } = await ctx.enqueue(praFileDownload, {
      fileId: file.file_id,
      host: file.host,
      ...(ctx.input.forceRefresh && { force: true }),
    })
    // The job that is about to end has said its last word of this file; what changed since is for the next scan.
    if (duplicate && file.state !== 'listed') {
      const { state, code, reason } = file
      await recordFileState(db, file.file_id, { state, code, reason })
    }
    summary.orders.add(id)
  }

  async function probe(
    ctx: Context,
    web: Web,
    files: readonly PriceFile[],
    summary: Summary,
  ): Promise<void> {
    const same = await Promise.all(files.map((file) => isUnchanged(web, file, ctx.signal)))
    ctx.signal.throwIfAborted()
    const unchanged = files.filter((_, at) => same[at])
    await markChecked(
      db,
      unchanged.map(({ file_id }) => file_id),
      clock.now(),
    )
    summary.unchangedFiles += unchanged.length
    for (const [at, file] of files.entries()) {
      if (same[at]) continue
      summary.updatedFiles++
      await order(ctx, file, summary)
    }
  }
}

/** Asks with HEAD. Whatever is not a clear "the same" is left to the download, which asks better. */
async function isUnchanged(web: Web, file: PriceFile, signal: AbortSignal): Promise<boolean> {
  const { etag, last_modified: lastModified, length } = file
  try {
    const { status, headers, body } = await web.ask(file.url, { method: 'HEAD', signal })
    body.destroy()
    const now = validatorsOf(headers, lengthOf(headers))
    return status === 200 && isSame({ etag, lastModified, length }, now)
  } catch {
    return false
  }
}

function addError(summary: Summary, sentence: string): void {
  if (summary.errors.length < MOST_ERRORS) summary.errors.push(sentence)
}
