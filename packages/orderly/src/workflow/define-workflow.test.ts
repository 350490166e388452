import { runInThisContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import { defineJob } from '../job/define-job.ts'
import { workflowCode } from './code.ts'
import {
  defineChain,
  defineFamily,
  defineWorkflow,
  runs,
  runsForEach,
  undoes,
  type Chain,
  type InputOf,
} from './define-workflow.ts'
import { diffWorkflows } from './diff.ts'
import type { WorkflowDocument } from './document.ts'

const file = z.object({ url: z.string(), size: z.number() })
const scan = defineJob({
  name: 'scan',
  input: z.object({ region: z.string(), deep: z.boolean().optional() }),
  output: z.object({ files: z.array(file) }),
})
const load = defineJob({
  name: 'load',
  input: z.object({ url: z.string() }),
  output: z.object({ rows: z.number() }),
})
const publish = defineJob({ name: 'publish', input: z.object({ rows: z.array(z.unknown()) }) })
const twice = defineJob({
  name: 'twice',
  input: z.object({ n: z.number() }),
  output: z.object({ n: z.number() }),
})
const drop = defineJob({ name: 'drop', input: z.object({}) })

const flow = () =>
  defineWorkflow({
    id: 'publish',
    input: z.object({ region: z.enum(['TX', 'CA']) }),
    nodes: {
      scan: runs(scan, { input: { region: 'input.region' } }),
      files: runsForEach('steps.scan.output.files', load, {
        input: { url: 'item.url' },
        maxParallel: 4,
      }),
      ask: { type: 'approval', who: ['publisher'], question: 'Publish?' },
      out: runs(publish, { input: { rows: 'steps.files.output' }, onFailure: 'compensate' }),
      undo: undoes('files', drop),
    },
    edges: [
      ['scan', 'files'],
      ['files', 'ask'],
      ['ask', 'out', { when: 'size(steps.files.output) > 0' }],
    ],
    output: { by: 'steps.ask.output.by' },
  })

describe('a workflow written in code', () => {
  it('is the document that one would write by hand', () => {
    expect(flow()).toMatchObject({
      format: 'orderly.workflow/1',
      version: 1,
      start: 'scan',
      input: { properties: { region: { enum: ['TX', 'CA'] } } },
      nodes: { files: { type: 'for-each', job: 'load', maxParallel: 4 } },
      edges: [{ from: 'scan', to: 'files' }, {}, { when: 'size(steps.files.output) > 0' }],
    })
    expect(JSON.stringify(flow())).not.toContain('definition')
  })

  it('is checked by the compiler: the fields of jobs, and what follows what', () => {
    expectTypeOf<{ region: string }>().toExtend<InputOf<typeof scan>>()
    expectTypeOf<{ deep: string }>().not.toExtend<InputOf<typeof scan>>()
    expectTypeOf<{ region: number }>().not.toExtend<InputOf<typeof scan>>()
    expectTypeOf<Chain<readonly [typeof twice, typeof twice]>>().toEqualTypeOf<
      readonly [typeof twice, typeof twice]
    >()
    // What `scan` returns is nothing that `load` takes.
    expectTypeOf<Chain<readonly [typeof scan, typeof load]>[1]>().toBeNever()
  })

  it.each([
    ['needs "url"', { input: { link: 'item.url' } }],
    ['takes no "link"', { input: { url: 'item.url', link: 'item.url' } }],
    ['is number, and job "load" takes string', { input: { url: 'item.size' } }],
    ['item.link, which cannot be there', { input: { url: 'item.link' } }],
    ['steps.scan.output.urls, which cannot be there', { input: { url: 'steps.scan.output.urls' } }],
    ['input.zone, which cannot be there', { input: { url: 'input.zone' } }],
    ['job "load" takes object', { input: 'item.url' }],
  ])('is refused when what it hands on does not fit: %s', (message, more) => {
    const made = () =>
      defineWorkflow({
        id: 'x',
        input: { type: 'object', properties: {}, additionalProperties: false },
        nodes: {
          scan: runs(scan, { input: { region: '"TX"' } }),
          files: { ...runsForEach('steps.scan.output.files', load), ...more } as never,
        },
        edges: [['scan', 'files']],
      })
    expect(made).toThrow(message)
  })

  it('has short forms: a chain, and a parent with children', () => {
    expect(defineChain('c', [twice, twice, twice])).toMatchObject({
      start: 'step1',
      nodes: { step1: { input: 'input' }, step3: { input: 'steps.step2.output' } },
      output: 'steps.step3.output',
    })
    expect(
      defineFamily({
        id: 'f',
        children: { a: twice, b: { job: twice, input: { n: '2' } } },
        parent: { job: twice, input: { n: 'steps.a.output.n + steps.b.output.n' } },
      }),
    ).toMatchObject({ nodes: { a: { input: 'input' }, together: { type: 'join', wait: 'all' } } })
  })
})

describe('the code of a document', () => {
  const back = (code: string): unknown => {
    const body = code.replace(/^import .*\n\n/, '').replace('export default ', 'return ')
    const build = runInThisContext(`(defineWorkflow) => {${body}}`) as (
      define: typeof defineWorkflow,
    ) => unknown
    return build(defineWorkflow)
  }

  it('makes the same document again', () => {
    expect(back(workflowCode(flow()))).toEqual(flow())
  })

  it('loses nothing, whatever the texts are', () => {
    const texts = fc
      .string({ unit: 'binary', minLength: 1, maxLength: 40 })
      .filter((text) => text.trim() !== '')
    fc.assert(
      fc.property(texts, texts, fc.jsonValue(), (title, question, value) => {
        const document: WorkflowDocument = {
          format: 'orderly.workflow/1',
          id: 'x',
          version: 3,
          title,
          params: { value },
          start: 'ask',
          nodes: { ask: { type: 'approval', who: ['user:x'], question, at: { x: 1.5, y: -2 } } },
          edges: [],
        }
        expect(back(workflowCode(document))).toEqual(JSON.parse(JSON.stringify(document)))
      }),
    )
  })
})

it('tells what differs between two documents, and not where they are drawn', () => {
  const before = flow()
  const moved = {
    ...before,
    version: 2,
    nodes: { ...before.nodes, scan: { ...before.nodes['scan']!, at: { x: 1, y: 2 } } },
  }
  expect(diffWorkflows(before, moved)).toMatchObject({ same: true })
  const { undo: _undo, ...rest } = before.nodes
  const after = {
    ...moved,
    nodes: {
      ...rest,
      files: { ...before.nodes['files']!, maxParallel: 9 },
      last: { type: 'delay' as const, for: '1h' },
    },
    edges: [...before.edges, { from: 'out', to: 'last' }],
  }
  expect(diffWorkflows(before, after)).toMatchObject({
    added: ['last'],
    removed: ['undo'],
    changed: [{ node: 'files', fields: [{ path: 'maxParallel', before: 4, after: 9 }] }],
    edgesAdded: [{ from: 'out', to: 'last' }],
    edgesRemoved: [],
    same: false,
  })
})
