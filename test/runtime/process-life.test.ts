import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { z } from 'zod'
import { defineJob, handle, serve, type Orderly } from '../../packages/orderly/src/index.ts'
import { freshName, onEachStore, type Stores } from './stores.ts'

const MAIN = fileURLToPath(new URL('../../packages/orderly/dist/cli/main.js', import.meta.url))
const APP = fileURLToPath(new URL('./fixtures/life-app.mjs', import.meta.url))

const input = z.object({ do: z.string(), notes: z.string() })
const life = defineJob({ name: 'life', input, crashes: 2, retry: { attempts: 1 } })
const apart = defineJob({ name: 'apart', input, isolation: 'process', retry: { attempts: 1 } })

interface Note {
  readonly attempt: number
  readonly run: number
  readonly pid: number
}

interface Running {
  readonly child: ChildProcess
  readonly out: () => string
  readonly err: () => string
  /** Its exit code, once it has ended. */
  readonly code: Promise<number | null>
}

let folder = ''
let notes = ''
let running: Running[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'orderly-life-'))
  notes = join(folder, 'notes')
})
afterEach(async () => {
  for (const { child } of running) child.kill('SIGKILL')
  await Promise.all(running.map(({ code }) => code))
  running = []
  rmSync(folder, { recursive: true, force: true })
})

function orderly(args: readonly string[], env: Record<string, string | undefined> = {}): Running {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { ...process.env, NODE_OPTIONS: '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let out = ''
  let err = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text))
  const code = once(child, 'close').then(([status]) => status as number | null)
  const one = { child, out: () => out, err: () => err, code }
  running.push(one)
  return one
}

const worker = (
  place: ReturnType<Stores['place']>,
  args: readonly string[] = [],
  env: Record<string, string> = {},
): Running =>
  orderly(['worker', '--app', APP, ...args], {
    ORDERLY_HOME: place.home,
    ORDERLY_QUEUE_URL: place.queueUrl,
    ORDERLY_ALLOW_VOLATILE: '1',
    ...env,
  })

const read = (): Note[] =>
  existsSync(notes)
    ? readFileSync(notes, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Note)
    : []

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  await expect.poll(holds, { timeout: 20_000, interval: 20 }).toBe(true)
}

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

onEachStore(
  'the program of workers',
  ({ open, place }) => {
    const stateOf = async (caller: Orderly, id: string) =>
      (await caller.findJobs({ name: 'life' })).find((job) => job.id.endsWith(id))!
    const enqueuer = (): Promise<Orderly> => open({ jobs: [life, apart] })

    it('does its work, says so, and ends cleanly when told', async () => {
      const caller = await enqueuer()
      const { child, out, code } = worker(place(), ['--queues', 'life'])
      await caller.enqueueAndWait(life, { do: 'quick', notes })
      expect(out()).toMatch(/queue +at once +jobs\n.*\nlife +5 +life\n\nWorking\. Ctrl-C/)
      child.kill('SIGTERM')
      expect(await code).toBe(0)
      expect(out()).toMatch(/Stopping\.[^]*Stopped\./)
    })

    it('gives a job back without burning an attempt however often it is stopped', async () => {
      const caller = await enqueuer()
      const { id } = await caller.enqueue(life, { do: 'long', notes })
      for (let stops = 1; stops <= 3; stops++) {
        const { child, code } = worker(place(), ['--grace', '100ms'])
        await until(() => read().length === stops)
        child.kill('SIGTERM')
        expect(await code).toBe(0)
        expect(await stateOf(caller, id)).toMatchObject({ finished_at: null })
      }
      worker(place())
      await until(async () => (await stateOf(caller, id)).state === 'completed')
      expect(read().map(({ attempt, run }) => [attempt, run])).toEqual([
        [1, 1],
        [1, 2],
        [1, 3],
        [1, 4],
      ])
    })

    it('ends at once when told again, and waits for no handler that does not listen', async () => {
      const caller = await enqueuer()
      const { id } = await caller.enqueue(life, { do: 'deaf', notes })
      const { child, out, code } = worker(place(), ['--grace', '10m', '--json'])
      await until(() => read().length === 1)
      child.kill('SIGINT')
      await until(() => out().includes('stopping'))
      child.kill('SIGINT')
      expect(await code).toBe(0)
      expect(
        out()
          .trim()
          .split('\n')
          .map((line) => (JSON.parse(line) as { type: string }).type),
      ).toEqual(['started', 'stopping', 'stopped'])
      expect(await stateOf(caller, id)).toMatchObject({ finished_at: null })
    })

    it.each(['timer', 'rejection'])(
      'charges an error that slips out of a handler by a %s to its job',
      async (what) => {
        const caller = await enqueuer()
        const { child } = worker(place())
        const failed = await caller.enqueue(life, { do: what, notes })
        await until(async () => (await stateOf(caller, failed.id)).state === 'failed')
        await caller.enqueueAndWait(life, { do: 'late', notes })
        await caller.enqueueAndWait(life, { do: 'quick', notes })
        expect(new Set(read().map(({ pid }) => pid))).toEqual(new Set([child.pid]))
      },
    )

    it('takes an isolated handler with it when it is killed', async () => {
      const caller = await enqueuer()
      const { child } = worker(place())
      await caller.enqueue(apart, { do: 'blocks', notes })
      await caller.enqueue(apart, { do: 'waits', notes })
      await until(() => read().length === 2)
      child.kill('SIGKILL')
      await until(() => read().every(({ pid }) => !isAlive(pid)))
    })

    it('says that it is not ready once it takes no more jobs', async () => {
      const name = freshName('ready')
      const job = defineJob({ name, input: z.object({}) })
      let release = (): void => undefined
      const held = new Promise<void>((resolve) => (release = resolve))
      const instance = await open({
        jobs: [job],
        handlers: [handle(job, () => held)],
        queues: [{ name, concurrency: 1 }],
        grace: '10s',
      })
      await using server = { ...(await serve(instance, { port: 0 })), [Symbol.asyncDispose]: stop }
      async function stop(this: { close(): Promise<void> }): Promise<void> {
        await this.close()
      }
      const ready = async (): Promise<number> => (await fetch(`${server.url}/ready`)).status
      expect(await ready()).toBe(200)
      await instance.start()
      expect(await ready()).toBe(200)
      await instance.enqueueMany(job, [{ input: {} }, { input: {} }])
      await until(async () => (await instance.findJobs({ name, state: 'active' })).length === 1)
      // One waits because one runs, not because nobody takes it.
      expect(await ready()).toBe(200)
      const quiet = instance.quiet()
      expect(await ready()).toBe(503)
      release()
      await quiet
      expect(await ready()).toBe(503)
      expect(instance.status().workersReady).toBe(false)
      await instance.start()
      await instance.whenIdle()
      expect(await ready()).toBe(200)
    })
  },
  ['sqlite', 'redis'],
)

