// The queues `npm run bench -- engine` compares, each opened as its own documentation says, behind one small face.
import * as bullmq from 'bullmq'

const QUEUE = 'bench'
const silent = { debug() {}, info() {}, warn() {}, error: console.error }

/** In the order of the tables. `jobs` is what a second or two of processing needs. */
export const contenders = [
  { id: 'sqlite-full', title: 'bullmq-sqlite FULL', kind: 'sqlite', synchronous: 'FULL' },
  { id: 'sqlite-normal', title: 'bullmq-sqlite NORMAL', kind: 'sqlite', synchronous: 'NORMAL' },
  { id: 'redis-none', title: 'Redis, no persistence', kind: 'redis', persistence: 'none' },
  { id: 'redis-everysec', title: 'Redis, AOF everysec', kind: 'redis', persistence: 'everysec' },
  { id: 'redis-always', title: 'Redis, AOF always', kind: 'redis', persistence: 'always' },
  { id: 'postgres', title: 'PostgreSQL', kind: 'postgres' },
  { id: 'plainjob', title: 'plainjob', kind: 'plainjob' },
].map((contender) => ({ jobs: contender.kind === 'postgres' ? 3000 : 30_000, ...contender }))

/** Opens the queue; `startWorker` takes a handler and what to call after each job. */
export async function openContender(kind, connection, name = QUEUE) {
  return kind === 'plainjob' ? openPlainjob(connection) : openBullmq(kind, connection, name)
}

async function openBullmq(kind, connection, name) {
  const { Queue, Worker } = await classesFor(kind)
  const queue = new Queue(name, { connection })
  await queue.waitUntilReady()
  return {
    add: (data) => queue.add('noop', data),
    addBulk: (count) =>
      queue.addBulk(Array.from({ length: count }, (_, n) => ({ name: 'noop', data: { n } }))),
    async startWorker({ concurrency, handler, completed }) {
      const worker = new Worker(name, handler, { connection, concurrency, autorun: false })
      worker.on('error', (error) => console.error(error))
      if (completed) worker.on('completed', completed)
      await worker.waitUntilReady()
      void worker.run()
    },
  }
}

async function classesFor(kind) {
  if (kind === 'redis') return bullmq
  if (kind === 'postgres') return bullmq.withBackend(bullmq.createPostgresBackend)
  const { createSqliteBackend } = await import('bullmq-sqlite')
  return bullmq.withBackend(createSqliteBackend)
}

async function openPlainjob({ file }) {
  const { better, defineQueue, defineWorker } = await import('plainjob')
  const { default: Database } = await import('better-sqlite3')
  // plainjob sets WAL and synchronous = NORMAL by itself. Its default logger prints several lines a job.
  const queue = defineQueue({ connection: better(new Database(file)), logger: silent })
  return {
    add: async (data) => queue.add('noop', data),
    addBulk: async (count) =>
      queue.addMany(
        'noop',
        Array.from({ length: count }, (_, n) => ({ n })),
      ),
    async startWorker({ handler, completed }) {
      // It has no concurrency within a process: one worker takes one job after the other.
      const options = { queue, logger: silent, ...(completed && { onCompleted: completed }) }
      void defineWorker('noop', handler, options).start()
    },
  }
}
