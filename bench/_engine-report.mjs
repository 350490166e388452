// Medians, ratios taken inside a round, and which targets they meet, for `npm run bench -- engine`.
import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import { contenders } from './_engine-contenders.mjs'

const require = createRequire(import.meta.url)

const PAIRS = [
  ['sqlite-full', 'redis-always'],
  ['sqlite-full', 'postgres'],
  ['sqlite-normal', 'redis-none'],
  ['sqlite-normal', 'redis-everysec'],
  ['sqlite-normal', 'plainjob'],
]

const RATES = ['process@50', 'process@1', 'adds@50', 'adds@1', 'bulk']

// At least this many times as fast, both with the same durability.
const RATIO_TARGETS = [
  ['sqlite-full', 'redis-always', 'process@50', 2],
  ['sqlite-full', 'redis-always', 'process@1', 1.5],
  ['sqlite-full', 'redis-always', 'adds@50', 2],
  ['sqlite-full', 'redis-always', 'adds@1', 1.5],
  ['sqlite-full', 'redis-always', 'bulk', 3],
  ['sqlite-normal', 'redis-none', 'process@50', 2],
  ['sqlite-normal', 'redis-none', 'adds@50', 1.8],
  ['sqlite-normal', 'redis-none', 'adds@1', 2],
  ['sqlite-normal', 'redis-none', 'bulk', 4],
  ['sqlite-normal', 'plainjob', 'process@50', 3],
]

// At most this much.
const LIMITS = [
  ['sqlite-full', 'pickup', 'p50', 1, 'ms'],
  ['sqlite-full', 'pickup across', 'p50', 5, 'ms'],
  ['sqlite-full', 'process@50', 'lagP99', 20, 'ms'],
  ['sqlite-full', 'idle', 'cpuPercent', 1, '%'],
]
const BACKLOG = { of: 'sqlite-full', few: 'backlog 1000', many: 'backlog 1000000' }
const SLOWEST_CLAIM = 2
const SLOWEST_START_MS = 5000

/** Boils the measurements down to what is printed. */
export function summarize(results, { rounds, seconds }) {
  const valuesOf = (contender, measure, field) =>
    results
      .filter((result) => result.contender === contender && result.measure === measure)
      .toSorted((a, b) => a.round - b.round)
      .map((result) => result[field])
  const medianOf = (...of) => median(valuesOf(...of))
  const ratioOf = (ours, theirs, measure, field = 'rate') => {
    const others = valuesOf(theirs, measure, field)
    const ratios = valuesOf(ours, measure, field).map((value, round) => value / others[round])
    return (
      ratios.length && {
        median: median(ratios),
        min: Math.min(...ratios),
        max: Math.max(...ratios),
      }
    )
  }
  return {
    date: new Date().toISOString().slice(0, 10),
    cores: availableParallelism(),
    node: process.version,
    versions: Object.fromEntries(
      ['bullmq', 'better-sqlite3', 'ioredis', 'pg', 'plainjob'].map((name) => [
        name,
        versionOf(name),
      ]),
    ),
    rounds,
    seconds,
    medians: contenders.map(({ id, title }) => ({
      title,
      ...Object.fromEntries(RATES.map((measure) => [measure, medianOf(id, measure, 'rate')])),
      'pickup p50': medianOf(id, 'pickup', 'p50'),
      'pickup p99': medianOf(id, 'pickup', 'p99'),
      'across p50': medianOf(id, 'pickup across', 'p50'),
      'across p99': medianOf(id, 'pickup across', 'p99'),
      'after idling': medianOf(id, 'idle', 'pickupAfter'),
      'lag p99': medianOf(id, 'process@50', 'lagP99'),
      'idle CPU %': medianOf(id, 'idle', 'cpuPercent'),
    })),
    ratios: PAIRS.map(([ours, theirs]) => ({
      title: `${ours} / ${theirs}`,
      ...Object.fromEntries(RATES.map((measure) => [measure, ratioOf(ours, theirs, measure)])),
    })),
    backlog: backlogOf(medianOf),
    targets: targetsOf(medianOf, ratioOf),
  }
}

