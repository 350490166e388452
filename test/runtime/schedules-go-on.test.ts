// What must not keep a schedule from firing: a changed policy, a dropped record, the schedules of others, the same millisecond.
import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { defineJob, handle, type Orderly } from '../../packages/orderly/src/index.ts'
import { roomsOf } from '../../packages/orderly/src/orderly.ts'
import { systemClock } from '../../packages/orderly/src/primitives/clock.ts'
import { tick } from '../../packages/orderly/src/runtime/tick.ts'
import { findSchedule } from '../../packages/orderly/src/state/schedules.ts'
import { fakeClock } from '../../packages/orderly/src/testing/index.ts'
import { freshName, onEachStore, RECORDS } from './stores.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE
const START = Date.UTC(2026, 0, 5, 12)

onEachStore(
  'a schedule',
  ({ open, start }) => {
    async function opened() {
      const { elapsed, after, sleep, turn } = systemClock
      const clock = { ...fakeClock(START), elapsed, after, sleep, turn }
      const job = defineJob({ name: freshName('slot'), input: z.object({}) })
      const orderly = await open({ jobs: [job], clock })
      const tickAfter = (ms: number): Promise<number> => {
        clock.advance(ms)
        return tick(roomsOf(orderly))
      }
      return { orderly, job, clock, tickAfter }
    }
    const states = async (orderly: Orderly, id: string): Promise<string[]> =>
      (await orderly.pastSlots(id)).toReversed().map(({ state }) => state)

    it('fires what waited when its policy no longer lets slots wait', async () => {
      const { orderly, job, tickAfter } = await opened()
      const request = { job, input: {}, spec: { cron: '* * * * *' } } as const
      await orderly.schedule({ ...request, policy: { overlap: 'buffer-all' } })
      await tickAfter(MINUTE)
      await tickAfter(MINUTE)
      expect(await states(orderly, job.name)).toEqual(['fired', 'buffered'])
      await orderly.schedule({ ...request, policy: { overlap: 'skip' } })
      for (let slot = 0; slot < 2; slot++) {
        for (const { id } of await orderly.findJobs({ name: job.name }))
          await orderly.cancel(id, { wait: 0 })
        await tickAfter(MINUTE)
      }
      expect(await states(orderly, job.name)).toEqual(['fired', 'fired', 'skipped', 'fired'])
    })

    it('does not wait for a job whose record has been dropped, but for one on its way there', async () => {
      const { orderly, job, tickAfter } = await opened()
      await orderly.schedule({ job, input: {}, spec: { cron: '0 */12 * * *' } })
      await tickAfter(DAY / 2)
      const [found] = await orderly.findJobs({ name: job.name })
      await orderly.cancel(found!.id, { wait: 0 })
      await roomsOf(orderly).recorder.flush()
      await sql`delete from orderly_jobs`.execute(roomsOf(orderly).state.query)
      await tickAfter(DAY / 2)
      expect(await states(orderly, job.name)).toEqual(['fired', 'skipped'])
      await tickAfter(DAY / 2)
      expect(await states(orderly, job.name)).toEqual(['fired', 'skipped', 'fired'])
    })

    it('looks only at slots that may be open, and again at one whose job was put back', async () => {
      const { elapsed, after, sleep, turn } = systemClock
      const clock = { ...fakeClock(START), elapsed, after, sleep, turn }
      const retry = { attempts: 1 }
      const job = defineJob({ name: freshName('slot'), input: z.object({}), retry })
      let mended = false
      let letGo = (): void => undefined
      const gate = new Promise<void>((resolve) => (letGo = resolve))
      const handler = handle(job, async () => {
        if (!mended) throw new Error('no')
        await gate
      })
      const orderly = await start({ jobs: [job], handlers: [handler], clock })
      const { state } = roomsOf(orderly)
      const open = async (): Promise<number[]> => {
        const slots = state.query.selectFrom('orderly_slots').select('at').where('open', '=', 1)
        const rows = await slots.where('schedule_id', '=', job.name).execute()
        return rows.map(({ at }) => (at - START) / MINUTE)
      }
      const failed = async (): Promise<string[]> =>
        (await orderly.findJobs({ name: job.name, state: 'failed' })).map(({ id }) => id)
      await orderly.schedule({ job, input: {}, spec: { cron: '* * * * *' } })
      for (const minute of [1, 2]) {
        clock.advance(MINUTE)
        await tick(roomsOf(orderly))
        await expect.poll(failed).toHaveLength(minute)
        expect(await open()).toEqual([minute])
      }
      mended = true
      const first = (await failed()).at(-1)!
      expect(await orderly.redrive({ ids: [first] }, { reason: 'mended' })).toMatchObject({
        redriven: 1,
      })
      clock.advance(MINUTE)
      await tick(roomsOf(orderly))
      expect(await states(orderly, job.name)).toEqual(['fired', 'fired', 'skipped'])
      expect(await open()).toEqual([1])
      letGo()
    })

    it('is not held up by many of jobs that nobody here knows', async () => {
      const { orderly, job, tickAfter } = await opened()
      await orderly.schedule({ job, input: {}, spec: { cron: '*/2 * * * *' } })
      const { state } = roomsOf(orderly)
      const row = (await findSchedule(state, job.name))!
      const others = Array.from({ length: 501 }, (_, n) => ({
        ...row,
        id: `other${n}`,
        job: 'gone',
        next_at: START,
      }))
      for (let at = 0; at < others.length; at += 100)
        await state.query
          .insertInto('orderly_schedules')
          .values(others.slice(at, at + 100))
          .execute()
      await tickAfter(2 * MINUTE)
      expect(await states(orderly, job.name)).toEqual(['fired'])
    })

    it('lets what waits wait while it is paused, and drops it with the schedule', async () => {
      const { orderly, job, tickAfter } = await opened()
      const request = {
        job,
        input: {},
        spec: { cron: '* * * * *' },
        policy: { overlap: 'buffer-all' },
      } as const
      const end = async (): Promise<void> => {
        for (const { id } of await orderly.findJobs({ name: job.name }))
          await orderly.cancel(id, { wait: 0 })
      }
      await orderly.schedule(request)
      for (let slot = 0; slot < 3; slot++) await tickAfter(MINUTE)
      await orderly.pause({ schedule: job.name }, { reason: 'a break' })
      await end()
      await tickAfter(1_000)
      expect(await states(orderly, job.name)).toEqual(['fired', 'buffered', 'buffered'])
      await orderly.resume({ schedule: job.name })
      await tickAfter(1_000)
      expect(await states(orderly, job.name)).toEqual(['fired', 'fired', 'buffered'])
      await orderly.unschedule(job.name)
      await orderly.schedule({ ...request, spec: { cron: '0 0 1 1 *' } })
      await end()
      await tickAfter(1_000)
      expect(await states(orderly, job.name)).toEqual(['fired', 'fired', 'skipped'])
      const [latest] = await orderly.pastSlots(job.name)
      expect(latest!.reason).toBe('removed: the schedule was taken away before it fired')
    })

    it('gives slots that are due their turn when it is saved, or says why not when it is dropped', async () => {
      const { orderly, job, clock, tickAfter } = await opened()
      const request = {
        job,
        input: {},
        spec: { cron: '* * * * *' },
        policy: { overlap: 'allow', catchUp: { all: 10 } },
      } as const
      await orderly.schedule(request)
      clock.advance(3 * MINUTE)
      // The very same, and then another.
      await orderly.schedule(request)
      clock.advance(3 * MINUTE)
      await orderly.schedule({ ...request, spec: { cron: '0 0 1 1 *' } })
      await tickAfter(MINUTE)
      expect(await states(orderly, job.name)).toEqual(Array.from({ length: 6 }, () => 'fired'))
      expect(await orderly.findJobs({ name: job.name })).toHaveLength(6)
      await orderly.schedule(request)
      clock.advance(3 * MINUTE)
      await orderly.unschedule(job.name)
      const slots = await orderly.pastSlots(job.name)
      expect(slots.slice(0, 3).map(({ state, reason }) => `${state} ${reason}`)).toEqual(
        Array.from(
          { length: 3 },
          () => 'skipped removed: the schedule was taken away before it fired',
        ),
      )
      expect(slots).toHaveLength(9)
    })

    it('is not held up by many of workflows that are gone, nor by many that fail', async () => {
      const { orderly, job, tickAfter } = await opened()
      await orderly.schedule({ id: 'z', job, input: {}, spec: { cron: '*/2 * * * *' } })
      const { state } = roomsOf(orderly)
      const row = (await findSchedule(state, 'z'))!
      const others = Array.from({ length: 502 }, (_, n) => ({
        ...row,
        id: `other${n}`,
        ...(n % 4 > 0 ? { job: '', workflow: 'gone' } : { input: 'sealed by nobody' }),
        next_at: START,
      }))
      for (let at = 0; at < others.length; at += 100)
        await state.query
          .insertInto('orderly_schedules')
          .values(others.slice(at, at + 100))
          .execute()
      await tickAfter(2 * MINUTE)
      expect(await states(orderly, 'z')).toEqual(['fired'])
      await state.query.deleteFrom('orderly_schedules').execute()
    })

    it('fires twice by hand within a millisecond, and names a job that is there each time', async () => {
      const { orderly, job } = await opened()
      await orderly.schedule({ job, input: {}, spec: { cron: '* * * * *' } })
      const ids = await Promise.all([orderly.runNow(job.name), orderly.runNow(job.name)])
      const jobs = await orderly.findJobs({ name: job.name })
      expect(new Set(jobs.map(({ id }) => id))).toEqual(new Set(ids))
      expect(jobs).toHaveLength(2)
    })
  },
  RECORDS,
)
