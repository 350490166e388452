// What the runtime works with: the open rooms of one instance.
import type { Engine } from '../engine/open.ts'
import type { Logger } from '../job/logger.ts'
import type { Registry } from '../job/registry.ts'
import type { Clock } from '../primitives/clock.ts'

export interface Rooms {
  readonly clock: Clock
  readonly engine: Engine
  readonly log: Logger
  /** A number in [0, 1). */
  readonly random: () => number
  readonly registry: Registry
}
