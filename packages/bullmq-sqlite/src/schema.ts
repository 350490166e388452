/** Owns the tables: their shape, their version and how a file is brought to it. */

/** Written into every file we create ("bmq1"), so that no other program's file is taken for ours. */
export const APPLICATION_ID = 0x626d7131

/** Raised with each migration; a file with a higher number was written by a newer release. */
export const SCHEMA_VERSION = 1

/** Where a job is. The number is stored, so it never changes its meaning. */
export const State = {
  wait: 0,
  prioritized: 1,
  delayed: 2,
  active: 3,
  waitingChildren: 4,
  completed: 5,
  failed: 6,
} as const

/** One of the numbers in {@link State}. */
export type State = (typeof State)[keyof typeof State]

/** What a child is to its parent. */
export const Tie = { pending: 0, processed: 1, ignored: 2, failed: 3 } as const

/** One of the numbers in {@link Tie}. */
export type Tie = (typeof Tie)[keyof typeof Tie]

/**
 * `migrations[n]` brings a file from version n to n + 1. They only go forward and never change.
 *
 * A job is one row and every move is one update of it: `rank` orders the jobs of one state, and one
 * index over (queue, state, rank) serves claiming, promoting, listing and retention alike. A row's
 * key is made of its queue and number; only jobs whose id is not a number have a key below zero and
 * an index to find them by.
 *
 * What a small commit touches decides what it costs, so the newest events lie in the row of their
 * queue, which is written anyway, until there are enough of them for a row of their own.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE bullmq_queue (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    last_id INTEGER NOT NULL DEFAULT 0,
    wait_front INTEGER NOT NULL DEFAULT 1,
    wait_back INTEGER NOT NULL DEFAULT 0,
    active_back INTEGER NOT NULL DEFAULT 0,
    priority_count INTEGER NOT NULL DEFAULT 0,
    event_pos INTEGER NOT NULL DEFAULT 0,
    event_count INTEGER NOT NULL DEFAULT 0,
    waiting INTEGER NOT NULL DEFAULT 0,
    prioritized INTEGER NOT NULL DEFAULT 0,
    delayed INTEGER NOT NULL DEFAULT 0,
    active INTEGER NOT NULL DEFAULT 0,
    waiting_children INTEGER NOT NULL DEFAULT 0,
    completed INTEGER NOT NULL DEFAULT 0,
    failed INTEGER NOT NULL DEFAULT 0,
    limiter_count INTEGER NOT NULL DEFAULT 0,
    limiter_until INTEGER,
    stalled_check_until INTEGER NOT NULL DEFAULT 0,
    max_stalled INTEGER NOT NULL DEFAULT 1,
    meta TEXT NOT NULL DEFAULT '{}',
    tail TEXT NOT NULL DEFAULT '',
    tail_count INTEGER NOT NULL DEFAULT 0
  );

  CREATE TABLE bullmq_job (
    key INTEGER PRIMARY KEY,
    queue INTEGER NOT NULL,
    id TEXT NOT NULL,
    state INTEGER NOT NULL,
    rank INTEGER NOT NULL,
    timestamp INTEGER NOT NULL,
    delay INTEGER NOT NULL DEFAULT 0,
    priority INTEGER NOT NULL DEFAULT 0,
    attempts_made INTEGER NOT NULL DEFAULT 0,
    attempts_started INTEGER NOT NULL DEFAULT 0,
    stalled_count INTEGER NOT NULL DEFAULT 0,
    suspect INTEGER NOT NULL DEFAULT 0,
    has_children INTEGER NOT NULL DEFAULT 0,
    has_logs INTEGER NOT NULL DEFAULT 0,
    flow_refused INTEGER NOT NULL DEFAULT 0,
    processed_on INTEGER,
    finished_on INTEGER,
    owner INTEGER,
    lock_until INTEGER,
    token TEXT,
    processed_by TEXT,
    dedup_id TEXT,
    scheduler_id TEXT,
    parent_key TEXT,
    parent TEXT,
    deferred_failure TEXT,
    name TEXT NOT NULL,
    progress TEXT,
    opts TEXT NOT NULL,
    data TEXT NOT NULL,
    returnvalue TEXT,
    failed_reason TEXT,
    stacktrace TEXT
  );
  CREATE UNIQUE INDEX bullmq_job_name ON bullmq_job (queue, id) WHERE key < 0;
  CREATE INDEX bullmq_job_order ON bullmq_job (queue, state, rank, id);

  CREATE TABLE bullmq_child (
    key INTEGER PRIMARY KEY,
    parent TEXT NOT NULL,
    tie INTEGER NOT NULL,
    child TEXT NOT NULL,
    value TEXT,
    score INTEGER NOT NULL DEFAULT 0
  );
  CREATE UNIQUE INDEX bullmq_child_tie ON bullmq_child (parent, tie, child);

  CREATE TABLE bullmq_log (
    key INTEGER PRIMARY KEY,
    job INTEGER NOT NULL,
    line TEXT NOT NULL
  );
  CREATE INDEX bullmq_log_job ON bullmq_log (job);

  CREATE TABLE bullmq_dedup (
    queue INTEGER NOT NULL,
    id TEXT NOT NULL,
    job_id TEXT NOT NULL,
    expires_at INTEGER,
    PRIMARY KEY (queue, id)
  ) WITHOUT ROWID;

  CREATE TABLE bullmq_dedup_next (
    queue INTEGER NOT NULL,
    id TEXT NOT NULL,
    job TEXT NOT NULL,
    PRIMARY KEY (queue, id)
  ) WITHOUT ROWID;

  CREATE TABLE bullmq_scheduler (
    queue INTEGER NOT NULL,
    id TEXT NOT NULL,
    next INTEGER NOT NULL,
    fields TEXT NOT NULL,
    PRIMARY KEY (queue, id)
  ) WITHOUT ROWID;

  CREATE TABLE bullmq_event (
    queue INTEGER NOT NULL,
    pos INTEGER NOT NULL,
    count INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (queue, pos)
  ) WITHOUT ROWID;

  CREATE TABLE bullmq_metric (
    queue INTEGER NOT NULL,
    type TEXT NOT NULL,
    count INTEGER NOT NULL,
    prev_ts INTEGER,
    prev_count INTEGER,
    last_point INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (queue, type)
  ) WITHOUT ROWID;

  CREATE TABLE bullmq_metric_point (
    queue INTEGER NOT NULL,
    type TEXT NOT NULL,
    point INTEGER NOT NULL,
    value INTEGER NOT NULL,
    PRIMARY KEY (queue, type, point)
  ) WITHOUT ROWID;

  CREATE TABLE bullmq_owner (
    id INTEGER PRIMARY KEY,
    host TEXT NOT NULL,
    boot TEXT,
    pid_space TEXT,
    pid INTEGER NOT NULL,
    started TEXT,
    beat INTEGER NOT NULL
  );

  CREATE TABLE bullmq_client (
    id INTEGER PRIMARY KEY,
    owner INTEGER NOT NULL,
    name TEXT NOT NULL,
    since INTEGER NOT NULL
  );
  `,
]
