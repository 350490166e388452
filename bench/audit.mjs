// `npm run bench -- audit`: what an entry of the audit log costs, and how long a million of them take to verify, in
// their database and offline, as an export.
// `--entries N` for another number.
import { once } from 'node:events'
import { createReadStream, createWriteStream, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { say } from '../scripts/setup.mjs'

const dist = (path) => new URL(`../packages/orderly/dist/${path}`, import.meta.url).href

export async function bench(args) {
  const entries = Number(args[args.indexOf('--entries') + 1]) || 1_000_000
  const { createOrderly, roomsOf } = await import(dist('orderly.js'))
  const { ledgerIn } = await import(dist('ledger/dump.js'))
  const { exportLedger, ledgerOf } = await import(dist('ledger/export.js'))
  const { verifyLedger } = await import(dist('ledger/verify.js'))
  const { parseVkey } = await import(dist('ledger/note.js'))
  const { ledgerKey } = await import(dist('ledger/seal.js'))
  const { proveEntry } = await import(dist('ledger/read.js'))
  const home = mkdtempSync(join(tmpdir(), 'orderly-bench-audit-'))
  const silent = { debug() {}, info() {}, warn() {}, error() {} }
  const orderly = await createOrderly({ home, log: silent })
  try {
    const { ledger } = roomsOf(orderly)
    const record = (at) =>
      ledger.record({
        op: at % 3 ? 'job.cancel' : 'api.jobs.get',
        action: at % 3 ? 'U' : 'R',
        actor: { kind: 'user', id: `u_${at % 40}`, name: 'Ana', roles: ['operator'] },
        source: { ip: '192.0.2.7', request: `r${at}` },
        resource: { kind: 'job', id: `job-${at}`, queue: 'mail' },
      })
    const began = performance.now()
    let last
    for (let at = 0; at < entries; at += 2_000) {
      const batch = await Promise.all(
        Array.from({ length: Math.min(2_000, entries - at) }, (_, n) => record(at + n)),
      )
      last = batch.at(-1)
    }
    const wrote = (performance.now() - began) / 1_000
    say(
      `wrote ${entries} entries in ${wrote.toFixed(1)} s, ${Math.round(entries / wrote)} a second`,
    )
    const one = performance.now()
    for (let n = 0; n < 100; n++) await record(n)
    say(`one by one: ${((performance.now() - one) / 100).toFixed(2)} ms each`)
    const proving = performance.now()
    await proveEntry(ledger.database, last.id)
    say(`a proof of an entry: ${(performance.now() - proving).toFixed(1)} ms`)
    const trusted = [parseVkey((await ledgerKey(ledger.keys)).signer.vkey)]
    const start = performance.now()
    const found = await verifyLedger(await ledgerIn(ledger.database, [], trusted))
    const took = (performance.now() - start) / 1_000
    say(
      `verified ${found.entries} entries in ${took.toFixed(1)} s, ${Math.round(found.entries / took)} a second; ${found.findings.length} findings`,
    )
    const file = join(home, 'audit.ndjson')
    const sink = createWriteStream(file)
    const exporting = performance.now()
    await exportLedger(ledger, {}, Date.now(), async (line) => {
      if (!sink.write(line)) await once(sink, 'drain')
    })
    sink.end()
    await once(sink, 'finish')
    const checking = performance.now()
    const lines = createInterface({ input: createReadStream(file), crlfDelay: Infinity })
    const offline = await verifyLedger(await ledgerOf(lines, [], trusted))
    const checked = (performance.now() - checking) / 1_000
    say(
      `exported in ${((checking - exporting) / 1_000).toFixed(1)} s; offline, verified ${offline.entries} entries of that file in ${checked.toFixed(1)} s; ${offline.findings.length} findings`,
    )
    for (const { findings, entries: read } of [found, offline])
      if (findings.length > 0 || read !== entries + 100) process.exitCode = 1
  } finally {
    await orderly.close()
    rmSync(home, { recursive: true, force: true })
  }
}
