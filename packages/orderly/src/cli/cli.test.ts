import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { PassThrough } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createOrderly, defineJob, handle, phi, type Orderly } from '../index.ts'
import { endWithReader } from './print.ts'

/** The built program: what people run, and it starts in a third of the time its sources take. */
const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))
const PACKAGE = fileURLToPath(new URL('../..', import.meta.url))
const silent = { debug() {}, info() {}, warn() {}, error() {} }
const visit = defineJob({
  name: 'visit',
  queue: 'clinic',
  input: z.object({ patient: phi.name() }),
  output: z.object({ said: z.string() }),
  retry: { attempts: 1 },
  searchable: ['patient'],
})

let folder: string
let home: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'orderly-cli-'))
  home = join(folder, 'home')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function run(args: string[], env: Record<string, string> = {}) {
  const done = spawnSync(process.execPath, [MAIN, '--home', home, ...args], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  })
  return { code: done.status, out: done.stdout, err: done.stderr }
}

const json = (args: string[]): any => {
  const done = run([...args, '--json'])
  expect(done.err).toBe('')
  return { code: done.code, ...JSON.parse(done.out) }
}

function open(where = home): Promise<Orderly> {
  return createOrderly({
    home: where,
    jobs: [visit],
    handlers: [
      handle(visit, async (ctx) => {
        if (ctx.input.patient.startsWith('fail')) throw new Error(ctx.input.patient)
        await ctx.progress(0.5, ctx.input.patient)
        return { said: ctx.input.patient }
      }),
    ],
    log: silent,
  })
}

/** Some jobs that are done, some that failed, some that wait. */
async function fill(count: number): Promise<string[]> {
  const orderly = await open()
  const add = (patient: string, later = false): Promise<{ id: string }> =>
    orderly.enqueue(visit, { patient }, later ? { delay: '1h' } : {})
  const made = await Promise.all(
    Array.from({ length: count }, (_, n) =>
      add(`${n % 5 === 0 ? 'fail' : 'Jane'} Roe ${n}`, n % 3 === 0),
    ),
  )
  await orderly.start()
  await expect
    .poll(
      async () =>
        (await orderly.findJobs({ state: ['waiting', 'prioritized', 'active'], limit: 1 })).length,
      {
        timeout: 20_000,
      },
    )
    .toBe(0)
  await orderly.close()
  return made.map(({ id }) => id)
}

