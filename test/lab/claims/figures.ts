// Figures: whose money it is, how many there are however many that is, and where each metric comes from.
import { describe, expect, it } from 'vitest'
import {
  EXAMINATION,
  LAB,
  LAB_USER,
  NEW_ORDER,
  PRACTICE,
  PRACTICE_USER,
  RIVAL,
  RIVAL_USER,
} from '../../../packs/lab/fixtures/lakeside.ts'
import { dayNumber, dayText } from '../../../packs/lab/src/forecast/series.ts'
import { anomalyDetection, chatResponse, dailyBriefing } from '../../../packs/lab/src/index.ts'
import { gatherInsightFacts } from '../../../packs/lab/src/insight/gather.ts'
import type { LabTables } from '../../../packs/lab/src/store/tables.ts'
import type { LabKit } from '../kit.ts'

export function proveFigures(lab: LabKit): void {
  describe('figures', () => {
    const db = () => lab.orderly.database.withTables<LabTables>()
    const today = () => dayNumber(new Date().toISOString().slice(0, 10))
    const figure = async (companyId: string, metric: string, day = today()): Promise<number> => {
      const row = await db()
        .query.selectFrom('lab_daily')
        .select('value')
        .where('company_id', '=', companyId)
        .where('metric', '=', metric)
        .where('day', '=', day)
        .executeTakeFirst()
      return row?.value ?? 0
    }
    const ask = async (companyId: string, userId: string, message: string): Promise<string> => {
      const asked = { companyId, userId, conversationId: 'c-figures', message }
      return (await lab.orderly.perform(chatResponse, asked)).output!.answer
    }

    it('are revenue of the laboratory and spending of the practice, and gone with a cancelled order', async () => {
      const before = {
        revenue: await figure(LAB, 'revenue'),
        spending: await figure(PRACTICE, 'spending'),
        pieces: await figure(LAB, 'sku:PR-160'),
      }
      const { id } = await lab.desk.createOrder(NEW_ORDER)
      expect(await figure(LAB, 'revenue')).toBeCloseTo(before.revenue + 179)
      expect(await figure(PRACTICE, 'spending')).toBeCloseTo(before.spending + 179)
      expect(await figure(LAB, 'sku:PR-160')).toBe(before.pieces + 2)
      expect(await figure(PRACTICE, 'revenue')).toBe(0)
      expect(await ask(PRACTICE, PRACTICE_USER, 'revenue today')).toContain('$0.00')
      // However long ago it was earned.
      for (const day of ['2015-01-31', '2015-02-01', '2019-07-01', '2019-07-02'])
        await db()
          .query.insertInto('lab_daily')
          .values({ company_id: RIVAL, metric: 'revenue', day: dayNumber(day), value: 100.25 })
          .execute()
      expect(await ask(RIVAL, RIVAL_USER, 'revenue from 2015-02-01 to 2019-07-01')).toContain(
        '$200.50',
      )
      const counted = async () => {
        const from = dayText(today() - 1)
        const facts = await gatherInsightFacts({ db: db() }, LAB, {
          area: 'revenue',
          from,
          to: dayText(today()),
        })
        return facts.current.length
      }
      const orders = await counted()
      await lab.desk.moveOrder(LAB, id, 'cancelled')
      expect(await counted()).toBe(orders - 1)
      expect(await figure(LAB, 'revenue')).toBeCloseTo(before.revenue)
      expect(await figure(PRACTICE, 'spending')).toBeCloseTo(before.spending)
      expect(await figure(LAB, 'sku:PR-160')).toBe(before.pieces)
    })
    it('of stock are all pieces on the shelf, as they stand until they change', async () => {
      const stock = { companyId: RIVAL, name: 'Blank', onOrder: 0, leadDays: 5, packSize: 10 }
      await lab.desk.saveStock({ ...stock, sku: 'B-1', onHand: 40 })
      await lab.desk.saveStock({ ...stock, sku: 'B-2', onHand: 5 })
      await lab.desk.saveStock({ ...stock, sku: 'B-1', onHand: 30 })
      expect(await figure(RIVAL, 'inventory')).toBe(35)
      const days = (first: number) => ({
        company_id: RIVAL,
        metric: 'inventory',
        day: first,
        value: 35,
      })
      await db()
        .query.insertInto('lab_daily')
        .values(days(today() - 60))
        .execute()
      const found = await lab.orderly.perform(anomalyDetection, {
        companyId: RIVAL,
        metric: 'inventory',
      })
      // Sixty days of one level: no days are missing, and nothing is unusual.
      expect(found.output).toEqual({ incidents: 0, critical: 0, reason: null })
    })
    it('of patients are the examinations of a day', async () => {
      const at = Date.parse('2026-01-05T15:00:00Z')
      const day = dayNumber('2026-01-05')
      const before = await figure(PRACTICE, 'patients', day)
      await lab.desk.saveExamination({ ...EXAMINATION, id: 'ex-figures', at })
      expect(await figure(PRACTICE, 'patients', day)).toBe(before + 1)
    })
    it('are counted whole, and the number of an order names its laboratory where two gave it', async () => {
      const from = await db()
        .query.selectFrom('lab_orders')
        .selectAll()
        .where('order_id', '=', lab.order.id)
        .executeTakeFirstOrThrow()
      const rows = Array.from({ length: 520 }, (_, n) => ({
        ...from,
        order_id: `many-${n}`,
        company_id: RIVAL,
        lab_id: n === 0 ? LAB : RIVAL,
        number: `ORD-2031-${String(n === 0 ? 1 : n).padStart(5, '0')}`,
        status: 'pending' as const,
        ordered_on: '2031-01-02',
        due_on: '2020-01-02',
      }))
      for (let at = 0; at < rows.length; at += 40)
        await db()
          .query.insertInto('lab_orders')
          .values(rows.slice(at, at + 40))
          .execute()
      try {
        expect(await ask(RIVAL, RIVAL_USER, 'late orders')).toMatch(/^There are 520 orders late/)
        expect(await ask(RIVAL, RIVAL_USER, 'where is ORD-2031-00001?')).toMatch(
          /of Lakeside Lab is pending.*of Rival Optics is pending|of Rival Optics is pending.*of Lakeside Lab is pending/,
        )
        const date = new Date().toISOString().slice(0, 10)
        await lab.orderly.perform(dailyBriefing, { companyId: RIVAL, date, userIds: [] })
        const [found] = await lab.desk.findings<{ text: string }>(RIVAL, 'briefing', date)
        expect(found!.body.text).toContain('Late orders: 520')
        expect(await ask(LAB, LAB_USER, 'where is ORD-2031-00001?')).toBe(
          'Order ORD-2031-00001 is pending, due 2020-01-02.',
        )
      } finally {
        await db().query.deleteFrom('lab_orders').where('order_id', 'like', 'many-%').execute()
      }
    })
  })
}
