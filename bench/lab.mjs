// Mails and documents a minute through the pack's own jobs, and the routes of the lab shop before and after.
// `npm run bench -- lab [--mails 1000] [--documents 100]`.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

const quiet = { debug() {}, info() {}, warn() {}, error() {} }
const WANTED = { mails: 100, documents: 20 }

export async function bench(args) {
  const { values } = parseArgs({
    args,
    options: {
      mails: { type: 'string', default: '1000' },
      documents: { type: 'string', default: '100' },
    },
  })
  const { createOrderly } = await import('orderly')
  const { lab, queueWork } = await import('@orderly/lab')
  const example = new URL('../examples/lab-shop/dist/', import.meta.url)
  const { startMailSink } = await import(new URL('mail-sink.js', example).href)
  const { NEW_ORDER, settle, USER } = await import(new URL('world.js', example).href)
  const { compareRoutes } = await import(new URL('compare.js', example).href)

  const home = await mkdtemp(join(tmpdir(), 'orderly-bench-lab-'))
  const sink = await startMailSink(0)
  const pack = lab()
  const orderly = await createOrderly({
    home,
    packs: [pack],
    log: quiet,
    smtpUrl: sink.url,
    mailFrom: 'jobs@lab.example',
  })
  try {
    await settle(pack.desk())
    for (const queue of ['email', 'pdf'])
      await orderly.overrideLimit(
        { queue, limit: 'rate' },
        { value: 1_000_000, reason: 'measured without its limit', by: 'bench' },
      )
    const { queueOrderConfirmationEmail, queueOrderSheetPDF } = queueWork(orderly)
    const orders = []
    const count = Math.max(Number(values.mails), Number(values.documents))
    for (let n = 0; n < count; n++) orders.push(await pack.desk().createOrder(NEW_ORDER))
    const rate = async (what, n, enqueue) => {
      await orderly.quiet()
      for (const { id } of orders.slice(0, n)) await enqueue(id)
      const started = performance.now()
      await orderly.start()
      await orderly.whenIdle()
      const perMinute = Math.round((n / (performance.now() - started)) * 60_000)
      console.log(`${n} ${what}: ${perMinute} a minute (wanted: ${WANTED[what]})`)
      if (perMinute < WANTED[what]) process.exitCode = 1
    }
    await rate('mails', Number(values.mails), (id) => queueOrderConfirmationEmail(id, USER))
    await rate('documents', Number(values.documents), (id) => queueOrderSheetPDF(id))
    console.log(`${sink.count} mails arrived`)
  } finally {
    await orderly.close()
    await sink.close()
    await rm(home, { recursive: true, force: true })
  }
  const { timings } = await compareRoutes(await mkdtemp(join(tmpdir(), 'orderly-bench-shop-')))
  for (const { route, before, after, speedUp } of timings)
    console.log(
      `${route}: p95 before ${before.p95.toFixed(1)} ms, after ${after.p95.toFixed(1)} ms; ${speedUp.toFixed(0)} times faster at the middle`,
    )
}
