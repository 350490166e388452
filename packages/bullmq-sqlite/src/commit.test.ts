/** Group commit: sharing, isolation, and other processes in the way. */
import { renameSync } from 'node:fs'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { lab, until } from './testing/lab.ts'

describe('group commit', () => {
  it('lets one operation fail without the others that share its transaction', async () => {
    const { backend, queue } = lab()
    const store = backend()
    const jobs = queue()
    const bad = store.updateProgress('1', 1n as unknown as number)
    await expect(bad).rejects.toThrow()
    const results = await Promise.allSettled([
      jobs.add('a', {}),
      store.addJob({ id: 'x', name: {}, data: '{}', opts: {}, timestamp: 1 } as never, 'x'),
      jobs.add('b', {}),
    ])
    expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect((await jobs.getWaiting()).map((job) => job.name)).toEqual(['a', 'b'])
    expect(await jobs.getJobCounts('wait')).toEqual({ wait: 2 })
  })

  it('tells nobody of success before the commit', async () => {
    const { file, queue } = lab()
    const jobs = queue()
    await jobs.waitUntilReady()
    const other = new Database(file, { readonly: true })
    const count = other.prepare('SELECT count(*) FROM bullmq_job').pluck()
    for (let n = 1; n <= 20; n++) {
      await jobs.add('job', {})
      expect(count.get()).toBe(n)
    }
    other.close()
  })

  it('waits for another connection without blocking the event loop', async () => {
    const { file, queue } = lab()
    const jobs = queue()
    await jobs.add('before', {})
    const other = new Database(file)
    other.exec('BEGIN IMMEDIATE')
    let ticks = 0
    const ticking = setInterval(() => ticks++, 5)
    const adding = jobs.add('during', {})
    const released = new Promise<void>((resolve) => {
      setTimeout(() => {
        other.exec('COMMIT')
        resolve()
      }, 150)
    })
    expect(await jobs.getJob('1')).toBeDefined()
    await Promise.all([adding, released])
    clearInterval(ticking)
    other.close()
    expect(ticks).toBeGreaterThan(5)
    expect(await jobs.count()).toBe(2)
  })

  it('takes its share of a loop that others keep busy, however much is asked for', async () => {
    const { backend } = lab()
    const store = backend()
    const job = { name: 'job', data: '{}', opts: {}, timestamp: 1 }
    let first = 0
    let second = 0
    for (let round = 0; round < 4; round++) {
      let done = 0
      const doneBefore: number[] = []
      const hold = (): void => {
        doneBefore.push(done)
        const until = performance.now() + 60
        while (performance.now() < until);
      }
      const holding = setInterval(hold, 0)
      const add = async (): Promise<void> => {
        await store.addJob(job as never, '')
        done++
      }
      await Promise.all(Array.from({ length: 20_000 }, add))
      clearInterval(holding)
      const [none = 0, afterOne = 0, afterTwo = done] = doneBefore.filter(
        (count, turn) => count > 0 || doneBefore[turn + 1]! > 0,
      )
      first += afterOne - none
      second += afterTwo - afterOne
    }
    // A turn is 8 ms long; one that has fallen behind is as long as what kept it from its turn.
    expect(second).toBeGreaterThan(2 * first)
  })

  it('gives up after the deadline, and says why', async () => {
    const { file, queue } = lab({ busyTimeout: 50 })
    const jobs = queue('work', { skipMetasUpdate: true })
    await jobs.add('before', {})
    const other = new Database(file)
    other.exec('BEGIN IMMEDIATE')
    await expect(jobs.add('during', {})).rejects.toMatchObject({ code: 'BULLMQ_SQLITE_BUSY' })
    other.exec('COMMIT')
    other.close()
    await jobs.add('after', {})
    expect(await jobs.count()).toBe(2)
  })

  it('lets who adds a job hear of it before its end, although a worker began before', async () => {
    const { queue, worker, events } = lab()
    const jobs = queue()
    const listener = events()
    worker('work', async () => 'done')
    await listener.waitUntilReady()
    const heard: string[] = []
    listener.on('completed', ({ jobId }) => heard.push(`${jobId} completed`))
    for (let n = 1; n <= 10; n++) {
      await jobs.add('job', {}).then(({ id }) => heard.push(`${id} added`))
      await until(() => heard.length === 2 * n)
    }
    const ids = Array.from({ length: 10 }, (_, n) => n + 1)
    expect(heard).toEqual(ids.flatMap((id) => [`${id} added`, `${id} completed`]))
  })

  it('acknowledges nothing while the file is away, and goes on when it is back', async () => {
    const { file, queue } = lab()
    const jobs = queue()
    await jobs.add('before', {})
    renameSync(file, `${file}.away`)
    const gone = { code: 'BULLMQ_SQLITE_FILE_GONE' }
    await expect(jobs.add('during', {})).rejects.toMatchObject(gone)
    await expect(jobs.count()).rejects.toMatchObject(gone)
    renameSync(`${file}.away`, file)
    await jobs.add('after', {})
    expect(await jobs.count()).toBe(2)
  })

  it('enters its process again when its entry is lost', async () => {
    const { file, backend, queue } = lab()
    const store = backend()
    const jobs = queue()
    await jobs.add('before', {})
    await store.pause(true)
    const other = new Database(file)
    const entries = other.prepare('SELECT count(*) FROM bullmq_owner').pluck()
    expect(entries.get()).toBe(1)
    other.exec('DELETE FROM bullmq_owner')
    const waiting = store.waitForJob(60)
    await jobs.add('during', {})
    expect(entries.get()).toBe(1)
    other.close()
    await store.pause(false)
    await waiting
  })

  it('sees what another connection wrote, and counts on from there', async () => {
    const { file, queue } = lab()
    const jobs = queue()
    await jobs.add('one', {})
    const other = new Database(file)
    other.exec("UPDATE bullmq_queue SET last_id = 40 WHERE name = 'bull:work'")
    other.close()
    expect((await jobs.add('two', {})).id).toBe('41')
  })

  it('counts its jobs anew when a counter lies', async () => {
    const { file, backend, queue } = lab()
    await queue().add('job', {}, { delay: 60_000 })
    const other = new Database(file)
    other.exec('UPDATE bullmq_queue SET waiting = 5')
    other.close()
    await backend().moveToActive('t')
    expect(await queue().getJobCounts('wait', 'delayed')).toEqual({ wait: 0, delayed: 1 })
  })
})
