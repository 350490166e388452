// Numbers: without gaps, and one each, however many ask at the same time.
import { describe, expect, it } from 'vitest'
import { LAB, NEW_ORDER, PRACTICE } from '../../../packs/lab/fixtures/lakeside.ts'
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
