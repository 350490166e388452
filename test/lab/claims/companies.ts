// Companies: none sees, or is told, anything of another.
import { describe, expect, it } from 'vitest'
import type { NotificationTables } from '../../../packages/orderly/src/state/notification-tables.ts'
import {
  DETAILS,
  LAB,
  LAB_USER,
  NEW_ORDER,
  PATIENT,
  PRACTICE,
  PRACTICE_USER,
  RIVAL,
  RIVAL_USER,
} from '../../../packs/lab/fixtures/lakeside.ts'
import { SOUND } from '../../../packs/lab/fixtures/prescriptions.ts'
import {
  marketplaceConnectionEmail,
  orderConfirmationEmail,
  orderNotification,
  purchaseOrderEmail,
  systemNotification,
} from '../../../packs/lab/src/index.ts'
import type { LabKit } from '../kit.ts'

export function proveCompanies(lab: LabKit): void {
  describe('companies', () => {
    it('see only their own orders, documents, figures and users', async () => {
      expect(await lab.desk.order(RIVAL, lab.order.id)).toBeUndefined()
      expect(await lab.desk.orders(RIVAL)).toEqual([])
      expect((await lab.desk.orders(PRACTICE)).map(({ id }) => id)).toContain(lab.order.id)
      await expect(lab.desk.document(RIVAL, `lab-work-ticket.${lab.order.id}`)).rejects.toThrow(
        'no such document',
      )
      await expect(lab.desk.moveOrder(PRACTICE, lab.order.id, 'shipped')).rejects.toThrow(
        'no such order',
      )
      await expect(lab.desk.user(RIVAL, PRACTICE_USER)).rejects.toThrow('no such user')
      const thief = {
        id: PRACTICE_USER,
        companyId: RIVAL,
        name: 'Thief',
        email: 'thief@rival.example',
      }
      await expect(lab.desk.saveUser(thief)).rejects.toThrow('of another company')
      expect((await lab.desk.user(PRACTICE, PRACTICE_USER)).email).toBe('ines@birch.example')
    })
    it('are told nothing of others, whatever ids a job names', async () => {
      for (const job of [
        await lab.orderly.perform(orderConfirmationEmail, {
          orderId: lab.order.id,
          userId: RIVAL_USER,
        }),
        await lab.orderly.perform(orderNotification, {
          orderId: lab.order.id,
          userId: RIVAL_USER,
          status: 'confirmed',
        }),
        await lab.orderly.perform(systemNotification, {
          companyId: RIVAL,
          userId: PRACTICE_USER,
          title: 'x',
          message: 'y',
        }),
        await lab.orderly.perform(purchaseOrderEmail, { poId: 'po-1', supplierId: RIVAL }),
        await lab.orderly.perform(marketplaceConnectionEmail, {
          connectionId: 'conn-1',
          requesterCompanyId: RIVAL,
          targetCompanyId: LAB,
        }),
      ])
        expect(job).toMatchObject({ state: 'failed', attempts: 1 })
      expect(lab.smtp.received).toHaveLength(0)
    })
    it('read what people write to them, and nobody else does: neither title nor message is in the clear', async () => {
      const { notifications } = lab.orderly
      const written = { title: `Recall of ${PATIENT}`, message: `${PATIENT} waits for new lenses.` }
      await lab.orderly.perform(systemNotification, {
        ...written,
        companyId: LAB,
        userId: LAB_USER,
      })
      const [notice] = await notifications.list({ user: LAB_USER }, { kind: 'lab.system' })
      expect(notice!.title).toBe('You have a message')
      expect(await notifications.detail({ user: LAB_USER }, notice!.id)).toEqual(written)
      const rows = await lab.orderly.database
        .withTables<NotificationTables>()
        .query.selectFrom('orderly_notifications')
        .selectAll()
        .execute()
      expect(JSON.stringify(rows)).not.toContain(PATIENT)
    })
    it('order only from laboratories they are connected with', async () => {
      await expect(lab.desk.createOrder({ ...NEW_ORDER, companyId: RIVAL })).rejects.toThrow(
        'not connected',
      )
      const wrong = { ...DETAILS, prescription: { ...SOUND, od: { ...SOUND.od, axis: null } } }
      await expect(lab.desk.createOrder({ ...NEW_ORDER, details: wrong })).rejects.toThrow(
        'axis-missing',
      )
    })
    it('order something, due on a day there is', async () => {
      const [line] = NEW_ORDER.lines
      for (const wrong of [
        { lines: [] },
        { lines: [{ ...line!, quantity: 0 }] },
        { lines: [{ ...line!, quantity: -2 }] },
      ])
        await expect(lab.desk.createOrder({ ...NEW_ORDER, ...wrong })).rejects.toThrow('lines')
      for (const dueOn of ['soon', '2026-02-30', '02/03/2026'])
        await expect(lab.desk.createOrder({ ...NEW_ORDER, dueOn })).rejects.toThrow('calendar')
    })
  })
}
