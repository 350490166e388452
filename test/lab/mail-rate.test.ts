import { expect, it } from 'vitest'
import { createTestOrderly } from '../../packages/orderly/src/testing/index.ts'
import { LAB, LAB_USER, settle } from '../../packs/lab/fixtures/lakeside.ts'
import { lab, notificationEmail } from '../../packs/lab/src/index.ts'
import { startSmtp } from '../support/smtp.ts'

it('keeps a mail back whose domain has had enough, and counts no attempt', async () => {
  const smtp = await startSmtp()
  const pack = lab({ mailsPerDomain: 1 })
  const orderly = await createTestOrderly({
    packs: [pack],
    smtpUrl: smtp.url,
    mailFrom: 'jobs@lab.example',
  })
  try {
    await settle(pack.desk())
    const send = (subject: string) =>
      orderly.perform(notificationEmail, { companyId: LAB, userId: LAB_USER, subject, text: 'x' })
    expect(await send('one')).toMatchObject({ state: 'completed', attempts: 1 })
    expect(await send('two')).toMatchObject({ state: 'delayed' })
    expect(smtp.received.map(({ mail }) => /^(one|two)$/m.exec(mail.text ?? '')?.[0])).toEqual([
      'one',
    ])
    expect((await pack.desk().outbox(LAB)).map(({ state }) => state).toSorted()).toEqual([
      'sent',
      'waiting',
    ])
  } finally {
    await orderly.close()
    await smtp.stop()
  }
})
