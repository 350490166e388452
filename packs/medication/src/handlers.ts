// What handles the jobs of the pack.
import {
  BadInputError,
  ExternalError,
  handle,
  JobFault,
  jobConfigOf,
  type Accepted,
  type Handler,
  type JobContext,
  type JobDefinition,
  type PackRooms,
  type Parsed,
  type Schema,
} from 'orderly'
import { METRICS } from './analytics/measure.ts'
import { hasWork, rollUp } from './analytics/roll-up.ts'
import type { Drug } from './fhir/regimen.ts'
import { runBackup } from './backup/run.ts'
import { sizeText } from './backup/size.ts'
import { keepFindings } from './checks/interactions.ts'
import { watchSupply } from './checks/supply.ts'
import {
  analyticsRollup,
  backup,
  errorCleanup,
  interactionCheck,
  medicationImport,
  medicationReminder,
  metricsRollup,
  notificationCleanup,
  QUEUES,
  refillCheck,
  supplyMonitor,
} from './jobs.ts'
import { remind } from './reminder/run.ts'
import { codeOf } from './services/notification.ts'
import type { Medications, MedicationServices, SupplyMonitor } from './services/ports.ts'
import { importBundle } from './store/import.ts'
import { deliverDue } from './store/notices.ts'
import { alertAdmins, tellFailure } from './store/tell-admins.ts'
import { dropOldStashes, dropStash, openStash } from './store/stash.ts'
import type { Store } from './store/store.ts'
import {
  cleanErrors,
  cleanNotifications,
  rollMetrics,
  type Cleaned,
  type Retention,
} from './upkeep/clean.ts'

export interface Parts {
  readonly store: Store
  readonly services: MedicationServices
  readonly retention: Retention
  /** What is in a medicine: fills of one ingredient follow each other, whatever their strength. */
  readonly ingredientsOf: (drug: Drug) => readonly string[]
}

const PATIENTS_AT_ONCE = 100
/** Records that evidence keeps one by one; of more, it keeps the counts. */
const MOST_ATTACHED = 1_000

