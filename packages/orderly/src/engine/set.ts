// The engines of an instance: the one its queue URL names, and the embedded one that stands in while that is away.
import type { Engine } from './open.ts'

export type EngineName = 'main' | 'embedded'

export interface NamedEngine {
  readonly name: EngineName
  readonly engine: Engine
}

export interface Engines {
  /** Where a job that is enqueued now goes. */
  current(): NamedEngine
  /** Every engine that may hold jobs. */
  all(): readonly NamedEngine[]
  /** Those that answer now. */
  reachable(): readonly NamedEngine[]
  close(): Promise<void>
}

/** One engine and no other. */
export function singleEngine(engine: Engine): Engines {
  const only: NamedEngine = { name: 'main', engine }
  return {
    current: () => only,
    all: () => [only],
    reachable: () => [only],
    close: () => engine.close(),
  }
}
