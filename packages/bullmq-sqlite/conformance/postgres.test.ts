/** Runs the conformance suite over Postgres. */
import { openPostgres } from './stores.ts'
import { describeBackend } from './suite.ts'

describeBackend('postgres', openPostgres)