export function medicationHandlers(rooms: PackRooms, parts: Parts): Handler[] {
  const { retention, services, store } = parts
  const { clock, objects } = rooms
  const report = async (job: JobDefinition<any, any>, ctx: JobContext<any>, error: unknown) => {
    const code = codeOf(error)
    await services.monitoring.error(job.name, code).catch(() => undefined)
    if (isLast(job, ctx, error)) await tellFailure(store, job.name, code).catch(() => undefined)
  }

  /** Ties work to a job, and watches it: time, outcome, and the code of what went wrong. */
  const watched = <In extends Schema, Out extends Schema>(
    job: JobDefinition<In, Out>,
    work: (ctx: JobContext<Parsed<In>>) => Promise<Accepted<Out>>,
  ): Handler =>
    handle(job, async (ctx) => {
      const started = clock.elapsed()
      ctx.evidence.attach('job_config', jobConfigOf(job))
      const done = async (ok: boolean): Promise<void> => {
        const ms = clock.elapsed() - started
        await services.monitoring.run(job.name, ms, ok).catch(() => undefined)
        const facts = { attempt: ctx.attempt, ms: Math.round(ms), ok }
        await services.logging.debug(job.name, 'run ended', facts).catch(() => undefined)
      }
      try {
        const output = await work(ctx)
        await done(true)
        return output
      } catch (error) {
        await done(false)
        await report(job, ctx, error)
        throw error
      }
    })

  return [
    watched(medicationReminder, async (ctx) => {
      // A later attempt is there for what could not be delivered; what it reports is the whole.
      const found = await ctx.step('doses', () =>
        remind(store, services, ctx.signal, ctx.heartbeat),
      )
      if (found.unreadable > 0)
        await alertAdmins(store, 'unreadable', { dosages: found.unreadable })
      const sent = await deliverDue(store, services, ctx.signal)
      if (sent.failed > 0) await alertAdmins(store, 'undelivered', { messages: sent.failed })
      ctx.evidence.check('every due dose was dealt with', found.left === 0)
      ctx.evidence.check('every medicine was found', found.unreadable === 0)
      ctx.evidence.check('what could be delivered was delivered', sent.deferred === 0)
      await services.logging.operation('medication-reminder', 'reminders sent', {
        ...found,
        ...sent,
      })
      await later(ctx, sent.deferred, medicationReminder.options.retry.attempts, {})
      return {
        from: new Date(found.from).toISOString(),
        to: new Date(found.to).toISOString(),
        doses: found.doses,
        reminded: found.reminded,
        missed_window: found.missedWindow,
        suppressed: found.suppressed,
        escalated: found.escalated,
        unreadable: found.unreadable,
        ...sent,
      }
    }),
    watched(refillCheck, async (ctx) => {
      const refills: Record<string, string> = {}
      let [active, checked, told] = [0, 0, 0]
      let { alerted } = await before(ctx, { alerted: 0 })
      await eachPatient(ctx, async (medications) => {
        active += activeOf(medications)
        const watch = await watchSupply(store, services, medications, 'low')
        checked += watch.supplies.length
        alerted += watch.alerted
        for (const { orderId, refill } of watch.supplies.slice(0, MOST_ATTACHED - told)) {
          refills[orderId] = refill.state
          told++
        }
      })
      const sent = await deliverDue(store, services, ctx.signal)
      ctx.evidence.check('every active medicine was checked', checked === active)
      ctx.evidence.check('what could be delivered was delivered', sent.deferred === 0)
      await later(ctx, sent.deferred, refillCheck.options.retry.attempts, { alerted })
      return { checked, alerted, refills }
    }),
    watched(supplyMonitor, async (ctx) => {
      const monitors: SupplyMonitor[] = []
      let silent = 0
      const levels = { critical: 0, low: 0, unknown: 0, ok: 0 }
      let [active, checked] = [0, 0]
      let { alerted } = await before(ctx, { alerted: 0 })
      await eachPatient(ctx, async (medications) => {
        active += activeOf(medications)
        const watch = await watchSupply(store, services, medications, 'critical')
        checked += watch.supplies.length
        alerted += watch.alerted
        for (const { level, monitor, unknown } of watch.supplies) {
          levels[level]++
          if (!monitor && unknown === undefined) silent++
          if (monitor && monitors.length < MOST_ATTACHED) monitors.push(monitor)
        }
      })
      const sent = await deliverDue(store, services, ctx.signal)
      ctx.evidence.attach('supply_monitor', monitors)
      ctx.evidence.check('every active medicine was checked', checked === active)
      ctx.evidence.check('each has its figures or says why it has none', silent === 0)
      ctx.evidence.check('what could be delivered was delivered', sent.deferred === 0)
      await later(ctx, sent.deferred, supplyMonitor.options.retry.attempts, { alerted })
      const { critical, low, unknown } = levels
      return { checked, alerted, critical, low, unknown, supply_monitor: monitors }
    }),
    watched(interactionCheck, async (ctx) => {
      const changed = await before(ctx, { new: 0, gone: 0 })
      const sum = { patients: 0, medicines: 0, findings: 0, ...changed, not_recognised: 0 }
      let left = 0
      await eachPatient(ctx, async (medications) => {
        const checked = await keepFindings(store, services, medications)
        sum.patients++
        left += checked.left
        sum.medicines += checked.medicines
        sum.findings += checked.findings
        sum.new += checked.fresh
        sum.gone += checked.gone
        sum.not_recognised += checked.notRecognised
      })
      const sent = await deliverDue(store, services, ctx.signal)
      ctx.evidence.check('every pair was checked', left === 0)
      ctx.evidence.check('every medicine was recognised', sum.not_recognised === 0)
      const { gone, new: fresh } = sum
      await later(ctx, sent.deferred, interactionCheck.options.retry.attempts, { gone, new: fresh })
      return sum
    }),
    watched(analyticsRollup, async (ctx) => {
      const { timeRange } = ctx.input
      const started = clock.elapsed()
      const { buckets, collected, dataPoints } = await rollUp(
        { store, service: services.medication, ingredientsOf: parts.ingredientsOf },
        timeRange,
        ctx.signal,
      )
      const record = {
        time_range: timeRange,
        metrics_collected: [...collected],
        data_points: dataPoints,
        processing_time: Math.round((clock.elapsed() - started) / 100) / 10,
      }
      ctx.evidence.attach('analytics_roll_up', record)
      ctx.evidence.check(
        'all four kinds of metrics were collected',
        METRICS.every((name) => collected.includes(name)),
      )
      // The first daily run after a week and a month sums up the one that has ended, whatever day that is.
      if (timeRange === 'daily')
        for (const range of ['weekly', 'monthly'] as const)
          if (await hasWork(store, range)) await ctx.enqueue(analyticsRollup, { timeRange: range })
      return { analytics_roll_up: record, buckets: [...buckets] }
    }),
    watched(backup, async (ctx) => {
      const done = await runBackup(store, objects, ctx.input.type, ctx.jobId, ctx.signal)
      const isSame = done.compared === done.rows
      const record = {
        type: done.manifest.kind,
        data_types: [...done.manifest.dataTypes],
        total_size: sizeText(done.bytes),
        validation: isSame ? 'passed' : 'failed',
        timestamp: new Date(done.manifest.at).toISOString(),
      }
      ctx.evidence.attach('backup', record)
      ctx.evidence.check('what was read back is what stands in the tables', isSame)
      await services.logging.audit('backup taken', {
        backup: done.manifest.id,
        rows: done.rows,
        bytes: done.bytes,
        removed: done.removed,
      })
      return { backup: record, backup_id: done.manifest.id }
    }),
    watched(notificationCleanup, async (ctx) =>
      audited(
        ctx,
        'notification-cleanup',
        await cleanNotifications(store, retention.notifications),
      ),
    ),
    watched(metricsRollup, async (ctx) => {
      for (const [queue, waiting] of await waitingIn(rooms, store))
        await services.monitoring.queue(queue, waiting)
      return audited(ctx, 'metrics-rollup', await rollMetrics(store, retention.points))
    }),
    watched(errorCleanup, async (ctx) => {
      await dropOldStashes(store, objects)
      return audited(ctx, 'error-cleanup', await cleanErrors(store, retention))
    }),
    watched(medicationImport, async (ctx) => {
      const { bundle: given, stored } = ctx.input
      const text = stored === undefined ? given : await openStash(store, objects, stored)
      const bundle = typeof text === 'string' ? parse(text) : text
      const read = await services.medication.validate(bundle)
      const done = await importBundle(store, read, ctx.input.zone)
      ctx.evidence.check('the bundle has a patient', done.patients.length > 0)
      ctx.evidence.attach('issues', done.issues.slice(0, MOST_ATTACHED))
      await services.logging.audit('bundle imported', {
        patients: done.patients.length,
        orders: done.orders,
        issues: done.issues.length,
      })
      if (done.unplanned > 0) await alertAdmins(store, 'unscheduled', { dosages: done.unplanned })
      if (stored !== undefined) await dropStash(objects, stored)
      return {
        ...done,
        patients: [...done.patients],
        issues: done.issues.length,
        issue_list: done.issues.slice(0, MOST_ATTACHED),
      }
    }),
  ]

  async function audited<T extends Cleaned>(
    ctx: JobContext,
    job: string,
    { overdue, ...cleaned }: T,
  ): Promise<Omit<T, 'overdue'>> {
    ctx.evidence.check('what was past its time was removed', overdue === 0)
    await services.logging.audit('removed by policy', {
      job,
      removed: cleaned.removed,
      before: cleaned.before,
    })
    return cleaned
  }

  /** Every patient, or the one that is named. One whose data is damaged does not keep the others from their check. */
  async function eachPatient(
    ctx: JobContext<{ readonly patientId?: string | undefined }>,
    work: (medications: Medications) => Promise<void>,
  ): Promise<void> {
    const one = ctx.input.patientId
    const visit = async (id: string): Promise<void> => {
      const medications = await services.medication.medications(id)
      if (medications) await work(medications)
      else if (one !== undefined)
        throw new BadInputError('there is no such patient here; import the bundle first')
    }
    if (one !== undefined) return visit(one)
    for (let after = ''; ;) {
      const ids = await services.medication.patients(after, PATIENTS_AT_ONCE)
      for (const id of ids) {
        ctx.signal.throwIfAborted()
        await clock.turn()
        await visit(id).catch(async (error: unknown) => {
          const code = codeOf(error)
          if (code !== 'ORDERLY_SEAL_BROKEN' && code !== 'ORDERLY_SHREDDED') throw error
          ctx.evidence.check('every patient could be read', false)
          await services.logging.error('medication', code, { patient: id })
          await alertAdmins(store, 'unreadable', { patient: id })
        })
      }
      ctx.heartbeat()
      if (ids.length < PATIENTS_AT_ONCE) return
      after = ids.at(-1)!
    }
  }
}

