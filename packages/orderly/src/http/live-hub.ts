// Looks at the record for all who watch it, once for all of them, and tells each what concerns it.
import { countJobs, type JobCount } from '../history/find.ts'
import {
  findEventsAfter,
  findLastEvent,
  findLiveRows,
  type Happening,
  type LiveRow,
} from '../history/follow.ts'
import { newId } from '../primitives/ids.ts'
import type { Rooms } from '../runtime/rooms.ts'
import type { JobView } from './job-view.ts'
import { followAlerts } from './live-alerts.ts'

/** Something that happened, as those who watch are told. */
export interface LiveFrame {
  readonly seq: number
  readonly at: number
  readonly event: 'counts' | 'jobs' | 'new' | 'log' | 'alert'
  /** For one watcher, as JSON: what of it concerns those who reach certain queues and watch certain jobs. */
  readonly text: (watcher: WatcherView) => string | undefined
}

type Data = (watcher: WatcherView) => unknown

export interface WatcherView {
  /** The queues within reach, in words: the same for all who see the same. */
  readonly scope: string
  reaches(queue: string): boolean
  readonly jobs: ReadonlySet<string>
}

export interface Watcher extends WatcherView {
  send(frame: LiveFrame): void
  /** It has missed something that cannot be told any more. */
  gap(): void
}

export interface LiveHub {
  /** Names this run of this process: places in the stream mean something within it only. */
  readonly epoch: string
  /** The place of the latest frame. */
  seq(): number
  /** What watchers have missed since a place; undefined where it is not known any more. */
  since(seq: number): readonly LiveFrame[] | undefined
  watch(watcher: Watcher): () => void
  /** Tells everybody who reaches the queue, or everybody where none is named. */
  publish(event: LiveFrame['event'], data: unknown, queue?: string): void
  /** Called when the hub closes. */
  onClose(listener: () => void): () => void
  close(): Promise<void>
}

/** Counts go out twice a second at most. */
const LOOK_MS = 500
const RING_MS = 5 * 60_000
const MOST_FRAMES = 2_000
const MOST_EVENTS = 5_000
/** Writers that were given their places before others may come after them: as many places are looked at again. */
const OVERLAP = 500

