// Processes that know different jobs share a record: what one of them cannot begin, another that can begins all the same.
import { expect, it } from 'vitest'
import { z } from 'zod'
import { defineJob, handle, type WorkflowDocument } from '../../packages/orderly/src/index.ts'
import { freshName, onEachStore, RECORDS } from './stores.ts'

onEachStore(
  'a process that knows no job',
  ({ open, start }) => {
    it('keeps no other from firing schedules and moving runs on, though it was there first', async () => {
      const [tick, work] = ['tick', 'work'].map((what) =>
        defineJob({ name: freshName(what), input: z.looseObject({}) }),
      )
      const flow: WorkflowDocument = {
        format: 'orderly.workflow/1',
        id: freshName('flow'),
        version: 1,
        start: 'wait',
        nodes: {
          wait: { type: 'wait', until: { event: 'paid', where: 'event.order == input.order' } },
          work: { type: 'job', job: work!.name },
        },
        edges: [{ from: 'wait', to: 'work' }],
      }
      // Longer than it takes a chore to have its first turn.
      const idle = await open({})
      await idle.deliverEvent('none', {}, { id: freshName('event') })
      await idle.clock.sleep(1_500)
      const worker = await start({
        jobs: [tick!, work!],
        workflows: [flow],
        handlers: [tick!, work!].map((job) => handle(job, async () => undefined)),
      })
      await worker.schedule({ job: tick!, input: {}, spec: { every: '1s' } })
      const { id } = await worker.startRun(flow.id, { order: 7 })
      await expect
        .poll(async () => (await worker.run(id))?.nodes[0]?.state, { timeout: 10_000 })
        .toBe('running')
      expect(await idle.deliverEvent('paid', { order: 7 }, { id: freshName('event') })).toEqual({
        accepted: true,
        runs: [],
      })
      await expect
        .poll(async () => (await worker.run(id))?.state, { timeout: 10_000 })
        .toBe('completed')
      await expect
        .poll(async () => (await worker.pastSlots(tick!.name)).length, { timeout: 10_000 })
        .toBeGreaterThan(0)
    })
  },
  RECORDS,
)
