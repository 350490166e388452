// Refuses, before anything is done, options and filters that nobody would read: a misspelt one must not widen what is asked.
import type { DeadLetterFilter } from '../history/dead-letters.ts'
import type { Order, PageEnd } from '../history/find.ts'
import type { RecordedState } from '../history/tables.ts'
import { STATES } from '../job/states.ts'
import { OrderlyError } from '../primitives/errors.ts'
import { refuseKinds } from '../primitives/known-kinds.ts'
import { namesOf, refuseOther, refuseUnknown } from '../primitives/known-names.ts'
import type { CancelOptions } from './cancel.ts'
import { checkedWorkflows } from './checked-workflows.ts'
import type { PauseOptions, Target } from './control.ts'
import { ENQUEUED } from './enqueue-checks.ts'
import type { JobSearch } from './inspect.ts'
import type { LimitTarget, OverrideOptions } from './limits.ts'
import type { MetricsQuery } from './metrics.ts'
import type { Operations } from './operations.ts'
import type { RedriveOptions, ReplayOptions } from './redrive.ts'
import type { ScheduleRequest, WorkflowScheduleRequest } from './schedules.ts'
import type { SetOptions } from './sets.ts'
import type { WaitOptions } from './wait.ts'

type Given<Name extends keyof Operations, At extends number> = NonNullable<
  Parameters<Operations[Name]>[At]
>

const WAIT = namesOf<WaitOptions>({ ...ENQUEUED, timeout: true, signal: true })
const SET = namesOf<SetOptions<any>>({ callback: true, when: true })
const CALLBACK = namesOf<NonNullable<SetOptions<any>['callback']>>({ job: true, input: true })
const CANCEL = namesOf<CancelOptions>({ reason: true, by: true, wait: true })
const REPLAY = namesOf<ReplayOptions>({ input: true, afterStep: true, reason: true, by: true })
const DEAD: Record<keyof DeadLetterFilter, true> = {
  queue: true,
  name: true,
  fingerprint: true,
  errorCode: true,
  from: true,
  to: true,
}
const DEAD_LETTERS = namesOf<DeadLetterFilter>(DEAD)
const REDRIVEN = namesOf<Given<'redrive', 0>>({ ...DEAD, ids: true })
const REDRIVE = namesOf<RedriveOptions>({
  reason: true,
  by: true,
  perSecond: true,
  limit: true,
  signal: true,
  onProgress: true,
})
const SCHEDULE = namesOf<ScheduleRequest<any> | WorkflowScheduleRequest>({
  id: true,
  spec: true,
  policy: true,
  by: true,
  job: true,
  workflow: true,
  version: true,
  input: true,
})
const PAST = namesOf<Given<'pastSlots', 1>>({ from: true, to: true, limit: true })
const BACKFILL = namesOf<Given<'backfill', 1>>({ from: true, to: true, plan: true })
const TARGET = namesOf<Target>({ queue: true, job: true, schedule: true })
const PAUSE = namesOf<PauseOptions>({ reason: true, by: true, for: true })
const LIMITED = namesOf<LimitTarget>({ queue: true, job: true, limit: true })
const OVERRIDE = namesOf<OverrideOptions>({ value: true, for: true, reason: true, by: true })
const DRAIN = namesOf<Given<'drain', 1>>({ delayed: true })
const CLEAN = namesOf<Given<'clean', 1>>({ state: true, olderThan: true })
const METRICS = namesOf<MetricsQuery>({ queue: true, name: true, last: true, step: true })
const SEARCH = namesOf<JobSearch>({
  state: true,
  queue: true,
  name: true,
  createdFrom: true,
  createdTo: true,
  durationFrom: true,
  durationTo: true,
  errorCode: true,
  fingerprint: true,
  also: true,
  order: true,
  before: true,
  limit: true,
  tags: true,
  where: true,
})
const ORDER = namesOf<Order>({ by: true, ascending: true })
const PAGE_END = namesOf<PageEnd>({ createdAt: true, id: true })

/** Kinds of what says who did it and why. */
const SAID = { reason: 'text', by: 'text' } as const
const DEAD_KINDS = {
  queue: 'text',
  name: 'text',
  fingerprint: 'text',
  errorCode: 'text',
  from: 'number',
  to: 'number',
} as const
const SEARCH_KINDS = {
  queue: 'text',
  name: 'text',
  errorCode: 'text',
  fingerprint: 'text',
  createdFrom: 'number',
  createdTo: 'number',
  durationFrom: 'number',
  durationTo: 'number',
  limit: 'number',
  tags: 'texts',
} as const
const ORDERS: readonly Order['by'][] = ['created', 'duration']

const RECORDED: readonly RecordedState[] = [...STATES, 'removed']
const FINISHED: readonly Given<'clean', 1>['state'][] = ['completed', 'failed']
const WHEN: readonly NonNullable<SetOptions<any>['when']>[] = ['all', 'any']

