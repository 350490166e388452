/** Owns running a history on two stores at once, and comparing them after every step. */
import { randomUUID } from 'node:crypto'
import { expect, vi } from 'vitest'
import { observe } from './observe.ts'
import { perform } from './perform.ts'
import type { Context } from './perform.ts'
import type { Side, SideQueue } from './side.ts'
import type { Step } from './steps.ts'

export const START = Date.UTC(2030, 0, 1)

interface Place {
  side: Side
  queues: SideQueue[]
}

/** Runs a history; throws at the first step after which the two differ. */
export async function compareHistories(
  oracle: Side,
  subject: Side,
  steps: readonly Step[],
): Promise<void> {
  vi.setSystemTime(START)
  const run = randomUUID()
  const names = [`main-${run}`, `kids-${run}`]
  const places: Place[] = []
  try {
    for (const side of [oracle, subject]) {
      const queues: SideQueue[] = []
      places.push({ side, queues })
      for (const name of names) queues.push(await side.open(name))
    }
    const context = newContext(names, run)
    for (const [at, step] of steps.entries()) {
      if (step.do === 'tick') {
        vi.setSystemTime(Date.now() + step.ms)
        continue
      }
      const [want, got] = [
        await take(places[0]!, step, context),
        await take(places[1]!, step, context),
      ]
      const where = `after step ${at + 1}, ${JSON.stringify(step)}`
      expect(hideRun(got.outcome, run), `the answer ${where}`).toEqual(hideRun(want.outcome, run))
      context.learn(want.seen)
      const deep = at % 8 === 7 || at === steps.length - 1
      const [wanted, found] = await Promise.all([
        look(places[0]!, context, step, deep),
        look(places[1]!, context, step, deep),
      ])
      expect(hideRun(found, run), `the state ${where}`).toEqual(hideRun(wanted, run))
      context.update(wanted.queues)
    }
  } finally {
    for (const { queues } of places) for (const queue of queues) await queue.close()
  }
}

async function take(
  { side, queues }: Place,
  step: Step,
  context: Context,
): Promise<{ outcome: unknown; seen: [number, string][] }> {
  const seen: [number, string][] = []
  try {
    const value = await perform(side, queues, step, context, (queue, id) => seen.push([queue, id]))
    return { outcome: { value }, seen }
  } catch (error) {
    const { message, code } = error as Error & { code?: number }
    return { outcome: { error: message, code }, seen }
  }
}

// Where Redis walks a set, the order of what it does is open, and so is that of its events.
const UNORDERED = new Set(['remove', 'removeChildren', 'drain', 'clean', 'obliterate'])

async function look(
  { side, queues }: Place,
  context: Context,
  step: Step,
  deep: boolean,
): Promise<{ queues: Record<string, any>[]; events: unknown }> {
  const events: unknown[] = []
  const seen: Record<string, any>[] = []
  for (const [at, queue] of queues.entries()) {
    const ids = [...(context.ids[at] ?? [])]
    await side.dropStaleLocks(queue.backend.qualifiedName, ids)
    const list = await queue.events.read()
    events.push(
      UNORDERED.has(step.do) ? list.map((event) => JSON.stringify(event)).toSorted() : list,
    )
    seen.push(await observe(queue.backend, ids, deep))
  }
  return { queues: seen, events }
}

function hideRun(value: unknown, run: string): unknown {
  return JSON.parse((JSON.stringify(value) ?? 'null').replaceAll(run, 'RUN'))
}

function newContext(names: string[], run: string): Context {
  const ids = [new Set<string>(), new Set<string>()]
  const active: [number, string][] = []
  const paused = new Set<number>()
  const ticking = new Set<number>()
  const waitsForChildren: [number, string][] = []
  return {
    names,
    run,
    ids,
    active,
    parents: waitsForChildren,
    tokens: new Map(),
    lapsed: new Set(),
    paused,
    ticking,
    serial: 0,
    learn: (seen) => {
      for (const [queue, id] of seen) ids[queue]?.add(id)
    },
    update: (queues) => {
      active.length = 0
      waitsForChildren.length = 0
      for (const [at, queue] of queues.entries()) {
        if (queue['meta']['paused']) paused.add(at)
        else paused.delete(at)
        const ranges = queue['ranges'] as Record<string, string[]>
        if (ranges['wait']?.some((id) => id.startsWith('repeat:'))) ticking.add(at)
        else ticking.delete(at)
        for (const list of Object.values(ranges)) for (const id of list) ids[at]?.add(id)
        for (const id of ranges['active'] ?? []) active.push([at, id])
        for (const id of ranges['waiting-children'] ?? []) waitsForChildren.push([at, id])
      }
      active.sort(([a, x], [b, y]) => a - b || (x < y ? -1 : 1))
    },
  }
}
