// Lets jobs begin only while this machine has the memory and processors they say they need.
import { availableParallelism, freemem, totalmem } from 'node:os'
import type { ResolvedOptions } from '../job/options.ts'

type Cost = ResolvedOptions['cost']

export interface Capacity {
  /** Mebibytes that jobs of this process may use together. */
  readonly memory: number
  /** Processors. */
  readonly cpu: number
  /** Mebibytes free on the machine now. */
  free(): number
}

export interface Admission {
  /**
   * Waits until the cost fits and takes it; the returned function gives it back. One job at a time always fits, else
   * one that says it needs more than the machine has would never run.
   */
  enter(cost: Cost, signal: AbortSignal): Promise<() => void>
  /** What running jobs have taken. */
  inUse(): Cost
}

const MEBIBYTE = 1_048_576
/** The machine has other things to do too. */
const SHARE = 0.8

export function machineCapacity(given: { memory?: number; cpu?: number } = {}): Capacity {
  return {
    memory: given.memory ?? (totalmem() / MEBIBYTE) * SHARE,
    cpu: given.cpu ?? availableParallelism(),
    free: () => freemem() / MEBIBYTE,
  }
}

interface Waiting {
  readonly cost: Cost
  begin(): void
}

export function openAdmission(capacity: Capacity): Admission {
  let memory = 0
  let cpu = 0
  let holders = 0
  const waiting = new Set<Waiting>()

  const fits = (cost: Cost): boolean =>
    holders === 0 ||
    (memory + cost.memory <= capacity.memory &&
      cpu + cost.cpu <= capacity.cpu &&
      cost.memory <= capacity.free())
  const take = (cost: Cost): (() => void) => {
    memory += cost.memory
    cpu += cost.cpu
    holders++
    let given = false
    return () => {
      if (given) return
      given = true
      memory -= cost.memory
      cpu -= cost.cpu
      holders--
      // In their order: a small job does not overtake a large one for ever.
      for (const next of waiting) {
        if (!fits(next.cost)) break
        waiting.delete(next)
        next.begin()
      }
    }
  }

  return {
    inUse: () => ({ memory, cpu }),
    enter(cost, signal) {
      if (cost.memory === 0 && cost.cpu === 0) return Promise.resolve(() => {})
      if (waiting.size === 0 && fits(cost)) return Promise.resolve(take(cost))
      return new Promise((resolve, reject) => {
        const onAbort = (): void => {
          waiting.delete(entry)
          reject(signal.reason)
        }
        const entry: Waiting = {
          cost,
          begin() {
            signal.removeEventListener('abort', onAbort)
            resolve(take(cost))
          },
        }
        if (signal.aborted) return reject(signal.reason)
        signal.addEventListener('abort', onAbort, { once: true })
        waiting.add(entry)
      })
    },
  }
}
