import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  draftOf,
  policyRequest,
  specRequest,
} from '../../packages/dashboard/src/pages/schedules/draft.ts'
import {
  policy,
  specOf,
  specRequest as checked,
} from '../../packages/orderly/src/http/schedule-view.ts'
import { storeSpec, type StoredSpec, type When } from '../../packages/orderly/src/schedule/spec.ts'

/** What is stored after the builder was opened and saved with nothing touched. */
function saved(spec: StoredSpec): StoredSpec {
  return storeSpec(specOf(checked.parse(specRequest(draftOf(spec, undefined, 'UTC')))))
}

const moment = fc.integer({ min: 0, max: 4_000_000_000_000 }).map((at) => new Date(at))
const zone = fc.constantFrom('UTC', 'America/New_York', 'Asia/Kolkata')
const two = (value: number): string => String(value).padStart(2, '0')
const timesOfDay = fc.uniqueArray(
  fc
    .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
    .map(([hour, minute]) => `${two(hour)}:${two(minute)}`),
  { minLength: 1, maxLength: 5 },
)
const cron = fc.constantFrom(
  '*/15 * * * *',
  '0 30 2 L * *',
  '0 9 1,15 * *',
  '5 4 * * MON#2',
  '@daily',
)
const when: fc.Arbitrary<When> = fc.oneof(
  fc.record({ cron: fc.oneof(cron, fc.array(cron, { minLength: 1, maxLength: 4 })), zone }),
  fc.record({
    every: fc.integer({ min: 1_000, max: 9e9 }).map((ms) => `${ms}ms` as const),
    anchor: moment,
  }),
  fc.record({
    times: timesOfDay,
    weekdays: fc.uniqueArray(fc.constantFrom('MON', 'TUE', 'SAT', 'SUN'), { maxLength: 3 }),
    months: fc.uniqueArray(fc.integer({ min: 1, max: 12 }), { maxLength: 2 }),
    zone,
  }),
  fc.record({ at: moment }),
)
const bounds = fc.record(
  {
    start: fc.integer({ min: 0, max: 1e12 }).map((at) => new Date(at)),
    end: fc.integer({ min: 2e12, max: 3e12 }).map((at) => new Date(at)),
    jitter: fc.integer({ min: 1, max: 3_600_000 }).map((ms) => `${ms}ms` as const),
    blackouts: fc.array(
      fc.tuple(moment, fc.integer({ min: 1, max: 1e9 })).map(([from, length]) => ({
        from,
        to: new Date(from.getTime() + length),
        reason: 'stocktaking',
      })),
      { maxLength: 3 },
    ),
  },
  { requiredKeys: [] },
)

describe('the builder of schedules', () => {
  it('loses nothing of a schedule that it opens and saves', () => {
    fc.assert(
      fc.property(when, bounds, (times, limits) => {
        const spec = storeSpec({ ...times, ...limits })
        expect(normal(saved(spec))).toEqual(normal(spec))
      }),
    )
  })

  it('keeps how slots are caught up with, and how many', () => {
    for (const kept of [
      { overlap: 'buffer-all', catchUp: { all: 25 } },
      { overlap: 'allow', catchUp: 'skip' },
    ] as const)
      expect(policy.parse(policyRequest(draftOf({ at: 0 }, kept, 'UTC')))).toEqual(kept)
  })

  it('shows several times of the day as such, and other expressions line by line', () => {
    const daily = storeSpec({ times: ['06:05', '18:30'], weekdays: ['SAT', 'MON'], zone: 'UTC' })
    expect(draftOf(daily, undefined, 'UTC')).toMatchObject({
      mode: 'daily',
      times: '06:05, 18:30',
      weekdays: ['MON', 'SAT'],
    })
    const monthly = storeSpec({ times: ['06:05', '18:30'], days: [1, 15] })
    expect(draftOf(monthly, undefined, 'UTC')).toMatchObject({
      mode: 'cron',
      cron: '5 6 1,15 * *\n30 18 1,15 * *',
    })
    expect(draftOf({ every: 5_400_000 }, undefined, 'UTC').every).toBe('90m')
  })
})

/** Days of the week mean the same in any order. */
function normal({ crons, ...spec }: StoredSpec): unknown {
  return {
    ...spec,
    ...(crons ? { crons: crons.map((text) => text.replace(/\S+$/, sorted)) } : {}),
  }
}

function sorted(days: string): string {
  return days.split(',').toSorted().join(',')
}
