// Asks one server as 1,000 clients at once: reads, enqueues and live streams; errors, latencies, memory.
// `npm run bench -- api [--clients 1000] [--seconds 30]`.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

const READS = [
  '/api/v1/jobs?q=state:completed&limit=20',
  '/api/v1/queues',
  '/api/v1/overview',
  '/api/v1/jobs?q=queue:pdf&limit=20',
  '/api/v1/workers',
]

export async function bench(args) {
  const { values } = parseArgs({
    args,
    options: {
      clients: { type: 'string', default: '1000' },
      seconds: { type: 'string', default: '30' },
    },
  })
  const clients = Number(values.clients)
  const seconds = Number(values.seconds)
  const streams = Math.round(clients * 0.2)

  const child = spawn(
    process.execPath,
    ['--conditions', 'source', '--import', 'tsx', join(import.meta.dirname, '_api-server.mjs')],
    { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] },
  )
  const [{ url }] = await once(child, 'message')
  const agent = new Agent({ keepAlive: true, maxSockets: clients * 2 })
  const latencies = { read: [], enqueue: [] }
  let errors = 0
  let frames = 0
  let bytes = 0
  let stopping = false
  const memory = []
  child.on('message', ({ rss }) => rss && memory.push(rss))

  function ask(method, path, body) {
    return new Promise((resolve) => {
      const started = performance.now()
      const sent = request(
        url + path,
        {
          method,
          agent,
          headers: {
            authorization: 'Bearer all',
            ...(body ? { 'content-type': 'application/json' } : {}),
          },
        },
        (response) => {
          response.resume().on('end', () => {
            if (response.statusCode >= 400) errors++
            resolve(performance.now() - started)
          })
        },
      )
      sent.on('error', () => {
        errors++
        resolve(performance.now() - started)
      })
      sent.end(body)
    })
  }

  async function client(n) {
    // People and programs do not all ask in the same instant, nor without a pause.
    await new Promise((resolve) => setTimeout(resolve, (n / clients) * 2_000))
    for (let turn = 0; !stopping; turn++) {
      if ((n + turn) % 5 === 0)
        latencies.enqueue.push(
          await ask(
            'POST',
            '/api/v1/jobs',
            JSON.stringify({ type: 'pdf.render', input: { orderId: n * 1_000 + turn } }),
          ),
        )
      else latencies.read.push(await ask('GET', READS[(n + turn) % READS.length]))
      await new Promise((resolve) => setTimeout(resolve, 2_000 + ((n * 37) % 2_000)))
    }
  }

  function watch() {
    const sent = request(
      `${url}/api/v1/live`,
      { headers: { authorization: 'Bearer all' } },
      (response) => {
        if (response.statusCode !== 200) errors++
        response.on('data', (chunk) => {
          bytes += chunk.length
          frames += chunk.toString().split('event: ').length - 1
        })
      },
    )
    sent.on('error', () => stopping || errors++)
    sent.end()
    return sent
  }

  const open = Array.from({ length: streams }, watch)
  const working = Array.from({ length: clients - streams }, (_, n) => client(n))
  setTimeout(() => (stopping = true), seconds * 1_000)
  await Promise.all(working)
  for (const stream of open) stream.destroy()
  child.send('stop')
  await once(child, 'exit')

  const at = (list, share) => {
    const sorted = list.toSorted((a, b) => a - b)
    return Math.round(sorted[Math.floor((sorted.length - 1) * share)] ?? 0)
  }
  const all = [...latencies.read, ...latencies.enqueue]
  process.stdout.write(
    `${clients} clients (${streams} of them live streams) for ${seconds} s\n` +
      `${all.length} calls, ${Math.round(all.length / seconds)} a second, ${errors} errors\n` +
      `reads     p50 ${at(latencies.read, 0.5)} ms, p99 ${at(latencies.read, 0.99)} ms\n` +
      `enqueues  p50 ${at(latencies.enqueue, 0.5)} ms, p99 ${at(latencies.enqueue, 0.99)} ms\n` +
      `streams   ${frames} frames, ${(bytes / 1e6).toFixed(1)} MB\n` +
      `memory    ${memory[0]} MiB at the start, ${memory.at(-1)} at the end, ${Math.max(...memory)} at most\n`,
  )
  process.exitCode = errors === 0 ? 0 : 1
}
