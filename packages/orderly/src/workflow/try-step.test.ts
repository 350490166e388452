import { describe, expect, it } from 'vitest'
import type { WorkflowDocument } from './document.ts'
import { simulate } from './simulate.ts'
import { tryStep } from './try-step.ts'

const DOCUMENT: WorkflowDocument = {
  format: 'orderly.workflow/1',
  id: 'x',
  version: 1,
  input: { type: 'object', properties: { region: { type: 'string', default: 'TX' } } },
  params: { most: 10 },
  start: 'scan',
  nodes: {
    scan: { type: 'job', job: 'scan', input: { region: 'input.region' } },
    ask: { type: 'branch' },
    load: {
      type: 'for-each',
      items: 'steps.scan.output.files',
      job: 'load',
      input: { url: 'item.url', at: 'index' },
    },
    none: { type: 'delay', for: '1h' },
    drop: {
      type: 'compensate',
      undoes: 'load',
      job: 'drop',
      input: { n: 'size(steps.load.output)' },
    },
  },
  edges: [
    { from: 'scan', to: 'ask' },
    { from: 'ask', to: 'load', when: 'size(steps.scan.output.files) < params.most' },
    { from: 'ask', to: 'none', otherwise: true },
  ],
}
const pinned = (scan: unknown): WorkflowDocument => ({ ...DOCUMENT, design: { pins: { scan } } })
const FILES = { files: [{ url: 'a.csv' }, { url: 'b.csv' }] }

describe('trying a step', () => {
  it('works its input out of what is pinned', () => {
    expect(tryStep(DOCUMENT, 'scan')).toMatchObject({ input: { region: 'TX' }, assumed: [] })
    expect(tryStep(DOCUMENT, 'scan', { input: { region: 'NM' } }).input).toEqual({ region: 'NM' })
    expect(tryStep(pinned(FILES), 'load')).toMatchObject({
      input: { url: 'a.csv', at: 0 },
      assumed: [],
    })
  })

  it('names the steps whose result it had to make up, and says what cannot be worked out', () => {
    const tried = tryStep(DOCUMENT, 'load', {}, () => ({ type: 'object', properties: {} }))
    expect(tried.assumed).toEqual(['scan'])
    expect(tried.worked[0]).toMatchObject({ what: 'items', value: null })
    expect(tried.worked[0]!.wrong).not.toBeNull()
    expect(tryStep(DOCUMENT, 'drop').assumed).toEqual(expect.arrayContaining(['load', 'scan']))
  })

  it('says nothing of the values in what it says went wrong', () => {
    const { worked } = tryStep(pinned({ files: { 'Jane Roe': 1 } }), 'load')
    expect(JSON.stringify(worked.map(({ wrong }) => wrong))).not.toContain('Jane')
  })

  it('tells the way a branch would take, and does not guess', () => {
    const ways = (scan: unknown) => tryStep(pinned(scan), 'ask').ways
    expect(ways(FILES)).toEqual([
      { to: 'load', taken: true },
      { to: 'none', taken: false },
    ])
    expect(ways({ files: Array.from({ length: 11 }, () => 1) })).toEqual([
      { to: 'load', taken: false },
      { to: 'none', taken: true },
    ])
    expect(ways({})).toEqual([
      { to: 'load', taken: null },
      { to: 'none', taken: null },
    ])
  })
})

it('plays a workflow with what is pinned, unless it is told otherwise', () => {
  const items = (document: WorkflowDocument, options = {}) =>
    simulate(document, options).events.find(({ what, node }) => node === 'load' && what === 'began')
      ?.items
  expect(items(pinned(FILES))).toBe(2)
  expect(items(pinned(FILES), { nodes: { scan: { output: { files: [1, 2, 3] } } } })).toBe(3)
})
