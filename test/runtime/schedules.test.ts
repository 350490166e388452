import { expect, it } from 'vitest'
import { z } from 'zod'
import {
  defineJob,
  handle,
  type JobDefinition,
  type Orderly,
  type SchedulePolicy,
  type ScheduleSpec,
} from '../../packages/orderly/src/index.ts'
import { roomsOf } from '../../packages/orderly/src/orderly.ts'
import { endPauses } from '../../packages/orderly/src/runtime/control.ts'
import { tick } from '../../packages/orderly/src/runtime/tick.ts'
import { systemClock } from '../../packages/orderly/src/primitives/clock.ts'
import { fakeClock, type FakeClock } from '../../packages/orderly/src/testing/index.ts'
import { freshName, onEachStore } from './stores.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const START = Date.UTC(2026, 0, 5, 12)

const numbered = z.object({ n: z.number() })
type Numbered = typeof numbered

/** A clock that shows what the test says, while waits take their real time. */
function shownClock(): FakeClock {
  const { elapsed, after, sleep, turn } = systemClock
  return { ...fakeClock(START), elapsed, after, sleep, turn }
}

// PostgreSQL does not work with a clock that is not its own; see the last of them.
onEachStore(
  'a schedule',
  ({ store, open }) => {
    /** An instance whose clock stands still, with a schedule of every minute unless told. */
    async function opened(
      policy: Partial<SchedulePolicy> = {},
      spec: ScheduleSpec = { cron: '* * * * *' },
    ): Promise<{
      orderly: Orderly
      clock: FakeClock
      job: JobDefinition<Numbered>
      again: () => Promise<Orderly>
    }> {
      const clock = shownClock()
      const job = defineJob({ name: freshName('slot'), input: numbered })
      const again = (): Promise<Orderly> => open({ jobs: [job], clock })
      const orderly = await again()
      await orderly.schedule({ job, input: { n: 1 }, spec, policy })
      return { orderly, clock, job, again }
    }
    const tickAt = async (orderly: Orderly, clock: FakeClock, ms: number): Promise<number> => {
      clock.advance(ms)
      return tick(roomsOf(orderly))
    }
    const past = async (orderly: Orderly, id: string): Promise<string[]> =>
      (await orderly.pastSlots(id, { limit: 1_000 }))
        .toReversed()
        .map(
          ({ at, state, reason }) =>
            `${(at - START) / MINUTE} ${state}${reason === null ? '' : ` ${reason.split(':')[0]}`}`,
        )

    it('fires each slot once, however many processes tick at the same time', async () => {
      const { orderly, clock, job, again } = await opened({ overlap: 'allow' })
      const other = await again()
      for (let minute = 0; minute < 20; minute++) {
        clock.advance(MINUTE)
        await Promise.all([orderly, other, orderly, other].map((one) => tick(roomsOf(one))))
      }
      const slots = await orderly.pastSlots(job.name)
      expect(slots).toHaveLength(20)
      const jobs = await orderly.findJobs({ name: job.name })
      expect(new Set(jobs.map(({ id }) => id))).toEqual(new Set(slots.map(({ job }) => job)))
    })

    it.each<[SchedulePolicy['catchUp'], number]>([
      ['skip', 0],
      ['one', 1],
      [{ all: 5 }, 5],
    ])(
      'catches up after three hours as told (%o), and records what it left out',
      async (catchUp, fired) => {
        const { orderly, clock, job } = await opened({ catchUp, overlap: 'allow' })
        await tickAt(orderly, clock, 3 * HOUR)
        const slots = await past(orderly, job.name)
        expect(slots).toHaveLength(180)
        // The slot of this very minute is not missed.
        expect(slots.at(-1)).toBe('180 fired')
        expect(slots.filter((slot) => slot.endsWith('fired'))).toHaveLength(fired + 1)
        expect(slots.filter((slot) => slot.endsWith('skipped missed'))).toHaveLength(179 - fired)
        expect(await orderly.findJobs({ name: job.name })).toHaveLength(fired + 1)
      },
    )

    it('leaves a slot out while the job of an earlier one has not ended', async () => {
      const { orderly, clock, job } = await opened()
      for (let minute = 0; minute < 3; minute++) await tickAt(orderly, clock, MINUTE)
      expect(await past(orderly, job.name)).toEqual([
        '1 fired',
        '2 skipped overlap',
        '3 skipped overlap',
      ])
    })

    it.each<[SchedulePolicy['overlap'], string[], number]>([
      ['buffer-one', ['1 fired', '2 buffered overlap', '3 skipped overlap'], 1],
      ['buffer-all', ['1 fired', '2 buffered overlap', '3 buffered overlap'], 2],
    ])('lets slots wait for the job before them (%s)', async (overlap, expected, waiting) => {
      const { orderly, clock, job } = await opened({ overlap })
      for (let minute = 0; minute < 3; minute++) await tickAt(orderly, clock, MINUTE)
      expect(await past(orderly, job.name)).toEqual(expected)
      for (let round = 0; round < waiting; round++) {
        const [last] = await orderly.findJobs({ name: job.name, state: ['prioritized', 'waiting'] })
        await orderly.cancel(last!.id, { wait: 0 }).catch(() => undefined)
        clock.advance(1_000)
        await tick(roomsOf(orderly))
      }
      const fired = (await past(orderly, job.name)).filter((slot) => slot.includes('fired'))
      expect(fired).toHaveLength(waiting + 1)
    })

    it('cancels the job before where a later slot is to win', async () => {
      const { orderly, clock, job } = await opened({ overlap: 'cancel-other' })
      await tickAt(orderly, clock, MINUTE)
      await tickAt(orderly, clock, MINUTE)
      const states = (await orderly.findJobs({ name: job.name })).map(({ state }) => state)
      expect(states.toSorted()).toEqual(['prioritized', 'removed'])
    })

    it('rests while it is paused, says so of each slot, and goes on by itself', async () => {
      const { orderly, clock, job } = await opened({ overlap: 'allow' })
      await orderly.pause({ schedule: job.name }, { reason: 'holidays', by: 'ann', for: '150s' })
      for (let minute = 0; minute < 4; minute++) {
        await tickAt(orderly, clock, MINUTE)
        await endPauses(roomsOf(orderly))
      }
      expect(await past(orderly, job.name)).toEqual([
        '1 skipped paused',
        '2 skipped paused',
        '3 fired',
        '4 fired',
      ])
      expect((await orderly.schedules())[0]).toMatchObject({ paused: null })
    })

    it('leaves out blackouts, starts and ends when told, and spreads by a share that stays', async () => {
      const at = (minutes: number): Date => new Date(START + minutes * MINUTE)
      const { orderly, clock, job } = await opened(
        { overlap: 'allow', catchUp: { all: 10 } },
        {
          cron: '* * * * *',
          start: at(2),
          end: at(6),
          blackouts: [{ from: at(3), to: at(4), reason: 'inventory' }],
          jitter: '30s',
        },
      )
      await tickAt(orderly, clock, 10 * MINUTE)
      expect(await past(orderly, job.name)).toEqual([
        '2 fired',
        '3 skipped blackout',
        '4 fired',
        '5 fired',
      ])
      expect((await orderly.schedules())[0]).toMatchObject({ nextAt: null })
      const delays = (await orderly.findJobs({ name: job.name })).map(
        ({ run_at, created_at }) => run_at - created_at,
      )
      expect(delays.every((delay) => delay >= 0 && delay < 30_000)).toBe(true)
      expect(new Set(delays).size).toBeGreaterThan(1)
    })

    it('is changed by a person over what its definition says, and goes back when that is taken away', async () => {
      const clock = shownClock()
      const job = defineJob({
        name: freshName('declared'),
        input: numbered,
        schedule: { cron: '*/15 * * * *', input: { n: 7 } },
      })
      const options = { jobs: [job], handlers: [handle(job, async () => undefined)], clock }
      const orderly = await open(options)
      await orderly.start()
      expect(await orderly.schedules()).toMatchObject([
        { source: 'code', spec: { crons: ['*/15 * * * *'] } },
      ])
      await orderly.schedule({ job, input: { n: 8 }, spec: { every: '1h' }, by: 'ann' })
      const again = await open(options)
      await again.start()
      expect(await again.schedules()).toMatchObject([
        {
          source: 'person',
          who: 'ann',
          spec: { every: HOUR },
          declared: { crons: ['*/15 * * * *'] },
        },
      ])
      await orderly.unschedule(job.name)
      expect(await orderly.schedules()).toMatchObject([{ source: 'code', declared: null }])
    })

    it('follows its definition: another input, and its end', async () => {
      const clock = shownClock()
      const name = freshName('declared')
      const declare = (schedule?: { cron: string; input: unknown }): JobDefinition<Numbered> =>
        defineJob({ name, input: numbered, ...(schedule ? { schedule } : {}) })
      const deploy = async (job: JobDefinition<Numbered>): Promise<Orderly> => {
        const orderly = await open({
          jobs: [job],
          handlers: [handle(job, async () => undefined)],
          clock,
        })
        await orderly.start()
        return orderly
      }
      await deploy(declare({ cron: '0 0 1 1 *', input: { n: 1 } }))
      const second = await deploy(declare({ cron: '0 0 1 1 *', input: { n: 2 } }))
      const id = await second.runNow(name)
      expect(await second.inspectJob(id)).toMatchObject({ input: { n: 2 } })
      const third = await deploy(declare())
      expect(await third.schedules()).toEqual([])
    })

    it('fires by hand, and fills in a range that never fired, after a plan', async () => {
      const { orderly, clock, job } = await opened({ catchUp: 'skip' })
      const id = await orderly.runNow(job.name, 'ann')
      expect(await orderly.inspectJob(id)).toMatchObject({ name: job.name })
      await orderly.cancel(id, { wait: 0 })
      await tickAt(orderly, clock, 10 * MINUTE)
      const range = { from: new Date(START + MINUTE), to: new Date(START + 5 * MINUTE) }
      const plan = await orderly.backfill(job.name, { ...range, plan: true })
      expect(plan).toMatchObject({ enqueued: 0 })
      expect(plan.slots.map((at) => (at - START) / MINUTE)).toEqual([1, 2, 3, 4])
      expect(await orderly.backfill(job.name, range)).toMatchObject({ enqueued: 4 })
      expect(await orderly.backfill(job.name, range)).toMatchObject({ slots: [], enqueued: 0 })
    })

    it('says when it fires next, and why a slot is not where the wall would have it', async () => {
      const { orderly, job } = await opened(
        {},
        { times: ['02:30'], zone: 'America/New_York', months: [3] },
      )
      const slots = await orderly.upcoming(job.name, 8)
      expect(slots[7]).toEqual({
        at: Date.UTC(2026, 2, 8, 7),
        wall: '2026-03-08T02:30:00',
        shift: 'gap',
      })
    })

    it('fires once, and then has no more slots', async () => {
      const { orderly, clock, job } = await opened({}, { at: new Date(START + 90_000) })
      for (let minute = 0; minute < 4; minute++) await tickAt(orderly, clock, MINUTE)
      expect(await past(orderly, job.name)).toEqual(['1.5 fired'])
      // A program that writes its schedules each time it starts goes on starting.
      const again = { job, input: { n: 1 }, spec: { at: new Date(START + 90_000) } }
      expect(await orderly.schedule(again)).toMatchObject({ nextAt: null })
      await tickAt(orderly, clock, MINUTE)
      expect(await past(orderly, job.name)).toEqual(['1.5 fired'])
      expect(await orderly.upcoming(job.name)).toEqual([])
    })

    it.each<[string, ScheduleSpec]>([
      ['an expression that is none', { cron: 'now and then' }],
      ['a span below a second', { every: '10ms' }],
      ['a time that is none', { times: ['25:00'] }],
      ['days of both kinds', { times: ['08:00'], days: [1], weekdays: ['MON'] }],
      ['an end before its start', { cron: '* * * * *', start: new Date(2), end: new Date(1) }],
      ['a zone that is none', { cron: '* * * * *', zone: 'Mars/Olympus' }],
      ['a time that is past', { at: new Date(START - MINUTE) }],
      ['an end that is past', { cron: '* * * * *', end: new Date(START - MINUTE) }],
      ['a time before its start', { at: new Date(START + MINUTE), start: new Date(START + HOUR) }],
      ['nothing that says when', JSON.parse('{}') as ScheduleSpec],
    ])('is refused with %s', async (_what, spec) => {
      if (store !== 'sqlite') return
      await expect(opened({}, spec)).rejects.toMatchObject({ code: 'ORDERLY_DEFINITION_INVALID' })
    })
  },
  ['sqlite', 'redis'],
)

onEachStore('a schedule in real time', ({ open }) => {
  it('fires again and again', async () => {
    const job = defineJob({ name: freshName('real'), input: numbered })
    const seen: number[] = []
    const orderly = await open({
      jobs: [job],
      handlers: [handle(job, async ({ input }) => void seen.push(input.n))],
    })
    await orderly.schedule({ job, input: { n: 5 }, spec: { every: '1s' } })
    await orderly.start()
    await expect.poll(() => seen.length, { timeout: 15_000 }).toBeGreaterThanOrEqual(2)
    expect(new Set(seen)).toEqual(new Set([5]))
  })
})
