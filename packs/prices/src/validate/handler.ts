// data-validation: a loaded version checked, reported on, and published or held.
import { handle, type Handler, type JobContext, type PackRooms } from 'orderly'
import { take } from '../file-download/take.ts'
import { join } from 'node:path'
import { analyticsRefresh, dataValidation } from '../jobs.ts'
import { DEFAULT_LIMITS, PriceFileError, type Limits } from '../read/index.ts'
import { hospitalName } from '../store/hospital-names.ts'
import { findIntake } from '../store/intake.ts'
import { recordCheck } from '../store/publications.ts'
import type { PriceTables } from '../store/tables.ts'
import type { WebOptions } from '../web/client.ts'
import { checkCms, type CmsCheck } from './cms.ts'
import { Findings } from './findings.ts'
import { checkChange, checkOutliers, checkPrices } from './price-checks.ts'
import { htmlOf, scoreOf, type QualityReport } from './report.ts'
import { pdfOf } from './report-pdf.ts'

export interface ValidationOptions extends WebOptions {
  readonly limits?: Partial<Limits>
  /** A version is held when more than this share of its changed prices, and at least one, jump tenfold. 0.001 unless told. */
  readonly jumpShare?: number
}

const JUMP_SHARE = 0.001

type Context = JobContext<{ readonly intakeId: string }>

