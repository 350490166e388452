// The pages: what they show, and nothing of a patient.
import { describe, expect, it } from 'vitest'
import type { PageBlock } from '../../../packages/orderly/src/index.ts'
import { LAB, NEW_ORDER, PATIENT, PRACTICE, RIVAL } from '../../../packs/lab/fixtures/lakeside.ts'
import { orderSheetPdf } from '../../../packs/lab/src/index.ts'
import type { LabTables } from '../../../packs/lab/src/store/tables.ts'
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
      const page = new Map(shown)
      // What is to be ordered and what was unusual stand above the charts.
      const rowsOf = (block: PageBlock | undefined) => (block?.block === 'table' ? block.rows : [])
      expect(page.get('forecast')![0]).toMatchObject({ title: 'What to order' })
      expect(rowsOf(page.get('forecast')![0])[0]).toMatchObject({
        product: 'Progressive 1.60 (PR-160)',
        advice: { tone: 'bad' },
        shelf: 3,
      })
      expect(page.get('anomalies')![0]).toMatchObject({ title: 'What was unusual' })
      expect(rowsOf(page.get('order')!.at(-1))[0]).toMatchObject({
        document: { text: 'Order sheet', page: 'document' },
        opened: 'with a reason',
      })
    })
    it('show news of a LIMS beside the order of its own laboratory, where two have a job of one number', async () => {
      const { query } = lab.orderly.database.withTables<LabTables>()
      const own = await lab.desk.createOrder(NEW_ORDER)
      const other = await lab.desk.createOrder({ ...NEW_ORDER, companyId: RIVAL, labId: RIVAL })
      await query
        .updateTable('lab_orders')
        .set({ lims_job: 'job-7' })
        .where('order_id', 'in', [own.id, other.id])
        .execute()
      await query
        .insertInto('lab_lims_news')
        .values({
          digest: 'd-7',
          company_id: LAB,
          lims_job: 'job-7',
          state: 'taken',
          reason: null,
          at: 7,
        })
        .execute()
      const { pages } = lab.orderly.packs.find(({ name }) => name === 'lab')!
      const blocks = await pages.find(({ id }) => id === 'inbox')!.load({})
      const rows = blocks.flatMap((block) => (block.block === 'table' ? block.rows : []))
      expect(rows.filter(({ job }) => job === 'job-7')).toEqual([
        expect.objectContaining({ order: expect.objectContaining({ text: own.number }) }),
      ])
    })
    it('say who has to look at what: mails nobody knows the fate of, and orders past their day', async () => {
      const { query } = lab.orderly.database.withTables<LabTables>()
      const [mail] = await lab.desk.outbox(PRACTICE)
      await query
        .updateTable('lab_mails')
        .set({ state: 'unsure' })
        .where('mail_key', '=', mail!.mail_key)
        .execute()
      const late = await lab.desk.createOrder({ ...NEW_ORDER, dueOn: '2020-01-02' })
      const { pages } = lab.orderly.packs.find(({ name }) => name === 'lab')!
      const load = async (id: string) => pages.find((page) => page.id === id)!.load({})
      expect((await load('outbox'))[1]).toMatchObject({
        title: 'To be looked at',
        rows: expect.arrayContaining([
          expect.objectContaining({
            company: 'Birch Eye Care',
            command: `npx orderly lab mail ${PRACTICE} ${mail!.mail_key}`,
          }),
        ]),
      })
      expect((await load('orders'))[1]).toMatchObject({
        title: 'Past their day',
        rows: [{ number: { text: late.number }, due: { text: '2020-01-02', tone: 'bad' } }],
      })
    })
  })
}
