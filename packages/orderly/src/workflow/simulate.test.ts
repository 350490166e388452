import { expect, it } from 'vitest'
import type { WorkflowDocument } from './document.ts'
import { simulate } from './simulate.ts'
import { instantiate, readTemplate } from './template.ts'
import { validateWorkflow } from './validate.ts'

const flow: WorkflowDocument = {
  format: 'orderly.workflow/1',
  id: 'flow',
  version: 1,
  start: 'scan',
  nodes: {
    scan: { type: 'job', job: 'scan', retry: { times: 2, wait: '1m' } },
    files: { type: 'for-each', items: 'steps.scan.output.files', job: 'load', maxParallel: 2 },
    which: { type: 'branch' },
    ask: { type: 'approval', who: ['p'], question: '?', deadline: '1d', escalation: ['boss'] },
    auto: { type: 'job', job: 'note' },
    done: { type: 'join', wait: 'any' },
    later: { type: 'delay', for: '90d' },
  },
  edges: [
    { from: 'scan', to: 'files' },
    { from: 'files', to: 'which' },
    { from: 'which', to: 'ask', when: 'size(steps.files.output) > 2' },
    { from: 'which', to: 'auto', otherwise: true },
    { from: 'ask', to: 'done' },
    { from: 'auto', to: 'done' },
    { from: 'done', to: 'later' },
  ],
}
const scanned = {
  scan: { output: { files: [1, 2, 3] }, duration: '10s' },
  files: { duration: '1m' },
} as const
const HOUR = 3_600_000
const DAY = 24 * HOUR

it('lists what begins and ends when, without a clock', () => {
  const played = simulate(flow, { nodes: scanned })
  expect(played).toMatchObject({ end: 'completed', unsure: [] })
  // 10 s, two turns of a minute, an hour until somebody decides, 90 days.
  expect(played.duration).toBe(10_000 + 120_000 + HOUR + 90 * DAY)
  expect(played.longest).toEqual(['scan', 'files', 'which', 'ask', 'done', 'later'])
  expect(played.events).toContainEqual({ at: 10_000, node: 'files', what: 'began', items: 3 })
  expect(played.events).toContainEqual({ at: 130_000, node: 'auto', what: 'skipped' })
})

it('plays failures, retries, and what never comes', () => {
  const retried = simulate(flow, { nodes: { ...scanned, scan: { ...scanned.scan, fails: 2 } } })
  expect(retried.events.filter(({ what }) => what === 'retrying')).toHaveLength(2)
  expect(retried.end).toBe('completed')
  expect(simulate(flow, { nodes: { scan: { fails: true } } })).toMatchObject({ end: 'failed' })
  const unheard = simulate(flow, { nodes: { ...scanned, ask: { never: true } } })
  // A day for those who are asked, and a day for those who are asked then.
  expect(unheard).toMatchObject({ end: 'failed', duration: 130_000 + 2 * DAY })
})

it('says what it could not work out', () => {
  const { unsure, end } = simulate(flow)
  expect(end).toBe('completed')
  expect(unsure).toEqual(['"files": its items cannot be worked out with what is assumed'])
})

it('plays a document of 2,000 nodes at once', () => {
  const names = Array.from({ length: 2_000 }, (_, index) => `n${index}`)
  const played = simulate({
    ...flow,
    start: 'n0',
    nodes: Object.fromEntries(names.map((name) => [name, { type: 'job', job: 'j' }])),
    edges: names.slice(1).map((to, index) => ({ from: names[index]!, to })),
  })
  expect(played).toMatchObject({ end: 'completed', duration: 2_000_000 })
})

it('makes a workflow of a template and values that fit, and of nothing else', () => {
  const template = readTemplate({
    format: 'orderly.template/1',
    id: 'check',
    version: 4,
    parameters: {
      limit: { type: 'integer', default: 10 },
      every: { type: 'string', enum: ['1h', '1d'] },
    },
    document: {
      start: 'wait',
      nodes: {
        wait: { type: 'delay', for: { $param: 'every' } },
        look: { type: 'job', job: 'look', input: { most: 'params.limit' } },
      },
      edges: [{ from: 'wait', to: 'look' }],
    },
  })
  const made = instantiate(template, 'mine', { every: '1d' })
  expect(made).toMatchObject({
    id: 'mine',
    version: 1,
    params: { limit: 10, every: '1d' },
    from: { template: 'check', version: 4 },
    nodes: { wait: { for: '1d' } },
  })
  expect(validateWorkflow(made)).toMatchObject({ valid: true })
  expect(() => instantiate(template, 'mine')).toThrow('"every" has no value')
  expect(() => instantiate(template, 'mine', { every: '2d' })).toThrow('none of its choices')
  expect(() => instantiate(template, 'mine', { every: '1d', limit: 'x' })).toThrow('is no integer')
  expect(() => instantiate(template, 'mine', { every: '1d', more: 1 })).toThrow(
    'no parameter "more"',
  )
  expect(() => readTemplate({ ...template, parameters: {} })).toThrow('asks for "every"')
})
