// Whose turn it is among keys that share a kind of job: stride scheduling, by weight.

/** A job that waits in the line of its key. */
export interface Waiting {
  readonly id: string
  /** How many turns its key has in a round. */
  readonly weight: number
}

/** The jobs of one key that wait, those that come first. */
export interface Line<Job extends Waiting = Waiting> {
  readonly key: string
  /** How far the key is in its turns: the line that is least far is next. */
  readonly pass: number
  /** How many jobs of it may still begin. */
  readonly free: number
  readonly jobs: readonly Job[]
}

export interface Turns<Job extends Waiting = Waiting> {
  readonly picked: readonly Job[]
  /** How far each key is now whose jobs were picked. */
  readonly passes: ReadonlyMap<string, number>
  /** Where the last turn began: a key that was not in the running until now begins there, without credit for its rest. */
  readonly floor: number | undefined
}

/**
 * Picks up to `room` jobs, by turns.
 *
 * @param mayGo whether this job may begin now; where it may not, its line rests
 */
export async function takeTurns<Job extends Waiting>(
  lines: readonly Line<Job>[],
  room: number,
  mayGo: (job: Job, key: string) => boolean | Promise<boolean> = () => true,
): Promise<Turns<Job>> {
  const open = lines.map((line) => ({ ...line, next: 0 })).filter((line) => hasMore(line))
  const picked: Job[] = []
  const passes = new Map<string, number>()
  let floor: number | undefined
  while (picked.length < room && open.length > 0) {
    const line = open.reduce((first, other) => (isBefore(other, first) ? other : first))
    const job = line.jobs[line.next]!
    if (!(await mayGo(job, line.key))) {
      open.splice(open.indexOf(line), 1)
      continue
    }
    picked.push(job)
    floor = Math.max(floor ?? line.pass, line.pass)
    line.pass += 1 / job.weight
    passes.set(line.key, line.pass)
    line.next++
    if (!hasMore(line)) open.splice(open.indexOf(line), 1)
  }
  return { picked, passes, floor }
}

function hasMore({ next, free, jobs }: Line & { next: number }): boolean {
  return next < free && next < jobs.length
}

function isBefore(a: Line, b: Line): boolean {
  return a.pass < b.pass || (a.pass === b.pass && a.key < b.key)
}
