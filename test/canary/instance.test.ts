// A whole instance with PHI: what its stores, logs and pages say afterwards.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { withBackend } from 'bullmq'
import { createSqliteBackend } from 'bullmq-sqlite'
import { createOrderly, serve, type Orderly, type OrderlyOptions } from 'orderly'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { compiled } from '../../packages/bullmq-sqlite/conformance/compiled.ts'
import { startPostgres, startRedis } from '../../packages/bullmq-sqlite/conformance/servers.ts'
import type { HistoryTables } from '../../packages/orderly/src/history/tables.ts'
import { verifyKeys } from '../../packages/orderly/src/maintenance.ts'
import { startCollector, type Collector } from '../support/telemetry.ts'
import { CLINIC, quick, visit, visitInput, WAYS } from './clinic.ts'
import { dumpFolder, dumpPostgres, dumpRedis } from './dump.ts'
import { POINTS } from './killed-child.ts'
import { findTokens, plant } from './needles.ts'

const CHILD = fileURLToPath(new URL('killed-child.ts', import.meta.url))

/** Where an instance keeps its jobs and its record, beside its folder. */
interface Place {
  readonly options: Pick<OrderlyOptions, 'queueUrl' | 'databaseUrl'>
  /** All bytes of its servers. */
  dump(): Promise<Buffer>
}

const PLACES: Readonly<Record<string, () => Promise<Place & { stop?(): Promise<void> }>>> = {
  SQLite: async () => ({ options: {}, dump: async () => Buffer.alloc(0) }),
  Redis: async () => {
    const { url, port, stop } = await startRedis('everysec')
    return { options: { queueUrl: url }, dump: () => dumpRedis(port), stop }
  },
  PostgreSQL: async () => {
    const { url, stop } = await startPostgres()
    return { options: { queueUrl: url, databaseUrl: url }, dump: () => dumpPostgres(url), stop }
  },
}

const stops: (() => Promise<void>)[] = []

async function openPlace(kind: string): Promise<Place> {
  const place = await PLACES[kind]!()
  if (place.stop) stops.push(place.stop)
  return place
}

let folder: string
let orderly: Orderly
let collector: Collector
let lines: string[]
const tokens = new Map<string, string>()
const token = (name: string): string => {
  const made = plant(name)
  tokens.set(name, made)
  return made
}

const write =
  (level: string) =>
  (fields: Record<string, unknown>, message: string): void =>
    void lines.push(JSON.stringify({ level, message, ...fields }))

async function open(options: Partial<OrderlyOptions> = {}): Promise<Orderly> {
  return createOrderly({
    home: join(folder, 'home'),
    ...options,
    ...CLINIC,
    log: { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') },
  })
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'orderly-instance-'))
  lines = []
  tokens.clear()
  collector = startCollector()
  orderly = await open()
})
afterEach(async () => {
  await orderly.close()
  await collector.stop()
  for (const stop of stops.splice(0)) await stop()
  rmSync(folder, { recursive: true, force: true })
})

const input = (how: string) => visitInput(how, token)

