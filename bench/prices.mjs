// Takes a generated 1 GB tall CSV and a 1 GB JSON through the whole pipeline, from the scan of a mirror to statistics,
// and lets CSV readers only read the same CSV in the same run, DuckDB's among them; checks 200 MB of either by the rules of CMS
// beside CMS's own tool. `npm run bench -- prices [MEGABYTES] [csv] [json] [check]`: all three parts unless some are named.
import { spawn } from 'node:child_process'
import { createReadStream } from 'node:fs'
import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { prepareDuckdb } from './_duckdb.mjs'
import { writeJson, writeTallCsv } from './_price-files.mjs'

const MAIN = fileURLToPath(new URL('../examples/hospital-prices/dist/main.js', import.meta.url))
const SELF = fileURLToPath(import.meta.url)
const MEGABYTE = 1_000_000
const RSS_LIMIT_MB = 300
/** Node lets garbage gather while a machine has room; what is measured is what the pipeline needs. */
const SMALL_HEAP = ['--max-old-space-size=128']
const CHECKED_BYTES = 200 * MEGABYTE
/** How many times faster than CMS's tool a check has to be. */
const FASTER = 5
/** The best of so many, in turns: other work on the machine only ever slows a check down. */
const ROUNDS = 3

const PARTS = ['csv', 'json', 'check']
const KINDS = [
  ['csv', 'tall.csv', writeTallCsv],
  ['json', 'items.json', writeJson],
]

