import type { AuditEntry } from 'orderly/api'
import { describe, expect, it } from 'vitest'
import { changesOf } from './changes.ts'

const entry = (more: Partial<AuditEntry>): AuditEntry => ({
  index: 1,
  id: `e${more.at}`,
  at: 1,
  writer: 'w',
  app: 'orderly 1',
  actor: { kind: 'user', id: 'u1', name: 'Ana' },
  op: 'api.limits.override',
  action: 'U',
  outcome: 'ok',
  ...more,
})

describe('the history of a queue', () => {
  it('tells what was set, and by whom, the newest first, by the API and by programs', () => {
    const changes = changesOf(
      [
        entry({ at: 1, detail: { name: 'lab', limit: 'concurrency', value: 3 } }),
        entry({ at: 3, op: 'api.queues.pause', resource: { kind: 'queues', id: 'lab' } }),
        entry({ at: 2, op: 'pause.end', resource: { kind: 'queue', id: 'lab', queue: 'lab' } }),
      ],
      ['lab'],
    )
    expect(changes.map(({ what }) => what)).toEqual(['didPause', 'didResume', 'didOverride'])
    expect(changes[2]).toMatchObject({ who: 'Ana', limit: 'concurrency', value: 3 })
  })

  it('leaves out other queues, what was refused, what was only asked or planned, and what changed nothing', () => {
    const changes = changesOf(
      [
        entry({ at: 1, detail: { name: 'mail', limit: 'rate', value: 3 } }),
        entry({ at: 2, outcome: 'denied', detail: { name: 'lab' } }),
        entry({ at: 3, op: 'pause.set', outcome: 'asked', resource: { kind: 'queue', id: 'lab' } }),
        entry({
          at: 4,
          op: 'api.queues.drain',
          resource: { kind: 'queues', id: 'lab' },
          detail: { plan: true },
        }),
        entry({ at: 5, op: 'phi.reveal', resource: { kind: 'queues', id: 'lab' } }),
        entry({ at: 6, op: 'toString', resource: { kind: 'queues', id: 'lab' } }),
      ],
      ['lab'],
    )
    expect(changes).toEqual([])
  })
})