/**
 * What a service could not take now is tried again soon by another attempt; after the last one it waits for the next run.
 *
 * @param done what this attempt and those before have changed: the next one will not find it again
 */
async function later<Done extends object>(
  ctx: JobContext<any>,
  deferred: number,
  attempts: number,
  done: Done,
): Promise<void> {
  if (deferred === 0 || ctx.attempt >= attempts) return
  await ctx.checkpoint(done)
  throw new ExternalError(`${deferred} notifications could not be delivered now; they are kept`)
}

/** What the attempts before this one have changed. */
async function before<Done extends object>(ctx: JobContext<any>, none: Done): Promise<Done> {
  return (await ctx.lastCheckpoint<Done>()) ?? none
}

/** Whether no other attempt follows this one. */
function isLast(job: JobDefinition<any, any>, ctx: JobContext<any>, error: unknown): boolean {
  if (ctx.attempt >= job.options.retry.attempts) return true
  return error instanceof JobFault && (error.kind === 'bad-input' || error.kind === 'refused')
}

const WAITING: ReadonlySet<string> = new Set(['waiting', 'prioritized', 'delayed'])

/** How many jobs wait in the queues of the pack, and how many messages wait to be delivered. */
async function waitingIn({ countJobs }: PackRooms, { db }: Store): Promise<Map<string, number>> {
  const found = new Map<string, number>(QUEUES.map(({ name }) => [name, 0]))
  for (const { n, queue, state } of await countJobs()) {
    const known = found.get(queue)
    if (known !== undefined && WAITING.has(state)) found.set(queue, known + n)
  }
  const { n } = await db.query
    .selectFrom('med_notifications')
    .select(({ fn }) => fn.countAll().as('n'))
    .where('state', '=', 'pending')
    .executeTakeFirstOrThrow()
  return found.set('notifications', Number(n))
}

function activeOf({ orders }: Medications): number {
  return orders.filter(({ order }) => order.status === 'active').length
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // The cause would quote the bundle.
    throw new BadInputError('the bundle is no JSON; send it as it came from the FHIR server')
  }
}
