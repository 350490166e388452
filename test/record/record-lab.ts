// A record of its own for each test, on both databases.
import { afterAll, afterEach, beforeAll, beforeEach, describe } from 'vitest'
import { openDatabase, type Database } from '../../packages/orderly/src/database/open.ts'
import type { HistoryDatabase } from '../../packages/orderly/src/history/record.ts'
import { PLACES, openRecord, type Place } from './databases.ts'

export interface RecordLab {
  readonly kind: 'sqlite' | 'postgres'
  /** What the record is opened by, as is the next: those of the running test. */
  readonly url: string
  readonly db: HistoryDatabase
  /** Another connection to the same record, as another process has it. */
  another(): HistoryDatabase
}

export function onEachRecord(what: string, body: (lab: RecordLab) => void): void {
  describe.each(['sqlite', 'postgres'] as const)(`${what} in %s`, (kind) => {
    const others: Database<any>[] = []
    let open: HistoryDatabase | undefined
    const lab = {
      kind,
      url: '',
      get db() {
        if (!open)
          throw new Error('The record is opened before each test; there is none outside one.')
        return open
      },
      another() {
        const database = openDatabase(lab.url).withTables<any>()
        others.push(database)
        return database as HistoryDatabase
      },
    }
    let place: Place
    beforeAll(async () => {
      place = await PLACES[kind]()
    })
    afterAll(() => place.stop())
    beforeEach(async () => {
      lab.url = await place.fresh()
      open = await openRecord(lab.url)
    })
    afterEach(async () => {
      await Promise.all([lab.db, ...others.splice(0)].map((database) => database.close()))
    })
    body(lab)
  })
}
