/** Owns telling live processes from dead ones, so that the jobs of a dead one are not waited for. */
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import type { Statements } from './statements.ts'

/** A process that holds, or held, jobs. */
export interface Owner {
  id: number
  host: string
  /** Identifies the run of the kernel; null where it cannot be told. */
  boot: string | null
  /** Identifies the numbering its pid belongs to; containers have their own. */
  pid_space: string | null
  pid: number
  /** When the process started, in the kernel's ticks: a pid alone may be reused. */
  started: string | null
  beat: number
}

// By chance, not in turn: were its entry undone, nobody else should get its number.
const INSERT_OWNER = `
  INSERT INTO bullmq_owner (id, host, boot, pid_space, pid, started, beat)
  VALUES (abs(random() % 2147483647) + 1, ?, ?, ?, ?, ?, ?)`
const OTHER_OWNERS = 'SELECT * FROM bullmq_owner WHERE id <> ?'
// SQLite does not write a value that is there already, so a second beat of a millisecond is a later one.
const BEAT = 'UPDATE bullmq_owner SET beat = iif(beat = ?, beat + 1, ?) WHERE id = ?'
const DELETE_OWNER = 'DELETE FROM bullmq_owner WHERE id = ?'

const self = {
  host: hostname(),
  boot: readText('/proc/sys/kernel/random/boot_id'),
  pidSpace: readLink('/proc/self/ns/pid'),
  started: startTime(process.pid),
}

/** Enters this process; returns its number in the file. */
export function registerOwner(sql: Statements, now: number): number {
  const { host, boot, pidSpace, started } = self
  return sql.insert(INSERT_OWNER, host, boot, pidSpace, process.pid, started, now)
}

/** Writes that this process lives; tells whether it is in the file. Never leaves the file as it was. */
export function beatOwner(sql: Statements, id: number, now: number): boolean {
  return sql.run(BEAT, now, now, id) > 0
}

/** Strikes a process out. */
export function deleteOwner(sql: Statements, id: number): void {
  sql.run(DELETE_OWNER, id)
}

/** Every process in the file but this one. */
export function otherOwners(sql: Statements, ownId: number): Owner[] {
  return sql.all<Owner>(OTHER_OWNERS, ownId)
}

/** Whether that process is known to be gone. In doubt it is not: its locks will expire. */
export function isDead(owner: Owner): boolean {
  if (owner.host !== self.host && owner.boot === null) return false
  // The file is local, so whoever wrote to it before this boot is gone, whatever its host was called.
  if (owner.boot !== null && self.boot !== null && owner.boot !== self.boot) return true
  if (owner.pid_space !== self.pidSpace) return false
  if (!pidExists(owner.pid)) return true
  return owner.started !== null && owner.started !== startTime(owner.pid)
}

function pidExists(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}

function startTime(pid: number): string | null {
  // The second field is the program's name in parentheses and may hold anything, even spaces.
  const stat = readText(`/proc/${pid}/stat`)
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')
  // A zombie has died and only waits for its parent to notice.
  if (fields?.[0] === 'Z' || fields?.[0] === 'X') return 'dead'
  return fields?.[19] ?? null
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return null
  }
}

function readLink(path: string): string | null {
  try {
    return readlinkSync(path)
  } catch {
    return null
  }
}
