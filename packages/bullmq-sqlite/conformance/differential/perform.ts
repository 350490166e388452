/** Owns carrying out one step of a history on one store. */
import type { JobsOptions } from 'bullmq'
import * as m from '../moves.ts'
import { bucket, plainJob } from './observe.ts'
import type { Side, SideQueue } from './side.ts'
import type { Ending, Step } from './steps.ts'

/** What is known of the run so far; the same for both stores. */
export interface Context {
  readonly names: string[]
  readonly run: string
  readonly ids: Set<string>[]
  readonly active: [number, string][]
  readonly parents: [number, string][]
  readonly tokens: Map<string, string>
  readonly lapsed: Set<string>
  readonly paused: Set<number>
  /** Queues in which the job of a schedule waits. */
  readonly ticking: Set<number>
  serial: number
  learn(seen: [number, string][]): void
  update(queues: Record<string, any>[]): void
}

const TOKENS = ['token-a', 'token-b', '0']
const KEEPS = [false, true, 1, { age: 1 }, { count: 2 }] as const
const STATES = ['wait', 'active', 'delayed', 'prioritized', 'completed', 'failed']
const POLICIES = [
  {},
  { failParentOnFailure: true },
  { continueParentOnFailure: true },
  { ignoreDependencyOnFailure: true },
  { removeDependencyOnFailure: true },
]
const HOUR = 3_600_000
const DEDUPS: (JobsOptions['deduplication'] | undefined)[] = [
  undefined,
  { id: 'x' },
  { id: 'x', ttl: HOUR },
  { id: 'x', ttl: HOUR, extend: true, replace: true },
  { id: 'x', keepLastIfActive: true },
  { id: 'y', replace: true },
  { id: 'y', ttl: HOUR, extend: true, keepLastIfActive: true },
]
const PATTERNS = ['0 0 1 1 *', '0 0 1 2 *']

const MAINTENANCE = [
  'promote',
  'changeDelay',
  'updateData',
  'log',
  'clearLogs',
  'removeChildren',
  'cutLoose',
  'rerun',
  'changePriority',
  'remove',
  'pause',
  'drain',
  'limit',
  'clean',
  'rerunAll',
  'promoteAll',
  'obliterate',
  'meta',
  'freeDedup',
  'event',
] as const
type Maintenance = Extract<Step, { do: (typeof MAINTENANCE)[number] }>
type Mover = Exclude<Step, Maintenance>

function isMaintenance(step: Maintenance | Mover): step is Maintenance {
  return (MAINTENANCE as readonly string[]).includes(step.do)
}

type Note = (queue: number, id: string) => void

/** Carries out a step and answers with what a caller would see of it. */
export async function perform(
  side: Side,
  queues: SideQueue[],
  step: Step,
  context: Context,
  note: Note,
): Promise<unknown> {
  const at = (index: number): m.Backend => queues[index]!.backend
  if (isMaintenance(step)) return maintain(at(step.queue), step, context)
  switch (step.do) {
    case 'tick':
      return undefined
    case 'add': {
      const { queue, id, priority, delay, lifo, attempts } = step
      const deduplication = DEDUPS[step.dedup]
      const options: m.AddOptions = {
        ...(id && { jobId: id }),
        ...(priority && { priority }),
        ...(delay && { delay }),
        ...(lifo && { lifo }),
        ...(attempts && { attempts }),
        ...(deduplication && { deduplication }),
        data: { lifo, priority },
      }
      return added(queue, await m.add(at(queue), options), note)
    }
    case 'bulk': {
      const { queue, count, priority } = step
      const job = m.jobJson(at(queue), { ...(priority && { priority }) })
      const entries = Array.from({ length: count }, () => ({ job, jobId: '' }))
      const ids = await at(queue).addJobs(entries)
      for (const id of ids) note(queue, id)
      return ids
    }
    case 'child':
      return addChild(at, step, context, note)
    case 'flow':
      return addFlow(at(0), step, context, note)
    case 'claim': {
      const { backend, limited } = queues[step.queue]!
      const token = TOKENS[step.token] ?? 'token-a'
      return claimed(step.queue, await (step.limited ? limited : backend).moveToActive(token), {
        token,
        context,
        note,
      })
    }
    case 'end': {
      const [queue, id] = pick(context.active, step.job) ?? [0, 'nobody']
      const own = context.tokens.get(`${queue}:${id}`) ?? 'token-a'
      const token = step.token === 0 ? own : (TOKENS[step.token] ?? own)
      const keep = KEEPS[step.keep] ?? false
      const result = await end(at(queue), id, step.how, token, keep, step.fetch)
      return Array.isArray(result) ? claimed(queue, result, { token, context, note }) : result
    }
    case 'endAny': {
      const id = anyId(context, step.queue, step.job)
      return void (await end(at(step.queue), id, step.how, 'token-b', false, false))
    }
    case 'expireLock': {
      const found = pick(context.active, step.job)
      if (!found) return undefined
      // Redis takes stalled jobs back in the order of a set, which is open: one at a time.
      const key = `${found[0]}:${found[1]}`
      const others = context.active.some(
        ([queue, id]) => `${queue}:${id}` !== key && context.lapsed.has(`${queue}:${id}`),
      )
      if (others) return undefined
      context.lapsed.add(key)
      return side.expireLock(at(found[0]).qualifiedName, found[1])
    }
    case 'sweep':
      await side.allowSweep(at(step.queue).qualifiedName)
      return at(step.queue).moveStalledJobsToWait()
    case 'reopen':
      return side.reopen(queues)
    case 'abandon': {
      // Redis takes stalled jobs back in the order of a set, which is open: one a queue at most.
      const [first, second] = context.active
      if (context.active.length > 2 || (first && first[0] === second?.[0])) return undefined
      for (const [queue, id] of context.active) context.lapsed.add(`${queue}:${id}`)
      return side.abandon(queues, context.active)
    }
    case 'schedule': {
      // On Redis a schedule changed in a paused queue leaves its old job behind.
      if (context.paused.has(step.queue)) return undefined
      const repeat = step.every
        ? { every: step.every * 1000 }
        : { pattern: PATTERNS[step.pattern] ?? '* * * * *', tz: 'UTC' }
      const { queue } = queues[step.queue]!
      const job = await queue.upsertJobScheduler(`s${step.id}`, repeat, { name: 'tick' })
      return added(step.queue, job?.id ?? '', note)
    }
    case 'unschedule':
      return at(step.queue).removeJobScheduler(`s${step.id}`)
    case 'advance': {
      const id = anyId(context, step.queue, step.job)
      const [, scheduler = 's0'] = id.split(':')
      const next = Date.now() + 5000
      return (
        (await at(step.queue).updateJobSchedulerNextMillis(scheduler, next, '{}', {}, id)) ?? null
      )
    }
  }
}

