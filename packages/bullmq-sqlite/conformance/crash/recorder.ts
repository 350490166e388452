/** Owns recording what each commit of a file wrote, and what had been acknowledged until then. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import type Database from 'better-sqlite3'
import { certainAfter } from './disk.ts'
import type { Image, Write } from './disk.ts'
import { interceptCommit } from './failpoints.ts'

/** What a program was told of a job: it is there, it ended so, or it is removed. */
export type Fact = 'there' | 'completed' | 'failed' | 'removed'

/** A commit, and all that was acknowledged when it began. */
export interface Moment extends Write {
  readonly acked: ReadonlyMap<string, Fact>
}

// Few pages, so that a short run sees many checkpoints and the log starting over.
const CHECKPOINT_PAGES = 40

let recording: Recorder | undefined

/** Begins to record the commits of that file, and no other. */
export function startRecording(file: string): Recorder {
  recording = new Recorder(file)
  return recording
}

interceptCommit(
  (db) => recording?.before(db),
  (db) => recording?.after(db),
)

/**
 * It asks SQLite for its setting ahead of each commit and copies the files after it, so it depends
 * on nothing that the package believes of itself.
 */
class Recorder {
  readonly moments: Moment[] = []
  /** Changed by who runs the workload as answers come in. */
  readonly facts: Map<string, Fact> = new Map()
  readonly #file: string
  #certain: Image | undefined
  #last: Image | undefined
  #level = 0
  #acked: ReadonlyMap<string, Fact> = new Map()

  constructor(file: string) {
    this.#file = file
  }

  before(db: Database.Database): void {
    if (db.name !== this.#file) return
    if (!this.#last) db.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`)
    this.#level = Number(db.pragma('synchronous', { simple: true }))
    this.#acked = new Map(this.facts)
  }

  after(db: Database.Database): void {
    if (db.name !== this.#file) return
    const after = imageOf(this.#file)
    const before = this.#last ?? after
    const certain = this.#certain ?? after
    const moment = { certain, before, after, level: this.#level, acked: this.#acked }
    this.moments.push(moment)
    this.#certain = certainAfter(moment)
    this.#last = after
  }

  /** Ends the recording with a last moment, at which nothing more is written. */
  stop(): void {
    recording = undefined
    const last = this.#last!
    const acked = new Map(this.facts)
    const nothing = { certain: this.#certain!, before: last, after: last, level: this.#level }
    this.moments.push({ ...nothing, acked })
  }
}

// Another process copies them: to open and close them here would drop SQLite's locks.
function imageOf(file: string): Image {
  const folder = mkdtempSync(join(tmpdir(), 'bullmq-sqlite-image-'))
  try {
    execFileSync('cp', [file, `${file}-wal`, folder])
    const copy = join(folder, basename(file))
    return { main: readFileSync(copy), log: readFileSync(`${copy}-wal`) }
  } finally {
    rmSync(folder, { recursive: true })
  }
}
