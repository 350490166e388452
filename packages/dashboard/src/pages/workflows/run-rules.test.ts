import { describe, expect, it } from 'vitest'
import { isSkippable, runStand, signalsOf, skippableSteps, standOf } from './run-rules.ts'

const step = (
  node: string,
  state: string,
  endedAt: number | null,
  waitsFor: string | null = null,
) => ({
  node,
  state,
  endedAt,
  waitsFor,
  jobId: null,
  child: null,
  error: null,
  dueAt: null,
  attempt: 1,
  startedAt: 1,
})

describe('what may be done with a run', () => {
  it('offers to go on without what failed, waits or has not begun, and never without what is done', () => {
    const nodes = [
      step('fetch', 'completed', 5),
      step('check', 'failed', 6),
      step('ask', 'running', null),
    ]
    expect(
      skippableSteps({ state: 'failed', nodes }, ['fetch', 'check', 'ask', 'publish']),
    ).toEqual(['check', 'ask', 'publish'])
    for (const state of ['completed', 'cancelled'] as const) {
      expect(skippableSteps({ state, nodes }, ['check', 'publish'])).toEqual([])
      expect(isSkippable({ state }, nodes[1]!)).toBe(false)
    }
  })

  it('knows the signals that steps wait for now, each once', () => {
    const nodes = [
      step('a', 'running', null, 'signal/arrived'),
      step('b', 'running', null, 'signal/arrived'),
      step('c', 'running', null, 'signal/paid'),
      step('d', 'completed', 9, 'signal/old'),
      step('e', 'running', null, 'approval'),
    ]
    expect(signalsOf({ nodes })).toEqual(['arrived', 'paid'])
    expect(signalsOf({ nodes }, 'c')).toEqual(['paid'])
  })

  it('tells a step that asks a person, waits or rests from one that works', () => {
    const stands = [
      step('ask', 'running', null, 'approval'),
      step('ask-others', 'running', null, 'escalation'),
      step('hear', 'running', null, 'signal/arrived'),
      step('once-more', 'running', null, 'retry'),
      { ...step('rest', 'running', null), dueAt: 9 },
      { ...step('work', 'running', null), jobId: 'j', dueAt: 9 },
      step('asked', 'completed', 5, null),
    ]
    expect(stands.map(standOf)).toEqual([
      'approval',
      'approval',
      'waiting',
      'retrying',
      'delayed',
      'running',
      'completed',
    ])
    const [ask, , , , , work] = stands
    expect(runStand({ state: 'running', nodes: [ask!] })).toBe('approval')
    expect(runStand({ state: 'running', nodes: [ask!, work!] })).toBe('running')
    expect(runStand({ state: 'paused', nodes: [ask!] })).toBe('paused')
  })
})
