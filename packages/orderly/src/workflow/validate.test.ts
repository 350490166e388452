import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { workflowSchema, type WorkflowDocument } from './document.ts'
import { readExpression } from './expression.ts'
import type { Surroundings } from './finding.ts'
import { validateWorkflow } from './validate.ts'

/** Scan, download each file, approve what is large, publish or stop. */
const PIPELINE: WorkflowDocument = {
  format: 'orderly.workflow/1',
  id: 'prices.publish',
  version: 1,
  start: 'scan',
  nodes: {
    scan: { type: 'job', job: 'pra-scan', input: { region: 'input.region' } },
    files: {
      type: 'for-each',
      items: 'steps.scan.output.files',
      job: 'download',
      input: { url: 'item.url', place: 'index' },
      maxParallel: 4,
      failureThreshold: 0.1,
    },
    large: { type: 'branch' },
    ask: { type: 'approval', who: ['publisher'], question: 'Publish?', deadline: '3d' },
    ready: { type: 'join', wait: 'any' },
    publish: { type: 'job', job: 'publish', onFailure: 'compensate' },
    undo: { type: 'compensate', undoes: 'publish', job: 'unpublish' },
  },
  edges: [
    { from: 'scan', to: 'files' },
    { from: 'files', to: 'large' },
    { from: 'large', to: 'ask', when: 'size(steps.scan.output.files) > 100' },
    { from: 'large', to: 'ready', otherwise: true },
    { from: 'ask', to: 'ready' },
    { from: 'ready', to: 'publish' },
  ],
  output: { published: 'steps.publish.output.count' },
}

const KNOWN: Surroundings = {
  jobs: [
    {
      name: 'pra-scan',
      input: {
        properties: { region: { type: 'string' } },
        required: ['region'],
        additionalProperties: false,
      },
    },
    {
      name: 'download',
      input: { properties: { url: { type: 'string' }, place: { type: 'integer' } } },
    },
    { name: 'publish' },
    { name: 'unpublish' },
  ],
}

/** The pipeline with some of it changed, without the type system's help. */
function changed(change: (document: any) => void): unknown {
  const document = structuredClone(PIPELINE)
  change(document)
  return document
}

function codes(value: unknown, known: Surroundings = KNOWN): string[] {
  return validateWorkflow(value, known).findings.map(({ code, node }) => `${code} ${node}`.trim())
}

describe('an approval', () => {
  const asking = (fields: object): unknown =>
    changed((document) => Object.assign(document.nodes.ask, fields))
  const known = { ...KNOWN, deciders: ['operator', 'admin'] }

  it('asks somebody who can answer: a role that may decide, or a person', () => {
    expect(codes(asking({ who: ['operator', 'user:ann'] }), known)).toEqual([])
    expect(codes(asking({ who: ['approver', 'user:ann'] }), known)).toEqual(['unknown-role ask'])
    expect(codes(asking({ who: ['admin'], escalation: ['boss', 'user:'] }), known)).toEqual([
      'unknown-role ask',
      'unknown-role ask',
    ])
    // A program that decides by itself has roles of its own.
    expect(codes(asking({ who: ['approver'] }))).toEqual([])
  })

  it('asks something', () => {
    expect(codes(asking({ question: ' ' }))).toEqual(['missing-field ask'])
  })
})

