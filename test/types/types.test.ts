// What must not compile does not: each snippet is given to the compiler as a user's program would be.
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const CACHE = 'node_modules/.cache'

const PRELUDE = `
import { createOrderly, defineChain, defineFamily, defineJob, defineWorkflow, fail, handle, handleAll, runs, type Orderly, type WorkflowDocument } from 'orderly'
import { z } from 'zod'
declare const orderly: Orderly
const refill = defineJob({ name: 'refill', input: z.object({ days: z.number() }), output: z.object({ critical: z.boolean() }),
  unique: { key: (input) => input.days } })
const note = defineJob({ name: 'note', input: z.object({ text: z.string() }) })
const publish = defineWorkflow({ id: 'publish', input: z.object({ region: z.string(), limit: z.number().default(5) }),
  nodes: { note: runs(note, { input: { text: 'input.region' } }) } })
const chain = defineChain('chain', [refill])
`

const RIGHT = {
  'an input that fits': `await orderly.enqueue(refill, { days: 3 })`,
  'an output that fits': `handle(refill, async ({ input }) => ({ critical: input.days < 3 }))`,
  'a verdict in place of an output': `handle(refill, async () => fail(new Error('no')))`,
  'a handler for every job': `handleAll({ refill, note }, { refill: async () => ({ critical: true }), note: async () => {} })`,
  'a run whose input fits': `await orderly.startRun(publish, { region: 'TX' }, { by: 'ann' })`,
  'a run of a chain': `await orderly.startRun(chain, { days: 3 })`,
  'a run by name, of anything': `await orderly.startRun('publish', { whatever: 1 })`,
  'a run of a document that says nothing of its input': `declare const document: WorkflowDocument; await orderly.startRun(document, { whatever: 1 })
    await orderly.startRun(defineFamily({ id: 'f', children: { a: note }, parent: { job: note } }), 1)`,
  'a typed workflow among others': `await createOrderly({ jobs: [note], handlers: [], workflows: [publish, chain] })`,
  'the output of a job that is waited for': `const { critical } = await orderly.enqueueAndWait(refill, { days: 3 }); critical satisfies boolean`,
}

const WRONG: Record<string, readonly [program: string, error: RegExp]> = {
  'an input of another type': [`await orderly.enqueue(refill, { days: 'three' })`, /TS2322/],
  'an input that lacks a field': [`await orderly.enqueue(refill, {})`, /'days' is missing/],
  'an input of many that does not fit': [
    `await orderly.enqueueMany(refill, [{ input: { days: 1 } }, { input: { day: 1 } }])`,
    /'day' does not exist/,
  ],
  'a run whose input is of another type': [
    `await orderly.startRun(publish, { region: 5 })`,
    /TS2322/,
  ],
  'a run whose input lacks a field': [`await orderly.startRun(publish, {})`, /'region' is missing/],
  'a run of a chain whose input does not fit': [
    `await orderly.startRun(chain, { day: 3 })`,
    /'day' does not exist/,
  ],
  'an output of another type': [
    `handle(refill, async () => ({ critical: 'yes' }))`,
    /TS(2345|2322)/,
  ],
  'an output that lacks a field': [
    `handle(refill, async () => ({}))`,
    /not assignable to type 'Promise<Verdict/,
  ],
  'an input used as what it is not': [
    `handle(refill, async ({ input }) => ({ critical: input.patient === 'x' }))`,
    /TS2339/,
  ],
  'a job that is none': [
    `await orderly.enqueue({ name: 'refill' }, { days: 3 })`,
    /is missing the following properties from type 'JobDefinition/,
  ],
  'a handler for an unknown job': [
    `handleAll({ note }, { note: async () => {}, other: async () => {} })`,
    /TS2353/,
  ],
  'a missing handler': [
    `handleAll({ refill, note }, { note: async () => {} })`,
    /'refill' is missing/,
  ],
  'a unique key of a field that is not there': [
    `defineJob({ name: 'x', input: z.object({ a: z.number() }), unique: { key: (input) => input.b } })`,
    /TS2339/,
  ],
  'a timeout without a unit': [
    `defineJob({ name: 'x', input: z.object({}), timeout: 300 })`,
    /TS2322/,
  ],
}

/** What the page shows, one piece after the other. */
const CARD = [
  ...readFileSync('docs/start/quick-reference.md', 'utf8').matchAll(/```ts\n([\s\S]*?)```/g),
]
  .map(([, piece]) => piece)
  .join('\n')
const CARD_FILE = `right-${Object.keys(RIGHT).length}.ts`

let folder: string
let output: string

beforeAll(async () => {
  mkdirSync(CACHE, { recursive: true })
  folder = mkdtempSync(join(CACHE, 'types-'))
  const programs = [
    ...Object.values(RIGHT).map((program, index) => [`right-${index}.ts`, program]),
    ...Object.values(WRONG).map(([program], index) => [`wrong-${index}.ts`, program]),
  ]
  for (const [name, program] of programs)
    writeFileSync(join(folder, name!), `${PRELUDE}\n${program}\nexport {}\n`)
  writeFileSync(join(folder, CARD_FILE), CARD)
  const options = {
    extends: '../../../tsconfig.base.json',
    compilerOptions: {
      noEmit: true,
      composite: false,
      isolatedDeclarations: false,
      declaration: false,
      declarationMap: false,
      customConditions: ['source'],
      noUnusedLocals: false,
      skipLibCheck: true,
      types: ['node'],
    },
    include: ['*.ts'],
    // What lies below node_modules is left out unless told.
    exclude: [],
  }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(options))
  output = await promisify(execFile)('node_modules/.bin/tsc', ['-p', folder, '--pretty', 'false'])
    .then(({ stdout }) => stdout)
    .catch((error: { stdout: string }) => error.stdout)
}, 120_000)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** What the compiler says of one program. */
function saidOf(name: string): string {
  return output
    .split(/\n(?=\S)/)
    .filter((message) => message.includes(name))
    .join('\n')
}

describe('the compiler', () => {
  it('has looked at the programs and at nothing else', () => {
    const messages = output.split(/\n(?=\S)/).filter((message) => message.trim() !== '')
    expect(messages.filter((message) => !/(right|wrong)-\d+\.ts/.test(message))).toEqual([])
    expect(messages.length).toBeGreaterThan(0)
  })

  it.each(Object.keys(RIGHT).map((title, index) => [title, index] as const))(
    'takes %s',
    (_title, index) => {
      expect(saidOf(`right-${index}.ts`)).toBe('')
    },
  )

  it('takes the quick reference', () => {
    expect(CARD).toContain('createOrderly')
    expect(saidOf(CARD_FILE)).toBe('')
  })

  it.each(Object.entries(WRONG).map(([title, [, error]], index) => [title, index, error] as const))(
    'refuses %s',
    (_title, index, error) => {
      expect(saidOf(`wrong-${index}.ts`)).toMatch(error)
    },
  )
})
