/** Runs the conformance suite over Postgres. */
import { openPostgres } from './stores.ts'
import { describeStore } from './suite.ts'

describeStore('postgres', openPostgres)