async function maintain(backend: m.Backend, it: Maintenance, context: Context): Promise<unknown> {
  const id = 'job' in it ? anyId(context, it.queue, it.job) : ''
  switch (it.do) {
    case 'promote':
      return backend.promote(id)
    case 'changeDelay':
      return backend.changeDelay(id, it.value * 500)
    case 'updateData':
      return backend.updateData(m.ref(id), { value: it.value })
    case 'log':
      return backend.addLog(id, `line ${it.value}`, it.value)
    case 'clearLogs':
      return void (await backend.clearLogs(id, it.value))
    case 'removeChildren':
      return backend.removeUnprocessedChildren(id)
    case 'cutLoose': {
      const json = await backend.getJobData(id)
      return backend.removeChildDependency(id, json?.parentKey ?? backend.toKey('nobody'))
    }
    case 'rerun': {
      const state = it.value % 2 ? 'failed' : 'completed'
      const opts = { resetAttemptsMade: it.value > 1, resetAttemptsStarted: it.value === 3 }
      return backend.retryFinishedJob(m.ref(id), state, opts)
    }
    case 'changePriority':
      return backend.changePriority(id, it.value, it.lifo)
    case 'remove':
      return backend.remove(id, it.children)
    case 'pause':
      return void (await backend.pause(it.on))
    case 'drain':
      // On Redis draining cuts off the wrong end of a list that holds the job of a schedule.
      if (context.ticking.has(it.queue)) return undefined
      return void (await backend.drain(it.on))
    case 'limit':
      return it.on ? backend.setRateLimit(HOUR) : backend.removeRateLimitKey()
    case 'clean': {
      const before = Date.now() - it.age * 1000
      return backend.cleanJobsByState(STATES[it.state] ?? 'wait', before, it.limit)
    }
    case 'rerunAll':
      return backend.retryFinishedJobs(it.state ? 'failed' : 'completed', it.count, Date.now())
    case 'promoteAll':
      return backend.promoteJobs(it.count)
    case 'obliterate':
      return backend.obliterate({ force: it.force, count: it.count })
    case 'meta': {
      const values = it.field === 0 ? { concurrency: it.value } : { max: it.value, duration: HOUR }
      if (it.value === 0) return backend.removeQueueMetaFields(Object.keys(values))
      return backend.setQueueMeta(values as Record<string, number>)
    }
    case 'freeDedup': {
      const dedupId = it.dedup > 4 ? 'y' : 'x'
      if (it.dedup === 0) return backend.deleteDeduplicationKey(dedupId)
      return backend.removeDeduplicationKey(dedupId, id)
    }
    case 'event':
      return void (await backend.publishEvent({ event: 'painted', n: 1 }, 10_000))
  }
}

