/** Runs the conformance suite over Sqlite. */
import { openSqlite } from './stores.ts'
import { describeStore } from './suite.ts'

describeStore('sqlite', openSqlite)