export async function bench(args) {
  const named = args.filter((arg) => PARTS.includes(arg))
  const parts = named.length === 0 ? PARTS : named
  const size = args.find((arg) => /^\d+$/.test(arg)) ?? '1000'
  const bytes = Number(size) * MEGABYTE
  const readers = ['csv-parse', 'papaparse', ...((await prepareDuckdb()) ? ['duckdb'] : [])]
  const folder = await mkdtemp(join(tmpdir(), 'orderly-bench-'))
  try {
    const results = []
    for (const [part, name, write] of KINDS) {
      if (!parts.includes(part)) continue
      const input = join(folder, name.replace('.', '-'))
      await mkdir(input)
      const file = join(input, name)
      process.stderr.write(`Writing ${name} (${size} MB)\n`)
      const { rows } = await write(file, bytes)
      const { size: written } = await stat(file)
      const megabytes = written / MEGABYTE
      results.push(await pipeline(name, input, join(folder, `data-${name}`), rows, megabytes))
      if (name === 'tall.csv') {
        for (const parser of readers) results.push(await parseOnly(parser, file, rows, megabytes))
      }
      await rm(input, { recursive: true })
    }
    if (results.length > 0) print(results)
    if (parts.includes('check'))
      for (const [, name, write] of KINDS)
        await check(join(folder, name), write, Math.min(bytes, CHECKED_BYTES))
    if (results.some(({ rssMb, name }) => name.startsWith('orderly') && rssMb >= RSS_LIMIT_MB)) {
      process.stderr.write(`Peak memory is above ${RSS_LIMIT_MB} MB.\n`)
      process.exitCode = 1
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** The same file by both, one after the other: the same verdict, and how long each took. */
async function check(file, write, bytes) {
  const { rows } = await write(file, bytes)
  const kind = file.endsWith('.json') ? 'JSON, items' : 'CSV, rows'
  const best = {}
  for (let round = 1; round <= ROUNDS; round++)
    for (const checker of ['orderly', 'hpt-validator']) {
      process.stderr.write(`Checking with ${checker}, ${round} of ${ROUNDS}\n`)
      const { stdout, rssMb } = await measure([SELF, 'check', checker, file])
      // The time of the check alone: neither is started anew for each file.
      const { verdict, seconds } = JSON.parse(stdout)
      if (verdict !== 'valid') throw new Error(`${checker} says ${verdict}`)
      if (!best[checker] || seconds < best[checker].seconds) best[checker] = { seconds, rssMb }
    }
  for (const [checker, { seconds, rssMb }] of Object.entries(best))
    console.log(
      `${kind}: ${rows.toLocaleString('en-US')} checked by ${checker} in ${seconds.toFixed(2)} s, ${Math.round(rssMb)} MB`,
    )
  const times = best['hpt-validator'].seconds / best['orderly'].seconds
  console.log(`${times.toFixed(1)} times faster\n`)
  await rm(file)
  if (times < FASTER) process.exitCode = 1
}

async function pipeline(name, input, data, rows, megabytes) {
  process.stderr.write(`Loading ${name}\n`)
  const measured = await measure(
    [MAIN, '--once', '--json', '--input', input, '--data', data],
    SMALL_HEAP,
  )
  const [file] = JSON.parse(measured.stdout).files
  if (file.state !== 'loaded' || file.rowsRead !== rows)
    throw new Error(`${name}: ${JSON.stringify(file)}, expected ${rows} rows`)
  await rm(data, { recursive: true })
  return {
    name: `orderly, ${name} to prices`,
    rows,
    megabytes,
    prices: file.pricesLoaded,
    ...measured,
  }
}

async function parseOnly(parser, file, rows, megabytes) {
  process.stderr.write(`Parsing with ${parser}\n`)
  return {
    name:
      parser === 'duckdb'
        ? `duckdb, reading only (${availableParallelism()} threads)`
        : `${parser}, parsing only`,
    rows,
    megabytes,
    prices: null,
    ...(await measure([SELF, parser, file])),
  }
}

/** Runs a Node program and takes its time, output and peak memory, as the system accounts for it. */
async function measure(args, flags = []) {
  const started = performance.now()
  const child = spawn(process.execPath, [...flags, '--input-type=module', '-e', WRAPPER, ...args], {
    stdio: ['ignore', 'pipe', 'ignore', 'ipc'],
  })
  let stdout = ''
  let rssMb = 0
  child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text))
  child.on('message', (message) => (rssMb = message.rssMb))
  const code = await new Promise((resolve) => child.on('close', resolve))
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}`)
  return { seconds: (performance.now() - started) / 1000, rssMb, stdout }
}

const WRAPPER = `
const [program, ...args] = process.argv.slice(1)
process.argv = [process.argv[0], program, ...args]
process.on('exit', () => process.send({ rssMb: process.resourceUsage().maxRSS / 1024 }))
await import(program)
process.channel?.unref()
`

function print(results) {
  const reference = results.find(({ name }) => name.startsWith('csv-parse'))
  const head = ['', 'rows', 'seconds', 'rows/s', 'MB/s', 'prices', 'peak MB', 'x csv-parse']
  const lines = results.map(({ name, rows, seconds, megabytes, prices, rssMb }) => [
    name,
    rows.toLocaleString('en-US'),
    seconds.toFixed(1),
    Math.round(rows / seconds).toLocaleString('en-US'),
    (megabytes / seconds).toFixed(1),
    prices === null ? '' : prices.toLocaleString('en-US'),
    Math.round(rssMb).toString(),
    reference ? (megabytes / seconds / (reference.megabytes / reference.seconds)).toFixed(2) : '',
  ])
  const widths = head.map((_, column) =>
    Math.max(...[head, ...lines].map((line) => line[column].length)),
  )
  for (const line of [head, ...lines]) {
    console.log(
      line
        .map((cell, column) =>
          column ? cell.padStart(widths[column]) : cell.padEnd(widths[column]),
        )
        .join('  '),
    )
  }
  console.log(
    `\nPeak memory is that of one process with all its threads. Orderly starts no other: mirror, queue, pipeline, database and\nstatistics are in it, with a heap of at most 128 MB (--max-old-space-size=128). Its seconds are from its start to its end.\n`,
  )
}

if (process.argv[1] === SELF) {
  const [what, ...args] = process.argv.slice(2)
  if (what === 'check') {
    const { checkWith } = await import('./_cms-checkers.mjs')
    const started = performance.now()
    const verdict = await checkWith[args[0]](args[1])
    console.log(JSON.stringify({ verdict, seconds: (performance.now() - started) / 1000 }))
  } else if (what === 'duckdb') {
    const { readWithDuckdb } = await import('./_duckdb.mjs')
    await readWithDuckdb(args[0])
  } else {
    const { parseWith } = await import('./_csv-parsers.mjs')
    await parseWith[what](createReadStream(args[0]))
  }
}
