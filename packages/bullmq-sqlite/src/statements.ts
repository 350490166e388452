/** Owns prepared statements: each text is compiled once per connection. */
import type Database from 'better-sqlite3'

type Value = string | number | null | undefined

/** The values of one row in the order the statement names its columns. */
export type RawRow = (string | number | null)[]

/** Runs SQL by its text; verbs keep their SQL beside them and pass it here. */
export class Statements {
  readonly #db: Database.Database
  readonly #prepared = new Map<string, Database.Statement<unknown[]>>()
  readonly #raw = new Map<string, Database.Statement<unknown[]>>()

  constructor(db: Database.Database) {
    this.#db = db
  }

  /** The first row, or undefined. */
  get<Row>(sql: string, ...values: Value[]): Row | undefined {
    return this.#prepare(sql).get(...values) as Row | undefined
  }

  /** As {@link get}, at half the cost: no object with a name for each column is made. */
  getRaw(sql: string, ...values: Value[]): RawRow | undefined {
    let statement = this.#raw.get(sql)
    if (!statement) {
      statement = this.#db.prepare<unknown[]>(sql).raw()
      this.#raw.set(sql, statement)
    }
    return statement.get(...values) as RawRow | undefined
  }

  /** Every row. */
  all<Row>(sql: string, ...values: Value[]): Row[] {
    return this.#prepare(sql).all(...values) as Row[]
  }

  /** Runs a statement that gives no rows; tells how many rows it changed. */
  run(sql: string, ...values: Value[]): number {
    return this.#prepare(sql).run(...values).changes
  }

  /** Runs an INSERT; tells the new row's key. */
  insert(sql: string, ...values: Value[]): number {
    return Number(this.#prepare(sql).run(...values).lastInsertRowid)
  }

  #prepare(sql: string): Database.Statement<unknown[]> {
    let statement = this.#prepared.get(sql)
    if (!statement) {
      statement = this.#db.prepare(sql)
      this.#prepared.set(sql, statement)
    }
    return statement
  }
}
