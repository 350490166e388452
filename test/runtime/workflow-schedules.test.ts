// Schedules that begin workflows: one run for each slot, and what overlaps is the run.
import { expect, it } from 'vitest'
import { z } from 'zod'
import {
  defineJob,
  handle,
  type Orderly,
  type SchedulePolicy,
  type WorkflowDocument,
} from '../../packages/orderly/src/index.ts'
import { roomsOf } from '../../packages/orderly/src/orderly.ts'
import { systemClock } from '../../packages/orderly/src/primitives/clock.ts'
import { tick } from '../../packages/orderly/src/runtime/tick.ts'
import { fakeClock, type FakeClock } from '../../packages/orderly/src/testing/index.ts'
import { onEachStore } from './stores.ts'

const MINUTE = 60_000
const START = Date.UTC(2026, 0, 5, 12)
const work = defineJob({ name: 'work', input: z.object({ region: z.string() }) })

/** Waits to be told, then works. */
const flow: WorkflowDocument = {
  format: 'orderly.workflow/1',
  id: 'nightly',
  version: 1,
  start: 'told',
  nodes: {
    told: { type: 'wait', until: { signal: 'go' } },
    work: { type: 'job', job: 'work', input: { region: 'input.region' } },
  },
  edges: [{ from: 'told', to: 'work' }],
}

onEachStore(
  'a schedule of a workflow',
  ({ open }) => {
    const opened = async (
      policy: Partial<SchedulePolicy> = {},
    ): Promise<{ orderly: Orderly; clock: FakeClock; again: () => Promise<Orderly> }> => {
      const { elapsed, after, sleep, turn } = systemClock
      const clock = { ...fakeClock(START), elapsed, after, sleep, turn }
      const again = (): Promise<Orderly> =>
        open({
          jobs: [work],
          handlers: [handle(work, async () => undefined)],
          workflows: [flow],
          clock,
        })
      const orderly = await again()
      await orderly.schedule({
        workflow: flow.id,
        input: { region: 'TX' },
        spec: { cron: '* * * * *' },
        policy,
        by: 'ann',
      })
      return { orderly, clock, again }
    }
    const minutes = async (orderly: Orderly, clock: FakeClock, count: number): Promise<void> => {
      for (let minute = 0; minute < count; minute++) {
        clock.advance(MINUTE)
        await tick(roomsOf(orderly))
      }
    }
    const past = async (orderly: Orderly): Promise<string[]> =>
      (await orderly.pastSlots(flow.id)).toReversed().map(({ state }) => state)
    const states = async (orderly: Orderly): Promise<string[]> =>
      (await orderly.runs({ workflow: flow.id })).toReversed().map(({ state }) => state)

    it('begins one run for each slot, however many processes tick, and tells which', async () => {
      const { orderly, clock, again } = await opened({ overlap: 'allow' })
      const other = await again()
      for (let minute = 0; minute < 10; minute++) {
        clock.advance(MINUTE)
        await Promise.all([orderly, other, orderly].map((one) => tick(roomsOf(one))))
      }
      const slots = await orderly.pastSlots(flow.id)
      const runs = await orderly.runs({ workflow: flow.id })
      expect(slots).toHaveLength(10)
      expect(new Set(runs.map(({ id }) => id))).toEqual(new Set(slots.map(({ run }) => run)))
      expect(runs[0]).toMatchObject({ who: 'schedule:nightly', state: 'running' })
      expect(await orderly.schedules()).toMatchObject([
        { id: 'nightly', job: null, workflow: 'nightly', version: null, who: 'ann' },
      ])
    })

    it.each<[SchedulePolicy['overlap'], string[], string[]]>([
      ['skip', ['fired', 'skipped', 'skipped'], ['running']],
      ['buffer-one', ['fired', 'buffered', 'skipped'], ['running']],
      ['buffer-all', ['fired', 'buffered', 'buffered'], ['running']],
      ['cancel-other', ['fired', 'fired', 'fired'], ['cancelled', 'cancelled', 'running']],
      ['allow', ['fired', 'fired', 'fired'], ['running', 'running', 'running']],
    ])('overlaps until the run has ended, not only begun (%s)', async (overlap, slots, runs) => {
      const { orderly, clock } = await opened({ overlap })
      await minutes(orderly, clock, 3)
      expect(await past(orderly)).toEqual(slots)
      expect(await states(orderly)).toEqual(runs)
      if (overlap !== 'buffer-one' && overlap !== 'buffer-all') return
      // The run ends, and the slot that waited has its turn.
      await orderly.start()
      const [first] = await orderly.runs({ workflow: flow.id })
      await orderly.signalRun(first!.id, 'go')
      await expect.poll(async () => (await states(orderly))[0]).toBe('completed')
      await expect
        .poll(async () => {
          await tick(roomsOf(orderly))
          return states(orderly)
        })
        .toEqual(['completed', 'running'])
    })

    it('gives the run its input, sealed until then, also by hand and for the past', async () => {
      const { orderly, clock } = await opened({ catchUp: 'skip', overlap: 'allow' })
      await orderly.start()
      const id = await orderly.runNow(flow.id, 'ann')
      await orderly.signalRun(id, 'go')
      await expect.poll(async () => (await orderly.run(id))?.state).toBe('completed')
      const [job] = await orderly.findJobs({ name: 'work' })
      expect(await orderly.inspectJob(job!.id)).toMatchObject({ input: { region: 'TX' } })
      await orderly.pause({ schedule: flow.id }, { reason: 'holidays' })
      await minutes(orderly, clock, 3)
      const range = { from: new Date(START + MINUTE), to: new Date(START + 3 * MINUTE) }
      expect(await orderly.backfill(flow.id, range)).toMatchObject({ enqueued: 2 })
      expect(await orderly.backfill(flow.id, range)).toMatchObject({ slots: [], enqueued: 0 })
      expect(await states(orderly)).toEqual(['completed', 'running', 'running'])
    })

    it('waits for a process that knows the workflow, and is refused where nobody could', async () => {
      const { orderly: first, clock, again } = await opened()
      await first.close()
      const stranger = await open({ jobs: [], clock })
      clock.advance(MINUTE)
      expect(await tick(roomsOf(stranger))).toBe(0)
      expect(await past(stranger)).toEqual([])
      const orderly = await again()
      await expect.poll(() => states(orderly)).toEqual(['running'])
      const spec = { cron: '* * * * *' }
      await expect(orderly.schedule({ workflow: 'none', spec })).rejects.toMatchObject({
        code: 'ORDERLY_NOT_FOUND',
      })
      await expect(
        orderly.schedule({ workflow: flow.id, spec: { ...spec, jitter: '5s' } }),
      ).rejects.toMatchObject({ code: 'ORDERLY_DEFINITION_INVALID' })
    })
  },
  ['sqlite'],
)
