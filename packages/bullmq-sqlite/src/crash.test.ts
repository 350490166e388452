/** Several processes on one file, some of which are killed. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { createInterface } from 'node:readline'
import { describe, expect, it, onTestFinished } from 'vitest'
import { compiled } from '../conformance/compiled.ts'
import { completions, lab, tempFile, until } from './testing/lab.ts'

interface Child {
  process: ChildProcess
  lines: string[]
  /** Resolves when that many lines begin so. */
  says(start: string, times?: number): Promise<string[]>
  kill(): Promise<void>
  ended: Promise<void>
}

function start(file: string, role: string): Child {
  const program = fileURLToPath(new URL('testing/child.ts', import.meta.url))
  const child = spawn(process.execPath, [compiled(program), file, role], {
    // The channel carries nothing: it ends with this process, which the child notices.
    stdio: ['pipe', 'pipe', 'inherit', 'ipc'],
  })
  const lines: string[] = []
  createInterface({ input: child.stdout! }).on('line', (line) => lines.push(line))
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended
  })
  const beginning = (start: string): string[] => lines.filter((line) => line.startsWith(start))
  return {
    process: child,
    lines,
    ended,
    says: async (start, times = 1) => {
      await until(() => beginning(start).length >= times)
      return beginning(start)
    },
    kill: async () => {
      child.kill('SIGKILL')
      await ended
    },
  }
}

const idsOf = (lines: string[]): string[] => lines.map((line) => line.split(' ')[1]!)

describe('a killed process', () => {
  it('leaves its jobs to the next at once, in front and in order', async () => {
    const { file, queue, worker } = lab()
    const jobs = queue()
    await jobs.addBulk(Array.from({ length: 5 }, (_, n) => ({ name: 'job', data: { n } })))
    const holder = start(file, 'hold')
    expect(idsOf(await holder.says('started', 3))).toEqual(['1', '2', '3'])
    await holder.kill()
    // Locks last for 30 seconds, so only the death of the process can have freed these jobs.
    const order = await completions(
      worker('work', async () => {}),
      5,
    )
    expect(order).toEqual(['1', '2', '3', '4', '5'])
    expect((await jobs.getJob('1'))?.stalledCounter).toBe(1)
    expect(await jobs.getWorkersCount()).toBe(1)
  })

  it('is noticed by a worker that was there before', async () => {
    const { file, queue, worker } = lab()
    const idle = worker('work', async () => {})
    await idle.waitUntilReady()
    await idle.pause(true)
    const holder = start(file, 'hold')
    await holder.says('ready')
    await queue().add('job', {})
    await holder.says('started')
    const done = completions(idle, 1)
    await idle.resume()
    await holder.kill()
    expect(await done).toEqual(['1'])
  })

  it('keeps the jobs of a live process that works on in silence', async () => {
    const { file, queue, worker } = lab()
    await queue().add('job', {})
    const holder = start(file, 'hold')
    await holder.says('started')
    const other = worker('work', async () => {})
    await other.waitUntilReady()
    expect(await other.getBackend().moveStalledJobsToWait()).toEqual([])
    expect(await queue().getJobState('1')).toBe('active')
  })

  it('loses nothing that it was told is added', async () => {
    const file = tempFile()
    for (let round = 0; round < 3; round++) {
      const adder = start(file, 'add-forever')
      await adder.says('added', 40 + round * 17)
      await adder.kill()
      const { queue } = lab({ file })
      const jobs = queue()
      for (const id of idsOf(adder.lines.filter((line) => /^added \d+$/.test(line)))) {
        expect(await jobs.getJob(id), id).toBeDefined()
      }
      expect(await jobs.getWaitingCount()).toBe((await jobs.getWaiting()).length)
      await jobs.close()
    }
  })
})

describe('two processes', () => {
  it('wake each other', async () => {
    const { file, queue, events } = lab()
    const listener = events()
    await listener.waitUntilReady()
    const other = start(file, 'work')
    await other.says('ready')
    const job = await queue().add('job', {})
    await job.waitUntilFinished(listener)
    expect(idsOf(await other.says('done'))).toEqual([job.id])
  })

  it('share the jobs, each run once', async () => {
    const { file, queue, worker } = lab()
    const other = start(file, 'work')
    await other.says('ready')
    const here: string[] = []
    const mine = worker('work', async (job) => void here.push(job.id!), { concurrency: 4 })
    await mine.waitUntilReady()
    const jobs = queue()
    for (let n = 0; n < 20; n++) {
      await jobs.addBulk(Array.from({ length: 20 }, () => ({ name: 'job', data: {} })))
    }
    await until(async () => (await jobs.getCompletedCount()) === 400)
    await other.says('done', 400 - here.length)
    const there = idsOf(other.lines.filter((line) => line.startsWith('done')))
    expect(new Set([...here, ...there]).size).toBe(400)
    expect(here.length + there.length).toBe(400)
  })

  it('wait for each other while one holds the file', async () => {
    const { file, queue } = lab()
    const jobs = queue()
    await jobs.add('before', {})
    const holder = start(file, 'lock')
    await holder.says('locked')
    const adding = jobs.add('during', {})
    holder.process.stdin!.write('go\n')
    await adding
    expect(await jobs.count()).toBe(2)
    await holder.ended
  })

  it('end by themselves when they have closed what they opened', async () => {
    const child = start(tempFile(), 'add-and-end')
    await child.ended
    expect(child.lines).toEqual(['added 1'])
    expect(child.process.exitCode).toBe(0)
  })
})
