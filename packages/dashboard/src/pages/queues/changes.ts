// Entries of the audit log as changes of a queue: what was done, to what, and by whom. Why stands sealed in the log.
import type { AuditEntry } from 'orderly/api'

/** By the operation, over HTTP or by a program. */
const WHAT = {
  'api.limits.override': 'didOverride',
  'limit.override': 'didOverride',
  'api.limits.reset': 'didReset',
  'limit.reset': 'didReset',
  'api.queues.pause': 'didPause',
  'pause.set': 'didPause',
  'api.queues.resume': 'didResume',
  'pause.end': 'didResume',
  'api.queues.clean': 'didClean',
  'queue.clean': 'didClean',
  'api.queues.drain': 'didDrain',
  'queue.drain': 'didDrain',
} as const

export interface Change {
  readonly id: string
  readonly at: number
  readonly who: string
  readonly what: (typeof WHAT)[keyof typeof WHAT]
  /** The queue or the kind of job. */
  readonly name: string
  readonly limit: 'concurrency' | 'rate' | undefined
  readonly value: number | undefined
}

/** @param names of the queue and of its kinds of job @returns what was done, newest first */
export function changesOf(
  entries: readonly AuditEntry[],
  names: readonly string[],
): readonly Change[] {
  return entries
    .flatMap((entry) => changeOf(entry) ?? [])
    .filter(({ name }) => names.includes(name))
    .toSorted((a, b) => b.at - a.at)
}

function changeOf(entry: AuditEntry): Change | undefined {
  const { id, at, actor, op, outcome, resource, detail = {} } = entry
  // What was asked has an entry of its own that says how it ended, and a plan changes nothing.
  if (outcome !== 'ok' || !isKnown(op) || detail['plan'] === true) return undefined
  const { limit, name = resource?.id, value } = detail
  if (typeof name !== 'string') return undefined
  return {
    id,
    at,
    who: actor.name ?? actor.id,
    what: WHAT[op],
    name,
    limit: limit === 'concurrency' || limit === 'rate' ? limit : undefined,
    value: typeof value === 'number' ? value : undefined,
  }
}

function isKnown(op: string): op is keyof typeof WHAT {
  return Object.hasOwn(WHAT, op)
}
