// News of a LIMS: believed only when it is signed, fresh and of that laboratory.
import { describe, expect, it } from 'vitest'
import { LAB, NEW_ORDER, PRACTICE } from '../../../packs/lab/fixtures/lakeside.ts'
import { signNews } from '../../../packs/lab/src/index.ts'
import type { LabKit } from '../kit.ts'

export function proveLimsNews(lab: LabKit): void {
  describe('news of a LIMS', () => {
    const SECRETS = { labId: LAB, secrets: ['new-secret', 'old-secret'] }
    const signed = (body: object, { secret = 'new-secret', at = Date.now() } = {}) => {
      const bytes = Buffer.from(JSON.stringify(body, null, 1))
      const timestamp = Math.floor(at / 1_000)
      return {
        body: bytes,
        signature: signNews(bytes, timestamp, secret),
        timestamp: String(timestamp),
      }
    }
    const news = (jobStatus: string, orderId = lab.order.id) => ({
      jobId: 'lims-1',
      jobStatus,
      orderId,
    })

    it('is believed only when signed over its very bytes, fresh, with a secret that holds', async () => {
      const good = signed(news('shipped'))
      const forged = Buffer.from(good.body.toString().replace('shipped', 'cancelled'))
      const refused = async (change: Partial<typeof good> | { signature: undefined }) =>
        (await lab.desk.receiveLimsNews(SECRETS, { ...good, ...change })).httpStatus
      expect(await refused({ body: forged })).toBe(401)
      // The same JSON, written otherwise.
      expect(await refused({ body: Buffer.from(JSON.stringify(news('shipped'))) })).toBe(401)
      expect(await refused({ timestamp: String(Number(good.timestamp) + 1) })).toBe(401)
      expect(await refused({ signature: 'f'.repeat(64) })).toBe(401)
      expect(await refused({ signature: undefined })).toBe(401)
      expect(await refused({ signature: good.signature.slice(2) })).toBe(401)
      expect(await refused({ body: Buffer.alloc(70_000) })).toBe(413)
      // What was taken once, sent again under a time that is written otherwise.
      expect(await refused({ timestamp: `0${good.timestamp}` })).toBe(401)
      const unread = { ...good, body: undefined as never }
      expect((await lab.desk.receiveLimsNews(SECRETS, unread)).httpStatus).toBe(422)
      const open = { labId: LAB, secrets: [''] }
      const anybodys = signed(news('shipped'), { secret: '' })
      expect((await lab.desk.receiveLimsNews(open, anybodys)).httpStatus).toBe(401)
      const stale = signed(news('shipped'), { at: Date.now() - 600_000 })
      expect(await lab.desk.receiveLimsNews(SECRETS, stale)).toMatchObject({
        reason: 'stale',
        httpStatus: 401,
      })
      const strange = signed(news('shipped'), { secret: 'guess' })
      expect((await lab.desk.receiveLimsNews(SECRETS, strange)).httpStatus).toBe(401)
      expect((await lab.desk.order(LAB, lab.order.id))!.status).toBe('quality_check')
    })
    it('decides by its own time, not by when it came, whether an order rests', async () => {
      const { id } = await lab.desk.createOrder(NEW_ORDER)
      const now = Date.now() + 60_000
      const told = async (word: string, seconds: number) => {
        const { state } = await lab.desk.receiveLimsNews(
          SECRETS,
          signed(news(word, id), { at: now + seconds * 1_000 }),
        )
        return `${state}, ${(await lab.desk.order(LAB, id))!.status}`
      }
      expect(await told('processing', 10)).toBe('taken, in_production')
      // Said before production began, and late.
      expect(await told('on hold', 5)).toBe('refused, in_production')
      expect(await told('qc', 20)).toBe('taken, quality_check')
      expect(await told('on hold', 30)).toBe('taken, on_hold')
      for (const earlier of ['queued', 'processing'])
        expect(await told(earlier, 31)).toBe('refused, on_hold')
      expect(await told('qc', 25)).toBe('refused, on_hold')
      expect(await told('qc', 40)).toBe('taken, quality_check')
      // It says nothing new, and yet is the newest word.
      expect(await told('qc', 60)).toBe('same, quality_check')
      expect(await told('on hold', 50)).toBe('refused, quality_check')
      // That it left is true however late it is told.
      expect(await told('shipped', 45)).toBe('taken, shipped')
    })
    it('is taken once, takes no order back, and is set aside where it is not understood', async () => {
      const shipped = signed(news('Shipped'), { secret: 'old-secret' })
      expect((await lab.desk.receiveLimsNews(SECRETS, shipped)).state).toBe('taken')
      expect((await lab.desk.receiveLimsNews(SECRETS, shipped)).state).toBe('repeated')
      expect((await lab.desk.receiveLimsNews(SECRETS, signed(news('processing')))).state).toBe(
        'refused',
      )
      expect((await lab.desk.receiveLimsNews(SECRETS, signed(news('teleported')))).state).toBe(
        'quarantined',
      )
      const other = { labId: PRACTICE, secrets: SECRETS.secrets }
      expect((await lab.desk.receiveLimsNews(other, signed(news('delivered')))).reason).toBe(
        'unknown order',
      )
      expect((await lab.desk.order(LAB, lab.order.id))!.status).toBe('shipped')
    })
  })
}
