/** Runs random histories on SQLite and on Redis, which must agree after every step. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, it, vi } from 'vitest'
import { redisSide, sqliteSide } from './differential/side.ts'
import type { Side } from './differential/side.ts'
import { histories } from './differential/steps.ts'
import { compareHistories } from './differential/world.ts'
import { startRedis } from './servers.ts'
import type { RunningServer } from './servers.ts'

const RUNS = Number(process.env['RUNS'] ?? 150)
const SEED = Number(process.env['SEED'] ?? 20_260_703)
const STEPS = Number(process.env['STEPS'] ?? 60)

let server: RunningServer
let oracle: Side
let subject: Side
const folder = mkdtempSync(join(tmpdir(), 'bullmq-sqlite-differential-'))

beforeAll(async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  server = await startRedis()
  oracle = redisSide(server.port)
  subject = sqliteSide(join(folder, 'queues.db'))
})
afterAll(async () => {
  vi.useRealTimers()
  await subject?.stop()
  await oracle?.stop()
  await server?.stop()
  rmSync(folder, { recursive: true, force: true })
})

describe('SQLite and Redis', () => {
  it(`agree over ${RUNS} random histories (SEED=${SEED})`, async () => {
    const agrees = fc.asyncProperty(histories(STEPS), (steps) =>
      compareHistories(oracle, subject, steps),
    )
    await fc.assert(agrees, { seed: SEED, numRuns: RUNS, interruptAfterTimeLimit: 900_000 })
  }, 960_000)
})
