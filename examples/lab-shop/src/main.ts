// `node examples/lab-shop/dist/main.js`: prints what each route took before the migration and after.
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compareRoutes } from './compare.ts'

const { timings, mailsSent } = await compareRoutes(mkdtempSync(join(tmpdir(), 'lab-shop-')))
for (const { route, before, after, speedUp } of timings)
  console.log(
    `${route.padEnd(22)} before ${before.p50.toFixed(1)} ms (p95 ${before.p95.toFixed(1)}), after ${after.p50.toFixed(1)} ms (p95 ${after.p95.toFixed(1)}): ${speedUp.toFixed(0)} times faster`,
  )
console.log(`${mailsSent} mails were sent by workers meanwhile.`)