describe('orderly keys', () => {
  it('makes a keyring once, for its owner alone', () => {
    expect(json(['keys', 'init'])).toMatchObject({ code: 0, active: 'k1' })
    expect(statSync(join(home, 'keyring.json')).mode & 0o777).toBe(0o600)
    const again = run(['keys', 'init'])
    expect(again).toMatchObject({ code: 1, out: '' })
    expect(again.err).toContain('ORDERLY_KEYRING_INVALID')
  })

  it('refuses a keyring that others can read', () => {
    run(['keys', 'init'])
    chmodSync(join(home, 'keyring.json'), 0o644)
    expect(run(['keys', 'list'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('chmod 600'),
    })
  })

  it('is not made anew where the database needs the old one, by no command and no program', async () => {
    await fill(1)
    rmSync(join(home, 'keyring.json'))
    const lost = { code: 1, err: expect.stringContaining('restore it from its backup') }
    expect(run(['keys', 'init'])).toMatchObject(lost)
    await expect(open()).rejects.toMatchObject({ code: 'ORDERLY_KEYRING_INVALID' })
  }, 60_000)

  it('that nobody asked for does not start PHI in production before it was rotated', () => {
    const program = (home: string): string =>
      `import { createOrderly, defineJob, phi } from 'orderly'
       import { z } from 'zod'
       const job = defineJob({ name: 'j', input: z.object({ n: phi.name() }) })
       const orderly = await createOrderly({ home: ${JSON.stringify(home)}, jobs: process.argv[1] === 'phi' ? [job] : [] })
       await orderly.close()`
    const start = (what: string) =>
      spawnSync(process.execPath, ['--input-type=module', '-e', program(home), what], {
        encoding: 'utf8',
        cwd: PACKAGE,
        env: { ...process.env, NODE_ENV: 'production' },
      })
    expect(start('clear').stderr).toContain('made a keyring')
    expect(start('phi').stderr).toContain('orderly keys rotate')
    run(['keys', 'rotate'])
    expect(start('phi')).toMatchObject({ status: 0, stderr: '' })
  }, 60_000)

  it('rotates: old values open, new data keys are wrapped under the new key', async () => {
    const [id] = await fill(3)
    expect(json(['keys', 'rotate'])).toMatchObject({ code: 0, active: 'k2', rewrapped: 3 })
    const { ring, dataKeys } = json(['keys', 'list'])
    expect(ring.map((key: any) => [key.id, key.state])).toEqual([
      ['k1', 'decrypt'],
      ['k2', 'active'],
    ])
    expect(new Set(dataKeys.map((key: any) => key.wrappedBy))).toEqual(new Set(['k2']))
    expect(json(['keys', 'verify'])).toMatchObject({ code: 0, broken: [] })
    const orderly = await open()
    expect((await orderly.inspectJob(id!))?.input).toEqual({
      patient: expect.stringContaining('***'),
    })
    await orderly.close()
  }, 60_000)

  it('names what does not open, by job and slot, and never shows a value', async () => {
    const [id] = await fill(2)
    const { default: BetterSqlite3 } = await import('better-sqlite3')
    const database = new BetterSqlite3(join(home, 'orderly.db'))
    database
      .prepare(
        `update orderly_jobs set input = replace(input, substr(input, 60, 1), 'A') where id = ?`,
      )
      .run(id)
    database.close()
    const found = run(['keys', 'verify'])
    expect(found.code).toBe(3)
    expect(found.out).toContain(id)
    expect(found.out).not.toContain('Roe')
  }, 60_000)

  it('seals anew what a data key sealed, through kills, and destroys the key when nothing needs it', async () => {
    await fill(400)
    const { dataKeys } = json(['keys', 'list'])
    const old = dataKeys.find((key: any) => key.scope.startsWith('epoch/')).id
    let kills = 0
    for (let tries = 0; tries < 4; tries++) {
      const child = spawn(process.execPath, [
        MAIN,
        '--home',
        home,
        'keys',
        'reencrypt',
        '--dek',
        old,
      ])
      kills += (await killWithin(child, 350 + tries * 60)) ? 1 : 0
      expect(json(['keys', 'verify'])).toMatchObject({ code: 0, broken: [] })
    }
    expect(kills).toBeGreaterThan(0)
    // Finished jobs still stand in their queue under the old key; it stays until they have gone.
    const first = json(['keys', 'reencrypt', '--dek', old])
    expect(first).toMatchObject({ code: 3, destroyed: false })
    await emptyFinished()
    expect(json(['keys', 'reencrypt', '--dek', old])).toMatchObject({
      code: 0,
      destroyed: true,
      left: 0,
    })
    expect(json(['keys', 'verify'])).toMatchObject({ code: 0, broken: [] })
    const orderly = await open()
    await orderly.start()
    const { id } = await orderly.enqueue(visit, { patient: 'Jane' })
    await expect.poll(async () => (await orderly.inspectJob(id))?.state).toBe('completed')
    await orderly.close()
  }, 120_000)

  it('says so when there is no such data key', () => {
    run(['keys', 'init'])
    expect(run(['keys', 'reencrypt', '--dek', 'f'.repeat(32)])).toMatchObject({
      code: 1,
      err: expect.stringContaining('ORDERLY_KEY_MISSING'),
    })
  })
})

describe('orderly jobs', () => {
  it('moves jobs to another installation, sealed on the way; the unfinished ones run there', async () => {
    await fill(6)
    const file = join(folder, 'jobs.ndjson')
    expect(run(['jobs', 'export', '--out', file])).toMatchObject({ code: 0, out: '' })
    const text = readFileSync(file, 'utf8')
    expect(text).not.toContain('ledger/')
    // With the blank before it: sealed text has every short word in it at some time.
    expect(text).not.toContain(' Roe')
    expect(statSync(file).mode & 0o777).toBe(0o600)
    const there = join(folder, 'there')
    const orderly = await open(there)
    await orderly.close()
    writeFileSync(join(there, 'keyring.json'), readFileSync(join(home, 'keyring.json')))
    // The other installation had a keyring of its own; what it had sealed by then is nothing.
    const from = home
    home = there
    rmSync(join(there, 'orderly.db'))
    expect(json(['jobs', 'import', file])).toMatchObject({ code: 0, jobs: 6, known: 0, keys: 2 })
    expect(json(['jobs', 'import', file])).toMatchObject({ code: 0, jobs: 0, known: 6, keys: 0 })
    expect(json(['keys', 'verify'])).toMatchObject({ code: 0, broken: [] })
    home = from
    const other = await open(there)
    expect((await other.findJobs()).length).toBe(6)
    // Its own reconciler may be faster; whoever it is puts each back once.
    await other.reconcile()
    const unfinished = (await other.findJobs()).filter((found) => found.finished_at === null)
    const restored = async (id: string): Promise<number> =>
      (await other.inspectJob(id))!.life.filter(({ type }) => type === 'restored').length
    await expect
      .poll(() => Promise.all(unfinished.map(({ id }) => restored(id))), { timeout: 10_000 })
      .toEqual([1, 1])
    await other.close()
  }, 60_000)

  it('takes nothing in that the keyring cannot open, and says what to do', async () => {
    await fill(2)
    const file = join(folder, 'jobs.ndjson')
    run(['jobs', 'export', '--out', file])
    home = join(folder, 'there')
    run(['keys', 'init'])
    const done = run(['jobs', 'import', file])
    expect(done).toMatchObject({ code: 1, err: expect.stringContaining('ORDERLY_KEY_MISSING') })
    expect(done.err).toContain('a copy of the keyring')
    // Its own, and that of its audit log.
    expect(json(['keys', 'list']).dataKeys).toHaveLength(2)
    expect(json(['keys', 'verify'])).toMatchObject({ code: 0, jobs: 0 })
  }, 60_000)

  it('says that the record knows no such queue', async () => {
    await fill(1)
    expect(run(['jobs', 'export', '--queue', 'nosuch'])).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringMatching(/no queue "nosuch".*"clinic"/),
    })
    expect(run(['jobs', 'export', '--queue', 'clinic'])).toMatchObject({ code: 0 })
  }, 60_000)

  it('says that the keyring in the environment is not used when the home is given', () => {
    const done = run(['keys', 'list'], { ORDERLY_KEYRING: '{}' })
    expect(done).toMatchObject({
      code: 1,
      err: expect.stringContaining('ORDERLY_KEYRING is set, and not used'),
    })
  })

  it('leaves an export that is there when a new one fails', () => {
    const file = join(folder, 'jobs.ndjson')
    writeFileSync(file, 'the backup')
    expect(run(['jobs', 'export', '--out', file])).toMatchObject({ code: 1 })
    expect(readFileSync(file, 'utf8')).toBe('the backup')
  })

  it('says so when an export cannot be written', async () => {
    await fill(1)
    const done = run(['jobs', 'export', '--out', join(folder, 'none', 'jobs.ndjson')])
    expect(done).toMatchObject({ code: 1, err: expect.stringContaining('cannot be written') })
  }, 60_000)

  it('names the line that cannot be taken in', () => {
    run(['keys', 'init'])
    const file = join(folder, 'bad.ndjson')
    writeFileSync(file, '\n{"v":1,"patient":"Jane Roe"}\n')
    const done = run(['jobs', 'import', file])
    expect(done).toMatchObject({ code: 1, err: expect.stringContaining('line 2') })
    expect(done.err).not.toContain('Jane')
    expect(run(['jobs', 'import', join(folder, 'none')])).toMatchObject({ code: 1 })
  })
})

