// Quality control, data files of machines, and the LIMS that is handed orders.
import { describe, expect, it } from 'vitest'
import { until } from '../../../packages/orderly/src/testing/outage-lab.ts'
import { LAB, NEW_ORDER } from '../../../packs/lab/fixtures/lakeside.ts'
import { SOUND } from '../../../packs/lab/fixtures/prescriptions.ts'
import {
  dcsExport,
  dcsImport,
  limsPoll,
  limsSubmit,
  qualityCheck,
} from '../../../packs/lab/src/index.ts'
import { nextToAsk, noteAsked } from '../../../packs/lab/src/lims/turns.ts'
import type { LabKit } from '../kit.ts'

export function proveMachines(lab: LabKit): void {
  describe('quality control and machines', () => {
    const read = {
      ...SOUND.od,
      axis: SOUND.od.axis!,
      sphere: SOUND.od.sphere!,
      segmentTilt: 0,
      baseCurve: null,
      centreThickness: null,
    }
    const os = {
      ...read,
      sphere: SOUND.os.sphere!,
      cylinder: SOUND.os.cylinder,
      axis: SOUND.os.axis!,
    }
    const od = { ...read }
    const lens = ({
      sphere,
      cylinder,
      axis,
      add,
      segmentHeight,
      segmentTilt,
      baseCurve,
      centreThickness,
    }: typeof read) => ({
      sphere,
      cylinder,
      axis,
      add,
      prism: [],
      segmentHeight,
      segmentTilt,
      baseCurve,
      centreThickness,
    })

    it('send a lens that is off back to production, and say in what', async () => {
      await lab.desk.moveOrder(LAB, lab.order.id, 'in_production')
      const bad = await lab.orderly.perform(qualityCheck, {
        orderId: lab.order.id,
        od: lens({ ...od, axis: 150 }),
        os: lens(os),
      })
      expect(bad.output).toEqual({
        passed: false,
        table: 'ANSI Z80.1-2015',
        failed: ['od-axis'],
        unmeasured: [],
      })
      expect((await lab.desk.order(LAB, lab.order.id))!.status).toBe('in_production')
      const good = await lab.orderly.perform(qualityCheck, {
        orderId: lab.order.id,
        od: lens(od),
        os: lens(os),
      })
      expect(good.output?.passed).toBe(true)
      expect(good.evidence.at(-1)?.checks.length).toBeGreaterThan(8)
      expect((await lab.desk.order(LAB, lab.order.id))!.status).toBe('quality_check')
    })
    it('pass no lens that nobody has measured, and send none of them back', async () => {
      const { output } = await lab.orderly.perform(qualityCheck, {
        orderId: lab.order.id,
        od: { ...lens(od), add: null, prism: null },
        os: lens(os),
      })
      expect(output).toMatchObject({
        passed: false,
        unmeasured: ['od-prism', 'od-add', 'vertical-prism', 'horizontal-prism'],
      })
      expect((await lab.desk.order(LAB, lab.order.id))!.status).toBe('quality_check')
    })
    it('check only orders that are in work', async () => {
      const { id } = await lab.desk.createOrder(NEW_ORDER)
      const check = { orderId: id, od: lens(od), os: lens(os) }
      expect(await lab.orderly.perform(qualityCheck, check)).toMatchObject({
        state: 'failed',
        attempts: 1,
      })
      await lab.desk.moveOrder(LAB, id, 'cancelled')
      expect((await lab.orderly.perform(qualityCheck, check)).state).toBe('failed')
      expect((await lab.desk.order(LAB, id))!.status).toBe('cancelled')
    })
    it('read a data file and keep one, sealed', async () => {
      const file = Buffer.from('JOB=7\r\nSPH=-2.00;-2.25\r\nCYL=-0.50;0\r\nIPD=32;32\r\n').toString(
        'base64',
      )
      const { output } = await lab.orderly.perform(dcsImport, { labId: LAB, file })
      expect(output).toMatchObject({ job: '7', problems: [], findings: ['axis-missing'] })
      const one = Buffer.from('JOB=8\r\nDO=L\r\nSPH=;-2.25\r\nIPD=;32\r\nLTYP=;SV\r\n')
      const single = await lab.orderly.perform(dcsImport, {
        labId: LAB,
        file: one.toString('base64'),
      })
      expect(single.output).toMatchObject({ problems: [], findings: [] })
      const kept = await lab.orderly.perform(dcsExport, { orderId: lab.order.id })
      expect(kept.output!.bytes).toBeGreaterThan(50)
    })
    it('hand an order to the LIMS once', async () => {
      const one = await lab.orderly.perform(limsSubmit, { orderId: lab.order.id })
      const two = await lab.orderly.perform(limsSubmit, { orderId: lab.order.id })
      expect([one.output?.state, two.output?.state]).toEqual(['submitted', 'already'])
      expect(lab.limsCalls()).toBe(1)
      const { id } = await lab.desk.createOrder(NEW_ORDER)
      await lab.desk.moveOrder(LAB, id, 'cancelled')
      const off = await lab.orderly.perform(limsSubmit, { orderId: id })
      expect(off.output).toEqual({ state: 'closed', limsJob: null })
      expect(lab.limsCalls()).toBe(1)
    })
    it('hear of no lens that was thrown away, and leave to a person what a person holds', async () => {
      const made = async () => {
        const { id } = await lab.desk.createOrder(NEW_ORDER)
        const { output } = await lab.orderly.perform(limsSubmit, { orderId: id })
        return { id, limsJob: output!.limsJob! }
      }
      const status = async (id: string) => (await lab.desk.order(LAB, id))!.status
      const mute = await made()
      const remade = await made()
      const held = await made()
      lab.limsSays(mute.limsJob, null)
      lab.limsSays(remade.limsJob, 'qc')
      // One that does not answer keeps no other from its news.
      const poll = async () => (await lab.orderly.perform(limsPoll, {})).state
      await poll()
      expect(await status(mute.id)).toBe('pending')
      expect(await status(remade.id)).toBe('quality_check')
      expect(await status(held.id)).toBe('in_production')
      lab.limsSays(mute.limsJob, 'queued')
      await lab.desk.moveOrder(LAB, held.id, 'on_hold')
      const second = Math.floor(Date.now() / 1_000)
      await until(() => Math.floor(Date.now() / 1_000) > second)
      await lab.desk.moveOrder(LAB, remade.id, 'in_production')
      await lab.desk.moveOrder(LAB, held.id, 'in_production')
      await lab.desk.moveOrder(LAB, held.id, 'on_hold')
      expect(await poll()).toBe('completed')
      expect(await status(remade.id)).toBe('in_production')
      expect(await status(held.id)).toBe('on_hold')
      lab.limsSays(held.limsJob, 'qc')
      lab.limsSays(remade.limsJob, 'processing')
      await poll()
      expect(await status(held.id)).toBe('quality_check')
      lab.limsSays(remade.limsJob, 'shipped')
      await poll()
      expect(await status(remade.id)).toBe('shipped')
    })
    it('ask about each order in its turn, however many are in work', async () => {
      const rooms = lab.mailRooms()
      const all = await nextToAsk(rooms, 1_000)
      for (const [n, { order_id: id, lab_id: labId }] of all.entries())
        await noteAsked(rooms, labId, id, n + 1)
      const { id } = await lab.desk.createOrder(NEW_ORDER)
      await lab.orderly.perform(limsSubmit, { orderId: id })
      const turns: string[] = []
      for (let n = 0; n <= all.length; n++) {
        const [next] = await nextToAsk(rooms, 1)
        turns.push(next!.order_id)
        await noteAsked(rooms, LAB, next!.order_id, 1_000 + n)
      }
      expect(turns).toEqual([id, ...all.map((order) => order.order_id)])
    })
  })
}
