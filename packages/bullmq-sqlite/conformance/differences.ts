/** Owns where a backend is known to behave otherwise than a case says. */
import type { KnownDifference } from './describe-backend.ts'

/** The stores the suite runs over. */
export type StoreName = 'sqlite' | 'redis' | 'postgres'

export interface Difference extends KnownDifference {
  readonly backend: StoreName
}

interface Group {
  readonly backend: StoreName
  /** As it stands in DIFFERENCES.md. */
  readonly reason: string
  /** Titles, and what is seen instead; null leaves a case out. */
  readonly cases: Record<string, string | null>
}

const groups: readonly Group[] = [
  {
    backend: 'redis',
    reason: '**Draining a queue in which the job of a scheduler waits**',
    cases: {
      'scheduler: keeps its waiting job, and no other, when the queue is drained':
        'to deeply equal',
    },
  },
  {
    backend: 'redis',
    reason: '**A scheduler changed while its queue is paused**',
    cases: {
      'scheduler: replaces its waiting job when it is changed in a paused queue': 'to deeply equal',
    },
  },
  {
    backend: 'redis',
    reason: '**A queue-wide limit without a duration**',
    cases: {
      'limiter: with a number but no window holds nobody back': "bad argument #1 to 'abs'",
    },
  },
  {
    backend: 'postgres',
    reason: 'Events are read by their numbers, and one that is committed late may be missed.',
    cases: { 'events: reach QueueEvents with their values': null },
  },
  {
    backend: 'postgres',
    reason: 'Options of the job of a scheduler that are empty are kept as null.',
    cases: {
      'scheduler: gives its job no options that are empty': 'to deeply equal',
    },
  },
  {
    backend: 'postgres',
    reason: 'Options that are null are kept.',
    cases: { 'add: keeps no option that is null': 'to not have property' },
  },
  {
    backend: 'postgres',
    reason: 'A custom id does not use up a number.',
    cases: {
      'add: does not reuse a number after a custom id': "expected '2' to be '3'",
      'bulk: gives the ids in the order of the entries':
        "expected [ '1', 'x', '2', '3' ] to deeply equal [ '1', 'x'",
    },
  },
  {
    backend: 'postgres',
    reason: 'Data that is null is stored as an empty object.',
    cases: {
      'add: keeps data null': 'expected',
    },
  },
  {
    backend: 'postgres',
    reason: 'addJob ignores `addToWaitingChildren`; only addFlow knows parents.',
    cases: {
      'add: puts a parent into waiting-children': "expected 'waiting' to be 'waiting-children'",
    },
  },
  {
    backend: 'postgres',
    reason: 'moveJobFromActiveToWait puts the job behind the others.',
    cases: {
      'order: puts a job that gives way to a rate limit before the others':
        "expected [ '2', '1' ] to deeply equal [ '1', '2' ]",
      'stalled: puts the stalled job that began last before those that began earlier': 'expected',
    },
  },
  {
    backend: 'postgres',
    reason: 'Due jobs are made ready in the order they were added.',
    cases: {
      'delay: runs due jobs in the order they were due':
        "expected [ '1', '2' ] to deeply equal [ '2', '1' ]",
    },
  },
  {
    backend: 'postgres',
    reason: 'changeDelay emits nothing.',
    cases: {
      'delay: tells listeners of a changed delay':
        "expected [ 'added', 'delayed' ] to deeply equal [ 'added', '",
    },
  },
  {
    backend: 'postgres',
    reason: 'promote of a missing job is refused as missing (-1) instead of as not delayed (-3).',
    cases: {
      'delay: refuses to promote a missing job':
        "expected 'Missing key for job x. promote' to match 'Job x is",
    },
  },
  {
    backend: 'postgres',
    reason: 'promoteJobs and retryFinishedJobs answer with how many they moved, not with a cursor.',
    cases: {
      'delay: promotes all delayed jobs in order': 'expected 2 to be +0',
      'delay: promotes at most as many as asked and says that more are left': 'expected 2 to be 1',
      'retry: lets all completed jobs run again in order': 'expected 3 to be +0',
      'retry: lets at most as many completed jobs run again as asked': 'expected 2 to be 1',
      'retry: lets all failed jobs run again in order': 'expected 3 to be +0',
      'retry: lets at most as many failed jobs run again as asked': 'expected 2 to be 1',
    },
  },
  {
    backend: 'postgres',
    reason: 'A job that does not run is refused as such (-3) before its lock is looked at (-2).',
    cases: {
      'lock: moveToCompleted refuses a job that nobody holds':
        "expected 'Job 1 is not in the active state. mov…' to match '",
      'lock: moveToCompleted cannot be done twice': 'expected [ -1, -2 ] to include -3',
      'lock: moveToFailed refuses a job that nobody holds':
        "expected 'Job 1 is not in the active state. mov…' to match '",
      'lock: moveToFailed cannot be done twice': 'expected [ -1, -2 ] to include -3',
      'lock: moveToCompleted with removal refuses a job that nobody holds':
        "expected 'Job 1 is not in the active state. mov…' to match '",
      'lock: moveToFailed with removal refuses a job that nobody holds':
        "expected 'Job 1 is not in the active state. mov…' to match '",
      'lock: moveToCompleted with the next refuses a job that nobody holds':
        "expected 'Job 1 is not in the active state. mov…' to match '",
      'lock: moveToCompleted with the next cannot be done twice':
        'expected [ -1, -2 ] to include -3',
      'lock: moveToDelayed refuses a job that nobody holds':
        "expected 'Job 1 is not in the active state. mov…' to match '",
      'lock: moveToDelayed cannot be done twice': 'expected [ -1, -2 ] to include -3',
      'lock: retryJob refuses a job that nobody holds':
        "expected 'Job 1 is not in the active state. ret…' to match '",
      'lock: retryJob cannot be done twice': 'expected [ -1, -2 ] to include -3',
      'stalled: lets nobody finish a job that was taken back':
        "expected 'Job 1 is not in the active state. mov…' to match '",
    },
  },
  {
    backend: 'postgres',
    reason:
      'A lock that has run out still holds against all but the stalled sweep, and cleaning looks at no locks.',
    cases: {
      'lock: moveToCompleted refuses a bearer whose lock has run out':
        "expected 'was not refused, gave {\"finishedOn\":1…' to match '",
      'lock: moveToFailed refuses a bearer whose lock has run out':
        "expected 'was not refused, gave {\"finishedOn\":1…' to match '",
      'lock: moveToCompleted with removal refuses a bearer whose lock has run out':
        "expected 'was not refused, gave {\"finishedOn\":1…' to match '",
      'lock: moveToFailed with removal refuses a bearer whose lock has run out':
        "expected 'was not refused, gave {\"finishedOn\":1…' to match '",
      'lock: moveToCompleted with the next refuses a bearer whose lock has run out':
        "expected 'was not refused, gave {\"result\":[null…' to match '",
      'lock: moveToDelayed refuses a bearer whose lock has run out':
        "expected 'was not refused, gave []' to match 'Missing lock f",
      'lock: retryJob refuses a bearer whose lock has run out':
        "expected 'was not refused, gave undefined' to match 'Missing",
      'lock: does not extend a lock that has run out': 'expected 1 to be +0',
      'stalled: leaves a job whose lock was renewed between the sweeps':
        "expected [ '1' ] to deeply equal []",
      'clean: leaves active jobs that are locked': "expected [ '1' ] to deeply equal []",
    },
  },
  {
    backend: 'postgres',
    reason: 'moveJobFromActiveToWait does not look at the token.',
    cases: {
      'lock: moveJobFromActiveToWait refuses the bearer of another token':
        "expected 'was not refused, gave 0' to match 'Lock mismatch f",
      'lock: moveJobFromActiveToWait refuses a job that nobody holds':
        "expected 'was not refused, gave 0' to match 'Missing lock fo",
      'lock: moveJobFromActiveToWait refuses a bearer whose lock has run out':
        "expected 'was not refused, gave 0' to match 'Missing lock fo",
      'lock: moveJobFromActiveToWait cannot be done twice': 'expected [ -1, -2 ] to include +0',
    },
  },
  {
    backend: 'postgres',
    reason: 'Token 0 is a token like others and takes a lock.',
    cases: {
      'lock: takes no lock for token 0': 'expected 1 to be +0',
    },
  },
  {
    backend: 'postgres',
    reason: '`limit` of KeepJobs is ignored.',
    cases: {
      'finish: removes no more old jobs that completed at once than asked': 'expected 1 to be 2',
      'finish: removes no more old jobs that failed at once than asked': 'expected 1 to be 2',
    },
  },
  {
    backend: 'postgres',
    reason: 'Results and progress in events are rewritten as JSON of PostgreSQL, with blanks.',
    cases: {
      'finish: tells listeners the result as text': 'expected',
      'events: tell of progress': 'expected',
    },
  },
  {
    backend: 'postgres',
    reason: 'retries-exhausted is told from the stored attempts, not from those handed over.',
    cases: {
      'finish: does not say so while attempts are left':
        "expected [ 'added', 'waiting', 'active', …(3) ] to not inclu",
    },
  },
  {
    backend: 'postgres',
    reason: 'A stalled job emits no `waiting` event.',
    cases: {
      'stalled: tells listeners of a stall': 'expected',
    },
  },
  {
    backend: 'postgres',
    reason: 'A stalled job goes behind the others.',
    cases: {
      'stalled: puts a stalled job before the others':
        "expected [ '2', '1' ] to deeply equal [ '1', '2' ]",
      'stalled: puts the stalled job that began last before those that began earlier': 'expected',
    },
  },
  {
    backend: 'postgres',
    reason: 'Results of children come parsed, not as text.',
    cases: {
      'flow: hands the results of children to the parent as text': 'expected',
    },
  },
  {
    backend: 'postgres',
    reason: 'moveToWaitingChildren emits no event.',
    cases: {
      'flow: lets a running job wait for children it has added': 'expected',
    },
  },
  {
    backend: 'postgres',
    reason: 'moveToWaitingChildren ignores which child is meant.',
    cases: {
      'flow: waits for one named child only': 'expected true to be false',
    },
  },
  {
    backend: 'postgres',
    reason: 'removeChildDependency does not look whether the parent exists.',
    cases: {
      'flow: refuses to let go of the child of a missing parent':
        "expected 'was not refused, gave true' to match 'Missing key",
    },
  },
  {
    backend: 'postgres',
    reason: 'Cleaning and draining do not free deduplication ids.',
    cases: {
      'dedup: frees an id when its job is cleaned away': "expected '1' to be null",
      'dedup: frees an id when its queue is drained': "expected '1' to be null",
    },
  },
  {
    backend: 'postgres',
    reason: 'The text of the refusal names another command.',
    cases: {
      'scheduler: does not let go of the job it waits for': "expected 'Job repeat:year",
    },
  },
  {
    backend: 'postgres',
    reason: 'Jobs of a paused queue are counted as `paused`.',
    cases: {
      'pause: keeps jobs where they wait': 'expected +0 to be 1',
    },
  },
  {
    backend: 'postgres',
    reason: 'obliterate removes everything at once, whatever the count.',
    cases: {
      'clean: obliterates in steps': 'expected +0 to be 3',
    },
  },
  {
    backend: 'postgres',
    reason: 'trimEvents is not implemented, and publishEvent does not trim.',
    cases: {
      'events: are trimmed to about as many as asked':
        "PostgresQueueBackend: operation 'trimEvents' is not implemen",
      'events: are trimmed as they are written': 'expected 400 to be less than 250',
      'events: are not trimmed when there are few':
        "PostgresQueueBackend: operation 'trimEvents' is not implemen",
    },
  },
  {
    backend: 'postgres',
    reason: 'The times of metrics are always nought.',
    cases: {
      'metrics: count what completed': 'expected',
      'metrics: count what failed': 'expected',
    },
  },
  {
    backend: 'postgres',
    reason: 'setQueueMeta answers with how many fields were handed over.',
    cases: {
      'meta: tells how many fields are new': 'expected 1 to be +0',
    },
  },
  {
    backend: 'postgres',
    reason: '`opts.maxLenEvents` is not noted by adding a job.',
    cases: {
      'meta: notes how many events are kept once a job is added':
        "expected undefined to be '10000'",
    },
  },
  {
    backend: 'postgres',
    reason: 'Removing a job emits no event.',
    cases: {
      'removal: tells listeners of a job removed from wait': 'expected',
      'removal: tells listeners of a job removed from prioritized': 'expected',
      'removal: tells listeners of a job removed from delayed': 'expected',
      'removal: tells listeners of a job removed from completed': 'expected',
      'removal: tells listeners of a job removed from failed': 'expected',
      'removal: tells listeners of a job removed from waiting-children': 'expected',
    },
  },
  {
    backend: 'postgres',
    reason: 'Removing a missing job answers 0.',
    cases: {
      'removal: says that it removed a job that was not there': 'expected +0 to be 1',
    },
  },
  {
    backend: 'postgres',
    reason: 'Removing a tree answers with how many jobs went.',
    cases: {
      'removal: removes children with the parent when asked': 'expected 2 to be 1',
    },
  },
  {
    backend: 'postgres',
    reason: 'A page of the waiting jobs in ascending order is taken from the wrong end.',
    cases: {
      'getters: list wait from 0 to 1, first come first':
        "expected [ '4', '5' ] to deeply equal [ '1', '2' ]",
      'getters: list wait from 3 to 9, first come first':
        "expected [ '1', '2' ] to deeply equal [ '4', '5' ]",
      'getters: list wait from 4 to 4, first come first':
        "expected [ '1' ] to deeply equal [ '5' ]",
    },
  },
  {
    backend: 'postgres',
    reason: 'removeDeprecatedPriorityKey is not implemented.',
    cases: {
      'getters: have no priority helper to remove':
        "PostgresQueueBackend: operation 'removeDeprecatedPriorityKey",
    },
  },
  {
    backend: 'postgres',
    reason: 'Prefixes are ignored.',
    cases: {
      'getters: name the queue with its prefix': "expected '",
      'getters: keep prefixes apart': 'expected 1 to be +0',
    },
  },
]

export const differences: readonly Difference[] = groups.flatMap(({ backend, reason, cases }) =>
  Object.entries(cases).map(([title, seen]) => ({
    backend,
    title,
    reason,
    ...(seen !== null && { seen }),
  })),
)