describe('a program whose Redis is away', () => {
  it('does its work and ends', () => {
    const program = `import { createOrderly, defineJob, handle } from 'orderly'
      import { z } from 'zod'
      const job = defineJob({ name: 'j', input: z.object({ n: z.number() }) })
      const orderly = await createOrderly({
        home: ${JSON.stringify(join(tmpdir(), 'never'))}.replace('never', process.argv[1]),
        queueUrl: 'redis://127.0.0.1:1', jobs: [job], handlers: [handle(job, async () => {})] })
      await orderly.start()
      await orderly.enqueue(job, { n: 1 })
      await orderly.whenIdle()
      console.log((await orderly.findJobs({ state: 'completed' })).length)
      await orderly.close()`
    const done = spawnSync(
      process.execPath,
      ['--input-type=module', '-e', program, basename(folder)],
      { encoding: 'utf8', cwd: PACKAGE, timeout: 40_000 },
    )
    expect(done).toMatchObject({ status: 0, stdout: '1\n' })
  }, 60_000)
})

describe('the command line', () => {
  it.each([[[]], [['nonsense']], [['keys', 'reencrypt']], [['keys', 'list', '--nope']]])(
    'does not understand %j, and says how to go on',
    (args) => {
      const done = run(args)
      expect(done.code).toBe(2)
      expect(done.out).toBe('')
      expect(done.err).toMatch(/--help|Usage/)
    },
  )

  it('is there before anything is built, so that npm links it when it installs', () => {
    const { bin } = JSON.parse(readFileSync(join(PACKAGE, 'package.json'), 'utf8')) as {
      bin: { orderly: string }
    }
    expect(bin.orderly).not.toContain('dist')
    const done = spawnSync(process.execPath, [join(PACKAGE, bin.orderly), '--help'], {
      encoding: 'utf8',
    })
    expect(done.stdout).toContain('Usage: orderly')
  })

  it('shows its help', () => {
    expect(run(['--help'])).toMatchObject({ code: 0, out: expect.stringContaining('keys') })
  })
})

