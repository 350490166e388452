// Bull Board on a SQLite file: an ordinary BullMQ program and its dashboard, with no server to install.
import { createBullBoard } from '@bull-board/api'
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter'
import { FastifyAdapter } from '@bull-board/fastify'
import { withBackend } from 'bullmq'
import { createSqliteBackend } from 'bullmq-sqlite'
import { fastify } from 'fastify'

const connection = process.argv[2] ?? 'bull-board.db'
const port = Number(process.env['PORT'] ?? 4401)

const { Queue, Worker } = withBackend(createSqliteBackend)
const queue = new Queue('mail', { connection })
const worker = new Worker(
  'mail',
  async (job) => {
    await job.log(`writing to ${String(job.data.to)}`)
    if (job.data.to === 'nobody') throw new Error('no such address')
    return { sent: true }
  },
  { connection, concurrency: 5 },
)

await queue.addBulk(
  ['ada', 'grace', 'nobody', 'katherine'].map((to) => ({ name: 'welcome', data: { to } })),
)

const adapter = new FastifyAdapter()
adapter.setBasePath('/ui')
// Bull Board's types name BullMQ's Redis queue; it asks only what every backend answers.
const board = new BullMQAdapter(queue as unknown as ConstructorParameters<typeof BullMQAdapter>[0])
createBullBoard({ queues: [board], serverAdapter: adapter })
const app = fastify({ forceCloseConnections: true })
await app.register(adapter.registerPlugin(), { prefix: '/ui' })
console.log(`Bull Board: ${await app.listen({ port, host: '127.0.0.1' })}/ui`)

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    void app
      .close()
      .then(() => worker.close())
      .then(() => queue.close())
  })
}
