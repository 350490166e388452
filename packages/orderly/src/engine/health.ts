// Asks the main store for a sign of life, again and again, and opens and closes the circuit by it.
import type { Clock } from '../primitives/clock.ts'
import { OrderlyError } from '../primitives/errors.ts'
import type { Circuit } from './circuit.ts'
import type { Pulse, QueueStore, RemoteStore } from './store.ts'

export interface HealthRules {
  readonly clock: Clock
  /** The store has lost what it held. */
  onEmptied(): void
  /** The store is back, and must not be used as it is set up now. */
  onUnsafe(error: OrderlyError): void
}

const EVERY_MS = 1_000
/** While it is away, to notice its return soon. */
const EVERY_WHILE_AWAY_MS = 250
const ANSWER_WITHIN_MS = 1_000
/** A server that is busy with one long command answers late; its connections are dropped only after this many misses. */
const MISSES_BEFORE_RECONNECT = 3

export interface Health {
  stop(): Promise<void>
}

export function watchHealth(
  store: QueueStore & { readonly remote: RemoteStore },
  circuit: Circuit,
  { clock, onEmptied, onUnsafe }: HealthRules,
): Health {
  const stopping = new AbortController()
  const { remote } = store
  let misses = 0

  const look = async (): Promise<void> => {
    let pulse: Pulse
    try {
      pulse = await answered(remote.probe(), clock)
      misses = 0
      // It may be another server than before, set up in another way.
      if (circuit.state === 'open') await store.prepare()
    } catch (error) {
      if (stopping.signal.aborted) return
      if (error instanceof OrderlyError && error.code === 'ORDERLY_STORE_UNSAFE') onUnsafe(error)
      misses++
      circuit.set('open', reasonOf(error))
      if (misses % MISSES_BEFORE_RECONNECT === 0) remote.reconnect()
      return
    }
    if (stopping.signal.aborted) return
    circuit.set(pulse.full ? 'full' : 'closed', pulse.full ? 'nearly out of memory' : '')
    if (pulse.emptied) onEmptied()
  }

  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await clock.sleep(circuit.state === 'open' ? EVERY_WHILE_AWAY_MS : EVERY_MS, stopping.signal)
      if (!stopping.signal.aborted) await look()
    }
  }
  const done = loop()
  return {
    async stop() {
      stopping.abort()
      await done
    },
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof OrderlyError) return error.message
  return `no sign of life (${(error as Error).message})`
}

/** What `promise` resolves with, if that is soon. */
async function answered<T>(promise: Promise<T>, clock: Clock): Promise<T> {
  promise.catch(() => undefined)
  return new Promise<T>((resolve, reject) => {
    const disarm = clock.after(ANSWER_WITHIN_MS, () => reject(new Error('no answer in time')))
    promise.then(resolve, reject).finally(disarm)
  })
}