/** The same operations, for callers without types as well. What is put in a queue is checked where that is done. */
export function checkedOperations(inner: Operations): Operations {
  return {
    ...inner,
    ...checkedWorkflows(inner),
    enqueueAndWait(job, input, options) {
      refuseUnknown('enqueueAndWait', options, WAIT)
      return inner.enqueueAndWait(job, input, options)
    },
    enqueueSet(job, items, options) {
      refuseUnknown('enqueueSet', options, SET)
      refuseUnknown('enqueueSet: callback', options?.callback, CALLBACK)
      if (options?.when !== undefined) refuseOther('enqueueSet: when', options.when, WHEN)
      return inner.enqueueSet(job, items, options)
    },
    cancel(id, options) {
      refuseUnknown('cancel', options, CANCEL)
      refuseKinds('cancel', options, { ...SAID, wait: 'number' })
      return inner.cancel(id, options)
    },
    replay(id, options) {
      refuseUnknown('replay', options, REPLAY)
      refuseKinds('replay', options, { by: 'text', afterStep: 'text' })
      return inner.replay(id, options)
    },
    deadLetters(filter) {
      refuseUnknown('deadLetters', filter, DEAD_LETTERS)
      refuseKinds('deadLetters', filter, DEAD_KINDS)
      return inner.deadLetters(filter)
    },
    redrive(filter, options) {
      refuseUnknown('redrive: the filter', filter, REDRIVEN)
      refuseKinds('redrive: the filter', filter, { ...DEAD_KINDS, ids: 'texts' })
      refuseUnknown('redrive', options, REDRIVE)
      refuseKinds('redrive', options, { by: 'text', signal: 'signal', onProgress: 'function' })
      return inner.redrive(filter, options)
    },
    schedule(request) {
      refuseUnknown('schedule', request, SCHEDULE)
      refuseKinds('schedule', request, { by: 'text' })
      return inner.schedule(request)
    },
    pastSlots(id, range) {
      refuseUnknown('pastSlots', range, PAST)
      return inner.pastSlots(id, range)
    },
    backfill(id, range) {
      refuseUnknown('backfill', range, BACKFILL)
      return inner.backfill(id, range)
    },
    pause(target, options) {
      refuseUnknown('pause: the target', target, TARGET)
      refuseSeveral(target)
      refuseUnknown('pause', options, PAUSE)
      refuseKinds('pause', options, { by: 'text' })
      return inner.pause(target, options)
    },
    resume(target) {
      refuseUnknown('resume: the target', target, TARGET)
      refuseSeveral(target)
      return inner.resume(target)
    },
    overrideLimit(target, options) {
      refuseUnknown('overrideLimit: the target', target, LIMITED)
      refuseSeveral(target)
      refuseUnknown('overrideLimit', options, OVERRIDE)
      refuseKinds('overrideLimit', options, { by: 'text' })
      return inner.overrideLimit(target, options)
    },
    resetLimit(target) {
      refuseUnknown('resetLimit: the target', target, LIMITED)
      refuseSeveral(target)
      return inner.resetLimit(target)
    },
    drain(queue, options) {
      refuseUnknown('drain', options, DRAIN)
      refuseKinds('drain', options, { delayed: 'flag' })
      return inner.drain(queue, options)
    },
    clean(queue, options) {
      refuseUnknown('clean', options ?? null, CLEAN)
      refuseOther('clean: state', options.state, FINISHED)
      return inner.clean(queue, options)
    },
    metrics(query) {
      refuseUnknown('metrics', query, METRICS)
      refuseKinds('metrics', query, { queue: 'text', name: 'text' })
      return inner.metrics(query)
    },
    findJobs(search) {
      refuseUnknown('findJobs', search, SEARCH)
      refuseKinds('findJobs', search, SEARCH_KINDS)
      refuseUnknown('findJobs: order', search?.order, ORDER)
      if (search?.order) refuseOther('findJobs: order.by', search.order.by, ORDERS)
      refuseKinds('findJobs: order', search?.order, { ascending: 'flag' })
      refuseUnknown('findJobs: before', search?.before, PAGE_END)
      refuseKinds('findJobs: before', search?.before, { createdAt: 'number', id: 'text' })
      if (search?.state !== undefined)
        for (const state of [search.state].flat()) refuseOther('findJobs: state', state, RECORDED)
      return inner.findJobs(search)
    },
  }
}

/** Of two things that are meant one would be left out in silence. */
function refuseSeveral(target: object): void {
  const meant = ['queue', 'job', 'schedule'].filter((kind) => kind in (target ?? {}))
  if (meant.length > 1)
    throw new OrderlyError(
      'ORDERLY_INPUT_INVALID',
      `one thing is meant at a time, and this names ${meant.join(' and ')}`,
    )
}
