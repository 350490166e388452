// Asks one server as 1,000 clients at once: reads, enqueues and live streams; then 500 events a second to 50 streams.
// `npm run bench -- api [--clients 1000] [--seconds 30] [--live 60] [--burst] [--profile folder]`;
// 0 seconds leaves a part out. With --burst all clients come in the same moment, otherwise within four seconds.
// Other work on the machine lengthens every answer, so the processor time of an answer is told beside it.
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
const STREAMS = 50
const PER_SECOND = 500
const ARRIVAL_MS = 4_000
const say = (line) => process.stdout.write(`${line}\n`)

export async function bench(args) {
  const { values } = parseArgs({
    args,
    options: {
      clients: { type: 'string', default: '1000' },
      seconds: { type: 'string', default: '30' },
      live: { type: 'string', default: '60' },
      burst: { type: 'boolean', default: false },
      profile: { type: 'string' },
    },
  })
  const profile = values.profile ? ['--cpu-prof', `--cpu-prof-dir=${values.profile}`] : []
  const child = spawn(
    process.execPath,
    ['--expose-gc', ...profile, join(import.meta.dirname, '_api-server.mjs')],
    { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] },
  )
  const [{ url, keys }] = await once(child, 'message')
  const server = { child, url, keys, samples: [] }
  child.on('message', ({ sample }) => sample && server.samples.push(sample))
  if (values.seconds !== '0') await load(server, values)
  if (values.live !== '0') await follow(server, Number(values.live))
  child.send('stop')
  await once(child, 'exit')
}

async function load(server, { burst, ...values }) {
  const [clients, seconds] = [Number(values.clients), Number(values.seconds)]
  const arrival = burst ? 0 : ARRIVAL_MS
  const streams = Math.round(clients * 0.2)
  const agent = new Agent({ keepAlive: true, maxSockets: clients * 2 })
  const latencies = { read: [], enqueue: [] }
  let errors = 0
  let stopping = false

  function ask(n, method, path, body) {
    return new Promise((resolve) => {
      const started = performance.now()
      const failed = () => {
        errors++
        resolve(performance.now() - started)
      }
      const sent = request(
        server.url + path,
        { method, agent, headers: { ...keyOf(server, n), ...(body ? JSON_TYPE : {}) } },
        (response) => {
          response.on('error', failed)
          response.resume().on('end', () => {
            if (response.statusCode >= 400) errors++
            resolve(performance.now() - started)
          })
        },
      )
      sent.on('error', failed)
      sent.end(body)
    })
  }

  async function client(n) {
    // People and programs come one after the other, as often as they will ask from then on, and pause between.
    await sleep((n / clients) * arrival)
    for (let turn = 0; !stopping; turn++) {
      if ((n + turn) % 5 === 0) {
        const body = JSON.stringify({ type: 'pdf.render', input: { orderId: n * 1_000 + turn } })
        latencies.enqueue.push(await ask(n, 'POST', '/api/v1/jobs', body))
      } else latencies.read.push(await ask(n, 'GET', READS[(n + turn) % READS.length]))
      await sleep(2_000 + ((n * 37) % 2_000))
    }
  }

  const open = Array.from({ length: streams }, (_, n) => watch(server, n))
  server.samples.length = 0
  const working = Array.from({ length: clients - streams }, (_, n) => client(n))
  setTimeout(() => (stopping = true), seconds * 1_000)
  await Promise.all(working)
  const samples = [...server.samples]
  errors += open.filter(({ failed }) => failed()).length
  const frames = open.reduce((sum, stream) => sum + stream.frames(), 0)
  for (const stream of open) stream.close()
  agent.destroy()
  const all = [...latencies.read, ...latencies.enqueue]
  const cpu = samples.reduce((sum, sample) => sum + sample.cpu, 0)
  say(`${clients} clients (${streams} of them live streams) for ${seconds} s`)
  say(`${all.length} calls, ${Math.round(all.length / seconds)} a second, ${errors} errors`)
  for (const [name, list] of Object.entries({ ...latencies, all }))
    say(
      `${name.padEnd(9)} p50 ${at(list, 0.5)} ms, p99 ${at(list, 0.99)} ms, most ${at(list, 1)} ms`,
    )
  say(`processor ${(cpu / all.length).toFixed(2)} ms a call, streams and jobs included`)
  say(`streams   ${frames} frames`)
  told(samples)
  if (errors > 0) process.exitCode = 1
}

