/** Runs the conformance suite over Redis. */
import { openRedis } from './stores.ts'
import { describeBackend } from './suite.ts'

describeBackend('redis', openRedis)
