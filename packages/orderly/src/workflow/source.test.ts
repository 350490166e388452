import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { printSource, readSource, SOURCE_LANGUAGES } from './source.ts'

const DOCUMENT = {
  format: 'orderly.workflow/1',
  id: 'prices.publish',
  version: 3,
  title: 'Scan, then "publish"',
  params: { region: 'TX', limits: [1, -2.5, 1e-9, null, true] },
  start: 'scan',
  nodes: {
    scan: {
      type: 'job',
      job: 'prices.scan',
      input: { region: 'params.region == "TX" ? "a" : \'b\'' },
      at: { x: -3.5, y: 0 },
    },
    rest: { type: 'delay', for: '1h' },
  },
  edges: [{ from: 'scan', to: 'rest', when: 'steps.scan.output.rows > 0' }],
  design: {
    notes: { n1: { text: 'why:\n  - two lines', at: { x: 0, y: 0 } } },
    pins: { scan: {} },
  },
}
const texts = fc.string({ unit: 'binary', maxLength: 30 })
const names = fc.stringMatching(/^[A-Za-z]\w{0,9}$/)
const documents = fc.record({
  format: fc.constantFrom('orderly.workflow/1', 'orderly.workflow/2'),
  id: texts,
  version: fc.nat(),
  title: texts,
  params: fc.dictionary(texts, fc.jsonValue()),
  start: names,
  nodes: fc.dictionary(names, fc.record({ type: texts, question: texts, extra: fc.jsonValue() })),
  edges: fc.array(fc.record({ from: names, to: names, when: texts })),
})

describe.each(SOURCE_LANGUAGES)('a document as %s', (language) => {
  it('is the same document when it is read back, faults and all', () => {
    fc.assert(
      fc.property(documents, (document) => {
        const wanted = JSON.parse(JSON.stringify(document)) as unknown
        const { text } = printSource(document, language)
        expect(readSource(text, language)).toMatchObject({ problem: null })
        expect(readSource(text, language).document).toEqual(wanted)
        expect(printSource(readSource(text, language).document, language).text).toBe(text)
      }),
    )
  })

  it('says where it speaks of each node', () => {
    const { text, places } = printSource(DOCUMENT, language)
    expect(places.map(({ node }) => node)).toEqual(['scan', 'rest'])
    for (const { node, from, to } of places) {
      const part = text.slice(from, to)
      expect(part).toMatch(new RegExp(`^["']?${node}["']?:`))
      expect(part).toContain(node === 'scan' ? 'prices.scan' : '1h')
    }
    expect(text.slice(places[1]!.from, places[1]!.to)).not.toContain('prices.scan')
  })

  it('never throws, whatever is typed, and says where the fault is', () => {
    const { text } = printSource(DOCUMENT, language)
    const cut = fc.record({ at: fc.nat(text.length), drop: fc.nat(12), put: texts })
    fc.assert(
      fc.property(cut, ({ at, drop, put }) => {
        const typed = text.slice(0, at) + put + text.slice(at + drop)
        const { problem } = readSource(typed, language)
        if (!problem) return
        expect(problem.message).not.toBe('')
        expect(problem.at).toBeLessThanOrEqual(typed.length)
        const lines = typed.slice(0, problem.at).split('\n')
        expect([problem.line, problem.column]).toEqual([lines.length, lines.at(-1)!.length + 1])
      }),
    )
  })

  it('names the node that a fault is in', () => {
    const { text } = printSource(DOCUMENT, language)
    const broken = text.replace(/(["']?for["']?): /, '$1: [ ')
    expect(broken).not.toBe(text)
    expect(readSource(broken, language).problem).toMatchObject({ node: 'rest' })
  })
})

it('reads JSON exactly as JSON is', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.json(),
        fc.string(),
        fc.json().map((text) => `${text},`),
      ),
      (text) => {
        let wanted: unknown
        let isJson = true
        try {
          wanted = JSON.parse(text)
        } catch {
          isJson = false
        }
        const read = readSource(text, 'json')
        if (read.problem?.message.endsWith('is there twice')) return
        expect(read.problem === null).toBe(isJson)
        if (isJson) expect(read.document).toEqual(wanted)
      },
    ),
  )
  for (const text of [
    "{'a': 1}",
    '{a: 1}',
    '[1,]',
    '{"a": 1,}',
    '// no\n1',
    '01',
    '"\u0001"',
    'NaN',
  ])
    expect(readSource(text, 'json').problem, text).not.toBeNull()
  expect(readSource('{"a": 1, "a": 2}', 'json').problem).toMatchObject({
    message: '"a" is there twice',
    line: 1,
    column: 10,
  })
})

describe('TypeScript', () => {
  const read = (text: string) => readSource(text, 'typescript')

  it('is read as people write it: comments, short forms, names as keys', () => {
    const { document, problem } = read(`// by hand
      import { defineWorkflow } from 'orderly'
      import type { Price } from "./price.ts";

      export default defineWorkflow({
        id: 'x', /* the first node is the start */
        nodes: {
          'a': { type: "delay", for: \`1m\` },
          b: { type: 'approval', who: ['ops'], question: 'It\\'s \\u{1F44D}\\x21', },
        },
        edges: [['a', 'b', { when: 'true' }], ],
      });
    `)
    expect(problem).toBeNull()
    expect(document).toEqual({
      format: 'orderly.workflow/1',
      id: 'x',
      version: 1,
      start: 'a',
      nodes: {
        a: { type: 'delay', for: '1m' },
        b: { type: 'approval', who: ['ops'], question: "It's 👍!" },
      },
      edges: [{ from: 'a', to: 'b', when: 'true' }],
    })
  })

  it('is never run: what is not written out is refused where it stands', () => {
    const call = "export default defineWorkflow({ id: 'x', nodes: { a: runs(scan) } })"
    expect(read(call).problem).toMatchObject({ node: 'a', at: call.indexOf('runs') })
    for (const inner of ['process.exit(1)', '`${1}`', '1 + 1', '...more', '() => 1', 'undefined'])
      expect(read(`export default defineWorkflow({ id: ${inner} })`).problem, inner).not.toBeNull()
    for (const text of ['', 'export default 1', 'fetch({})', 'defineWorkflow({}) && fetch()'])
      expect(read(text).problem, text).not.toBeNull()
  })
})

it('stops at values that are too deep, in every language', () => {
  for (const language of SOURCE_LANGUAGES) {
    const deep = '['.repeat(5_000) + ']'.repeat(5_000)
    const text = language === 'typescript' ? `defineWorkflow(${deep})` : deep
    expect(readSource(text, language).problem, language).not.toBeNull()
  }
})

it('lets no alias of YAML grow without bound', () => {
  const rows = Array.from({ length: 30 }, (_, n) =>
    n === 0
      ? 'a0: &a0 [x]'
      : `a${n}: &a${n} [${Array.from({ length: 9 }, () => `*a${n - 1}`).join()}]`,
  )
  expect(readSource(rows.join('\n'), 'yaml').problem).not.toBeNull()
})
