// A whole instance with PHI: what its stores, logs and pages say afterwards.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { withBackend } from 'bullmq'
import { createSqliteBackend } from 'bullmq-sqlite'
import {
  clear,
  createOrderly,
  defineJob,
  fail,
  fixed,
  handle,
  phi,
  serve,
  type Orderly,
} from 'orderly'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { dumpFolder } from './dump.ts'
import { findTokens, plant } from './needles.ts'

const visit = defineJob({
  name: 'visit',
  queue: 'clinic',
  input: z.object({
    patient: phi.name(),
    mrn: phi.mrn(),
    note: z.string(),
    how: clear(z.string()),
    contact: z.union([phi.email(), z.object({ phone: phi.phone().optional() })]),
  }),
  output: z.object({ summary: z.string(), code: clear(z.string()) }),
  retry: { attempts: 2, backoff: fixed('1ms') },
  timeout: '5s',
  searchable: ['mrn', 'how'],
})
const quick = defineJob({
  name: 'quick',
  queue: 'clinic',
  input: z.object({ patient: phi.name() }),
  timeout: '20ms',
  retry: { attempts: 1 },
})

let folder: string
let orderly: Orderly
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

async function open(): Promise<Orderly> {
  return createOrderly({
    home: join(folder, 'home'),
    jobs: [visit, quick],
    handlers: [
      handle(visit, async (ctx) => {
        const { how, note, patient } = ctx.input
        ctx.log.info({ patient, note }, `seeing ${patient}`)
        await ctx.progress(0.5, note)
        if (how === 'fail') throw new Error(`cannot see ${patient}`, { cause: new Error(note) })
        if (how === 'parse') JSON.parse(patient)
        if (how === 'fail-for-good')
          return fail(Object.assign(new Error(patient), { detail: note }))
        if (how === 'retry' && ctx.attempt === 1) throw new Error(`not yet, ${patient}`)
        if (how === 'wrong-output') return { summary: 7 as never, code: patient, [patient]: 1 }
        return { summary: `${patient}: ${note}`, code: 'ok' }
      }),
      handle(quick, async () => new Promise(() => undefined)),
    ],
    log: { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') },
  })
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'orderly-instance-'))
  lines = []
  tokens.clear()
  orderly = await open()
})
afterEach(async () => {
  await orderly.close()
  rmSync(folder, { recursive: true, force: true })
})

const input = (how: string) => ({
  patient: token(`patient ${how}`),
  mrn: token(`mrn ${how}`),
  note: token(`note ${how}`),
  how,
  contact: { phone: token(`phone ${how}`) },
})

describe('an instance with PHI', () => {
  it('leaves no PHI in the clear in its files, its log lines and its pages', async () => {
    await orderly.start()
    const ways = ['succeed', 'fail', 'parse', 'fail-for-good', 'retry', 'wrong-output']
    for (const how of ways)
      await orderly.enqueue(visit, input(how), { unique: token(`key ${how}`), tags: ['canary'] })
    await orderly.enqueue(visit, input('later'), { delay: '1h' })
    await orderly.enqueue(quick, { patient: token('patient of a timeout') })
    await orderly
      .enqueue(visit, { patient: token('patient of bad input') } as never)
      .catch((error: Error) => lines.push(error.message))
    await expect
      .poll(async () => (await orderly.findJobs({ state: ['completed', 'failed'] })).length, {
        timeout: 10_000,
      })
      .toBe(ways.length + 1)

    const server = await serve(orderly, { port: 0 })
    const pages: string[] = []
    for (const path of ['/', '/status.js', '/api/v1/status', '/health'])
      pages.push(await (await fetch(new URL(path, server.url))).text())
    await server.close()

    const masked = await Promise.all(
      (await orderly.findJobs()).map(({ id }) => orderly.inspectJob(id)),
    )
    const seen = [lines.join('\n'), pages.join('\n'), JSON.stringify(masked)].join('\n')
    expect(findTokens(Buffer.from(seen), tokens)).toEqual([])
    expect(findTokens(dumpFolder(folder), tokens)).toEqual([])
    // The scan would see them: they are there, under seal.
    expect(tokens.size).toBeGreaterThan(30)
    expect(dumpFolder(folder).includes('o1.')).toBe(true)
  }, 30_000)

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
