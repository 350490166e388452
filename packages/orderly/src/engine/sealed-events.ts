// A queue's events as its listeners may hear them: opened, and without what somebody else wrote into the stream.
import { isEnvelope } from '../vault/envelope.ts'
import { markOf, parse, quoted, refusalOf, type Sealer } from './sealer.ts'

type Entry = [id: string, fields: string[]]

/** What BullMQ itself says of jobs. All but three of its events carry nothing but ids, names and numbers. */
const OWN = new Set([
  'active',
  'added',
  'cleaned',
  'completed',
  'debounced',
  'deduplicated',
  'delayed',
  'drained',
  'duplicated',
  'failed',
  'paused',
  'progress',
  'removed',
  'resumed',
  'retries-exhausted',
  'stalled',
  'waiting',
  'waiting-children',
])

/** Opens what `readEvents` gave. One event that cannot be opened does not end the stream. */
export async function openStream(read: unknown, sealer: Sealer): Promise<unknown> {
  if (!Array.isArray(read)) return read
  return Promise.all(
    (read as [string, Entry[]][]).map(async ([key, entries]) => [
      key,
      await Promise.all(
        entries.map(async ([id, fields]): Promise<Entry> => [id, await openEvent(fields, sealer)]),
      ),
    ]),
  )
}

async function openEvent(fields: string[], sealer: Sealer): Promise<string[]> {
  const event = new Map<string, string>()
  for (let index = 0; index < fields.length; index += 2)
    event.set(fields[index]!, fields[index + 1]!)
  const name = event.get('event') ?? ''
  const jobId = event.get('jobId') ?? ''
  const { show, open, openJson } = sealer
  for (const [field, value] of event) {
    if (field === 'event') continue
    const sealedByUs = isEnvelope(value)
    if (name === 'completed' && field === 'returnvalue')
      try {
        event.set(field, await openJson(value, 'output', jobId))
      } catch (error) {
        // Whoever waits for the result must not take its absence for one.
        event.delete(field)
        event.set('event', 'failed')
        event.set('failedReason', markOf(refusalOf(error) ?? 'ORDERLY_KEY_UNAVAILABLE'))
      }
    else if (name === 'failed' && field === 'failedReason')
      event.set(field, await orNothing(() => sealer.showReason(value, jobId), ''))
    else if (name === 'progress' && field === 'data' && !sealedByUs)
      event.set(field, await orNothing(() => show(() => openProgress(value), quoted), 'null'))
    else if (sealedByUs || !OWN.has(name))
      event.set(
        field,
        await orNothing(
          () => show(async () => textOf(parse(await open(value, 'event', field)) ?? value)),
          '',
        ),
      )
  }
  return [...event].flat()

  async function openProgress(value: string): Promise<string> {
    const inside: unknown = parse(value)
    return open(isEnvelope(inside) ? inside : value, 'progress', jobId)
  }
}

/** A listener goes on while the keys are away. */
async function orNothing(open: () => Promise<string>, nothing: string): Promise<string> {
  try {
    return await open()
  } catch {
    return nothing
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
