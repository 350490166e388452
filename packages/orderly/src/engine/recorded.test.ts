import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { withBackend, type Job, type BackendFactory, type IQueueBackend } from 'bullmq'
import { createSqliteBackend, type SqliteConnection } from 'bullmq-sqlite'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { systemClock } from '../primitives/clock.ts'
import { decorateFactory } from './decorate.ts'
import { recorded, type Report } from './recorded.ts'

let folder: string
const open: { close(): Promise<void> }[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'orderly-recorded-'))
})
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()))
  rmSync(folder, { recursive: true, force: true })
})

it('tells each run of a job apart where the next one ends before the store has answered for the first', async () => {
  const said: Report['event'][] = []
  let answer!: () => void
  const late = new Promise<void>((resolve) => (answer = resolve))
  const slow: BackendFactory<IQueueBackend, SqliteConnection> = decorateFactory(
    createSqliteBackend,
    (inner) => ({
      retryJob: async (...args) => {
        await inner.retryJob(...args)
        await late
      },
    }),
  )
  const factory = decorateFactory(slow, (inner, queue) =>
    recorded(inner, queue, {
      clock: systemClock,
      record: async () => undefined,
      note: (reports) => said.push(...reports.map(({ event }) => event)),
      mayBeDoneLater: () => false,
    }),
  )
  const { Queue, Worker } = withBackend(factory)
  const connection = { file: join(folder, 'queue.db') }
  const queue = new Queue('work', { connection })
  const worker = new Worker('work', null, { connection, autorun: false })
  open.push(worker, queue)
  await queue.add('visit', {}, { attempts: 2 })

  const next = (token: string): Promise<Job | undefined> =>
    worker.getNextJob(token, { block: false })

  const first = await next('one')
  const putBack = first!.moveToFailed(new Error('once'), 'one')
  let second: Job | undefined
  await expect.poll(async () => (second ??= await next('two'))).toBeDefined()
  await second!.moveToCompleted('done', 'two', false)
  answer()
  await putBack

  const ends = said.filter(({ type }) => ['started', 'retried', 'completed'].includes(type))
  expect(ends.map(({ type }) => type)).toEqual(['started', 'started', 'completed', 'retried'])
  const [firstRun, secondRun, done, retried] = ends.map(({ id }) => id.replace(/^.*:/, ''))
  expect([retried, done]).toEqual([firstRun, secondRun])
  expect(ends[3]!.at).toBeLessThanOrEqual(ends[1]!.at)
})