describe('a workflow document', () => {
  it('is taken when all of it holds together', () => {
    expect(validateWorkflow(PIPELINE, KNOWN)).toEqual({
      valid: true,
      document: PIPELINE,
      findings: [],
    })
    expect(validateWorkflow(PIPELINE).valid).toBe(true)
  })

  it.each<[string, (document: any) => void, string[]]>([
    [
      'waits for a time that is none',
      (d) => (d.nodes.ask = { type: 'wait', until: { time: 'true' } }),
      ['type ask'],
    ],
    [
      'waits for a time that cannot be read',
      (d) => (d.nodes.ask = { type: 'wait', until: { time: '"tomorrow"' } }),
      ['type ask'],
    ],
    [
      'waits for an event on a condition that is none',
      (d) => (d.nodes.ask = { type: 'wait', until: { event: 'paid', where: '1 + 1' } }),
      ['type ask'],
    ],
    ['has a branch that is never taken', (d) => (d.edges[2].when = 'false'), ['dead-end large']],
    ['says an edge twice', (d) => d.edges.push(d.edges[0]), ['branch scan']],
    [
      'gives a node what that node returns',
      (d) => (d.nodes.publish.input = { count: 'steps.publish.output.count' }),
      ['step-not-before publish'],
    ],
    [
      'goes round in a circle',
      (d) => d.edges.push({ from: 'publish', to: 'scan' }),
      ['cycle scan'],
    ],
    ['leads to itself', (d) => d.edges.push({ from: 'ask', to: 'ask' }), ['cycle ask']],
    [
      'leads to no node',
      (d) => d.edges.push({ from: 'publish', to: 'nowhere' }),
      ['unknown-node nowhere'],
    ],
    [
      'comes from no node',
      (d) => d.edges.push({ from: 'nowhere', to: 'publish' }),
      ['unknown-node nowhere'],
    ],
    [
      'says of its input what nobody can check',
      (d) => (d.input = { properties: { region: { type: 'string', pattern: '([' } } }),
      ['shape'],
    ],
    ['starts at no node', (d) => (d.start = 'begin'), ['unknown-node begin']],
    [
      'has a node nobody reaches',
      (d) => (d.nodes.lost = { type: 'job', job: 'publish' }),
      ['unreachable lost'],
    ],
    ['runs an unknown job', (d) => (d.nodes.publish.job = 'print'), ['unknown-job publish']],
    ['has a branch without a condition', (d) => delete d.edges[2].when, ['branch large']],
    [
      'has a branch that leads nowhere',
      (d) => d.edges.splice(2, 2),
      [
        'unreachable ask',
        'unreachable ready',
        'unreachable publish',
        'dead-end large',
        'branch ready',
      ],
    ],
    ['has a join of one', (d) => d.edges.splice(4, 1), ['branch ready']],
    [
      'marks an edge otherwise that is of no branch',
      (d) => (d.edges[0].otherwise = true),
      ['branch scan'],
    ],
    [
      'looks at a step that is none',
      (d) => (d.nodes.publish.input = { a: 'steps.other.output' }),
      ['unknown-step publish'],
    ],
    [
      'looks at a step that comes later',
      (d) => (d.nodes.scan.input.region = 'steps.publish.output.region'),
      ['step-not-before scan'],
    ],
    ['has an expression that is none', (d) => (d.edges[2].when = 'size('), ['expression large']],
    [
      'asks for what is not known',
      (d) => (d.edges[2].when = 'process.env.HOME == ""'),
      ['expression large'],
    ],
    [
      'uses item outside a for-each',
      (d) => (d.nodes.publish.input = { a: 'item.url' }),
      ['expression publish'],
    ],
    ['has a condition that is no truth', (d) => (d.edges[2].when = '1 + 1'), ['type large']],
    ['goes through what is no list', (d) => (d.nodes.files.items = '"a"'), ['type files']],
    ['gives a field of another type', (d) => (d.nodes.scan.input.region = '42'), ['type scan']],
    ['leaves out a field the job needs', (d) => (d.nodes.scan.input = {}), ['missing-field scan']],
    [
      'gives a field the job does not take',
      (d) => (d.nodes.scan.input.zone = '"x"'),
      ['unknown-field scan'],
    ],
    ['undoes what is no job', (d) => (d.nodes.undo.undoes = 'ask'), ['unknown-node undo']],
    [
      'has an edge to a compensation',
      (d) => d.edges.push({ from: 'publish', to: 'undo' }),
      ['branch undo'],
    ],
    ['has a node of no kind', (d) => (d.nodes.ask.type = 'vote'), ['shape ask']],
    ['has a word too many', (d) => (d.nodes.ask.colour = 'red'), ['shape ask']],
    ['has a span without a unit', (d) => (d.nodes.ask.deadline = '3'), ['shape ask']],
    ['has another format', (d) => (d.format = 'bpmn'), ['shape']],
    [
      'has a node of no kind and other faults beside it',
      (d) => {
        d.nodes.ask.type = 'aproval'
        d.nodes.publish.job = 'publsh'
        d.edges[0].to = 'nowhere'
      },
      [
        'shape ask',
        'unknown-node nowhere',
        'step-not-before files',
        'unknown-job publish',
        'step-not-before large',
      ],
    ],
  ])('is refused when it %s', (_what, change, expected) => {
    expect(codes(changed(change))).toEqual(expected)
  })

  it('is told the word that is no kind of node, and the one that was meant', () => {
    const { findings } = validateWorkflow(
      changed((d) => (d.nodes.ask.type = 'aproval')),
      KNOWN,
    )
    expect(findings.map(({ message }) => message)).toEqual([
      'nodes.ask.type: no node is of type "aproval"; did you mean "approval"?',
    ])
  })

  it('is refused when it runs an unknown workflow', () => {
    const document = changed((d) => (d.nodes.publish = { type: 'sub-workflow', workflow: 'other' }))
    expect(codes(document, { workflows: ['known'] })).toContain('unknown-workflow publish')
  })

  it.each([null, 42, 'text', [], {}, { format: 'orderly.workflow/1' }])('is not %o', (value) => {
    expect(validateWorkflow(value).valid).toBe(false)
  })

  it('is looked through when it has two thousand nodes in a row', () => {
    const names = Array.from({ length: 2_000 }, (_, index) => `n${index}`)
    const nodes = Object.fromEntries(names.map((name) => [name, { type: 'job', job: 'publish' }]))
    const edges = names.slice(1).map((to, index) => ({ from: names[index], to }))
    const document = { ...PIPELINE, start: 'n0', nodes, edges, output: undefined }
    expect(codes(JSON.parse(JSON.stringify(document)))).toEqual([])
    edges.push({ from: 'n1999', to: 'n0' })
    expect(codes(JSON.parse(JSON.stringify({ ...document, edges })))).toEqual(['cycle n0'])
  })

  it('never makes the check throw, whatever is written', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(...Object.keys(PIPELINE)), (value, key) => {
        const { valid } = validateWorkflow({ ...PIPELINE, [key]: value }, KNOWN)
        return typeof valid === 'boolean'
      }),
      { numRuns: 300 },
    )
  })

  it('has a JSON Schema that editors understand', () => {
    expect(workflowSchema()).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      additionalProperties: false,
      required: expect.arrayContaining(['format', 'id', 'version', 'start', 'nodes', 'edges']),
    })
  })
})

describe('an expression', () => {
  it('says which steps it looks at, and yields plain values', () => {
    const read = readExpression(
      '{"n": size(steps.scan.output.files), "who": input.who, "b": steps["a"].x}',
      ['input', 'steps'],
    )
    expect(read.steps).toEqual(['scan', 'a'])
    const value = read.evaluate({
      input: { who: 'ann' },
      steps: { scan: { output: { files: [1, 2] } }, a: { x: true } },
    })
    expect(value).toEqual({ n: 2, who: 'ann', b: true })
  })

  it.each([
    'steps',
    'steps[input.which].output',
    'input.constructor.constructor("x")()',
    'x'.repeat(5_000),
    '['.repeat(200),
  ])('is refused: %s', (text) => {
    expect(() => readExpression(text, ['input', 'steps'])).toThrow()
  })
})
