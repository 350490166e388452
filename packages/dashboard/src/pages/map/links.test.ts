import { describe, expect, it } from 'vitest'
import { BOX, layOut } from './layout.ts'
import { dependencyMap, reach } from './links.ts'

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

  it('ends with circles, too', () => {
    const round = {
      things: MAP.things,
      links: [...MAP.links, { from: 'workflow:tell', to: 'workflow:refresh' }],
    }
    expect(reach(round, 'workflow:tell', 'down')).toContain('workflow:refresh')
    expect(layOut(round, 1000).places.size).toBe(MAP.things.length)
  })

  it('gives each thing a place of its own, and no line runs through a box', () => {
    const { places, wide, lines, columns } = layOut(MAP, 1000)
    expect(columns.map(({ at }) => at)).toEqual([0, 1, 2, 3])
    expect(new Set([...places.values()].map(({ x, y }) => `${x} ${y}`)).size).toBe(
      MAP.things.length,
    )
    const nightly = lines.find(({ from }) => from === 'schedule:nightly')!
    // From the schedule past the workflows to its job: straight where the workflows stand.
    const [, y = 0] = /C\S+ \S+ \S+ \S+ \S+ (\S+) H/.exec(nightly.path)!.map(Number)
    const workflows = ['refresh', 'tell'].map((name) => places.get(`workflow:${name}`)!)
    for (const box of workflows) expect(y < box.y || y > box.y + BOX).toBe(true)
    expect(lines.filter(({ path }) => path.includes('H'))).toEqual([nightly])
    expect(wide).toBeGreaterThan(150)
  })

  it.each([975, 1130, 1600])('fits a place %i px wide', (available) => {
    expect(layOut(MAP, available).width).toBeLessThanOrEqual(available)
  })
})