onEachStore(
  'a program that its jobs end',
  ({ open, place, start, log }) => {
    it('is started again until the job that ends it is in quarantine', async () => {
      const caller = await open({ jobs: [life, apart] })
      await caller.enqueue(life, { do: 'exits', notes })
      const codes: (number | null)[] = []
      const well = { do: 'quick', notes }
      // As a service manager does.
      for (let n = 0; n < 2; n++) codes.push(await worker(place()).code)
      expect(codes).toEqual([7, 7])
      worker(place())
      await caller.enqueueAndWait(life, well)
      await until(async () => (await caller.deadLetters()).length === 1)
      expect(await caller.deadLetters()).toMatchObject([
        { name: 'life', error_code: 'ORDERLY_QUARANTINED', count: 1 },
      ])
      expect(read()).toHaveLength(3)
    })

    it('ends by an error that belongs to no job', async () => {
      const { code, err } = worker(place(), [], { LIFE_BREAKS: '1' })
      expect(await code).toBe(1)
      expect(err()).toContain('this belongs to no job')
    })

    it('counts handlers that go on after their end, and says so once', async () => {
      const job = defineJob({
        name: freshName('stuck'),
        input: z.object({}),
        timeout: '20ms',
        retry: { attempts: 1 },
      })
      let release = (): void => undefined
      const held = new Promise<void>((resolve) => (release = resolve))
      const instance = await start({ jobs: [job], handlers: [handle(job, () => held)] })
      await instance.enqueue(job, {})
      await instance.whenIdle()
      expect(await instance.findJobs({ name: job.name })).toMatchObject([
        { error_code: 'ORDERLY_TIMEOUT' },
      ])
      await until(async () => (await instance.workers())[0]?.stuck === 1)
      expect(log.filter(({ text }) => text.startsWith('a handler goes on'))).toHaveLength(1)
      release()
    })

    it('ends with 2 when it is called wrongly, and with 1 when it cannot work', async () => {
      const noApp = fileURLToPath(new URL('./fixtures/no-handler.mjs', import.meta.url))
      const calls = [
        [2],
        [2, '--app', APP, '--grace', 'soon'],
        [2, '--app', APP, '--queues', ','],
        [1, '--app', './no-such-app.js'],
        [1, '--app', noApp],
        [1, '--app', APP, '--queues', 'nosuch'],
      ] as const
      await Promise.all(
        calls.map(async ([expected, ...args]) => {
          const { code, out, err } = orderly(['--home', join(folder, 'home'), 'worker', ...args])
          expect(await code, args.join(' ')).toBe(expected)
          expect(out()).toBe('')
          expect(err()).toMatch(/--help|ORDERLY_/)
        }),
      )
    })
  },
  ['sqlite'],
)
