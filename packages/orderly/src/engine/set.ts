// The engines of an instance: the one its queue URL names, and the embedded one that stands in while that is away.
import { OrderlyError } from '../primitives/errors.ts'
import type { Engine } from './open.ts'

/** The embedded engine has the name of its place behind it where several machines share one record. */
export type EngineName = 'main' | 'embedded' | `embedded-${string}`

export interface NamedEngine {
  readonly name: EngineName
  readonly engine: Engine
}

export interface EngineStatus {
  /** `degraded`: new jobs go to the embedded engine, or a worker does not work. */
  readonly mode: 'normal' | 'degraded'
  /** Why it is degraded, for people; empty when it is not. */
  readonly reason: string
  /** Since when. Milliseconds since 1970 UTC. */
  readonly since: number
}

export interface Engines {
  /** Where a job that is enqueued now goes. */
  current(): NamedEngine
  /** Every engine that may hold jobs. */
  all(): readonly NamedEngine[]
  /** Those that answer now. */
  reachable(): readonly NamedEngine[]
  /** Where jobs wait that belong to the main engine, if there is such a place and the main engine takes them now. */
  movable(): { readonly from: NamedEngine; readonly to: NamedEngine } | undefined
  status(): EngineStatus
  /** Whether record and queues may differ since the last call, so that the reconciler should look at once. */
  takeDoubts(): boolean
  close(): Promise<void>
}

/** Whether a store did not do what it was asked: it may have gone since it was last looked at. */
export function isAway(error: unknown): boolean {
  return error instanceof OrderlyError && error.code === 'ORDERLY_ENGINE_UNAVAILABLE'
}

/** One engine and no other. */
export function singleEngine(engine: Engine, now: number): Engines {
  const only: NamedEngine = { name: 'main', engine }
  return {
    current: () => only,
    all: () => [only],
    reachable: () => [only],
    movable: () => undefined,
    status: () => ({ mode: 'normal', reason: '', since: now }),
    takeDoubts: () => false,
    close: () => engine.close(),
  }
}