export function validationHandler(rooms: PackRooms, options: ValidationOptions): Handler {
  const db = rooms.database.withTables<PriceTables>()
  const { clock, objects, home } = rooms
  const limits = { ...DEFAULT_LIMITS, ...options.limits }
  return handle(dataValidation, async (ctx) => {
    try {
      return await check(ctx)
    } catch (error) {
      if (ctx.attempt >= dataValidation.options.retry.attempts && !ctx.signal.aborted)
        await holdUnchecked(ctx.input.intakeId, error)
      throw error
    }
  })

  async function check(ctx: Context) {
    const intake = await findIntake(db, ctx.input.intakeId)
    const versionId = intake?.version_id ?? null
    const source = intake && (await findSource(intake.source_id))
    // While this one waited a later version may have been published, and shows what this one changed.
    if (!intake || versionId === null || !source || (await isShownByAnother(versionId)))
      return { state: 'superseded' as const, verdict: null, score: null, reasons: [] }
    const checked = { source: source.source_id, version: versionId }
    const findings = new Findings()
    const cms = await checkFile(intake.location, findings, ctx.signal, ctx.jobId)
    const checks = { signal: ctx.signal, onStep: (share: number) => ctx.progress(share / 2) }
    const completeness = await checkPrices(db, checked, findings, checks)
    await checkOutliers(db, checked, findings, checks)
    if (intake.rows_quarantined > intake.rows_read / 100)
      findings.add('DATA.COMPLETE.ROWS', 'file', 'More than one row in a hundred was set aside.')
    const change = await checkChange(db, checked, findings)
    const reasons = reasonsToHold(change, findings)
    const version = await db.query
      .selectFrom('versions')
      .innerJoin('sources as s', 's.source_id', 'versions.source_id')
      .select(['valid_from', hospitalName().as('hospital')])
      .where('version_id', '=', versionId)
      .executeTakeFirstOrThrow()
    const now = clock.now()
    const report: QualityReport = {
      format: 'orderly.price-report/1',
      source: source.name,
      hospital: version.hospital === source.name ? null : version.hospital,
      versionId,
      validFrom: version.valid_from,
      checkedAt: new Date(now).toISOString(),
      fileFormat: intake.format,
      cms: cms && {
        verdict: cms.verdict,
        layout: cms.layout,
        version: cms.version,
        rows: cms.rows,
      },
      score: scoreOf(findings.list(), completeness.prices),
      publication: reasons.length > 0 ? 'held' : 'published',
      reasons,
      completeness,
      change,
      rowsRead: intake.rows_read,
      rowsQuarantined: intake.rows_quarantined,
      valuesLeftOut: intake.values_left_out,
      findings: findings.list(),
    }
    const reportKey = await keep(report)
    const published = await recordCheck(db, {
      version_id: versionId,
      source_id: source.source_id,
      state: report.publication,
      reasons: JSON.stringify(reasons),
      score: report.score,
      verdict: cms?.verdict ?? null,
      report_key: reportKey,
      decided_at: now,
    })
    if (published.state === 'published') await ctx.enqueue(analyticsRefresh, { versionId })
    return { state: published.state, verdict: cms?.verdict ?? null, score: report.score, reasons }
  }

  /** What could not be checked waits for somebody, who may have it checked again or decide without. */
  async function holdUnchecked(intakeId: string, error: unknown): Promise<void> {
    const intake = await findIntake(db, intakeId)
    const versionId = intake?.version_id ?? null
    if (!intake || versionId === null || (await isShownByAnother(versionId))) return
    const { code, name } = error as NodeJS.ErrnoException
    const reason = `It could not be checked (${code ?? name}): redrive its data-validation, or decide without.`
    await recordCheck(db, {
      version_id: versionId,
      source_id: intake.source_id,
      state: 'held',
      reasons: JSON.stringify([reason]),
      score: null,
      verdict: null,
      report_key: null,
      decided_at: clock.now(),
    })
  }

  async function findSource(id: number) {
    return db.query.selectFrom('sources').selectAll().where('source_id', '=', id).executeTakeFirst()
  }

  async function isShownByAnother(version: number): Promise<boolean> {
    const { shown_by: by } = await db.query
      .selectFrom('versions')
      .select('shown_by')
      .where('version_id', '=', version)
      .executeTakeFirstOrThrow()
    return by !== null && by !== version
  }

  /** The file itself, where it can still be had. */
  async function checkFile(
    location: string | null,
    findings: Findings,
    signal: AbortSignal,
    name: string,
  ): Promise<CmsCheck | null> {
    // What was fetched from an address and not kept is not asked for a second time.
    if (location === null || /^https?:/i.test(location)) return null
    try {
      const file = await take(location, {
        folder: join(home, 'downloads'),
        name: `${name}-check`,
        maxBytes: limits.maxFileBytes,
        web: options,
        objects,
        clock,
        signal,
      })
      try {
        const check = await checkCms(file.path, { limits, signal })
        for (const { rule, count, samples } of check.findings.list())
          for (const [at, { cell, detail }] of samples.entries())
            findings.add(rule, cell, detail, at === 0 ? count - samples.length + 1 : 1)
        return check
      } finally {
        await file.release()
      }
    } catch (error) {
      if (!(error instanceof PriceFileError)) throw error
      return null
    }
  }

  function reasonsToHold(
    { compared, jumps }: { compared: number; jumps: number },
    findings: Findings,
  ): string[] {
    const reasons: string[] = []
    if (jumps > compared * (options.jumpShare ?? JUMP_SHARE))
      reasons.push(
        `${jumps.toLocaleString('en-US')} of ${compared.toLocaleString('en-US')} changed prices are over ten times more or less than before.`,
      )
    if (findings.list().some(({ rule }) => rule === 'CHANGE.DROP'))
      reasons.push('There are over 30 % fewer prices than before.')
    return reasons
  }

  /** @returns the key of the report as JSON; as HTML and PDF it lies beside it */
  async function keep(report: QualityReport): Promise<string> {
    const key = `prices/reports/${report.versionId}/report`
    await objects.put(`${key}.json`, Buffer.from(JSON.stringify(report, null, 2)), {
      contentType: 'application/json',
    })
    await objects.put(`${key}.html`, Buffer.from(htmlOf(report)), { contentType: 'text/html' })
    await objects.put(`${key}.pdf`, await pdfOf(report), { contentType: 'application/pdf' })
    return `${key}.json`
  }
}
