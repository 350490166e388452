import { inspect } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import {
  MailError,
  openMailer,
  type Mailer,
  type MailMessage,
} from '../../packages/orderly/src/index.ts'
import { systemClock } from '../../packages/orderly/src/primitives/clock.ts'
import { until } from '../../packages/orderly/src/testing/outage-lab.ts'
import { TEST_CERTIFICATE } from '../support/certificate.ts'
import { startSmtp, type SmtpKit } from '../support/smtp.ts'

const PATIENT = 'Quillon Vantassel'
const message: MailMessage = {
  to: `${PATIENT} <quillon@patients.example>`,
  subject: 'Your order is on its way',
  text: 'Hello Quillon, see the portal.',
  html: '<p>Hello Quillon, see the portal.</p>',
  messageId: 'order-17.shipped@lab.example',
}
const FROM = 'Lab <lab@lab.example>'

let smtp: SmtpKit
let mailer: Mailer

beforeAll(async () => {
  smtp = await startSmtp()
  mailer = openMailer({ url: smtp.url, from: FROM, clock: systemClock, timeout: 1_000 })
})
afterEach(() => smtp.clear())
afterAll(async () => {
  await mailer.close()
  await smtp.stop()
})

async function errorOf(sending: Promise<unknown>): Promise<MailError> {
  const error = await sending.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(MailError)
  return error as MailError
}

describe('a mailer', () => {
  it('hands over both parts, the attachment and the id it is given', async () => {
    const receipt = await mailer.send({
      ...message,
      cc: 'desk@lab.example',
      headers: { 'List-Unsubscribe': '<https://lab.example/unsubscribe>' },
      attachments: [
        { filename: 'label.txt', contentType: 'text/plain', content: Buffer.from('label') },
      ],
    })
    expect(receipt).toMatchObject({
      accepted: ['quillon@patients.example', 'desk@lab.example'],
      rejected: [],
      messageId: '<order-17.shipped@lab.example>',
    })
    const [{ mail, from, to }] = smtp.received as [SmtpKit['received'][number]]
    expect(from).toBe('lab@lab.example')
    expect(to).toEqual(['quillon@patients.example', 'desk@lab.example'])
    expect(mail.messageId).toBe('<order-17.shipped@lab.example>')
    expect(mail.text?.trim()).toBe(message.text)
    expect(mail.html).toContain('<p>Hello Quillon')
    expect(mail.attachments[0]?.content.toString()).toBe('label')
    expect(mail.headers.has('x-mailer')).toBe(false)
  })

  it('uses a connection again', async () => {
    await mailer.send(message)
    const before = smtp.connections
    await mailer.send(message)
    await mailer.send(message)
    expect(smtp.connections).toBe(before)
  })

  it('tells "later" from "never", and repeats nothing of the mail', async () => {
    smtp.fail({ code: 450, at: 'rcpt' })
    const later = await errorOf(mailer.send(message))
    expect(later).toMatchObject({
      code: 'ORDERLY_MAIL_DEFERRED',
      temporary: true,
      smtpCode: 450,
      mayHaveArrived: false,
    })
    smtp.fail({ code: 550, at: 'rcpt' })
    const never = await errorOf(mailer.send(message))
    expect(never).toMatchObject({ code: 'ORDERLY_MAIL_REFUSED', temporary: false, smtpCode: 550 })
    smtp.fail({ code: 554 })
    expect(await errorOf(mailer.send(message))).toMatchObject({ temporary: false, smtpCode: 554 })
    smtp.fail({ code: 421, at: 'mail' })
    expect(await errorOf(mailer.send(message))).toMatchObject({ temporary: true })
    for (const error of [later, never]) {
      expect(inspect(error, { showHidden: true })).not.toMatch(/quillon|vantassel/i)
      expect(error.cause).toBeUndefined()
    }
  })

  it('names who was refused when others were taken', async () => {
    smtp.fail({ code: 550, at: 'rcpt', to: 'gone@patients.example' })
    const { accepted, rejected } = await mailer.send({
      ...message,
      to: ['quillon@patients.example', 'gone@patients.example'],
    })
    expect(accepted).toEqual(['quillon@patients.example'])
    expect(rejected).toEqual([
      { address: 'gone@patients.example', smtpCode: 550, temporary: false },
    ])
  })

  it('says that a mail may have arrived when the answer to it is lost, and does not send it again', async () => {
    smtp.fail({ drop: 'data' })
    expect(await errorOf(mailer.send(message))).toMatchObject({
      temporary: true,
      mayHaveArrived: true,
    })
    smtp.fail({ slow: 1_500 })
    expect(await errorOf(mailer.send(message))).toMatchObject({
      temporary: true,
      mayHaveArrived: true,
    })
    expect(smtp.kept).toHaveLength(1)
  })

  it('asks before the line that ends a mail, when the server has read the rest, and sends none without', async () => {
    const letters = ['short', 'a line of a long letter\n'.repeat(20_000)]
    const came = (messageId: string) =>
      smtp.received.filter(({ mail }) => mail.messageId === `<${messageId}>`)
    for (const [n, text] of letters.entries()) {
      const messageId = `letter-${n}@lab.example`
      let cameBefore = -1
      await mailer.send(
        { ...message, text, messageId },
        {
          async beforeEnd() {
            await until(() => smtp.beginning > text.length)
            cameBefore = came(messageId).length
          },
        },
      )
      expect(cameBefore).toBe(0)
      expect(came(messageId).map(({ mail }) => mail.text?.trim())).toEqual([text.trim()])
    }
    const no = new Error('another run has it')
    const never = { ...message, messageId: 'never@lab.example' }
    await expect(mailer.send(never, { beforeEnd: () => Promise.reject(no) })).rejects.toBe(no)
    await mailer.send({ ...message, messageId: 'next@lab.example' })
    expect([came('never@lab.example').length, came('next@lab.example').length]).toEqual([0, 1])
  })

  it('knows that a mail has not arrived when the connection is lost before its end', async () => {
    smtp.fail({ drop: 'connect' })
    const lone = openMailer({ url: smtp.url, from: FROM, clock: systemClock, timeout: 1_000 })
    expect(await errorOf(lone.send(message))).toMatchObject({ mayHaveArrived: false })
    const lost = lone.send(
      { ...message, messageId: 'lost@lab.example' },
      {
        async beforeEnd() {
          smtp.breakOff()
          await new Promise((resolve) => setTimeout(resolve, 50))
        },
      },
    )
    expect(await errorOf(lost)).toMatchObject({ temporary: true })
    expect(smtp.received.filter(({ mail }) => mail.messageId === '<lost@lab.example>')).toEqual([])
    await lone.close()
  })

  it('says that no mail has arrived where there is no server', async () => {
    const gone = await startSmtp()
    await gone.stop()
    const nowhere = openMailer({ url: gone.url, from: FROM, clock: systemClock })
    const error = await errorOf(nowhere.send(message))
    expect(error).toMatchObject({ temporary: true, mayHaveArrived: false })
    await nowhere.close()
    await expect(nowhere.send(message)).rejects.toMatchObject({ code: 'ORDERLY_CLOSED' })
  })

  it('refuses what could smuggle in a header or a recipient', async () => {
    const wrong: Partial<MailMessage>[] = [
      { subject: 'Order\r\nBcc: thief@evil.example' },
      { to: 'a@b.example\r\nBcc: thief@evil.example' },
      { to: 'a@b.example, thief@evil.example' },
      { to: '"a@evil.example x"@b.example' },
      { to: [] },
      { messageId: 'no id' },
      { messageId: 'a@b>\r\nX: y' },
      { headers: { 'X-A\r\nBcc': 'thief@evil.example' } },
      { headers: { 'X-A': 'a\r\nBcc: thief@evil.example' } },
      { headers: { Bcc: 'thief@evil.example' } },
      { to: Array.from({ length: 101 }, (_, n) => `p${n}@b.example`) },
    ]
    for (const part of wrong) {
      const sending = mailer.send({ ...message, ...part })
      await expect(sending).rejects.toMatchObject({ code: 'ORDERLY_INPUT_INVALID' })
      await expect(sending).rejects.not.toThrow(/thief/)
    }
    expect(smtp.received).toHaveLength(0)
  })

  it('never reads a file that a message names', async () => {
    await mailer.send({ ...message, html: '<img src="cid:x">', text: 'file:///etc/hostname' })
    expect(smtp.received[0]?.mail.attachments).toEqual([])
  })
})

