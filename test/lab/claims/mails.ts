// Mails: once, to whom they are for, and what happens when the server says no.
import { describe, expect, it } from 'vitest'
import { openMailer, type Mailer } from '../../../packages/orderly/src/index.ts'
import { systemClock } from '../../../packages/orderly/src/primitives/clock.ts'
import { fakeClock } from '../../../packages/orderly/src/testing/fake-clock.ts'
import { until } from '../../../packages/orderly/src/testing/outage-lab.ts'
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
import { takeTurn } from '../../../packs/lab/src/mail/domain-rate.ts'
import { postOnce, type Posting } from '../../../packs/lab/src/mail/send.ts'
import type { LabTables } from '../../../packs/lab/src/store/tables.ts'
import type { SmtpKit } from '../../support/smtp.ts'
import type { LabKit } from '../kit.ts'

const note = (subject: string): Posting => ({
  key: [subject],
  kind: 'notification',
  companyId: LAB,
  userId: LAB_USER,
  to: 'mara@lab.example',
  letter: { subject, preview: '', greeting: '', blocks: [], sender: 'Lab' },
})

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
      const ship = { orderId: lab.order.id, userId: PRACTICE_USER, trackingNumber: 'T-1' }
      const { id, state } = await lab.orderly.perform(shipmentEmail, ship)
      expect(state).toBe('delayed')
      expect(lab.smtp.received).toHaveLength(0)
      await lab.orderly.workOff({ delayed: true })
      // What the server asked for was no failure of the job.
      expect(await lab.orderly.inspectJob(id)).toMatchObject({ state: 'completed', attempts: 1 })
      expect(lab.smtp.received).toHaveLength(1)
    })
    it('wait for a server that says later for as long as a greylist does, and for no longer than a day', async () => {
      const clock = fakeClock()
      const mailer = openMailer({ url: lab.smtp.url, from: 'jobs@lab.example', clock: systemClock })
      const rooms = { ...lab.mailRooms(), clock, mailer }
      const waits: number[] = []
      const post = (run: number) => postOnce(rooms, { jobId: 'greylisted', run }, note('Later'))
      lab.smtp.fail({ code: 451, at: 'rcpt' }, 100)
      for (let run = 1; ; run++) {
        const said = await post(run).catch((error: unknown) => error)
        if (!(said instanceof Object) || !('outcome' in said)) {
          expect(String(said)).toContain('for a day')
          break
        }
        const { outcome } = said as { outcome: { type: string; delay: number } }
        expect(outcome.type).toBe('snoozed')
        waits.push(outcome.delay)
        clock.advance(outcome.delay)
      }
      const total = waits.reduce((sum, wait) => sum + wait, 0)
      expect(Math.max(...waits)).toBeLessThanOrEqual(3_600_000)
      expect(total).toBeGreaterThan(23 * 3_600_000)
      expect(total).toBeLessThan(26 * 3_600_000)
      // Put back by a person it is sent.
      lab.smtp.clear()
      expect(await post(999)).toMatchObject({ state: 'sent' })
      await mailer.close()
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
    it('that an address refused go to the corrected one, and to the same one when a person says so', async () => {
      const refuse = () => lab.smtp.fail({ code: 550, at: 'rcpt' })
      const ship = (trackingNumber: string) =>
        lab.orderly.perform(shipmentEmail, {
          orderId: lab.order.id,
          userId: PRACTICE_USER,
          trackingNumber,
        })
      const owner = { id: PRACTICE_USER, companyId: PRACTICE, name: 'Inés Peña' }
      const refused = async () =>
        (await lab.desk.outbox(PRACTICE)).find(({ state }) => state === 'refused')!
      await lab.desk.saveUser({ ...owner, email: 'innes@birch.example' })
      refuse()
      const { id } = await ship('T-7')
      lab.smtp.clear()
      expect(await ship('T-7')).toMatchObject({ state: 'failed', attempts: 1 })
      expect(lab.smtp.received).toEqual([])
      await lab.desk.saveUser({ ...owner, email: 'ines@birch.example' })
      const redriven = { reason: 'the address is corrected', by: 'mara' }
      await lab.orderly.redrive({ ids: [id] }, redriven)
      await lab.orderly.workOff()
      expect((await lab.orderly.inspectJob(id))!.state).toBe('completed')
      expect(lab.smtp.received.map(({ to }) => to)).toEqual([['ines@birch.example']])
      // Sent once, it is sent to no other address.
      await lab.desk.saveUser({ ...owner, email: 'ines.pena@birch.example' })
      expect((await ship('T-7')).output?.state).toBe('already-sent')
      await lab.desk.saveUser({ ...owner, email: 'ines@birch.example' })

      refuse()
      await ship('T-8')
      const { mail_key: key } = await refused()
      expect(await lab.desk.decideMail(RIVAL, key, 'send')).toBeUndefined()
      expect(await lab.desk.decideMail(PRACTICE, key, 'leave')).toBeUndefined()
      expect(await lab.desk.decideMail(PRACTICE, key, 'send')).toBeDefined()
      expect((await ship('T-8')).output?.state).toBe('sent')
    })
    it('that a person has left go to no corrected address either', async () => {
      lab.smtp.fail({ drop: 'data' })
      const asked = { orderId: lab.order.id, userId: LAB_USER, trackingNumber: 'T-9' }
      const ship = () => lab.orderly.perform(shipmentEmail, asked)
      await ship()
      const { mail_key: key } = (await lab.desk.outbox(PRACTICE, 1, 'unsure'))[0]!
      expect(await lab.desk.decideMail(PRACTICE, key, 'leave')).toBeDefined()
      const owner = { id: LAB_USER, companyId: LAB, name: 'Mara Holt' }
      await lab.desk.saveUser({ ...owner, email: 'mara.holt@lab.example' })
      expect((await ship()).state).toBe('failed')
      await lab.desk.saveUser({ ...owner, email: 'mara@lab.example' })
      expect(lab.smtp.received).toEqual([])
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
    it('are decided about by a person when they are unsure: left, or sent by their job', async () => {
      const ship = (trackingNumber: string) =>
        lab.orderly.perform(shipmentEmail, {
          orderId: lab.order.id,
          userId: PRACTICE_USER,
          trackingNumber,
        })
      const unsure = async () =>
        (await lab.desk.outbox(PRACTICE)).filter(({ state }) => state === 'unsure')
      for (const { mail_key: key } of await unsure())
        await lab.desk.decideMail(PRACTICE, key, 'leave')
      lab.smtp.fail({ drop: 'data' })
      const done = await ship('T-4')
      const key = (await unsure())[0]!.mail_key
      expect(await lab.desk.decideMail(RIVAL, key, 'send')).toBeUndefined()
      const decided = await lab.desk.decideMail(PRACTICE, key, 'send')
      expect(decided).toEqual({ jobId: done.id })
      expect(await lab.desk.decideMail(PRACTICE, key, 'send')).toBeUndefined()
      await lab.orderly.redrive(
        { ids: [decided!.jobId] },
        { reason: 'it did not arrive', by: 'mara' },
      )
      await lab.orderly.workOff()
      expect(lab.smtp.received).toHaveLength(1)
      expect(await unsure()).toEqual([])
    })
    it('are sent by the next run when their worker died before their end, and left when it died after', async () => {
      const { query } = lab.orderly.database.withTables<LabTables>()
      const diedAs = async (trackingNumber: string, state: 'sending' | 'ending') => {
        lab.smtp.fail({ code: 450, at: 'rcpt' })
        const { id, state: ended } = await lab.orderly.perform(shipmentEmail, {
          orderId: lab.order.id,
          userId: PRACTICE_USER,
          trackingNumber,
        })
        expect(ended).toBe('delayed')
        const mail = (await lab.desk.outbox(PRACTICE)).find(({ holder }) => holder.startsWith(id))!
        await query
          .updateTable('lab_mails')
          .set({ state })
          .where('mail_key', '=', mail.mail_key)
          .execute()
        await lab.orderly.workOff({ delayed: true })
        return (await lab.orderly.inspectJob(id))!.state
      }
      expect(await diedAs('T-5', 'sending')).toBe('completed')
      expect(lab.smtp.received).toHaveLength(1)
      expect(await diedAs('T-6', 'ending')).toBe('failed')
      expect(lab.smtp.received).toHaveLength(1)
    })
    it('are a person’s to decide when a job that is gone died at their end, and nobody’s to wait for', async () => {
      const { query } = lab.orderly.database.withTables<LabTables>()
      const ask = () =>
        lab.orderly.perform(orderConfirmationEmail, {
          orderId: lab.order.id,
          userId: PRACTICE_USER,
        })
      const leaveDead = async (minutes: number): Promise<string> => {
        const { mail_key: key } = (await lab.desk.outbox(PRACTICE, 500)).find(
          ({ kind, user_id }) => kind === 'order-confirmation' && user_id === PRACTICE_USER,
        )!
        await query
          .updateTable('lab_mails')
          .set({ state: 'ending', holder: 'job_gone/3', at: Date.now() - minutes * 60_000 })
          .where('mail_key', '=', key)
          .execute()
        return key
      }
      const key = await leaveDead(1)
      expect(await lab.desk.decideMail(PRACTICE, key, 'send')).toBeUndefined()
      await leaveDead(11)
      expect(
        (await lab.desk.outbox(PRACTICE, 500)).find((mail) => mail.mail_key === key),
      ).toMatchObject({ state: 'unsure' })
      // Asked for again it is not sent, for it may have been.
      expect((await ask()).state).toBe('failed')
      await leaveDead(11)
      expect(await lab.desk.decideMail(PRACTICE, key, 'send')).toEqual({ jobId: 'job_gone' })
      const { redriven } = await lab.orderly.redrive(
        { ids: ['job_gone'] },
        { reason: 'it did not arrive', by: 'mara' },
      )
      expect(redriven).toBe(0)
      expect(lab.smtp.received).toHaveLength(0)
      expect((await ask()).output?.state).toBe('sent')
      expect(lab.smtp.received).toHaveLength(1)
    })
    it('are not ended by a run that was thought dead and goes on', async () => {
      const mailer = openMailer({ url: lab.smtp.url, from: 'jobs@lab.example', clock: systemClock })
      const rooms = lab.mailRooms()
      const posting = note('Thought dead')
      let isAtEnd = false
      let wake = (): void => undefined
      const woken = new Promise<void>((resolve) => (wake = resolve))
      const asleep: Mailer = {
        ...mailer,
        send: (message, { beforeEnd } = {}) =>
          mailer.send(message, {
            async beforeEnd() {
              isAtEnd = true
              await woken
              await beforeEnd?.()
            },
          }),
      }
      const first = postOnce({ ...rooms, mailer: asleep }, { jobId: 'job', run: 1 }, posting)
      await until(() => isAtEnd)
      const second = await postOnce({ ...rooms, mailer }, { jobId: 'job', run: 2 }, posting)
      expect(second).toMatchObject({ state: 'sent' })
      wake()
      await expect(first).rejects.toThrow('another run')
      expect(lab.smtp.received).toHaveLength(1)
      await mailer.close()
    })
    it('go to a domain at its pace, however many processes send', async () => {
      const clock = fakeClock()
      const db = lab.orderly.database.withTables<LabTables>()
      const turn = (to: string): Promise<number> => takeTurn({ clock, db, mailsPerDomain: 10 }, to)
      // A fifth of a minute's mails at once, then one in six seconds.
      expect([await turn('a@one.example'), await turn('Ann <B@ONE.example>')]).toEqual([0, 0])
      expect(await turn('c@one.example')).toBe(6_000)
      expect(await turn('c@two.example')).toBe(0)
      clock.advance(6_000)
      const three = await Promise.all([1, 2, 3].map((n) => turn(`${n}@one.example`)))
      expect(three.filter((wait) => wait === 0)).toHaveLength(1)
      let sent = 0
      for (let second = 0; second < 600; second++) {
        clock.advance(1_000)
        if ((await turn('d@one.example')) === 0) sent++
      }
      expect(sent).toBeGreaterThanOrEqual(99)
      expect(sent).toBeLessThanOrEqual(102)
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
      // Who wants mail again gets what was kept back, when it is asked for again.
      expect(await lab.desk.liftSuppression('Orders <ORDERS@blanks.example>')).toBe(true)
      expect(await lab.desk.liftSuppression('orders@blanks.example')).toBe(false)
      const again = await lab.orderly.perform(purchaseOrderEmail, {
        poId: 'po-1',
        supplierId: SUPPLIER,
      })
      expect(again.output?.state).toBe('sent')
      expect(lab.smtp.received).toHaveLength(1)
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
      // What somebody wrote may name a patient: it stands in the mail alone.
      expect(mail.subject).toBe('Birch Eye Care: a message for you')
      expect(mail.text).toContain('Hi Bcc: all@evil.example')
      expect(mail.bcc).toBeUndefined()
      expect(raw).not.toMatch(/^bcc:/im)
      expect(mail.html).not.toContain('<script>')
      expect(mail.text).toContain('<script>alert(1)</script>')
    })
  })
}
