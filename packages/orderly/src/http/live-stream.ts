// One open stream: what it is sent, how much may wait for a slow reader, and whether its reader may still see it.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { can, reaches } from '../access/can.ts'
import type { Actor } from '../access/actor.ts'
import { newId } from '../primitives/ids.ts'
import type { ApiContext } from './contract.ts'
import { jobFor } from './find-page.ts'
import type { LiveFrame, LiveHub, Watcher } from './live-hub.ts'
import { readLog } from '../runtime/job-log.ts'

const HEARTBEAT_MS = 15_000
/** How often a change of anybody's rights is looked for, and how often it is asked whether there was one or not. */
const RIGHTS_MS = 4_000
const RIGHTS_ANYWAY_MS = 60_000
const LOG_MS = 1_000
/** What may wait for a reader who is slower than what happens; beyond it, frames are left out and a gap is told. */
const MOST_WAITING_BYTES = 256 * 1024
/** A reader who takes nothing for so long is gone. */
const STALLED_MS = 60_000
const MOST_STREAMS = 5_000

interface Stream {
  readonly actorId: string
  watch(jobs: readonly string[], log: string | undefined): void
}

const streamsByHub = new WeakMap<LiveHub, Map<string, Stream>>()

function streamsOf(hub: LiveHub): Map<string, Stream> {
  let streams = streamsByHub.get(hub)
  if (!streams) streamsByHub.set(hub, (streams = new Map()))
  return streams
}

/** Changes what an open stream of the caller's tells about. @returns whether there is one */
export function watchOn(
  { hub, actor }: ApiContext,
  id: string,
  jobs: readonly string[],
  log: string | undefined,
): boolean {
  const stream = streamsOf(hub).get(id)
  if (stream?.actorId !== actor.id) return false
  stream.watch(jobs, log)
  return true
}

export function openStream(
  context: ApiContext,
  { request, response }: { readonly request: IncomingMessage; readonly response: ServerResponse },
  ids: readonly string[],
  counts: unknown,
): void {
  const { hub, rooms, callers } = context
  const { clock } = rooms
  const streams = streamsOf(hub)
  if (streams.size >= MOST_STREAMS) {
    response.writeHead(503, { 'retry-after': '30' }).end()
    return
  }
  const id = newId(clock.now())
  const closing = new AbortController()
  let { actor } = context
  let jobs: ReadonlySet<string> = new Set(ids)
  let logOf: string | undefined
  let hasGap = false
  let stalledSince: number | undefined

  let isGathering = false
  const writeText = (event: string, text: string, seq?: number): void => {
    // What is told in one go leaves in one piece: with many streams it is the sending that costs.
    if (!isGathering) {
      isGathering = true
      response.cork()
      queueMicrotask(() => {
        isGathering = false
        response.uncork()
      })
    }
    const place = seq === undefined ? '' : `id: ${hub.epoch}-${seq}\n`
    response.write(`${place}event: ${event}\ndata: ${text}\n\n`)
  }
  const write = (event: string, data: unknown, seq?: number): void =>
    writeText(event, JSON.stringify(data), seq)
  const end = (reason: string): void => {
    if (closing.signal.aborted) return
    closing.abort()
    streams.delete(id)
    stopWatching()
    stopListening()
    if (!response.destroyed) {
      write('bye', { reason })
      response.end()
    }
  }
  const watcher: Watcher = {
    get jobs() {
      return jobs
    },
    get scope() {
      return actor.queues.join(',')
    },
    reaches: (queue) => reaches(actor, queue),
    gap: () => {
      hasGap = true
    },
    send(frame) {
      if (response.writableLength > MOST_WAITING_BYTES) {
        hasGap = true
        stalledSince ??= clock.elapsed()
        if (clock.elapsed() - stalledSince > STALLED_MS) response.destroy()
        return
      }
      stalledSince = undefined
      if (hasGap) {
        hasGap = false
        write('gap', { seq: frame.seq }, frame.seq)
      }
      show(frame)
    },
  }
  const show = (frame: LiveFrame): void => {
    const text = frame.text(watcher)
    if (text !== undefined) writeText(frame.event, text, frame.seq)
  }

  // Compressing a stream of events holds them back, and lets who sees the lengths guess at what is in them.
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store, no-transform',
    'content-encoding': 'identity',
    connection: 'keep-alive',
    'x-accel-buffering': 'no',
  })
  response.flushHeaders()
  const stopWatching = hub.watch(watcher)
  const stopListening = hub.onClose(() => end('the server is stopping'))
  streams.set(id, {
    actorId: actor.id,
    watch(wanted, log) {
      jobs = new Set(wanted)
      logOf = log
    },
  })
  response.on('close', () => end('closed'))
  write('hello', { stream: id, seq: hub.seq(), at: clock.now(), counts }, hub.seq())
  const missed = missedSince(hub, request.headers['last-event-id'])
  if (missed === 'unknown') write('gap', { seq: hub.seq() }, hub.seq())
  else for (const frame of missed) show(frame)

  const beat = async (): Promise<void> => {
    for (;;) {
      await clock.sleep(HEARTBEAT_MS, closing.signal)
      if (closing.signal.aborted) return
      response.write(': still here\n\n')
    }
  }
  const guard = async (): Promise<void> => {
    let version = await callers.version?.()
    let askedAt = clock.elapsed()
    for (;;) {
      await clock.sleep(RIGHTS_MS, closing.signal)
      if (closing.signal.aborted) return
      const now = await callers.version?.()
      if (now === version && clock.elapsed() - askedAt < RIGHTS_ANYWAY_MS) continue
      version = now
      askedAt = clock.elapsed()
      const again = await callers.authenticate(request)
      if (!mayWatch(again, actor)) return end('signed out')
      actor = again
    }
  }
  const tail = async (): Promise<void> => {
    let told: { job: string; next: number } | undefined
    for (;;) {
      await clock.sleep(LOG_MS, closing.signal)
      if (closing.signal.aborted) return
      const wanted = logOf
      if (wanted === undefined) continue
      if (told?.job !== wanted) told = { job: wanted, next: 0 }
      const job = await jobFor({ ...context, reaches: watcher.reaches }, wanted)
      const { data } = await readLog(rooms, job, told.next, 200)
      if (data.length === 0) continue
      write('log', { job: wanted, from: told.next, lines: data })
      told.next += data.length
    }
  }
  for (const work of [beat, guard])
    // What cannot be checked is not shown.
    work().catch(() => end('its rights could not be checked'))
  tail().catch(() => {
    logOf = undefined
  })
}

function mayWatch(actor: Actor | undefined, before: Actor): actor is Actor {
  return actor?.id === before.id && can(actor, 'jobs:read')
}

/** What a reader who comes back has missed. */
function missedSince(
  hub: LiveHub,
  header: string | string[] | undefined,
): readonly LiveFrame[] | 'unknown' {
  if (typeof header !== 'string') return []
  const [epoch, seq] = header.split('-')
  if (epoch !== hub.epoch || !/^\d{1,15}$/.test(seq ?? '')) return 'unknown'
  return hub.since(Number(seq)) ?? 'unknown'
}
