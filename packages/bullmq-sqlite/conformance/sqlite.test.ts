/** Runs the conformance suite over Sqlite. */
import { openSqlite } from './stores.ts'
import { describeBackend } from './suite.ts'

describeBackend('sqlite', openSqlite)
