/** Owns dying at named moments: it watches the statements a process runs, so that no shipped code has to know. */
import Database from 'better-sqlite3'

/** The moments a process can be told to die at. */
export const FAILPOINTS = [
  'before-begin',
  'after-begin',
  'inside',
  'before-commit',
  'after-commit',
] as const
export type Failpoint = (typeof FAILPOINTS)[number]

type Prototype = { prepare(this: Database.Database, sql: string): Database.Statement }

/** Every connection this process has opened. */
export const connections: Set<Database.Database> = new Set()

/** Kills this process the `nth` time it passes the moment, without a word. */
export function arm(point: Failpoint, nth: number): void {
  let left = nth
  const pass = (moment: Failpoint): void => {
    if (moment === point && --left <= 0) process.kill(process.pid, 'SIGKILL')
  }
  let writing = false
  const around = (sql: string, run: () => unknown): unknown => {
    const word = /^\s*(\w+)( IMMEDIATE)?/i.exec(sql)?.[0].trim().toUpperCase()
    if (word === 'BEGIN IMMEDIATE') {
      pass('before-begin')
      const result = run()
      writing = true
      pass('after-begin')
      return result
    }
    if (word === 'COMMIT' && writing) {
      pass('before-commit')
      const result = run()
      writing = false
      pass('after-commit')
      return result
    }
    if (writing && word !== 'SELECT' && word !== 'PRAGMA') pass('inside')
    return run()
  }
  wrap((statement, sql) => {
    for (const name of ['run', 'get', 'all'] as const) {
      const original = statement[name].bind(statement) as (...values: unknown[]) => unknown
      Object.assign(statement, {
        [name]: (...values: unknown[]) => around(sql, () => original(...values)),
      })
    }
  })
}

/** Calls `before` ahead of every commit of a write in this process; what it throws fails the commit. */
export function interceptCommit(
  before: (db: Database.Database) => void,
  after: (db: Database.Database) => void = () => undefined,
): void {
  wrap((statement, sql) => {
    if (sql !== 'COMMIT') return
    const run = statement.run.bind(statement)
    Object.assign(statement, {
      run: () => {
        const db = statement.database
        if (!isWriting(db)) return run()
        before(db)
        const result = run()
        after(db)
        return result
      },
    })
  })
}

/** Calls `between` after each BEGIN in this process, ahead of the first statement that follows it. */
export function interceptFirst(between: () => void): void {
  const begun = new WeakSet<Database.Database>()
  wrap((statement, sql) => {
    for (const name of ['run', 'get', 'all'] as const) {
      const original = statement[name].bind(statement) as (...values: unknown[]) => unknown
      const around = (...values: unknown[]): unknown => {
        const db = statement.database
        if (sql.startsWith('BEGIN')) begun.add(db)
        else if (begun.delete(db)) between()
        return original(...values)
      }
      Object.assign(statement, { [name]: around })
    }
  })
}

// A read transaction ends in COMMIT too, and has changed nothing.
const changed = new WeakMap<Database.Database, number>()
function isWriting(db: Database.Database): boolean {
  const [total] = db.prepare('SELECT total_changes()').pluck().all() as [number]
  const before = changed.get(db) ?? 0
  changed.set(db, total)
  return total !== before
}

/** Notes every connection that is opened. */
export function watch(): void {
  wrap(() => undefined)
}

function wrap(each: (statement: Database.Statement, sql: string) => void): void {
  const prototype = Database.prototype as unknown as Prototype
  const prepare = prototype.prepare
  prototype.prepare = function (sql) {
    connections.add(this)
    const statement = prepare.call(this, sql)
    each(statement, sql)
    return statement
  }
}

/** A small generator of chance, so that a run can be repeated by its seed. */
export function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
