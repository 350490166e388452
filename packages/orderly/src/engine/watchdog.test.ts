import { EventEmitter } from 'node:events'
import { describe, expect, it } from 'vitest'
import { fakeClock } from '../testing/fake-clock.ts'
import type { EngineWorker } from './open.ts'
import { watchWorker } from './watchdog.ts'

function world() {
  const clock = fakeClock()
  const made: (EventEmitter & { closed: boolean; close(): Promise<void> })[] = []
  const state = { waiting: 1, reachable: true, full: false, deaf: 0 }
  const watched = watchWorker({
    clock,
    make() {
      const worker = Object.assign(new EventEmitter(), {
        closed: false,
        close: async (): Promise<void> => void (worker.closed = true),
        disconnect: async () => undefined,
      })
      made.push(worker)
      return worker as unknown as EngineWorker
    },
    isReachable: () => state.reachable,
    isFull: () => state.full,
    isBusy: () => false,
    countWaiting: async () => state.waiting,
    onDeaf: () => void state.deaf++,
  })
  const pass = async (seconds: number): Promise<void> => {
    for (let n = 0; n < seconds; n++) {
      clock.advance(1_000)
      await clock.turn()
    }
  }
  return { made, state, watched, pass }
}

describe('a worker that takes no jobs', () => {
  it('is replaced after three times its longest sleep, and not ready until the next one takes a job', async () => {
    const { made, state, watched, pass } = world()
    await pass(14)
    expect(made).toHaveLength(1)
    await pass(6)
    expect(made).toHaveLength(2)
    expect(made[0]!.closed).toBe(true)
    expect(state.deaf).toBe(1)
    expect(watched.isReady()).toBe(false)
    made[1]!.emit('active')
    expect(watched.isReady()).toBe(true)
  })

  it.each([
    ['no job waits', { waiting: 0 }],
    ['its store is away', { reachable: false }],
    ['it has its hands full', { full: true }],
  ])('is left alone while %s', async (_why, change) => {
    const { made, state, pass } = world()
    Object.assign(state, change)
    await pass(60)
    expect(made).toHaveLength(1)
  })

  it('does not keep an instance from closing, for it may never answer', async () => {
    const { made, watched, pass } = world()
    made[0]!.close = () => new Promise(() => undefined)
    let closed = false
    const closing = watched.close().then(() => (closed = true))
    await pass(10)
    expect(closed).toBe(false)
    await pass(10)
    await closing
    expect(closed).toBe(true)
  })

  it('is left alone while it takes some', async () => {
    const { made, pass } = world()
    for (let n = 0; n < 6; n++) {
      await pass(10)
      made[0]!.emit('active')
    }
    expect(made).toHaveLength(1)
  })
})
