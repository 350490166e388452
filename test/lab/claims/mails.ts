// Mails: once, to whom they are for, and what happens when the server says no.
import { describe, expect, it } from 'vitest'
import {
  LAB,
  LAB_USER,
  PATIENT,
  PRACTICE,
  PRACTICE_USER,
  RIVAL,
  SUPPLIER,
} from '../../../packs/lab/fixtures/lakeside.ts'
import {
  marketplaceConnectionEmail,
  notificationEmail,
  orderConfirmationEmail,
  purchaseOrderEmail,
  shipmentEmail,
} from '../../../packs/lab/src/index.ts'
import type { SmtpKit } from '../../support/smtp.ts'
import type { LabKit } from '../kit.ts'

export function proveMails(lab: LabKit): void {
  describe('mails', () => {
    it('confirm an order to the one who made it, in HTML and text, and name no patient', async () => {
      const done = await lab.orderly.perform(orderConfirmationEmail, {
        orderId: lab.order.id,
        userId: PRACTICE_USER,
      })
      expect(done).toMatchObject({ state: 'completed', output: { state: 'sent' } })
      const [{ mail, raw, to }] = lab.smtp.received as [SmtpKit['received'][0]]
      expect(to).toEqual(['ines@birch.example'])
      expect(mail.subject).toBe(`Order ${lab.order.number} received`)
      expect(mail.text).toContain(`Total: $193.77`)
      expect(mail.html).toContain('Inés Peña')
      expect(raw).toMatch(/multipart\/alternative/)
      expect(mail.messageId).toBe(done.output!.messageId)
      expect(raw).not.toContain(PATIENT)
    })
    it('are sent once, however often they are asked for', async () => {
      const asked = { orderId: lab.order.id, userId: LAB_USER }
      const first = await lab.orderly.perform(orderConfirmationEmail, asked)
      const second = await lab.orderly.perform(orderConfirmationEmail, asked)
      expect([first.output?.state, second.output?.state]).toEqual(['sent', 'already-sent'])
      expect(lab.smtp.received).toHaveLength(1)
    })
    it('go again when the server says later, and under the same id', async () => {
      lab.smtp.fail({ code: 450, at: 'rcpt' })
      const done = await lab.orderly.perform(shipmentEmail, {
        orderId: lab.order.id,
        userId: PRACTICE_USER,
        trackingNumber: 'T-1',
      })
      expect(done).toMatchObject({ state: 'completed', attempts: 2, output: { state: 'sent' } })
      expect(lab.smtp.received).toHaveLength(1)
    })
    it('are left when the server says never', async () => {
      lab.smtp.fail({ code: 550, at: 'rcpt' })
      const done = await lab.orderly.perform(shipmentEmail, {
        orderId: lab.order.id,
        userId: PRACTICE_USER,
        trackingNumber: 'T-2',
      })
      expect(done).toMatchObject({ state: 'failed', attempts: 1 })
      expect(
        (await lab.desk.outbox(PRACTICE)).find(({ state }) => state === 'refused')?.reason,
      ).toContain('550')
    })
    it('are not sent again when nobody knows whether they arrived', async () => {
      lab.smtp.fail({ drop: 'data' })
      const done = await lab.orderly.perform(shipmentEmail, {
        orderId: lab.order.id,
        userId: PRACTICE_USER,
        trackingNumber: 'T-3',
      })
      expect(done).toMatchObject({ state: 'failed', attempts: 1 })
      expect(lab.smtp.kept).toHaveLength(1)
      expect(lab.smtp.received).toHaveLength(0)
      const again = await lab.orderly.perform(shipmentEmail, {
        orderId: lab.order.id,
        userId: PRACTICE_USER,
        trackingNumber: 'T-3',
      })
      expect(again.state).toBe('failed')
      expect(lab.smtp.received).toHaveLength(0)
      expect((await lab.desk.outbox(PRACTICE)).some(({ state }) => state === 'unsure')).toBe(true)
    })
    it('reach nobody who wants none', async () => {
      await lab.desk.suppress('DESK@blanks.example', 'bounced')
      await lab.desk.suppress('orders@blanks.example', 'asked')
      await lab.desk.savePurchaseOrder({
        id: 'po-1',
        companyId: LAB,
        supplierId: SUPPLIER,
        number: 'PO-7',
        lines: [{ description: 'Blank 70', quantity: 40, unitCents: 350, taxRate: 0 }],
      })
      const done = await lab.orderly.perform(purchaseOrderEmail, {
        poId: 'po-1',
        supplierId: SUPPLIER,
      })
      expect(done.output?.state).toBe('suppressed')
      expect(lab.smtp.received).toHaveLength(0)
    })
    it('tell who was asked of a connection, and who asked of the answer', async () => {
      const input = { connectionId: 'conn-2', requesterCompanyId: RIVAL, targetCompanyId: LAB }
      const connection = { id: 'conn-2', requesterId: RIVAL, targetId: LAB } as const
      await lab.desk.saveConnection({ ...connection, state: 'requested' })
      await lab.orderly.perform(marketplaceConnectionEmail, input)
      await lab.desk.saveConnection({ ...connection, state: 'rejected' })
      await lab.orderly.perform(marketplaceConnectionEmail, input)
      expect(lab.smtp.received.map(({ to, mail }) => [to[0], mail.subject])).toEqual([
        ['desk@lab.example', 'Rival Optics asks to be connected'],
        ['desk@rival.example', 'Lakeside Lab has declined your connection'],
      ])
      expect(
        lab.smtp.received[0]!.mail.headers.has('list-unsubscribe') ||
          /List-Unsubscribe/i.test(lab.smtp.received[0]!.raw),
      ).toBe(true)
    })
    it('cannot be made to carry headers or markup', async () => {
      const done = await lab.orderly.perform(notificationEmail, {
        companyId: PRACTICE,
        userId: PRACTICE_USER,
        subject: 'Hi\r\nBcc: all@evil.example',
        text: '<script>alert(1)</script> & "quotes"',
      })
      expect(done.state).toBe('completed')
      const [{ mail, to, raw }] = lab.smtp.received as [SmtpKit['received'][0]]
      expect(to).toEqual(['ines@birch.example'])
      expect(mail.bcc).toBeUndefined()
      expect(raw).not.toMatch(/^bcc:/im)
      expect(mail.html).not.toContain('<script>')
      expect(mail.text).toContain('<script>alert(1)</script>')
    })
  })
}