function backlogOf(medianOf) {
  const { of, few, many } = BACKLOG
  const row = (measure) => ({
    rate: medianOf(of, measure, 'rate'),
    startMs: medianOf(of, measure, 'startMs'),
  })
  return { [few]: row(few), [many]: row(many) }
}

function targetsOf(medianOf, ratioOf) {
  const { of, few, many } = BACKLOG
  const atLeast = RATIO_TARGETS.map(([ours, theirs, measure, wanted]) => {
    const value = ratioOf(ours, theirs, measure)?.median
    return {
      what: `${ours} / ${theirs}, ${measure}`,
      wanted: `>= ${wanted}x`,
      value,
      met: value >= wanted,
    }
  })
  const atMost = [
    ...LIMITS.map(([id, measure, field, wanted, unit]) => [
      `${id}, ${measure} ${field}`,
      medianOf(id, measure, field),
      wanted,
      unit,
    ]),
    [
      'claims with 1,000,000 waiting, times as slow as with 1,000',
      medianOf(of, few, 'rate') / medianOf(of, many, 'rate'),
      SLOWEST_CLAIM,
      'x',
    ],
    ['start with 1,000,000 waiting', medianOf(of, many, 'startMs'), SLOWEST_START_MS, 'ms'],
  ].map(([what, value, wanted, unit]) => ({
    what,
    wanted: `<= ${wanted} ${unit}`,
    value,
    met: value <= wanted,
  }))
  return [...atLeast, ...atMost].filter(({ value }) => Number.isFinite(value))
}

function median(values) {
  if (values.length === 0) return undefined
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

function versionOf(name) {
  return require(`${name}/package.json`).version
}

/** Prints tables for people. */
export function printReport({ medians, ratios, backlog, targets, ...run }) {
  const versions = Object.entries(run.versions).map(([name, version]) => `${name} ${version}`)
  console.log(
    `${run.date}, ${run.cores} cores, Node ${run.node}, ${versions.join(', ')}; ` +
      `medians of ${run.rounds} rounds of ${run.seconds} s`,
  )
  printTable('jobs a second', RATES, medians, (rate) => Math.round(rate).toLocaleString('en-US'))
  const times = Object.keys(medians[0]).filter((key) => key !== 'title' && !RATES.includes(key))
  printTable('milliseconds', times, medians, (value) => value.toFixed(value < 10 ? 2 : 0))
  printTable(
    'ratios inside a round: median (min to max)',
    RATES,
    ratios,
    (ratio) => `${ratio.median.toFixed(2)} (${ratio.min.toFixed(2)} to ${ratio.max.toFixed(2)})`,
  )
  if (Object.values(backlog).some(({ rate }) => rate !== undefined)) {
    const rows = Object.entries(backlog).map(([title, row]) => ({ title, ...row }))
    printTable('1,000 jobs from a backlog', ['rate', 'startMs'], rows, (value) => value.toFixed(0))
  }
  console.log('\ntargets')
  for (const { what, wanted, value, met } of targets) {
    console.log(`  ${met ? 'met   ' : 'MISSED'}  ${what}: ${value.toFixed(2)} (${wanted})`)
  }
}

function printTable(title, columns, rows, format) {
  if (!rows.some((row) => columns.some((column) => row[column]))) return
  const cells = [
    [title, ...columns],
    ...rows.map((row) => [
      row.title,
      ...columns.map((column) =>
        row[column] === undefined || row[column] === 0 ? '' : format(row[column]),
      ),
    ]),
  ]
  const widths = cells[0].map((_, column) => Math.max(...cells.map((line) => line[column].length)))
  console.log('')
  for (const line of cells) {
    console.log(
      line
        .map((cell, column) =>
          column ? cell.padStart(widths[column]) : cell.padEnd(widths[column]),
        )
        .join('  ')
        .trimEnd(),
    )
  }
}
