// What the jobs of the oma queue do.
import { BadInputError, handle, RefusedError, type Handler } from 'orderly'
import { readDcs, writeDcs } from '../dcs/document.ts'
import { findingsOf } from '../dcs/findings.ts'
import { dcsOfJob, lensesOf, readDcsJob } from '../dcs/job.ts'
import { readTraces } from '../dcs/trace.ts'
import { dcsExport, dcsImport, limsSubmit, qualityCheck } from '../jobs/oma.ts'
import { ANSI_Z80_1_2015, checkPair } from '../optics/tolerance.ts'
import { sealFile } from '../store/documents.ts'
import { isInWork, isOpen } from '../orders/status.ts'
import { moveOrder, noteLimsJob } from '../store/order-moves.ts'
import { companiesOfOrder, dayIn, findOrder, openDetails } from '../store/orders.ts'
import type { LabRooms } from '../store/rooms.ts'

export function omaHandlers(rooms: LabRooms): Handler[] {
  const dcsOf = async (orderId: string) => {
    const { companyId, labId } = await companiesOfOrder(rooms, orderId)
    const [order, details] = await Promise.all([
      findOrder(rooms, labId, orderId),
      openDetails(rooms, labId, orderId),
    ])
    const file = writeDcs(
      dcsOfJob({
        job: order!.number,
        lenses: lensesOf(details.prescription),
        prescription: details.prescription,
      }),
    )
    return { companyId, labId, order: order!, details, file }
  }
  return [
    handle(dcsImport, async ({ input: { file } }) => {
      let document
      try {
        document = readDcs(Buffer.from(file, 'base64'))
      } catch (cause) {
        throw new BadInputError('this is no data file of a machine', { cause })
      }
      const { job, problems } = readDcsJob(document)
      const traces = readTraces(document)
      const today = dayIn(rooms.zone, rooms.clock.now())
      return {
        job: job.job,
        problems: [...problems, ...traces.problems].map(({ code }) => code),
        findings: findingsOf(job, today).map(({ code }) => code),
        traces: traces.traces.length,
      }
    }),
    handle(dcsExport, async ({ input: { orderId } }) => {
      const { labId, file } = await dcsOf(orderId)
      const key = `lab/${labId}/dcs/${orderId}`
      await rooms.objects.put(key, await sealFile(rooms, key, file))
      return { key, bytes: file.byteLength }
    }),
    handle(qualityCheck, async ({ input: { orderId, od, os, targets }, evidence }) => {
      const { labId, details, order } = await dcsOf(orderId)
      if (!isInWork(order.status))
        throw new RefusedError(
          'this order is not in work; only what is in production or quality control can be checked',
        )
      const checks = checkPair(details.prescription, { od, os }, targets)
      const failed = checks.filter(({ passed }) => !passed)
      for (const { what, side, passed } of checks) evidence.check(nameOf(what, side), passed)
      if ((await moveOrder(rooms, labId, orderId, 'quality_check')) === 'refused')
        throw new RefusedError('this order was moved while it was checked; look where it is now')
      const names = (some: typeof checks): string[] =>
        some.map(({ what, side }) => nameOf(what, side))
      const unmeasured = failed.filter(({ off }) => off === null)
      // What was measured and is off is made again; what nobody has measured is measured first.
      if (failed.length > unmeasured.length) await moveOrder(rooms, labId, orderId, 'in_production')
      return {
        passed: failed.length === 0,
        table: ANSI_Z80_1_2015.name,
        failed: names(failed),
        unmeasured: names(unmeasured),
      }
    }),
    handle(limsSubmit, async (ctx) => {
      const { orderId } = ctx.input
      const { lims } = rooms
      if (!lims) return { state: 'no-lims' as const, limsJob: null }
      const { labId, order, file } = await dcsOf(orderId)
      if (order.limsJob !== null) return { state: 'already' as const, limsJob: order.limsJob }
      // Cancelled, or gone already: nobody is to make it.
      if (!isOpen(order.status)) return { state: 'closed' as const, limsJob: null }
      const { jobId } = await lims.createJob({
        orderId,
        number: order.number,
        dueOn: order.dueOn,
        dcs: file,
      })
      await noteLimsJob(rooms, labId, orderId, jobId)
      return { state: 'submitted' as const, limsJob: jobId }
    }),
  ]
}

function nameOf(what: string, side: 'od' | 'os' | null): string {
  return side === null ? what : `${side}-${what}`
}
