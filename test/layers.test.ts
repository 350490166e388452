// Who may import whom. ARCHITECTURE.md draws this table; here it is kept.
import { describe, expect, it } from 'vitest'
import { readSources, type Source } from './sources.ts'

/** Each room of packages/orderly/src and the rooms it may import, itself aside. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  primitives: [],
  // Runs in browsers, too: nothing of the server comes with it.
  api: [],
  job: ['primitives', 'schedule'],
  schedule: ['primitives'],
  workflow: ['primitives', 'job'],
  search: ['primitives'],
  vault: ['primitives'],
  database: ['primitives'],
  history: ['primitives', 'job', 'vault', 'database', 'state'],
  state: ['primitives', 'job', 'vault', 'database'],
  access: ['primitives', 'vault', 'database', 'ledger'],
  ledger: ['primitives', 'vault', 'database'],
  evidence: ['primitives', 'ledger'],
  mail: ['primitives'],
  objects: ['primitives', 'vault'],
  events: ['primitives', 'job', 'vault', 'database', 'history', 'state'],
  alerts: [
    'primitives',
    'job',
    'search',
    'vault',
    'database',
    'history',
    'state',
    'events',
    'mail',
    'notifications',
  ],
  notifications: ['primitives', 'job', 'schedule', 'vault', 'database', 'state', 'mail'],
  engine: ['primitives', 'job', 'vault'],
  isolation: ['primitives', 'job'],
  runtime: [
    'primitives',
    'job',
    'schedule',
    'workflow',
    'vault',
    'database',
    'history',
    'state',
    'engine',
    'isolation',
    'access',
    'ledger',
    'events',
    'alerts',
    'mail',
    'notifications',
    'objects',
    'search',
  ],
  hall: [
    'primitives',
    'job',
    'evidence',
    'workflow',
    'vault',
    'database',
    'history',
    'state',
    'engine',
    'runtime',
    'http',
    'access',
    'ledger',
    'events',
    'alerts',
    'mail',
    'notifications',
    'objects',
  ],
  http: [
    'primitives',
    'job',
    'schedule',
    'search',
    'workflow',
    'vault',
    'history',
    'state',
    'access',
    'ledger',
    'events',
    'alerts',
    'notifications',
    'runtime',
    'hall',
  ],
  cli: [
    'api',
    'primitives',
    'job',
    'schedule',
    'search',
    'workflow',
    'access',
    'ledger',
    'http',
    'hall',
  ],
  testing: ['primitives', 'job', 'vault', 'access', 'runtime', 'http', 'hall'],
}

/** Dependencies that only some rooms may touch, and why nobody else needs them. */
const HOMES: readonly { what: RegExp; home: RegExp }[] = [
  { what: /^bullmq$/, home: /^packages\/(bullmq-sqlite\/|orderly\/src\/engine\/)/ },
  { what: /^bullmq-sqlite$/, home: /^packages\/orderly\/src\/engine\// },
  {
    what: /^better-sqlite3$/,
    home: /^packages\/(bullmq-sqlite\/|orderly\/src\/database\/sqlite(-copy)?\.ts)/,
  },
  {
    what: /^kysely$/,
    home: /^(packages\/orderly\/src\/(database|history|state|access|ledger|events|alerts|notifications)\/|packs\/)/,
  },
  { what: /^pg$/, home: /^packages\/orderly\/src\/(database\/postgres|engine\/postgres-pool)\.ts/ },
  { what: /^ioredis$/, home: /^packages\/orderly\/src\/engine\// },
  {
    what: /^zod$/,
    home: /^(packages\/orderly\/src\/(vault\/phi|workflow\/(document|template|check-input)|http\/|cli\/demo\/)|packs\/)/,
  },
  { what: /^@marcbachmann\/cel-js$/, home: /^packages\/orderly\/src\/workflow\/expression\.ts/ },
  { what: /^yaml$/, home: /^packages\/orderly\/src\/(job\/job-config|workflow\/source)\.ts/ },
  { what: /^commander$/, home: /^packages\/orderly\/src\/cli\// },
  { what: /^(fastify|@fastify\/.*|ws)$/, home: /^packages\/orderly\/src\/http\// },
  { what: /^(openid-client|otpauth)$/, home: /^packages\/orderly\/src\/(access|http)\// },
  { what: /^ipaddr\.js$/, home: /^packages\/orderly\/src\/(primitives|access|events)\// },
  { what: /^nodemailer$/, home: /^packages\/orderly\/src\/mail\// },
  { what: /^@aws-sdk\//, home: /^packages\/orderly\/src\/objects\// },
  {
    what: /^(react|react-dom|@mantine\/.*|@tanstack\/.*|@xyflow\/.*|@codemirror\/.*)$/,
    home: /^packages\/dashboard\//,
  },
  { what: /^@opentelemetry\//, home: /^packages\/orderly\/src\/runtime\/telemetry\.ts/ },
  { what: /^pino$/, home: /^packages\/orderly\/src\/orderly\.ts/ },
  { what: /^undici$/, home: /^(packs\/|packages\/orderly\/src\/events\/)/ },
  { what: /^(saxes|yauzl|@e965\/xlsx)$/, home: /^packs\/prices\/src\/read\// },
]

/** Words of the language that belong to one place. */
const WORDS: readonly { word: RegExp; home: RegExp; instead: string }[] = [
  {
    word: /\bDate\.now\(|\bnew Date\(\)|\bperformance\.now\(|\bset(Timeout|Interval|Immediate)\(/,
    home: /^packages\/(orderly\/src\/(primitives\/clock|http\/status-page)|bullmq-sqlite\/|dashboard\/src\/app\/time-source\.ts)/,
    instead: 'the clock that is handed in',
  },
  {
    word: /\bMath\.random\b/,
    home: /^packages\/(orderly\/src\/open-rooms|bullmq-sqlite\/src\/\w+)\.ts/,
    instead: 'the random source that is handed in',
  },
  {
    word: /\bprocess\.env\b/,
    home: /^packages\/orderly\/src\/settings\.ts/,
    instead: 'settings.ts',
  },
  { word: /\bconsole\.\w+\(/, home: /^$/, instead: 'the logger' },
]

const sources = [...readSources('packages'), ...readSources('packs')]
/** A starter is a program of whoever takes it. */
const shipped = sources.filter(
  ({ path }) => !/\.test\.ts$|\/(testing|conformance|starter)\//.test(path),
)
const OURS = 'packages/orderly/src/'

function roomOf(path: string): string {
  const [room, inner] = path.slice(OURS.length).split('/')
  return inner === undefined ? 'hall' : room!
}

describe('layers', () => {
  it('finds the sources it is to judge', () => {
    expect(shipped.length).toBeGreaterThan(40)
    expect(
      shipped.some(({ imports }) => imports.includes('packages/orderly/src/job/outcome.ts')),
    ).toBe(true)
  })

  it('lets a room import only the rooms below it', () => {
    const wrong = shipped
      .filter(({ path }) => path.startsWith(OURS) && path !== `${OURS}index.ts`)
      .flatMap(({ path, imports }) => {
        const room = roomOf(path)
        return imports
          .filter((target) => target.startsWith(OURS) && roomOf(target) !== room)
          .filter((target) => !MAY_IMPORT[room]?.includes(roomOf(target)))
          .map((target) => `${path} imports ${target}`)
      })
    expect(wrong).toEqual([])
  })

  it('knows every room there is', () => {
    const rooms = new Set(
      shipped.filter(({ path }) => path.startsWith(OURS)).map(({ path }) => roomOf(path)),
    )
    expect([...rooms].filter((room) => !(room in MAY_IMPORT))).toEqual([])
  })

  it('keeps imports free of circles', () => {
    expect(findCircle(shipped)).toEqual([])
  })

  it('lets packs and examples use only the public names of orderly', () => {
    const wrong = [...shipped, ...readSources('examples')].flatMap(({ path, imports }) =>
      imports
        .filter(
          (target) =>
            !path.startsWith('packages/') &&
            /^(packages\/|orderly\/|@orderly\/\w+\/(?!mirror$))/.test(target),
        )
        .map((target) => `${path} imports ${target}`),
    )
    expect(wrong).toEqual([])
  })

  it('lets the dashboard know of orderly only what is meant for clients', () => {
    const wrong = shipped
      .filter(({ path }) => path.startsWith('packages/dashboard/'))
      .flatMap(({ path, imports }) =>
        imports
          .filter(
            (target) =>
              (/^(packages\/|orderly|bullmq|@orderly)/.test(target) &&
                !target.startsWith('packages/dashboard/') &&
                target !== 'orderly/api') ||
              /^(node:|zod$)/.test(target),
          )
          .map((target) => `${path} imports ${target}`),
      )
    expect(wrong).toEqual([])
  })

  it('keeps bullmq-sqlite ignorant of orderly', () => {
    const wrong = shipped
      .filter(({ path }) => path.startsWith('packages/bullmq-sqlite/'))
      .flatMap(({ imports }) => imports.filter((target) => /^(orderly|@orderly)/.test(target)))
    expect(wrong).toEqual([])
  })

  it('keeps every dependency in its room', () => {
    const wrong = shipped.flatMap(({ path, imports }) =>
      imports
        .filter((target) => HOMES.some(({ what, home }) => what.test(target) && !home.test(path)))
        .map((target) => `${path} imports ${target}`),
    )
    expect(wrong).toEqual([])
  })

  it('keeps time, chance, environment and console in their rooms', () => {
    const wrong = shipped.flatMap(({ path, text }) =>
      WORDS.filter(({ word, home }) => word.test(text) && !home.test(path)).map(
        ({ word, instead }) => `${path} uses ${word.source}; use ${instead}`,
      ),
    )
    expect(wrong).toEqual([])
  })
})

/** The files of one circle of imports, or none. */
function findCircle(files: readonly Source[]): string[] {
  const byPath = new Map(files.map((file) => [file.path, file]))
  const done = new Set<string>()
  const walk = (path: string, trail: string[]): string[] => {
    if (trail.includes(path)) return [...trail.slice(trail.indexOf(path)), path]
    if (done.has(path)) return []
    for (const next of byPath.get(path)?.runtimeImports ?? []) {
      const circle = byPath.has(next) ? walk(next, [...trail, path]) : []
      if (circle.length > 0) return circle
    }
    done.add(path)
    return []
  }
  for (const { path } of files) {
    const circle = walk(path, [])
    if (circle.length > 0) return circle
  }
  return []
}
