import { describe, expect, it } from 'vitest'
import { columnsOf, dependencyMap, reach } from './links.ts'

const MAP = dependencyMap({
  types: [
    { name: 'scan', queue: 'prices' },
    { name: 'publish', queue: 'prices' },
    { name: 'mail', queue: 'mail' },
  ],
  schedules: [
    { id: 'nightly', job: 'mail', workflow: null },
    { id: 'weekly', job: null, workflow: 'refresh' },
  ],
  workflows: [
    { id: 'refresh', jobs: ['scan', 'publish'], workflows: ['tell'] },
    { id: 'tell', jobs: ['mail'], workflows: [] },
  ],
  sources: [{ name: 'shop', starts: { 'order.paid': 'refresh' } }],
  webhooks: [
    { name: 'pager', filter: { types: ['job.failed'], queues: ['prices'] } },
    { name: 'alarm', filter: { types: ['alert.*'] } },
  ],
})

describe('the dependency map', () => {
  it('tells what stands still with a queue, and what one change can reach', () => {
    expect([...reach(MAP, 'queue:mail', 'up')].toSorted()).toEqual([
      'schedule:nightly',
      'schedule:weekly',
      'source:shop',
      'type:mail',
      'workflow:refresh',
      'workflow:tell',
    ])
    expect([...reach(MAP, 'workflow:tell', 'down')].toSorted()).toEqual(['queue:mail', 'type:mail'])
  })

  it('leads to a webhook only the jobs that it hears of', () => {
    const into = (key: string) => MAP.links.filter(({ to }) => to === key).map(({ from }) => from)
    expect(into('webhook:pager')).toEqual(['type:scan', 'type:publish'])
    expect(into('webhook:alarm')).toEqual([])
  })

  it('has each thing in one column, and ends with circles, too', () => {
    expect(columnsOf(MAP).flat()).toHaveLength(MAP.things.length)
    expect(columnsOf(MAP)[3]!.map(({ key }) => key)).toContain('webhook:alarm')
    const round = {
      things: MAP.things,
      links: [...MAP.links, { from: 'workflow:tell', to: 'workflow:refresh' }],
    }
    expect(reach(round, 'workflow:tell', 'down')).toContain('workflow:refresh')
  })
})
