/** Who may settle a job, and what those hear who may not. */
import { describe, expect, it } from 'vitest'
import { HandClock, claimId, held, lab } from './testing/lab.ts'

async function active() {
  const clock = new HandClock()
  const { backend, queue } = lab({ clock })
  const store = backend('work', { lockDuration: 1000 })
  const job = await queue().add('job', {})
  expect(await claimId(store, 'mine')).toBe(job.id)
  return { store, id: job.id!, clock, queue: queue() }
}

const settlements = {
  moveToCompleted: (store, id, token) => store.moveToCompleted(held(id), 1, false, token, false),
  moveToFailed: (store, id, token) => store.moveToFailed(held(id), 'why', false, token, false),
  moveToDelayed: (store, id, token) => store.moveToDelayed(id, 0, 10, token),
  retryJob: (store, id, token) => store.retryJob(id, false, token),
  moveJobFromActiveToWait: (store, id, token) => store.moveJobFromActiveToWait(id, token),
} satisfies Record<
  string,
  (store: ReturnType<ReturnType<typeof lab>['backend']>, id: string, token: string) => unknown
>

describe.each(Object.entries(settlements))('%s', (name, settle) => {
  const command = name === 'moveToCompleted' || name === 'moveToFailed' ? 'moveToFinished' : name

  it('is granted to the holder of the lock, once', async () => {
    const { store, id } = await active()
    await settle(store, id, 'mine')
    expect(await store.getState(id)).not.toBe('active')
    await expect(settle(store, id, 'mine')).rejects.toMatchObject({ code: -2 })
  })

  it('is refused to another token', async () => {
    const { store, id } = await active()
    await expect(settle(store, id, 'other')).rejects.toMatchObject({
      code: -6,
      message: `Lock mismatch for job ${id}. Cmd ${command} from active`,
    })
    expect(await store.getState(id)).toBe('active')
  })

  it('is refused when the lock ran out', async () => {
    const { store, id, clock } = await active()
    clock.pass(1000)
    await expect(settle(store, id, 'mine')).rejects.toMatchObject({
      code: -2,
      message: `Missing lock for job ${id}. ${command}`,
    })
  })

  it('is refused for a job that does not exist', async () => {
    const { store } = await active()
    await expect(settle(store, 'gone', 'mine')).rejects.toMatchObject({
      code: -1,
      message: `Missing key for job gone. ${command}`,
    })
  })

  it('needs no lock with the token that stands for none, but an active job', async () => {
    const { store, id } = await active()
    await settle(store, id, '0')
    const again = settle(store, id, '0')
    // Putting back what is not active is no error to BullMQ.
    if (name === 'moveJobFromActiveToWait') await expect(again).resolves.toBe(0)
    else await expect(again).rejects.toMatchObject({ code: -3 })
  })
})

describe('locks', () => {
  it('are prolonged by their holder only, and name those that were lost', async () => {
    const { store, id, clock } = await active()
    expect(await store.extendLock(id, 'other', 1000)).toBe(0)
    clock.pass(900)
    expect(await store.extendLock(id, 'mine', 1000)).toBe(1)
    clock.pass(900)
    expect(await store.extendLocks([id, 'gone'], ['mine', 'mine'], 1000)).toEqual(['gone'])
    clock.pass(1000)
    expect(await store.extendLocks([id], ['mine'], 1000)).toEqual([id])
  })

  it('do not run out because somebody set the wall clock', async () => {
    const { store, id, clock } = await active()
    clock.time += 86_400_000
    expect(await store.extendLock(id, 'mine', 1000)).toBe(1)
    await store.moveToCompleted(held(id), 'late', false, 'mine', false)
    expect(await store.getState(id)).toBe('completed')
  })

  it('keep a job from being removed', async () => {
    const { store, id, queue } = await active()
    const job = await queue.getJob(id)
    await expect(job!.remove()).rejects.toThrow('locked by another worker')
    await store.moveToCompleted(held(id), 1, false, 'mine', false)
    await job!.remove()
    expect(await store.getState(id)).toBe('unknown')
  })
})
