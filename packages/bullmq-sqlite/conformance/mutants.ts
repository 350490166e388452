/** Owns the list of ways to break the package, each with the cases that must notice. */

/** One way to be wrong. */
export interface Mutant {
  readonly name: string
  /** What is replaced in which file of src; each text must be there exactly once. */
  readonly edits: readonly { file: string; from: string; to: string }[]
  /** The suite that is run over it, and a pattern for the titles of its cases. */
  readonly file: string
  readonly cases: string
  readonly env?: Record<string, string>
}

const SQLITE = 'sqlite.test.ts'
const POWER_LOSS = 'has every acknowledged'
const FEW_KILLS = { KILLS: '6' }

export const mutants: readonly Mutant[] = [
  {
    name: 'a job is finished without looking at its lock',
    edits: [
      {
        file: 'settle.ts',
        from: 'const refused = checkLock(tx, job, ending.token)',
        to: 'const refused: number = 0',
      },
    ],
    file: SQLITE,
    cases: 'sqlite lock moveTo',
  },
  {
    name: 'a plain job is finished although its lock has run out',
    edits: [{ file: 'settle.ts', from: 'AND lock_until > ?', to: 'AND lock_until > 0 * ?' }],
    file: SQLITE,
    cases: 'sqlite (lock|stalled)',
  },
  {
    name: 'an expired lock still counts',
    edits: [{ file: 'lock.ts', from: '(job.lock_until ?? 0) > tx.lockNow', to: 'true' }],
    file: SQLITE,
    cases: 'sqlite (lock|stalled)',
  },
  {
    name: 'an add is acknowledged before it is committed',
    edits: [
      {
        file: 'commit.ts',
        from: 'entry.value = entry.work(tx)',
        to: 'entry.value = entry.work(tx)\n        entry.resolve(entry.value as never)',
      },
    ],
    file: 'commit.test.ts',
    cases: 'a commit that fails',
  },
  {
    name: 'writes begin without the write lock',
    edits: [{ file: 'commit.ts', from: "prepare('BEGIN IMMEDIATE')", to: "prepare('BEGIN')" }],
    file: 'commit.test.ts',
    cases: 'a turn that writes',
  },
  {
    name: 'commits are not synced',
    edits: [
      { file: 'open.ts', from: '`synchronous = ${synchronous}`', to: "'synchronous = OFF'" },
      { file: 'open.ts', from: "!== (synchronous === 'FULL' ? 2 : 1)", to: '=== -1' },
    ],
    file: 'crash.test.ts',
    cases: 'a file opened with the defaults',
  },
  {
    name: 'an add does not wait for the disk',
    edits: [{ file: 'session.ts', from: "? 'shown' : 'first'", to: "? 'shown' : 'soon'" }],
    file: 'power-loss.test.ts',
    cases: POWER_LOSS,
  },
  {
    name: 'an add that a worker waits for is acknowledged when it is shown',
    edits: [
      {
        file: 'commit.ts',
        from: "if (entry.sync === 'shown' && !synced) this.#owed.push(entry)\n      else entry",
        to: 'entry',
      },
    ],
    file: 'power-loss.test.ts',
    cases: POWER_LOSS,
  },
  {
    name: 'a start keeps the whole turn from the disk',
    edits: [{ file: 'commit.ts', from: 'this.#pending.every(', to: 'this.#pending.some(' }],
    file: 'power-loss.test.ts',
    cases: POWER_LOSS,
  },
  {
    name: 'after a start nothing waits for the disk any more',
    edits: [
      { file: 'commit.ts', from: 'if (wanted === this', to: "if ('NORMAL' === this" },
      {
        file: 'commit.ts',
        from: 'const synced = this.#synchronous === this.#options.synchronous',
        to: 'const synced = true',
      },
    ],
    file: 'power-loss.test.ts',
    cases: POWER_LOSS,
  },
  {
    name: 'what another process wrote goes unnoticed',
    edits: [
      {
        file: 'connection.ts',
        from: '    this.#tx.forget()\n    if (!first)',
        to: '    if (!first)',
      },
    ],
    file: 'races.test.ts',
    cases: '500 times',
    env: { RACES: '500' },
  },
  {
    name: 'the jobs of a dead process wait for their locks to run out',
    edits: [{ file: 'owner.ts', from: 'if (!pidExists(owner.pid)) return true', to: '' }],
    file: 'crash.test.ts',
    cases: 'a file whose processes are killed',
    env: FEW_KILLS,
  },
  {
    name: 'the counters forget jobs that are deleted',
    edits: [{ file: 'delete.ts', from: 'queue.moved(job.state, null)', to: '' }],
    file: SQLITE,
    cases: 'sqlite clean',
  },
  {
    name: 'a parent is released by its first child',
    edits: [
      {
        file: 'flow.ts',
        from: '  if (hasTie(tx, parentKey, Tie.pending)) return\n',
        to: '',
      },
    ],
    file: SQLITE,
    cases: 'sqlite flow',
  },
  {
    name: 'a child that completes again releases its parent again',
    edits: [
      {
        file: 'flow.ts',
        from: 'if (parent?.job.state === State.waitingChildren) moveParentToWait(tx, parent)',
        to: 'if (parent) moveParentToWait(tx, parent)',
      },
    ],
    file: SQLITE,
    cases: 'sqlite (flow|worker|tree)',
  },
  {
    name: 'the stalled sweep does not wait for its second pass',
    edits: [{ file: 'sweep.ts', from: 'AND state = 3 AND suspect = 1', to: 'AND state = 3' }],
    file: SQLITE,
    cases: 'sqlite stalled',
  },
  {
    name: 'the commit that syncs what was shown changes no byte',
    edits: [{ file: 'owner.ts', from: 'iif(beat = ?, beat + 1, ?)', to: 'iif(beat = ?, beat, ?)' }],
    file: 'power-loss.test.ts',
    cases: POWER_LOSS,
  },
  {
    name: 'priorities are ignored',
    edits: [
      {
        file: 'place.ts',
        from: 'rank: priority * PLACES_PER_PRIORITY + order }',
        to: 'rank: PLACES_PER_PRIORITY + order }',
      },
    ],
    file: SQLITE,
    cases: 'sqlite priority',
  },
  {
    name: 'a deduplication id is not freed by the end of its job',
    edits: [{ file: 'settle.ts', from: 'dedupFinished(tx, queue, job.dedup_id, job.id)', to: '' }],
    file: SQLITE,
    cases: 'sqlite dedup',
  },
  {
    name: 'the start of a job is not told to listeners',
    edits: [
      {
        file: 'claim.ts',
        from: "emit(tx, queue, 'event', 'active', 'jobId', row.id, 'prev', 'waiting')",
        to: '',
      },
    ],
    file: SQLITE,
    cases: 'sqlite (claim|events)',
  },
  {
    name: 'jobs are handed out while the queue is paused',
    edits: [{ file: 'claim.ts', from: 'if (queue.pausedOrMaxed) return nothing()', to: '' }],
    file: SQLITE,
    cases: 'sqlite (pause|claim)',
  },
]
