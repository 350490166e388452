/** Runs the conformance suite over Redis. */
import { openRedis } from './stores.ts'
import { describeStore } from './suite.ts'

describeStore('redis', openRedis)