async function follow(server, seconds) {
  const open = Array.from({ length: STREAMS }, (_, n) => watch(server, n))
  await Promise.all(open.map(({ ready }) => ready))
  server.samples.length = 0
  server.child.send({ produce: { perSecond: PER_SECOND, seconds } })
  const produced = await new Promise((resolve) => {
    const hear = (message) => {
      if (message.produced === undefined) return
      server.child.off('message', hear)
      resolve(message.produced)
    }
    server.child.on('message', hear)
  })
  const samples = [...server.samples]
  // Counts go out twice a second.
  await sleep(2_000)
  const answer = await fetch(`${server.url}/api/v1/overview`, { headers: keyOf(server, 0) })
  const { counts } = await answer.json()
  const truth = JSON.stringify(sorted(counts))
  const wrong = open.filter((stream) => JSON.stringify(sorted(stream.counts())) !== truth).length
  const news = open.map((stream) => stream.news())
  const gaps = open.reduce((sum, stream) => sum + stream.gaps(), 0)
  for (const stream of open) stream.close()
  say(`\n${STREAMS} streams, ${PER_SECOND} events a second for ${seconds} s: ${produced} jobs`)
  say(`${wrong} streams differ from the API at the end; ${gaps} gaps`)
  say(`new jobs told: ${Math.min(...news)} to ${Math.max(...news)} of ${produced}`)
  told(samples)
  if (wrong > 0 || gaps > 0 || news.some((n) => n !== produced)) process.exitCode = 1
}

const JSON_TYPE = { 'content-type': 'application/json' }
const keyOf = ({ keys }, n) => ({ authorization: `Bearer ${keys[n % keys.length]}` })
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
const sorted = (counts) => counts.map((row) => JSON.stringify(row)).toSorted()

/** An open stream, and what it has told so far. */
function watch(server, n) {
  let [frames, gaps, news, text] = [0, 0, 0, '']
  let counts = []
  let [failed, closed] = [false, false]
  let opened
  const ready = new Promise((resolve) => (opened = resolve))
  const sent = request(`${server.url}/api/v1/live`, { headers: keyOf(server, n) }, (response) => {
    failed = response.statusCode !== 200
    response.setEncoding('utf8').on('data', (chunk) => {
      text += chunk
      const parts = text.split('\n\n')
      text = parts.pop()
      for (const part of parts) take(part)
    })
    response.on('error', () => (failed ||= !closed))
  })
  function take(part) {
    const event = /^event: (\w+)$/m.exec(part)?.[1]
    if (event === undefined) return
    frames++
    const data = JSON.parse(/^data: (.*)$/m.exec(part)[1])
    if (event === 'hello' || event === 'counts') counts = data.counts
    if (event === 'new') news += data.n
    if (event === 'gap') gaps++
    if (event === 'hello') opened()
  }
  sent.on('error', () => (failed ||= !closed))
  sent.end()
  return {
    ready,
    frames: () => frames,
    gaps: () => gaps,
    news: () => news,
    counts: () => counts,
    failed: () => failed,
    close() {
      closed = true
      sent.destroy()
    },
  }
}

function at(list, share) {
  const ordered = list.toSorted((a, b) => a - b)
  return Math.round(ordered[Math.floor((ordered.length - 1) * share)] ?? 0)
}

function told(samples) {
  const of = (name) => samples.map((sample) => sample[name])
  const mean = of('busy').reduce((sum, one) => sum + one, 0) / samples.length
  say(
    `server    ${Math.round(mean * 100)} % of a processor; its loop late by ${at(of('lag'), 0.5)} ms (p99 of a second, median), ${at(of('lag'), 1)} ms at most`,
  )
  const third = Math.ceil(samples.length / 3)
  const least = (name, list) => Math.round(Math.min(...list.map((sample) => sample[name])))
  say(
    `memory    ${Math.round(of('rss')[0])} MiB at the start, ${Math.round(of('rss').at(-1))} at the end; ` +
      `heap at least ${least('heap', samples.slice(0, third))} MiB in the first third, ${least('heap', samples.slice(-third))} in the last`,
  )
}
