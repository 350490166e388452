// Numbers: without gaps, and one each, however many ask at the same time.
import { describe, expect, it } from 'vitest'
import { LAB, NEW_ORDER, PRACTICE, SUPPLIER } from '../../../packs/lab/fixtures/lakeside.ts'
import { dayNumber } from '../../../packs/lab/src/forecast/series.ts'
import type { LabTables } from '../../../packs/lab/src/store/tables.ts'
import type { LabKit } from '../kit.ts'

export function proveNumbers(lab: LabKit): void {
  describe('numbers', () => {
    it('are given to orders that come at the same time, one each and without gaps', async () => {
      const made = await Promise.all(
        Array.from({ length: 10 }, () => lab.desk.createOrder(NEW_ORDER)),
      )
      const numbers = made
        .map(({ number }) => Number(number.split('-').at(-1)))
        .toSorted((a, b) => a - b)
      expect(numbers).toEqual(numbers.map((_, at) => numbers[0]! + at))
    })
    it('of all that is on the shelf are right, however many count at the same time', async () => {
      const sku = (n: number, onHand: number) =>
        lab.desk.saveStock({
          companyId: SUPPLIER,
          sku: `R-${n}`,
          name: 'Blank',
          onHand,
          onOrder: 0,
          leadDays: 1,
          packSize: 1,
        })
      for (const round of [1, 2])
        await Promise.all(Array.from({ length: 12 }, (_, n) => sku(n, round * (n + 1))))
      const day = dayNumber(new Date().toISOString().slice(0, 10))
      const { value } = await lab.orderly.database
        .withTables<LabTables>()
        .query.selectFrom('lab_daily')
        .select('value')
        .where('company_id', '=', SUPPLIER)
        .where('metric', '=', 'inventory')
        .where('day', '>=', day - 1)
        .orderBy('day', 'desc')
        .executeTakeFirstOrThrow()
      expect(value).toBe(2 * 78)
      await expect(
        lab.desk.saveStock({
          companyId: 'nobody',
          sku: 'x',
          name: 'x',
          onHand: 1,
          onOrder: 0,
          leadDays: 1,
          packSize: 1,
        }),
      ).rejects.toThrow('save it first')
    })
    it('are given to laboratories that order from each other at the same time, and neither waits for the other', async () => {
      const one = { ...NEW_ORDER, companyId: PRACTICE, labId: LAB }
      const other = { ...NEW_ORDER, companyId: LAB, labId: PRACTICE }
      const made = await Promise.all(
        Array.from({ length: 16 }, (_, n) => lab.desk.createOrder(n % 2 ? one : other)),
      )
      for (const labId of [LAB, PRACTICE]) {
        const numbers = made.filter((order) => order.labId === labId).map(({ number }) => number)
        expect(new Set(numbers).size).toBe(8)
      }
      for (const { id, labId } of made) await lab.desk.moveOrder(labId, id, 'cancelled')
    })
    it('are of companies that are there, and ids of one company are no other one’s', async () => {
      const { desk } = lab
      await expect(
        desk.createOrder({ ...NEW_ORDER, companyId: 'nobody', labId: 'nobody' }),
      ).rejects.toThrow('save them first')
      const payment = {
        id: 'pay-of-one',
        orderId: lab.order.id,
        paidOn: '2026-03-02',
        method: 'card',
        cents: 1,
      }
      await desk.savePayment({ ...payment, companyId: LAB })
      await desk.savePayment({ ...payment, companyId: LAB })
      await expect(desk.savePayment({ ...payment, companyId: PRACTICE })).rejects.toThrow('taken')
    })
  })
}
