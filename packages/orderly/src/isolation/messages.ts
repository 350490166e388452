// What a worker and the thread or process that runs a handler say to each other.
import type { Outcome } from '../job/outcome.ts'
import type { CarriedError } from './carry-error.ts'

/** What of a job the child is told: nothing of its queue, its store or its keys. */
export interface CarriedJob {
  readonly id: string
  readonly name: string
  readonly attempt: number
  readonly run: number
  readonly input: unknown
}

/** Answers of `ctx` that the child waits for. */
export type Asked =
  | 'progress'
  | 'step'
  | 'once'
  | 'call'
  | 'checkpoint'
  | 'lastCheckpoint'
  | 'sleep'
  | 'enqueue'
  | 'enqueueMany'

/** Members of `ctx` that nobody waits for. */
export type Told = 'heartbeat' | 'log' | 'check' | 'attach'

export type ToChild =
  | { readonly type: 'run'; readonly task: number; readonly job: CarriedJob }
  | { readonly type: 'abort'; readonly task: number; readonly reason: CarriedError }
  | {
      readonly type: 'answer'
      readonly task: number
      readonly call: number
      readonly value?: unknown
      readonly error?: CarriedError
    }
  /** Do what a step or an effect stands for: it is recorded that it began. */
  | { readonly type: 'perform'; readonly task: number; readonly call: number }
  | { readonly type: 'stop' }

export type FromChild =
  | {
      readonly type: 'ask'
      readonly task: number
      readonly call: number
      readonly what: Asked
      readonly values: readonly unknown[]
    }
  /** What was to be performed is done: its result as JSON. */
  | {
      readonly type: 'performed'
      readonly task: number
      readonly call: number
      readonly value?: string
      readonly error?: CarriedError
    }
  | {
      readonly type: 'tell'
      readonly task: number
      readonly what: Told
      readonly values: readonly unknown[]
    }
  | { readonly type: 'ended'; readonly task: number; readonly end: End; readonly memory: Memory }
  /** Something outside the handler's promise threw: whoever runs now pays for it, and the child ends. */
  | { readonly type: 'broken'; readonly error: CarriedError }

type Failing = Extract<Outcome, { error: Error }>
type WithoutError<T> = T extends { error: Error } ? Omit<T, 'error'> : never

/** How a handler ended. */
export type End =
  | { readonly type: 'returned'; readonly value: unknown }
  | { readonly type: 'verdict'; readonly verdict: Outcome; readonly error?: undefined }
  /** A verdict for an error, which does not travel as it is. */
  | {
      readonly type: 'verdict'
      readonly verdict: WithoutError<Failing>
      readonly error: CarriedError
    }
  | { readonly type: 'threw'; readonly error: CarriedError }

/** Mebibytes. */
export interface Memory {
  readonly resident: number
  readonly heap: number
}

/** What a child is started with. */
export interface ChildStart {
  readonly url: string
  readonly job: string
  /** The process that started it. */
  readonly parent: number
}