async function end(
  backend: m.Backend,
  id: string,
  how: Ending,
  token: string,
  keep: (typeof KEEPS)[number],
  fetch: boolean,
): Promise<unknown> {
  const fieldsToUpdate = { failedReason: 'flaky', stacktrace: '["at here"]' }
  switch (how) {
    case 'complete':
      return m.complete(backend, id, { token, keep, fetch, value: { from: 'here' } })
    case 'fail':
      return m.fail(backend, id, { token, keep, fetch, fields: fieldsToUpdate })
    case 'retry':
      return void (await backend.retryJob(id, fetch, token, fetch ? { fieldsToUpdate } : {}))
    case 'delay':
      return backend.moveToDelayed(id, Date.now(), 500, token, {
        fetchNext: fetch,
        skipAttempt: keep === true,
      })
    case 'front':
      return bucket(await backend.moveJobFromActiveToWait(id, token))
    case 'children':
      return backend.moveToWaitingChildren(id, token)
    case 'progress':
      return backend.updateProgress(id, { at: 5 })
    case 'extend':
      return backend.extendLock(id, token, HOUR)
  }
}

function addChild(
  at: (queue: number) => m.Backend,
  step: Extract<Step, { do: 'child' }>,
  context: Context,
  note: Note,
): Promise<unknown> {
  const { queue, id, delay } = step
  // Redis takes a parent's key apart at its last colon, and so loses the jobs of schedules.
  const candidates = [...context.parents, ...context.active].filter(([, one]) => !one.includes(':'))
  const [parentQueue, parentId] = pick(candidates, step.parent) ?? [0, 'nobody']
  const parent = { id: parentId, queue: at(parentQueue).qualifiedName }
  const options: m.AddOptions = {
    parent,
    ...(id && { jobId: id }),
    ...(delay && { delay }),
    ...POLICIES[step.policy],
  }
  return m.add(at(queue), options).then((added) => {
    note(queue, added)
    return added
  })
}

/** Trees of two or three generations over both queues. Ids are made here: they must agree. */
async function addFlow(
  backend: m.Backend,
  step: Extract<Step, { do: 'flow' }>,
  context: Context,
  note: Note,
): Promise<unknown> {
  const stem = `f${[...(context.ids[0] ?? [])].filter((id) => id.startsWith('f')).length}`
  const { prefix } = backend.parseNodeKey(backend.toKey('any'))
  type Entry = Parameters<m.Backend['addFlow']>[0][number]
  const node = (
    queue: number,
    jobId: string,
    parent: { id: string; queue: string } | undefined,
    isParent: boolean,
  ): Entry => {
    note(queue, jobId)
    const own = backend.forQueue(context.names[queue] ?? '')
    const options: m.AddOptions = {
      jobId,
      ...(parent && { parent, ...POLICIES[step.policy] }),
      ...(isParent && step.priority && { priority: step.priority }),
      ...(isParent && step.delay && { delay: step.delay }),
    }
    return {
      jobData: m.jobJson(own, options),
      jobId,
      parentKeyOpts: {
        ...(parent && m.under(parent)),
        ...(isParent && { addToWaitingChildren: true }),
      },
      prefix,
      queueName: context.names[queue] ?? '',
    }
  }
  const queueOf = (queue: number): string =>
    backend.forQueue(context.names[queue] ?? '').qualifiedName
  const root = { id: stem, queue: queueOf(0) }
  const middle = { id: `${stem}m`, queue: queueOf(1) }
  const entries = [node(0, stem, undefined, true)]
  if (step.shape === 3) {
    entries.push(node(1, middle.id, root, true), node(0, `${stem}l`, middle, false))
  } else {
    for (let n = 0; n < step.shape; n++)
      entries.push(node((n + 1) % 2, `${stem}k${n}`, root, false))
    // A flow may also take in a job that is there already.
    entries.push(node(1, 'a', root, false))
  }
  const results = await backend.addFlow(entries)
  return results.map(([error, id]) => [error?.message ?? null, id])
}

function claimed(
  queue: number,
  [job, id, limited, dueAt]: any[],
  { token, context, note }: { token: string; context: Context; note: Note },
): unknown {
  if (job) {
    note(queue, String(id))
    context.tokens.set(`${queue}:${id}`, token)
    context.lapsed.delete(`${queue}:${id}`)
  }
  return { job: plainJob(job), id, limited: bucket(limited ?? 0), dueAt: Number(dueAt ?? 0) }
}

function added(queue: number, id: string, note: Note): string {
  note(queue, id)
  return id
}

function pick<T>(list: readonly T[], index: number): T | undefined {
  return list[index % Math.max(list.length, 1)]
}

function anyId(context: Context, queue: number, index: number): string {
  return pick([...(context.ids[queue] ?? [])], index) ?? 'nobody'
}
