import { expect, it } from 'vitest'
import type { WorkflowDocument, WorkflowEdge, WorkflowNode } from './document.ts'
import { planOf } from './plan.ts'
import { nextStep, type NodeState } from './progress.ts'

const job: WorkflowNode = { type: 'job', job: 'j' }

function document(
  nodes: Record<string, WorkflowNode>,
  edges: readonly (readonly [string, string, Partial<WorkflowEdge>?])[],
): WorkflowDocument {
  return {
    format: 'orderly.workflow/1',
    id: 'test',
    version: 1,
    start: Object.keys(nodes)[0]!,
    nodes,
    edges: edges.map(([from, to, more]) => ({ from, to, ...more })),
  }
}

function step(
  workflow: WorkflowDocument,
  states: Record<string, NodeState> = {},
  holds: (edge: WorkflowEdge) => boolean = () => true,
) {
  const ended = Object.keys(states).filter((name) => states[name] === 'completed')
  return nextStep(planOf(workflow), new Map(Object.entries(states)), ended, holds)
}

it('starts where it is told, and goes on when a node has ended', () => {
  const chain = document({ a: job, b: job }, [['a', 'b']])
  expect(step(chain).start).toEqual(['a'])
  expect(step(chain, { a: 'running' })).toMatchObject({ start: [] })
  expect(step(chain, { a: 'completed' }).start).toEqual(['b'])
  expect(step(chain, { a: 'completed', b: 'completed' }).end).toBe('completed')
})

it('goes several ways at once, and together again when all have ended', () => {
  const fan = document(
    { a: { type: 'parallel' }, b: job, c: job, d: { type: 'join', wait: 'all' } },
    [
      ['a', 'b'],
      ['a', 'c'],
      ['b', 'd'],
      ['c', 'd'],
    ],
  )
  expect(step(fan, { a: 'completed' }).start).toEqual(['b', 'c'])
  expect(step(fan, { a: 'completed', b: 'completed', c: 'running' }).start).toEqual([])
  expect(step(fan, { a: 'completed', b: 'completed', c: 'completed' }).start).toEqual(['d'])
})

it('takes one way of a branch, and skips what only the others lead to', () => {
  const branch = document(
    { a: { type: 'branch' }, b: job, c: job, d: job, e: { type: 'join', wait: 'all' } },
    [
      ['a', 'b', { when: 'x' }],
      ['a', 'c', { otherwise: true }],
      ['c', 'd'],
      ['b', 'e'],
      ['d', 'e'],
    ],
  )
  expect(step(branch, { a: 'completed' })).toMatchObject({ start: ['b'], skip: ['c', 'd'] })
  expect(step(branch, { a: 'completed' }, () => false)).toMatchObject({ start: ['c'], skip: ['b'] })
  expect(
    step(branch, { a: 'completed', b: 'completed', c: 'skipped', d: 'skipped' }).start,
  ).toEqual(['e'])
})

it('lets the first of several go on where any will do', () => {
  const race = document(
    { a: { type: 'parallel' }, b: job, c: job, d: { type: 'join', wait: 'any' } },
    [
      ['a', 'b'],
      ['a', 'c'],
      ['b', 'd'],
      ['c', 'd'],
    ],
  )
  expect(step(race, { a: 'completed', b: 'completed', c: 'running' }).start).toEqual(['d'])
  expect(
    step(race, { a: 'completed', b: 'completed', c: 'running', d: 'completed' }).end,
  ).toBeUndefined()
})

it('fails with a node, after what runs has ended, and undoes in reverse', () => {
  const saga = document(
    {
      a: job,
      b: job,
      c: { ...job, onFailure: 'compensate' },
      undoA: { type: 'compensate', undoes: 'a', job: 'j' },
      undoB: { type: 'compensate', undoes: 'b', job: 'j' },
    },
    [
      ['a', 'b'],
      ['b', 'c'],
    ],
  )
  const failed = { a: 'completed', b: 'completed', c: 'failed' } as const
  expect(step(saga, { ...failed, b: 'running' }).compensate).toEqual([])
  expect(step(saga, failed)).toMatchObject({ compensate: ['undoB'], start: [] })
  expect(step(saga, { ...failed, undoB: 'completed' }).compensate).toEqual(['undoA'])
  expect(step(saga, { ...failed, undoB: 'completed', undoA: 'completed' }).end).toBe('failed')
})

it('goes on after a node that may fail', () => {
  const lenient = document({ a: { ...job, onFailure: 'continue' }, b: job }, [['a', 'b']])
  expect(step(lenient, { a: 'failed' }).start).toEqual(['b'])
})