describe('an instance with PHI', () => {
  it.each(Object.keys(PLACES))(
    'leaves no PHI in the clear in its stores, its log lines, its spans and its pages, with everything on %s',
    async (kind) => {
      const place = await openPlace(kind)
      await orderly.close()
      orderly = await open(place.options)
      await orderly.start()
      for (const how of WAYS)
        await orderly.enqueue(visit, input(how), { unique: token(`key ${how}`), tags: ['canary'] })
      await orderly.enqueue(visit, input('later'), { delay: '1h' })
      await orderly.enqueue(quick, { patient: token('patient of a timeout') })
      await orderly
        .enqueue(visit, { patient: token('patient of bad input') } as never)
        .catch((error: Error) => lines.push(error.message))
      await expect
        .poll(async () => (await orderly.findJobs({ state: ['completed', 'failed'] })).length, {
          timeout: 20_000,
        })
        .toBe(WAYS.length + 1)

      const server = await serve(orderly, { port: 0 })
      const pages: string[] = []
      for (const path of ['/', '/status.js', '/api/v1/status', '/health', '/ready'])
        pages.push(await (await fetch(new URL(path, server.url))).text())
      await server.close()

      const masked = await Promise.all(
        (await orderly.findJobs()).map(({ id }) => orderly.inspectJob(id)),
      )
      const spans = await collector.text()
      expect(spans).toContain('process visit')
      expect(spans).toContain('orderly.queue.depth')
      const seen = [lines.join('\n'), spans, pages.join('\n'), JSON.stringify(masked)].join('\n')
      expect(findTokens(Buffer.from(seen), tokens)).toEqual([])
      const bytes = Buffer.concat([dumpFolder(folder), await place.dump()])
      expect(findTokens(bytes, tokens)).toEqual([])
      // The scan would see them: they are there, under seal.
      expect(tokens.size).toBeGreaterThan(30)
      expect(bytes.includes('o1.')).toBe(true)
    },
    60_000,
  )

  it.each(Object.keys(PLACES).flatMap((kind) => POINTS.map((point) => [kind, point] as const)))(
    'leaves none on %s when it is killed %s',
    async (kind, point) => {
      const place = await openPlace(kind)
      const home = join(folder, 'killed')
      const args = [JSON.stringify({ home, ...place.options }), point]
      const child = fork(compiled(CHILD), args, {
        execArgv: [],
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      })
      const said: Buffer[] = []
      child.stdout!.on('data', (piece: Buffer) => said.push(piece))
      child.stderr!.on('data', (piece: Buffer) => said.push(piece))
      const ended = once(child, 'exit')
      await Promise.race([once(child, 'message'), ended])
      child.kill('SIGKILL')
      expect(await ended).toEqual([null, 'SIGKILL'])
      for (const how of [...WAYS, 'hang', 'later']) input(how)
      const bytes = Buffer.concat([...said, dumpFolder(home), await place.dump()])
      expect(findTokens(bytes, tokens)).toEqual([])
      expect(bytes.includes('o1.')).toBe(true)
    },
    60_000,
  )

  it('does not open the error of one attempt as that of another, whatever run it claims', async () => {
    await orderly.start()
    const { id } = await orderly.enqueue(visit, input('fail'))
    await expect.poll(async () => (await orderly.inspectJob(id))?.state).toBe('failed')
    const home = join(folder, 'home')
    const whole = await verifyKeys({ home })
    expect(whole.broken).toEqual([])
    const { query } = orderly.database.withTables<Pick<HistoryTables, 'orderly_events'>>()
    const errors = await query
      .selectFrom('orderly_events')
      .select(['n', 'detail'])
      .where('type', '=', 'attempt-failed')
      .execute()
    expect(errors).toHaveLength(2)
    for (const [index, { n }] of errors.entries()) {
      const { detail } = errors[1 - index]!
      await query.updateTable('orderly_events').set({ detail }).where('n', '=', n).execute()
    }
    expect((await verifyKeys({ home })).broken).toEqual([
      { job: id, slot: 'error', code: 'ORDERLY_SEAL_BROKEN' },
      { job: id, slot: 'error', code: 'ORDERLY_SEAL_BROKEN' },
    ])
  })

  it('finds a job by its PHI through a blind index, and by what is clear as it is', async () => {
    const wanted = input('find me')
    const { id } = await orderly.enqueue(visit, wanted, { tags: ['urgent'] })
    await orderly.enqueue(visit, input('another'))
    const ids = async (search: Parameters<Orderly['findJobs']>[0]): Promise<string[]> =>
      (await orderly.findJobs(search)).map((job) => job.id)
    expect(await ids({ name: 'visit', where: { mrn: wanted.mrn } })).toEqual([id])
    expect(await ids({ name: 'visit', where: { how: 'find me' } })).toEqual([id])
    expect(await ids({ tags: ['urgent'] })).toEqual([id])
    expect(await ids({ name: 'visit', where: { mrn: `${wanted.mrn} ` } })).toEqual([])
    await expect(
      orderly.findJobs({ name: 'visit', where: { patient: 'x' } }),
    ).rejects.toMatchObject({
      code: 'ORDERLY_INPUT_INVALID',
    })
  })

  it('shows a job masked, and the error of each attempt as code and fingerprint', async () => {
    await orderly.start()
    const { id } = await orderly.enqueue(visit, { ...input('fail'), patient: 'Jane Roe' })
    await expect.poll(async () => (await orderly.inspectJob(id))?.state).toBe('failed')
    const job = (await orderly.inspectJob(id))!
    expect(job.input).toMatchObject({ patient: 'J*** R***', how: 'fail' })
    expect(job.error_code).toBe('ORDERLY_HANDLER_FAILED')
    expect(job.fingerprint).toMatch(/^[0-9a-f]{12}$/)
    expect(job.attempts).toBe(2)
    const failures = job.life.filter(({ type }) => type === 'attempt-failed')
    expect(failures).toHaveLength(2)
    expect(new Set(failures.map(({ fingerprint }) => fingerprint)).size).toBe(1)
    const [summary] = await orderly.recentJobs()
    expect(summary?.failedReason).toBe(`ORDERLY_HANDLER_FAILED#${job.fingerprint}`)
  })

  it.each<[string, (stored: { data: unknown; other: unknown }) => unknown]>([
    [
      'replaced by plain JSON',
      () => ({ patient: 'x', mrn: 'x', note: 'x', how: 'succeed', contact: 'x' }),
    ],
    ['swapped with that of another job', ({ other }) => other],
    ['changed in one character', ({ data }) => ({ $o: flip((data as { $o: string }).$o) })],
  ])('never runs a job whose data was %s', async (_how, tamper) => {
    const one = await orderly.enqueue(visit, input('succeed'), { delay: '1h' })
    const two = await orderly.enqueue(visit, input('succeed two'), { delay: '1h' })
    const { Queue } = withBackend(createSqliteBackend)
    const queue = new Queue('clinic', { connection: { file: join(folder, 'home', 'queue.db') } })
    const [first, second] = await Promise.all([queue.getJob(one.id), queue.getJob(two.id)])
    await first!.updateData(tamper({ data: first!.data, other: second!.data }))
    await first!.promote()
    await orderly.start()
    await expect
      .poll(
        async () =>
          (await orderly.inspectJob(one.id).catch(() => undefined))?.state ??
          (await queue.getJob(one.id))?.failedReason,
      )
      .toBeTruthy()
    await expect.poll(async () => await queue.getJobState(one.id)).toBe('failed')
    await queue.close()
    // Neither the list of jobs nor the one that was tampered with is lost to view.
    expect((await orderly.recentJobs()).map(({ id }) => id).toSorted()).toEqual(
      [one.id, two.id].toSorted(),
    )
    expect(await orderly.inspectJob(one.id)).toMatchObject({ id: one.id, state: 'failed' })
    const [found] = await orderly.findJobs({ state: 'failed' })
    expect(found).toMatchObject({
      id: one.id,
      error_code: expect.stringMatching(/^ORDERLY_SEAL_(BROKEN|MISSING)$/),
    })
    expect(lines.join()).toContain('a stored value was refused')
    expect(lines.join()).not.toContain('the handler wrote')
  })
})

function flip(envelope: string): string {
  const at = Math.floor(envelope.length / 2)
  return `${envelope.slice(0, at)}${envelope[at] === 'A' ? 'B' : 'A'}${envelope.slice(at + 1)}`
}
