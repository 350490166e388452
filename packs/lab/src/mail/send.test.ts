import { expect, it } from 'vitest'
import { postOnce } from './send.ts'

it('says in its code that no mail server is set, where the message is under seal', async () => {
  const rooms = { mailer: undefined } as Parameters<typeof postOnce>[0]
  const posting = {
    key: ['o-1'],
    kind: 'order-confirmation' as const,
    companyId: 'lakeside',
    userId: null,
    to: 'desk@example.org',
    letter: { subject: 'x', preview: '', greeting: '', blocks: [], sender: '' },
  }
  await expect(postOnce(rooms, { jobId: 'j-1', run: 1 }, posting)).rejects.toMatchObject({
    code: 'ORDERLY_MAIL_NOT_SET',
  })
})
