// What the runtime works with: the open rooms of one instance.
import type { Engines } from '../engine/set.ts'
import type { HistoryDatabase } from '../history/record.ts'
import type { Recorder } from '../history/recorder.ts'
import type { Logger } from '../job/logger.ts'
import type { Registry } from '../job/registry.ts'
import type { Clock } from '../primitives/clock.ts'
import type { Classes } from '../vault/classify.ts'
import type { Vault } from '../vault/vault.ts'

export interface Rooms {
  readonly clock: Clock
  /** What is PHI in the jobs of this instance. */
  readonly classes: Classes
  readonly engines: Engines
  readonly history: HistoryDatabase
  /** How long history outlives its jobs, in milliseconds. */
  readonly historyRetention: number
  readonly log: Logger
  /** A number in [0, 1). */
  readonly random: () => number
  readonly recorder: Recorder
  readonly registry: Registry
  readonly vault: Vault
}
