// The pages: what they show, and nothing of a patient.
import { describe, expect, it } from 'vitest'
import { PATIENT } from '../../../packs/lab/fixtures/lakeside.ts'
import { orderSheetPdf } from '../../../packs/lab/src/index.ts'
import type { LabKit } from '../kit.ts'

export function provePages(lab: LabKit): void {
  describe('the pages', () => {
    it('show orders, documents, outbox, inbox and charts, and no patient', async () => {
      await lab.orderly.perform(orderSheetPdf, { orderId: lab.order.id })
      const { pages } = lab.orderly.packs.find(({ name }) => name === 'lab')!
      const shown = await Promise.all(
        pages.map(async (page) => [page.id, await page.load({ id: lab.order.id })] as const),
      )
      expect(shown.map(([id]) => id)).toEqual([
        'orders',
        'order',
        'documents',
        'document',
        'outbox',
        'inbox',
        'forecast',
        'anomalies',
      ])
      const text = JSON.stringify(shown)
      expect(text).not.toContain(PATIENT)
      expect(text).toContain(lab.order.number)
      expect(text).toContain('"kind":"band"')
    })
  })
}
