// Two engines: the main one, and the embedded one that takes the jobs while the main one is away.
import type { CircuitState, Circuit } from './circuit.ts'
import { watchHealth } from './health.ts'
import type { Engine } from './open.ts'
import type { EngineName, Engines, NamedEngine } from './set.ts'
import type { QueueStore, RemoteStore } from './store.ts'
import type { Clock } from '../primitives/clock.ts'
import type { OrderlyError } from '../primitives/errors.ts'

export interface FallbackParts {
  readonly clock: Clock
  readonly circuit: Circuit
  readonly store: QueueStore & { readonly remote: RemoteStore }
  readonly main: Engine
  readonly embedded: Engine
  readonly embeddedName: EngineName
  readonly doubts: Doubts
  onChange(state: CircuitState, before: CircuitState): void
  onEmptied(): void
  onUnsafe(error: OrderlyError): void
}

/** Whether the record and the queues may differ. */
export interface Doubts {
  raise(): void
  take(): boolean
}

export function openDoubts(): Doubts {
  let raised = false
  return {
    raise: () => void (raised = true),
    take() {
      const was = raised
      raised = false
      return was
    },
  }
}

export function fallbackEngines(parts: FallbackParts): Engines {
  const { circuit, clock, doubts, store } = parts
  const main: NamedEngine = { name: 'main', engine: parts.main }
  const embedded: NamedEngine = { name: parts.embeddedName, engine: parts.embedded }
  circuit.onChange((state, before) => {
    if (state === 'open') main.engine.forget()
    if (before === 'open') doubts.raise()
    parts.onChange(state, before)
  })
  // What a worker's connection takes with it may have been done.
  const forget = store.remote.onDrop(() => doubts.raise())
  const health = watchHealth(store, circuit, {
    clock,
    onEmptied() {
      doubts.raise()
      parts.onEmptied()
    },
    onUnsafe: parts.onUnsafe,
  })
  return {
    current: () => (circuit.state === 'closed' ? main : embedded),
    all: () => [main, embedded],
    reachable: () => (circuit.state === 'open' ? [embedded] : [main, embedded]),
    movable: () => (circuit.state === 'closed' ? { from: embedded, to: main } : undefined),
    status: () => ({
      mode: circuit.state === 'closed' ? 'normal' : 'degraded',
      reason: circuit.reason,
      since: circuit.since,
    }),
    takeDoubts: () => circuit.state !== 'open' && doubts.take(),
    async close() {
      forget()
      await health.stop()
      await Promise.all([main.engine.close(), embedded.engine.close()])
    },
  }
}
