/** Owns what can happen in a random history: steps as plain data, so that they shrink and print. */
import fc from 'fast-check'

export type Ending =
  'complete' | 'fail' | 'retry' | 'delay' | 'front' | 'children' | 'progress' | 'extend'

export type Step =
  | {
      do: 'add'
      queue: number
      id: string
      priority: number
      delay: number
      lifo: boolean
      dedup: number
      attempts: number
    }
  | { do: 'bulk'; queue: number; count: number; priority: number }
  | { do: 'child'; queue: number; parent: number; id: string; policy: number; delay: number }
  | { do: 'flow'; shape: number; policy: number; priority: number; delay: number }
  | { do: 'claim'; queue: number; token: number; limited: boolean }
  | {
      do: 'end'
      job: number
      how: Ending
      token: number
      keep: number
      fetch: boolean
    }
  | { do: 'endAny'; queue: number; job: number; how: Ending }
  | {
      do:
        | 'promote'
        | 'changeDelay'
        | 'updateData'
        | 'log'
        | 'clearLogs'
        | 'removeChildren'
        | 'cutLoose'
        | 'rerun'
      queue: number
      job: number
      value: number
    }
  | { do: 'changePriority'; queue: number; job: number; value: number; lifo: boolean }
  | { do: 'remove'; queue: number; job: number; children: boolean }
  | { do: 'pause' | 'drain' | 'limit'; queue: number; on: boolean }
  | { do: 'clean'; queue: number; state: number; age: number; limit: number }
  | { do: 'rerunAll'; queue: number; state: number; count: number }
  | { do: 'promoteAll'; queue: number; count: number }
  | { do: 'obliterate'; queue: number; force: boolean; count: number }
  | { do: 'meta'; queue: number; field: number; value: number }
  | { do: 'expireLock'; job: number }
  | { do: 'sweep'; queue: number }
  | { do: 'schedule'; queue: number; id: number; every: number; pattern: number }
  | { do: 'unschedule'; queue: number; id: number }
  | { do: 'advance'; queue: number; job: number }
  | { do: 'freeDedup'; queue: number; dedup: number; job: number }
  | { do: 'event'; queue: number }
  | { do: 'reopen' | 'abandon' }
  | { do: 'tick'; ms: number }

const queue = fc.nat(1)
const pick = fc.nat(30)
const id = fc.constantFrom('', '', '', 'a', 'b', 'c')
const priority = fc.constantFrom(0, 0, 0, 1, 2, 2)
const delay = fc.constantFrom(0, 0, 0, 50, 1000)
const policy = fc.nat(4)
const dedup = fc.constantFrom(0, 0, 0, 1, 2, 3, 4, 5, 6)
const token = fc.constantFrom(0, 0, 0, 0, 1, 2)
const how = fc.constantFrom<Ending>(
  'complete',
  'complete',
  'complete',
  'fail',
  'fail',
  'retry',
  'delay',
  'front',
  'children',
  'children',
  'progress',
  'extend',
)

function step<T extends Step>(name: T['do'], fields: object): fc.Arbitrary<Step> {
  return fc.record({ do: fc.constant(name), ...fields }) as unknown as fc.Arbitrary<Step>
}

const single = (name: Step['do']): fc.Arbitrary<Step> =>
  step(name, { queue, job: pick, value: fc.nat(3) })

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 14,
    arbitrary: step('add', {
      queue,
      id,
      priority,
      delay,
      lifo: fc.boolean(),
      dedup,
      attempts: fc.nat(2),
    }),
  },
  {
    weight: 2,
    arbitrary: step('bulk', { queue, count: fc.integer({ min: 1, max: 3 }), priority }),
  },
  { weight: 6, arbitrary: step('child', { queue, parent: pick, id, policy, delay }) },
  { weight: 4, arbitrary: step('flow', { shape: fc.nat(3), policy, priority, delay }) },
  { weight: 16, arbitrary: step('claim', { queue, token: fc.nat(1), limited: fc.boolean() }) },
  {
    weight: 18,
    arbitrary: step('end', { job: pick, how, token, keep: fc.nat(4), fetch: fc.boolean() }),
  },
  { weight: 2, arbitrary: step('endAny', { queue, job: pick, how }) },
  { weight: 2, arbitrary: single('promote') },
  { weight: 2, arbitrary: single('changeDelay') },
  { weight: 1, arbitrary: single('updateData') },
  { weight: 2, arbitrary: single('log') },
  { weight: 1, arbitrary: single('clearLogs') },
  { weight: 2, arbitrary: single('removeChildren') },
  { weight: 2, arbitrary: single('cutLoose') },
  { weight: 4, arbitrary: single('rerun') },
  {
    weight: 3,
    arbitrary: step('changePriority', { queue, job: pick, value: fc.nat(3), lifo: fc.boolean() }),
  },
  { weight: 4, arbitrary: step('remove', { queue, job: pick, children: fc.boolean() }) },
  { weight: 3, arbitrary: step('pause', { queue, on: fc.boolean() }) },
  { weight: 1, arbitrary: step('drain', { queue, on: fc.boolean() }) },
  { weight: 1, arbitrary: step('limit', { queue, on: fc.boolean() }) },
  {
    weight: 3,
    arbitrary: step('clean', { queue, state: fc.nat(5), age: fc.nat(1), limit: fc.nat(2) }),
  },
  {
    weight: 2,
    arbitrary: step('rerunAll', { queue, state: fc.nat(1), count: fc.integer({ min: 1, max: 3 }) }),
  },
  { weight: 1, arbitrary: step('promoteAll', { queue, count: fc.integer({ min: 1, max: 3 }) }) },
  {
    weight: 1,
    arbitrary: step('obliterate', {
      queue,
      force: fc.boolean(),
      count: fc.constantFrom(2, 1000),
    }),
  },
  { weight: 2, arbitrary: step('meta', { queue, field: fc.nat(2), value: fc.nat(3) }) },
  { weight: 3, arbitrary: step('expireLock', { job: pick }) },
  { weight: 5, arbitrary: step('sweep', { queue }) },
  {
    weight: 2,
    arbitrary: step('schedule', { queue, id: fc.nat(1), every: fc.nat(2), pattern: fc.nat(1) }),
  },
  { weight: 1, arbitrary: step('unschedule', { queue, id: fc.nat(1) }) },
  { weight: 2, arbitrary: step('advance', { queue, job: pick }) },
  { weight: 1, arbitrary: step('freeDedup', { queue, dedup, job: pick }) },
  { weight: 1, arbitrary: step('event', { queue }) },
  { weight: 1, arbitrary: step('reopen', {}) },
  { weight: 2, arbitrary: step('abandon', {}) },
  { weight: 5, arbitrary: step('tick', { ms: fc.constantFrom(1, 60, 1000, 61_000) }) },
)

/** Histories of up to `length` steps. */
export function histories(length: number): fc.Arbitrary<Step[]> {
  return fc.array(anyStep, { minLength: 1, maxLength: length, size: 'max' })
}
