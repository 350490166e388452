// Stands in front of a store that can go away: sends nothing to one that is not there, and tells what failed.
import type { BackendFactory, IQueueBackend } from 'bullmq'
import type { Clock } from '../primitives/clock.ts'
import { OrderlyError } from '../primitives/errors.ts'
import { decorateFactory } from './decorate.ts'
import { orphanLayer } from './orphans.ts'
import type { RemoteStore } from './store.ts'

/** Puts the gate in front of every backend that `factory` makes. */
export function gated(
  factory: BackendFactory<IQueueBackend, any>,
  remote: RemoteStore,
  clock: Clock,
  onFailure: (error: unknown) => void,
): BackendFactory<IQueueBackend, any> {
  // Asked of a connection that is just being opened they would wait for as long as the store is away.
  const sent = async <T>(send: () => Promise<T>): Promise<T> => {
    if (!remote.isReady())
      throw new OrderlyError('ORDERLY_ENGINE_UNAVAILABLE', `${remote.name} does not answer`)
    return send()
  }
  const ask = async <T>(send: () => Promise<T>): Promise<T> => {
    try {
      return await sent(send)
    } catch (error) {
      throw unavailable(remote, error)
    }
  }
  const pass = async <T>(send: () => Promise<T>): Promise<T> => {
    try {
      return await sent(send)
    } catch (error) {
      if (remote.verdict(error) !== 'refused') onFailure(error)
      throw unavailable(remote, error)
    }
  }
  const whole = decorateFactory(factory, (inner) => orphanLayer(inner, remote, clock))
  return decorateFactory(whole, (inner) => ({
    addJob: (...given) => pass(() => inner.addJob(...given)),
    addJobs: (...given) => pass(() => inner.addJobs(...given)),
    addFlow: (...given) => pass(() => inner.addFlow(...given)),
    setQueueMeta: (...given) => pass(() => inner.setQueueMeta(...given)),
    removeQueueMetaFields: (...given) => pass(() => inner.removeQueueMetaFields(...given)),
    getQueueMetaField: (...given) => pass(() => inner.getQueueMetaField(...given)),
    getQueueMetaFields: (...given) => pass(() => inner.getQueueMetaFields(...given)),
    getJobLogs: (...given) => ask(() => inner.getJobLogs(...given)),
    getRateLimitTtl: (...given) => ask(() => inner.getRateLimitTtl(...given)),
    // What queues are asked and told besides; a failure of these says less of the store than its next sign of life.
    getState: (...given) => ask(() => inner.getState(...given)),
    getJobData: (...given) => ask(() => inner.getJobData(...given)),
    getCounts: (...given) => ask(() => inner.getCounts(...given)),
    getRanges: (...given) => ask(() => inner.getRanges(...given)),
    getDeduplicationJobId: (...given) => ask(() => inner.getDeduplicationJobId(...given)),
    hasQueueMetaField: (...given) => ask(() => inner.hasQueueMetaField(...given)),
    pause: (...given) => ask(() => inner.pause(...given)),
    promote: (...given) => ask(() => inner.promote(...given)),
    remove: (...given) => ask(() => inner.remove(...given)),
    removeDeduplicationKey: (...given) => ask(() => inner.removeDeduplicationKey(...given)),
    updateData: (...given) => ask(() => inner.updateData(...given)),
    drain: (...given) => ask(() => inner.drain(...given)),
    cleanJobsByState: (...given) => ask(() => inner.cleanJobsByState(...given)),
    trimEvents: (...given) => ask(() => inner.trimEvents(...given)),
    moveToActive: async (token, name) => {
      // A worker that may not claim looks again a little later, as one that is held back by a rate limit does.
      if (!remote.mayClaim()) return [null, null, HELD_MS, 0]
      try {
        return await inner.moveToActive(token, name)
      } catch (error) {
        // BullMQ tries again at once, for some errors without a pause.
        await clock.sleep(PAUSE_AFTER_ERROR_MS)
        throw error
      }
    },
  }))
}

/** A client's own word for a store that did not do as it was asked is ours; what is wrong with a request stays as it is. */
export function unavailable({ name, verdict }: RemoteStore, error: unknown): unknown {
  if (error instanceof OrderlyError) return error
  const known = verdict(error)
  if (known === 'refused') return error
  const said = error instanceof Error ? error.message : 'no reason given'
  return new OrderlyError(
    'ORDERLY_ENGINE_UNAVAILABLE',
    known === 'unknown'
      ? `${name} did not answer (${said}), and may have done what it was asked; look how it stands, and ask again`
      : `${name} takes nothing now (${said}); ask again when it does`,
    { cause: error },
  )
}

const HELD_MS = 1_000
const PAUSE_AFTER_ERROR_MS = 500