/** Kills `child` after `ms` unless it has ended; tells whether it did. */
async function killWithin(child: ChildProcess, ms: number): Promise<boolean> {
  const timer = setTimeout(() => child.kill('SIGKILL'), ms)
  const [, signal] = (await once(child, 'exit')) as [number | null, string | null]
  clearTimeout(timer)
  return signal === 'SIGKILL'
}

async function emptyFinished(): Promise<void> {
  const { withBackend } = await import('bullmq')
  const { createSqliteBackend } = await import('bullmq-sqlite')
  const { Queue } = withBackend(createSqliteBackend)
  const queue = new Queue('clinic', { connection: { file: join(home, 'queue.db') } })
  for (const state of ['completed', 'failed'] as const) await queue.clean(0, 0, state)
  await queue.close()
}

describe('orderly schedules next', () => {
  it('prints the next slots, for programs and for people', () => {
    const args = ['schedules', 'next', '30 2 * * *', '--zone', 'America/New_York']
    const range = ['--from', '2026-03-07T00:00:00Z', '--count', '2']
    expect(json([...args, ...range])).toEqual({
      code: 0,
      slots: ['2026-03-07T07:30:00Z', '2026-03-08T07:00:00Z'],
    })
    expect(run([...args, ...range]).out).toContain('2026-03-08 03:00:00  the clocks skip 02:30')
  })

  it.each([
    ['an expression that is none', ['every day']],
    ['a zone that is none', ['0 0 * * *', '--zone', 'Mars/Olympus']],
    ['a time without an offset', ['0 0 * * *', '--from', '2026-03-07T00:00']],
    ['a count of nothing', ['0 0 * * *', '--count', '0']],
  ])('refuses %s', (_what, args) => {
    const { code, out, err } = run(['schedules', 'next', ...args])
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(err).toMatch(/^ORDERLY_/)
  })
})

describe('orderly workflows', () => {
  const write = (text: string): string => {
    const file = join(folder, 'workflow.json')
    writeFileSync(file, text)
    return file
  }
  const document = {
    format: 'orderly.workflow/1',
    id: 'one',
    version: 1,
    start: 'a',
    nodes: { a: { type: 'job', job: 'visit' } },
    edges: [],
  }

  it('ends with 0 for a document that can run, and with 3 for one that cannot, naming its node', () => {
    const good = write(JSON.stringify(document))
    expect(json(['workflows', 'validate', good])).toEqual({ code: 0, valid: true, findings: [] })
    expect(json(['workflows', 'validate', good, '--jobs', 'other'])).toMatchObject({
      code: 3,
      valid: false,
      findings: [{ code: 'unknown-job', node: 'a' }],
    })
    const circle = write(JSON.stringify({ ...document, edges: [{ from: 'a', to: 'a' }] }))
    const { code, out } = run(['workflows', 'validate', circle])
    expect(code).toBe(3)
    expect(out).toContain('circle')
  })

  it('says what is wrong with a file that is none', () => {
    expect(json(['workflows', 'validate', write('{')])).toMatchObject({ code: 3, valid: false })
    expect(run(['workflows', 'validate', join(folder, 'nobody.json')])).toMatchObject({ code: 1 })
  })

  it('prints the schema of documents', () => {
    expect(JSON.parse(run(['workflows', 'schema']).out)).toMatchObject({ type: 'object' })
  })
})

describe('a reader who has enough', () => {
  it('ends the program in peace, and hides no other fault', () => {
    const stream = new PassThrough()
    let ended = 0
    endWithReader(stream, () => ended++)
    const fault = (code: string): Error => Object.assign(new Error(code), { code })
    stream.emit('error', fault('EPIPE'))
    expect(ended).toBe(1)
    expect(() => stream.emit('error', fault('EIO'))).toThrow('EIO')
    expect(ended).toBe(1)
  })
})