export function openHub(rooms: Rooms): LiveHub {
  const epoch = newId(rooms.clock.now()).slice(-12)
  const watchers = new Set<Watcher>()
  const listeners = new Set<() => void>()
  const ring: LiveFrame[] = []
  const closing = new AbortController()
  let seq = 0
  let looking: Promise<void> | undefined

  const emit = (event: LiveFrame['event'], data: Data): void => {
    const text = event === 'jobs' ? printEach(data) : printOnce(data)
    const frame: LiveFrame = { seq: ++seq, at: rooms.clock.now(), event, text }
    ring.push(frame)
    while (ring.length > MOST_FRAMES || ring[0]!.at < frame.at - RING_MS) ring.shift()
    for (const watcher of watchers) watcher.send(frame)
  }

  const look = async (): Promise<void> => {
    const follower = await openFollower(rooms)
    const alerts = await followAlerts(rooms.alerts)
    while (watchers.size > 0 && !closing.signal.aborted) {
      await rooms.clock.sleep(LOOK_MS, closing.signal)
      try {
        tell(await follower(), emit)
        for (const news of await alerts()) emit('alert', () => news)
      } catch (error) {
        rooms.log.warn(
          { error: error instanceof Error ? error.name : 'unknown' },
          'what happens could not be told to those who watch; it is tried again',
        )
        for (const watcher of watchers) watcher.gap()
      }
    }
    looking = undefined
  }

  return {
    epoch,
    seq: () => seq,
    since(wanted) {
      if (wanted === seq) return []
      const first = ring[0]
      if (!first || wanted < first.seq - 1 || wanted > seq) return undefined
      return ring.filter((frame) => frame.seq > wanted)
    },
    watch(watcher) {
      watchers.add(watcher)
      looking ??= look().catch(() => {
        looking = undefined
      })
      return () => void watchers.delete(watcher)
    },
    publish(event, data, queue) {
      emit(event, ({ reaches }) => (queue === undefined || reaches(queue) ? data : undefined))
    },
    onClose(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    async close() {
      closing.abort()
      for (const listener of listeners) listener()
      watchers.clear()
      await looking
    },
  }
}

function printEach(data: Data): LiveFrame['text'] {
  return (watcher) => {
    const shown = data(watcher)
    return shown === undefined ? undefined : JSON.stringify(shown)
  }
}

/** What depends on the queues within reach alone is printed once for all who reach the same ones. */
function printOnce(data: Data): LiveFrame['text'] {
  const print = printEach(data)
  const byScope = new Map<string, string | undefined>()
  return (watcher) => {
    const { scope } = watcher
    if (!byScope.has(scope)) byScope.set(scope, print(watcher))
    return byScope.get(scope)
  }
}

interface News {
  readonly changed: readonly LiveRow[]
  /** New jobs, by queue. */
  readonly added: ReadonlyMap<string, number>
  /** Undefined where they are as they were. */
  readonly counts: readonly JobCount[] | undefined
}

/** Reads what has happened since it was last asked. */
async function openFollower(rooms: Rooms): Promise<() => Promise<News>> {
  let last = await findLastEvent(rooms.history)
  let seen = new Set<number>()
  let counted = ''
  return async () => {
    const from = Math.max(0, last - OVERLAP)
    const events = await findEventsAfter(rooms.history, from, MOST_EVENTS)
    const isFirst = seen.size === 0
    const fresh = events.filter(({ n }) => !seen.has(n) && (!isFirst || n > last))
    last = events.at(-1)?.n ?? last
    seen = new Set(events.map(({ n }) => n).filter((n) => n > last - OVERLAP))
    const counts = fresh.length > 0 || counted === '' ? await countJobs(rooms.history) : undefined
    const text = counts === undefined ? counted : JSON.stringify(counts)
    const areNew = text !== counted
    counted = text
    const ids = [...new Set(fresh.map(({ job_id }) => job_id))]
    const changed = await findLiveRows(rooms.history, ids)
    return { changed, added: addedIn(fresh, changed), counts: areNew ? counts : undefined }
  }
}

function addedIn(
  events: readonly Happening[],
  rows: readonly LiveRow[],
): ReadonlyMap<string, number> {
  const accepted = new Set(
    events.filter(({ type }) => type === 'accepted').map(({ job_id }) => job_id),
  )
  const added = new Map<string, number>()
  for (const { id, queue } of rows)
    if (accepted.has(id)) added.set(queue, (added.get(queue) ?? 0) + 1)
  return added
}

function tell(
  { changed, added, counts }: News,
  emit: (event: LiveFrame['event'], data: Data) => void,
): void {
  if (counts) emit('counts', ({ reaches }) => ({ counts: shownCounts(counts, reaches) }))
  if (changed.length > 0) {
    const byId = new Map(changed.map((row) => [row.id, row]))
    emit('jobs', ({ jobs, reaches }) => {
      const rows = [...jobs].flatMap((id) => byId.get(id) ?? []).filter((row) => reaches(row.queue))
      return rows.length > 0 ? { jobs: rows.map(shownRow) } : undefined
    })
  }
  if (added.size > 0)
    emit('new', ({ reaches }) => {
      const queues = [...added].filter(([queue]) => reaches(queue))
      const n = queues.reduce((sum, [, count]) => sum + count, 0)
      return n > 0 ? { n, queues: Object.fromEntries(queues) } : undefined
    })
}

export interface LiveCount {
  queue: string
  type: string
  state: string
  n: number
}

export function shownCounts(
  counts: readonly JobCount[],
  reaches: (queue: string) => boolean,
): LiveCount[] {
  return counts
    .filter(({ queue }) => reaches(queue))
    .map(({ queue, name, state, n }) => ({ queue, type: name, state, n }))
}

/** A job as those who watch it are told: nothing of its input. */
export type LiveJob = Pick<
  JobView,
  | 'id'
  | 'queue'
  | 'type'
  | 'state'
  | 'attempts'
  | 'runAt'
  | 'startedAt'
  | 'finishedAt'
  | 'duration'
  | 'errorCode'
  | 'fingerprint'
  | 'worker'
  | 'updatedAt'
>

export function shownRow(row: LiveRow): LiveJob {
  return {
    id: row.id,
    queue: row.queue,
    type: row.name,
    state: row.state,
    attempts: row.attempts,
    runAt: row.run_at,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    duration: row.duration,
    errorCode: row.error_code,
    fingerprint: row.fingerprint,
    worker: row.worker,
    updatedAt: row.updated_at,
  }
}
