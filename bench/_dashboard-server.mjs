// The server that bench/dashboard.mjs looks at: a clinic with a large record, in a process of its own, busy on request.
import { defineJob, defineQueue, handle } from 'orderly'
import { z } from 'zod'
import { openClinic } from '../test/dashboard/clinic.ts'
import { fill } from './_recorded-jobs.mjs'

const TICK_MS = 100
/** Each job is accepted, started and completed. */
const EVENTS_OF_A_JOB = 3

/** Ends at once: what is measured is what the page makes of it. */
const quick = defineJob({ name: 'bench.quick', queue: 'bench', input: z.object({ n: z.number() }) })
const clinic = await openClinic({
  queues: [defineQueue({ name: 'bench', concurrency: 50 })],
  jobs: [quick],
  handlers: [handle(quick, async () => undefined)],
})
const { orderly } = clinic
await fill(orderly.database, Number(process.argv[2]), {
  end: Date.now() - 60_000,
  areOver: true,
})
process.send({ url: clinic.url })

async function keepBusy({ events, seconds }) {
  const each = (events / EVENTS_OF_A_JOB) * (TICK_MS / 1_000)
  const started = performance.now()
  let added = 0
  for (let tick = 1; tick <= (seconds * 1_000) / TICK_MS; tick++) {
    const count = Math.round(each * tick) - added
    const items = Array.from({ length: count }, (_, n) => ({ input: { n } }))
    await orderly.enqueueMany(quick, items)
    added += count
    const wait = started + tick * TICK_MS - performance.now()
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait))
  }
  const addedIn = (performance.now() - started) / 1_000
  await orderly.whenIdle()
  process.send({ added, addedIn, doneIn: (performance.now() - started) / 1_000 })
}

process.on('message', (wish) => {
  if (wish.busy) void keepBusy(wish.busy)
  else void clinic.close().then(() => process.exit(0))
})
