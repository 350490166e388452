// The morning round, and an order as a workflow.
import { describe, expect, it } from 'vitest'
import { until } from '../../../packages/orderly/src/testing/outage-lab.ts'
import { LAB, NEW_ORDER, PRACTICE, PRACTICE_USER } from '../../../packs/lab/fixtures/lakeside.ts'
import { morningRound } from '../../../packs/lab/src/index.ts'
import type { LabKit } from '../kit.ts'

const reader = { user: PRACTICE_USER }

export function proveRounds(lab: LabKit): void {
  describe('the morning round', () => {
    it('asks for each company once a day', async () => {
      const { output } = await lab.orderly.perform(morningRound, {})
      expect(output).toEqual({ companies: 3 })
      await lab.orderly.workOff()
      const before = (await lab.orderly.findJobs({ name: 'lab.ai.daily-briefing', limit: 50 }))
        .length
      await lab.orderly.perform(morningRound, {})
      expect(
        (await lab.orderly.findJobs({ name: 'lab.ai.daily-briefing', limit: 50 })).length,
      ).toBe(before)
    })
  })

  describe('an order as a workflow', () => {
    it('makes documents, mail, notice and LIMS job of it, and waits for no mail to hand it over', async () => {
      const made = await lab.desk.createOrder(NEW_ORDER)
      // A server that wants the mail later keeps the order from nobody.
      lab.smtp.fail({ code: 451, at: 'rcpt' }, 100)
      const run = await lab.orderly.startRun('lab.order-received', {
        orderId: made.id,
        userId: PRACTICE_USER,
      })
      await lab.orderly.start()
      await until(async () => (await lab.desk.order(LAB, made.id))!.limsJob !== null)
      expect(lab.smtp.received).toEqual([])
      expect((await lab.orderly.run(run.id))?.state).toBe('running')
      lab.smtp.clear()
      await lab.orderly.workOff({ delayed: true })
      while ((await lab.orderly.run(run.id))?.state === 'running') await lab.orderly.clock.sleep(20)
      expect((await lab.orderly.run(run.id))?.state).toBe('completed')
      expect((await lab.desk.documents(PRACTICE)).some(({ subject }) => subject === made.id)).toBe(
        true,
      )
      expect((await lab.desk.order(LAB, made.id))!.limsJob).toMatch(/^lims-/)
      expect(
        lab.smtp.received.some(({ mail }) => mail.subject === `Order ${made.number} received`),
      ).toBe(true)
      const told = await lab.orderly.notifications.list(reader, { kind: 'lab.order-confirmed' })
      expect(told[0]!.title).toBe(`Order ${made.number} was received`)
    })
  })
}
