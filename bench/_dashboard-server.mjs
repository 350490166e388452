// The server that bench/dashboard.mjs looks at: a clinic with a large record, in a process of its own, busy on request.
import { join } from 'node:path'
import { openClinic } from '../test/dashboard/clinic.ts'
import { fill } from './_recorded-jobs.mjs'

const TICK_MS = 100
/** Each job is accepted, started and completed. */
const EVENTS_OF_A_JOB = 3

const clinic = await openClinic()
const { orderly } = clinic
fill(join(orderly.settings.home, 'orderly.db'), Number(process.argv[2]), Date.now() - 60_000)
process.send({ url: clinic.url })

async function keepBusy({ events, seconds }) {
  const each = (events / EVENTS_OF_A_JOB) * (TICK_MS / 1_000)
  const job = orderly.registry.jobs.get('prices.publish')
  const started = performance.now()
  let added = 0
  for (let tick = 1; tick <= (seconds * 1_000) / TICK_MS; tick++) {
    const count = Math.round(each * tick) - added
    const items = Array.from({ length: count }, () => ({ input: { hospital: 'North', rows: 1 } }))
    await orderly.enqueueMany(job, items)
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
