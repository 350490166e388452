// What depends on what: schedules, sources of events, workflows, kinds of jobs, queues and webhooks, and who leads to whom.

export type Kind = 'schedule' | 'source' | 'workflow' | 'type' | 'queue' | 'webhook'

export interface Thing {
  /** Its kind and name: unique. */
  readonly key: string
  readonly kind: Kind
  readonly name: string
}

export interface Leads {
  readonly from: string
  readonly to: string
}

export interface DependencyMap {
  readonly things: readonly Thing[]
  readonly links: readonly Leads[]
}

export interface MapInput {
  readonly types: readonly { readonly name: string; readonly queue: string }[]
  readonly schedules: readonly {
    readonly id: string
    readonly job: string | null
    readonly workflow: string | null
  }[]
  /** Of each workflow the jobs and the workflows that its steps run. */
  readonly workflows: readonly {
    readonly id: string
    readonly jobs: readonly string[]
    readonly workflows: readonly string[]
  }[]
  readonly sources: readonly {
    readonly name: string
    readonly starts: Readonly<Record<string, string>>
  }[]
  readonly webhooks: readonly {
    readonly name: string
    readonly filter: {
      readonly types: readonly string[]
      readonly jobs?: readonly string[]
      readonly queues?: readonly string[]
    }
  }[]
}

export function dependencyMap(input: MapInput): DependencyMap {
  const things = new Map<string, Thing>()
  const links = new Map<string, Leads>()
  const thing = (kind: Kind, name: string): string => {
    const key = `${kind}:${name}`
    if (!things.has(key)) things.set(key, { key, kind, name })
    return key
  }
  const lead = (from: string, to: string): void => {
    links.set(`${from} ${to}`, { from, to })
  }
  for (const { name, queue } of input.types) lead(thing('type', name), thing('queue', queue))
  for (const { id, jobs, workflows } of input.workflows) {
    const own = thing('workflow', id)
    for (const job of jobs) lead(own, thing('type', job))
    for (const inner of workflows) lead(own, thing('workflow', inner))
  }
  for (const { id, job, workflow } of input.schedules) {
    const own = thing('schedule', id)
    if (job !== null) lead(own, thing('type', job))
    if (workflow !== null) lead(own, thing('workflow', workflow))
  }
  for (const { name, starts } of input.sources) {
    const own = thing('source', name)
    for (const workflow of Object.values(starts)) lead(own, thing('workflow', workflow))
  }
  for (const { name, filter } of input.webhooks) {
    const own = thing('webhook', name)
    if (!filter.types.some((type) => type === '*' || type.startsWith('job.'))) continue
    for (const { name: job, queue } of input.types)
      if ((filter.jobs?.includes(job) ?? true) && (filter.queues?.includes(queue) ?? true))
        lead(thing('type', job), own)
  }
  return { things: [...things.values()], links: [...links.values()] }
}

/** Everything that leads to a thing, or that it leads to, the thing itself left out. */
export function reach(
  { links }: Pick<DependencyMap, 'links'>,
  key: string,
  way: 'up' | 'down',
): ReadonlySet<string> {
  const next = new Map<string, string[]>()
  for (const { from, to } of links) {
    const [at, other] = way === 'up' ? [to, from] : [from, to]
    next.set(at, [...(next.get(at) ?? []), other])
  }
  const found = new Set<string>()
  const open = [key]
  for (let at = open.pop(); at !== undefined; at = open.pop())
    for (const one of next.get(at) ?? [])
      if (!found.has(one)) {
        found.add(one)
        open.push(one)
      }
  found.delete(key)
  return found
}

export const COLUMNS: readonly (readonly Kind[])[] = [
  ['schedule', 'source'],
  ['workflow'],
  ['type'],
  ['queue', 'webhook'],
]