describe('the way to the server', () => {
  it('is refused when it is no address of a mail server, without repeating the password', () => {
    for (const url of ['http://u:hush@h', 'smtp://', 'hush'])
      expect(() => openMailer({ url, from: FROM, clock: systemClock })).toThrow(
        expect.objectContaining({
          code: 'ORDERLY_SETTING_INVALID',
          message: expect.not.stringMatching(/hush/) as string,
        }),
      )
  })

  it('is signed in to over TLS whose certificate is trusted, and not otherwise', async () => {
    const server = await startSmtp({
      tls: { ...TEST_CERTIFICATE, mode: 'smtps' },
      user: { name: 'lab', password: 'hush' },
    })
    const open = (url: string, ca?: string): Mailer =>
      openMailer({ url, from: FROM, clock: systemClock, ...(ca === undefined ? {} : { ca }) })
    const trusted = open(server.url, TEST_CERTIFICATE.cert)
    await trusted.verify()
    await trusted.send(message)
    expect(server.received[0]).toMatchObject({ secure: true, user: 'lab' })

    const untrusted = open(server.url)
    expect(await errorOf(untrusted.send(message))).toMatchObject({
      temporary: true,
      mayHaveArrived: false,
    })
    const wrong = open(server.url.replace('hush', 'wrong'), TEST_CERTIFICATE.cert)
    const error = await errorOf(wrong.send(message))
    expect(error).toMatchObject({ temporary: true, smtpCode: 535 })
    expect(error.message).not.toContain('wrong')
    await Promise.all([trusted.close(), untrusted.close(), wrong.close()])
    expect(server.received).toHaveLength(1)
    await server.stop()
  })
})
