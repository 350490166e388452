// program.ts: the job's handler, its workers and the dashboard.
import { createOrderly, handle, serve } from 'orderly'
import { refillCheck } from './refill-check.ts'

const checkRefill = handle(refillCheck, async (ctx) => {
  ctx.log.info({ medications: 1 }, 'counting what is left')
  return { daysLeft: 15 }
})

const orderly = await createOrderly({ jobs: [refillCheck], handlers: [checkRefill] })
await orderly.start()
const server = await serve(orderly, { port: Number(process.env['PORT'] ?? 4401) })
console.log(server.setupUrl ? `Make the first user at ${server.setupUrl}` : server.url)
process.once('SIGINT', () => void server.close().then(() => orderly.close()))

const { id } = await orderly.enqueue(refillCheck, { medicationId: 'm-1' })
await orderly.whenIdle()
console.log(await orderly.inspectJob(id))
