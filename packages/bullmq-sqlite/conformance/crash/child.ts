/** A producer or a worker of the crash harness: it writes into the ledger what it was told, and may be killed. */
import { openSync, writeSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { withBackend } from 'bullmq'
import { createSqliteBackend } from '../../src/index.ts'
import { arm, connections, watch } from './failpoints.ts'
import type { Failpoint } from './failpoints.ts'

// Short, so that a worker that is stopped soon loses what it holds.
const LINGER_LOCK_MS = 300

const [file = '', ledgerFile = '', role = '', point = '', nth = '1'] = process.argv.slice(2)
const ledger = openSync(ledgerFile, 'a')
/** One line is one write, which the kernel has taken in before this returns. */
const note = (...words: (string | number)[]): void => void writeSync(ledger, `${words.join(' ')}\n`)

// Nobody is left to kill a child whose harness is gone.
const die = (): void => void process.kill(process.pid, 'SIGKILL')
process.once('disconnect', die)
if (!process.connected) die()
process.channel?.unref()

if (point) arm(point as Failpoint, Number(nth))
else watch()

const { Queue, Worker, FlowProducer } = withBackend(createSqliteBackend)
const connection = { file }
const failed = (error: Error): void => note('error', error.message.replaceAll(/\s+/g, ' '))

if (role === 'produce') {
  const queue = new Queue('work', { connection, streams: { events: { maxLen: 1_000_000 } } })
  const flows = new FlowProducer({ connection })
  queue.on('error', failed)
  await queue.waitUntilReady()
  note('ready', process.pid)
  for (let n = 0; ; n++) {
    const id = (name: string): string => `${name}-${process.pid}-${n}`
    try {
      const adding = ['a', 'b', 'c'].map(async (name) => {
        await queue.add('job', {}, { jobId: id(name) })
        note('acked', id(name))
      })
      await Promise.all(adding)
      if (n % 3 === 0) {
        const kid = (name: string) => ({
          name: 'kid',
          queueName: 'work',
          opts: { jobId: id(name) },
        })
        const children = [kid('k'), kid('l')]
        await flows.add({ name: 'root', queueName: 'work', opts: { jobId: id('r') }, children })
        for (const name of ['k', 'l', 'r']) note('acked', id(name))
      }
    } catch (error) {
      failed(error as Error)
    }
    await sleep(4)
  }
}

if (role === 'work') {
  const worker = new Worker(
    'work',
    async (job) => {
      note('run', job.id ?? '', process.pid)
      if (job.name === 'root') {
        const values = Object.keys(await job.getChildrenValues())
        if (values.length !== 2) note('orphan', job.id ?? '')
      }
      if (Math.random() < 0.3) await sleep(Math.random() * 8)
      return process.pid
    },
    { connection, concurrency: 4, maxStalledCount: 1000 },
  )
  worker.on('completed', (job) => note('told', job.id ?? ''))
  worker.on('failed', (job, error) => note('error', `failed ${job?.id}: ${error.message}`))
  worker.on('error', failed)
  await worker.waitUntilReady()
  note('ready', process.pid)
}

if (role === 'linger') {
  let finish = (): void => undefined
  const told = new Promise<void>((resolve) => (finish = resolve))
  process.once('message', () => finish())
  const worker = new Worker(
    'work',
    async (job) => {
      note('run', job.id ?? '', process.pid)
      await told
      return 'late'
    },
    { connection, concurrency: 3, lockDuration: LINGER_LOCK_MS, skipStalledCheck: true },
  )
  worker.on('completed', (job) => note('told', job.id ?? ''))
  worker.on('error', failed)
  await worker.waitUntilReady()
  note('ready', process.pid)
}

if (role === 'settings') {
  const queue = new Queue('work', { connection })
  await queue.add('job', {})
  for (const db of connections) {
    note('synchronous', String(db.pragma('synchronous', { simple: true })))
    note('journal', String(db.pragma('journal_mode', { simple: true })))
  }
  await queue.close()
}
