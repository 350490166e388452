/** Owns what a disk may hold after a power cut: what was synced for certain, and any part of what was not. */

/** The bytes of a file and of its write-ahead log. */
export interface Image {
  readonly main: Buffer
  readonly log: Buffer
}

/** SQLite's own numbers for its setting. */
export const SYNC = { off: 0, normal: 1, full: 2 } as const

// What drives write whole or not at all.
const SECTOR = 512
const LOG_HEADER = 32

/** A commit: what was on the disk for certain when it began, and what it wrote. */
export interface Write {
  readonly certain: Image
  readonly before: Image
  readonly after: Image
  /** What SQLite answered to `PRAGMA synchronous`. */
  readonly level: number
}

/**
 * What is on the disk for certain once the commit has returned, by SQLite's documentation: FULL
 * syncs the log at each commit; from NORMAL on the log is synced before a checkpoint, the main file
 * after it, and the log's header when the log starts over.
 */
export function certainAfter({ certain, before, after, level }: Write): Image {
  // A commit that writes nothing has nothing to sync, and leaves what is in the log as it is.
  if (level === SYNC.off || before.log.equals(after.log)) return certain
  if (level >= SYNC.full || !before.main.equals(after.main)) return after
  return startedOver(before, after) ? { ...certain, log: withHeaderOf(certain, after) } : certain
}

/** One state in which a power cut during the commit, or just before it, may leave the disk. */
export function cut({ certain, before, after, level }: Write, random: () => number): Image {
  const checkpointed = !before.main.equals(after.main)
  if (level === SYNC.off) {
    return {
      main: mixed(certain.main, after.main, random),
      log: mixed(certain.log, after.log, random),
    }
  }
  // The log is safe before a checkpoint touches the main file, page by page.
  if (checkpointed && random() < 0.5) {
    return { main: mixed(certain.main, after.main, random), log: after.log }
  }
  if (!startedOver(before, after)) {
    return { main: certain.main, log: mixed(certain.log, after.log, random) }
  }
  if (random() < 0.2) return { main: certain.main, log: mixed(certain.log, before.log, random) }
  return { main: certain.main, log: mixed(withHeaderOf(certain, after), after.log, random) }
}

function startedOver(before: Image, after: Image): boolean {
  const header = (image: Image): Buffer => image.log.subarray(0, LOG_HEADER)
  return !header(before).equals(header(after))
}

function withHeaderOf(certain: Image, after: Image): Buffer {
  return Buffer.concat([after.log.subarray(0, LOG_HEADER), certain.log.subarray(LOG_HEADER)])
}

/** Some of the sectors that differ are written, some are not, some are torn; the end may be missing. */
function mixed(from: Buffer, to: Buffer, random: () => number): Buffer {
  const style = random()
  if (style < 0.1) return from
  if (style < 0.2) return to
  const result = Buffer.alloc(Math.max(from.length, to.length))
  from.copy(result)
  // Half of the time everything is written up to a point, as a log that is appended to may be.
  const reached = style < 0.6 ? Math.floor(random() * (result.length + SECTOR)) : undefined
  for (let at = 0; at < to.length; at += SECTOR) {
    const written = to.subarray(at, at + SECTOR)
    if (written.equals(result.subarray(at, at + written.length))) continue
    const fate = random()
    if (reached === undefined ? fate < 0.5 : at + SECTOR <= reached) written.copy(result, at)
    else if (fate < 0.6) tear(result, written, at, random)
  }
  const longer = to.length - from.length
  return longer > 0 && random() < 0.5
    ? result.subarray(0, to.length - Math.floor(random() * longer))
    : result
}

// As SQLite does, this trusts drives not to harm the bytes beside those they write.
function tear(result: Buffer, written: Buffer, at: number, random: () => number): void {
  const touched: number[] = []
  for (let n = 0; n < written.length; n++) if (written[n] !== result[at + n]) touched.push(at + n)
  for (const place of touched) result[place] = Math.floor(random() * 256)
}
