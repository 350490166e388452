// One try at one job, free of the engine's own types.
import type { EngineName } from '../engine/set.ts'
import type { JobDefinition } from '../job/define-job.ts'
import type { Handler } from '../job/handler.ts'
import type { JobMarks } from '../job/marks.ts'
import type { AttemptEnd } from './attempt-end.ts'

/** How far a job is: a share from 0 to 1 and what is being done. */
export interface Progress {
  readonly share: number
  readonly step?: unknown
}

export interface Attempt {
  readonly id: string
  readonly job: JobDefinition
  readonly handler: Handler
  /** 1 for the first attempt. */
  readonly number: number
  /** Counts every start of the job, those included that do not count as attempts. */
  readonly run: number
  /** As stored: not yet parsed, and perhaps of an older version. */
  readonly input: unknown
  /** The version the input was enqueued in. */
  readonly version: number
  readonly marks: JobMarks
  /** The engine whose queue it came from. */
  readonly engine: EngineName
  /** Aborts when this process should stop working on the job; its reason says why. */
  readonly stop: AbortController
  readonly end: AttemptEnd
  /** The handler has shown that it lives. */
  alive(): void
  report(progress: Progress): Promise<void>
  /** Adds a line to the job's own log, which is stored sealed. */
  writeLog(line: string): Promise<void>
}
