import { execFile, execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { EnqueueOptions } from 'orderly/api'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { snippetsOf } from '../../packages/dashboard/src/pages/types/snippets.ts'
import { ROOT } from '../sources.ts'
import { CANARY, openWorld, renderPdf, sendMail, type World } from './world.ts'

/** The built program, as people run it. */
const MAIN = join(ROOT, 'packages/orderly/dist/cli/main.js')

let world: World
let url: string

beforeAll(async () => {
  world = await openWorld()
  await world.app.listen({ port: 0, host: '127.0.0.1' })
  url = `http://127.0.0.1:${(world.app.server.address() as AddressInfo).port}`
})
afterAll(() => world.close())

function run(
  args: readonly string[],
  key = 'all',
): Promise<{ code: number; out: string; err: string }> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [MAIN, ...args],
      { env: { ...process.env, ORDERLY_URL: url, ORDERLY_API_KEY: key } },
      (_error, out, err) => resolve({ code: child.exitCode ?? -1, out, err }),
    )
  })
}

// Each command is a process of its own, which starts slowly on a busy machine.
describe('the command line of a running server', { timeout: 120_000 }, () => {
  it('finds, explains, pauses and examines, and says by its exit code what came of it', async () => {
    const { id } = await world.orderly.enqueue(sendMail, { patient: CANARY, clinicId: 'north' })
    const list = await run(['jobs', 'list', 'input.clinicId:north', '--json'])
    expect(JSON.parse(list.out)).toMatchObject({ data: [{ id, type: 'mail.send' }] })
    const paused = await run(['queues', 'pause', 'mail', '--reason', 'vendor down'])
    expect(paused).toMatchObject({ code: 0, out: 'Queue "mail" is paused.\n' })
    const why = await run(['jobs', 'explain', id])
    expect(why.out).toMatch(/^Ana paused queue "mail" at .*: "vendor down"\./)
    expect(why.out).toContain('to do: Resume: orderly call queues.resume name=mail')
    const ill = await run(['doctor'])
    expect(ill.code).toBe(3)
    expect(ill.out).toContain('Queue "mail" is paused: Ana: vendor down')
    expect(list.out + why.out + ill.out).not.toContain('Zyxwelda')
  })

  it('adds a job as the page of its kind writes the command, and shows no input', async () => {
    const options: EnqueueOptions = {
      delay: '1h',
      priority: 'high',
      unique: "o'clock",
      tags: ['monday', 'late'],
    }
    const { cli } = snippetsOf({ type: 'pdf.render', input: { orderId: 7 }, options }, url)
    const args = execFileSync('sh', ['-c', `printf '%s\\0' ${cli}`], { encoding: 'utf8' })
    const command = args.split('\0').slice(2, -1)
    const added = await run([...command, '--json'])
    expect(added.err).toBe('')
    const { id, duplicate } = JSON.parse(added.out) as { id: string; duplicate: boolean }
    expect(duplicate).toBe(false)
    expect(await world.orderly.inspectJob(id)).toMatchObject({
      name: 'pdf.render',
      state: 'delayed',
    })
    expect(await run(command)).toMatchObject({
      code: 0,
      out: `Nothing was added: ${id} stands for it.\n`,
    })
    const file = join(mkdtempSync(join(tmpdir(), 'orderly-input-')), 'input.json')
    writeFileSync(file, `{ "patient": "${CANARY}", }`)
    const bad = await run(['jobs', 'add', 'mail.send', '--input', `@${file}`])
    expect(bad).toMatchObject({ code: 1, err: expect.stringContaining('--input is no JSON') })
    writeFileSync(file, `{ "patient": "${CANARY}" }`)
    const lacking = await run(['jobs', 'add', 'mail.send', '--input', `@${file}`])
    expect(lacking).toMatchObject({ code: 1, err: expect.stringContaining('clinicId') })
    expect(bad.err + lacking.err).not.toContain('Zyxwelda')
    rmSync(dirname(file), { recursive: true })
  })

  it('lists alerts and rules, tries one on the past, silences and takes on', async () => {
    const depth = { metric: 'queue.depth', subjects: ['pdf'], above: 0 } as const
    await world.orderly.enqueue(renderPdf, { orderId: 1 })
    await world.orderly.alerts.putRule({ name: 'any-pdf', ...depth }, 'Ana')
    await world.orderly.alerts.evaluate()
    const open = await run(['alerts', 'list', '--json'])
    expect(open.code).toBe(3)
    const [alert] = (JSON.parse(open.out) as { data: { id: string }[] }).data
    expect(alert).toMatchObject({ rule: 'any-pdf', subject: 'pdf', value: 1 })
    const taken = await run(['alerts', 'ack', alert!.id, '--note', 'more workers come'])
    expect(taken).toMatchObject({ code: 0, out: 'Ana is at "any-pdf" of "pdf".\n' })
    expect((await run(['alerts', 'list'])).out).toContain('Ana is at it')
    expect((await run(['alerts', 'rules'])).out).toMatch(/any-pdf +queue\.depth +above 0/)
    const tried = await run(['alerts', 'try', 'any-pdf', '--last', '1h'])
    expect(tried).toMatchObject({ code: 0 })
    expect(tried.out).toContain('something is known of')
    const unknown = await run(['alerts', 'try', 'nothing'])
    expect(unknown).toMatchObject({ code: 1 })
    const silent = await run(['alerts', 'silence', 'any-*', '--for', '2h', '--reason', 'load test'])
    expect(silent.out).toMatch(/^Nobody is told of "any-\*" until /)
    expect(await world.orderly.alerts.silences()).toMatchObject([
      { rule: 'any-*', subject: '*', reason: 'load test', by: 'Ana' },
    ])
  })

  it('plays the life of a job and of a run once more', async () => {
    const { id } = await world.orderly.enqueue(sendMail, { patient: CANARY, clinicId: 'north' })
    const job = await run(['jobs', 'replay-life', id])
    expect(job.code).toBe(0)
    expect(job.out).toMatch(/accepted +state: null → prioritized/)
    expect(job.out).toContain('The record stands where these steps end.')
    const flow = await world.orderly.startRun('welcome', { orderId: 1 })
    await expect
      .poll(async () => (await world.orderly.replayRun(flow.id)).steps.length)
      .toBeGreaterThan(1)
    const steps = await run(['workflows', 'replay-life', flow.id, '--json'])
    const life = JSON.parse(steps.out) as { steps: { what: string; run: string }[] }
    expect(life).toMatchObject({ agrees: true })
    expect(life.steps[0]).toMatchObject({ what: 'began', node: '', run: 'running' })
    expect((await run(['workflows', 'replay-life', flow.id])).out).toContain(
      'The run stands where these steps end.',
    )
    expect((await run(['jobs', 'replay-life', 'nobody'])).code).toBe(1)
    expect(job.out + steps.out).not.toContain('Zyxwelda')
  })

  it('lists, pauses and fires schedules, and lists, begins and ends runs of workflows', async () => {
    const spec = { cron: '0 2 * * *' }
    await world.orderly.schedule({ id: 'nightly', job: renderPdf, input: { orderId: 5 }, spec })
    const [paused, begun] = await Promise.all([
      run(['schedules', 'pause', 'nightly', '--reason', 'no paper', '--for', '2h']),
      run(['workflows', 'start', 'welcome', '--input', '{"orderId":7}', '--json']),
    ])
    expect(paused).toMatchObject({ code: 0, out: 'Schedule "nightly" is paused.\n' })
    const { id } = JSON.parse(begun.out) as { id: string }
    const [schedules, workflows, runs, unfit] = await Promise.all([
      run(['schedules', 'list']),
      run(['workflows', 'list']),
      run(['workflows', 'runs', 'welcome', '--state', 'running']),
      run(['workflows', 'start', 'welcome', '--input', '{']),
    ])
    expect(schedules.out).toMatch(/nightly +pdf\.render .*paused by Ana: no paper/)
    expect(workflows.out).toMatch(/welcome +1/)
    expect(runs.out).toMatch(new RegExp(`${id} +welcome +1 +running`))
    expect(unfit).toMatchObject({ code: 1, err: expect.stringContaining('--input is JSON') })
    const [resumed, fired, ended] = await Promise.all([
      run(['schedules', 'resume', 'nightly']),
      run(['schedules', 'run', 'nightly']),
      run(['workflows', 'cancel', id]),
    ])
    expect(resumed.out).toBe('Schedule "nightly" goes on.\n')
    expect(fired.out).toMatch(/^Began job [0-9a-f]{32}\.\n$/)
    expect(ended.out).toBe(`Run ${id} is cancelled.\n`)
  })

  it('shows a job to people, with the ids that other commands take, and says where there is nothing', async () => {
    const { id } = await world.orderly.enqueue(sendMail, { patient: CANARY, clinicId: 'south' })
    const [show, list, none] = await Promise.all([
      run(['jobs', 'show', id]),
      run(['jobs', 'list', 'input.clinicId:south']),
      run(['jobs', 'list', 'input.clinicId:nowhere']),
    ])
    expect(show.out).toMatch(/^mail\.send: (prioritized|waiting)\n {2}id +/)
    expect(show.out).toContain('"clinicId":"south"')
    expect(show.out).toContain(`orderly jobs cancel ${id}`)
    expect(list.out).toContain(id)
    expect(none).toEqual({ code: 0, out: 'No job is found by this search.\n', err: '' })
    expect(show.out + list.out).not.toContain('Zyxwelda')
  })

  it('calls every operation of the API by its id, with its fields and its words for what does not fit', async () => {
    const { id } = await world.orderly.enqueue(renderPdf, { orderId: 77 }, { delay: '1h' })
    const [read, changed, missing, unfit, unknown] = await Promise.all([
      run(['call', 'jobs.list', 'q=input.orderId:77', 'limit=5']),
      run(['call', 'jobs.promote', `id=${id}`, '--json']),
      run(['call', 'jobs.get']),
      run(['call', 'jobs.list', 'limit=many']),
      run(['call', 'queue']),
    ])
    expect(JSON.parse(read.out)).toMatchObject({ data: [{ id }] })
    expect(changed).toMatchObject({ code: 0 })
    expect(missing).toMatchObject({ code: 1, err: expect.stringContaining('id=…') })
    expect(unfit).toMatchObject({ code: 1, err: expect.stringContaining('/query/limit') })
    expect(unknown).toMatchObject({ code: 2, out: expect.stringMatching(/^queues\.drain +POST/m) })
  })

  it('says which version it is, and which numbers a flag takes', async () => {
    const [version, letters, tooMany] = await Promise.all([
      run(['--version']),
      run(['jobs', 'list', '--limit', 'abc']),
      run(['jobs', 'list', '--limit', '501']),
    ])
    expect(version).toMatchObject({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) })
    for (const refused of [letters, tooMany]) {
      expect(refused).toMatchObject({ code: 2, out: '' })
      expect(refused.err).toContain("option '--limit <number>' argument")
      expect(refused.err).toContain('It is a whole number from 1 to 500.')
    }
  })

  it('tells where jobs fail and what to type next, and takes no slip of the hand for done', async () => {
    const { orderly } = world
    await orderly.resume({ queue: 'mail' })
    await orderly.start({ queues: ['mail'] })
    const [ended, failed] = await Promise.all(
      ['east', 'broken'].map((clinicId) =>
        orderly.enqueue(sendMail, { patient: CANARY, clinicId }),
      ),
    )
    await expect.poll(async () => (await orderly.inspectJob(failed!.id))?.state).toBe('failed')
    await expect.poll(async () => (await orderly.inspectJob(ended!.id))?.state).toBe('completed')
    const { fingerprint } = (await orderly.inspectJob(failed!.id))!
    const [ill, cancel, redrive, some, bare, help] = await Promise.all([
      run(['doctor']),
      run(['jobs', 'cancel', ended!.id]),
      run(['dlq', 'redrive', '--type', 'mail.sent', '--reason', 'mended']),
      run(['jobs', 'list', '--limit', '1']),
      run(['call', 'jobs.create']),
      run(['--help']),
    ])
    expect(ill.out).toMatch(
      new RegExp(`mail\\.send": ORDERLY_HANDLER_FAILED#${fingerprint} .*world\\.ts:\\d+`),
    )
    expect(ill.out).toContain(`orderly jobs explain ${failed!.id}`)
    expect(ill.out).toContain(`orderly dlq redrive --type mail.send --fingerprint ${fingerprint}`)
    expect(cancel).toMatchObject({ code: 1, out: 'Nothing was cancelled: it had ended before.\n' })
    expect(redrive).toMatchObject({ code: 1, out: expect.stringContaining('no dead letter fits') })
    expect(some.err).toContain('there are more')
    expect(bare.err).toMatch(/fit this operation; \/body\/type /)
    expect(help.out).toMatch(/Commands of packs:\n +medication .*\n/)
    expect(help.out).toMatch(/restore-test .*\(medication\)/)
    expect(ill.out + some.out).not.toContain('Zyxwelda')
  })

  it('says in words what was refused', async () => {
    const stranger = await run(['workers'], 'nobody')
    expect(stranger.code).toBe(1)
    expect(stranger.err).toMatch(/orderly apikeys create .* put it into ORDERLY_API_KEY/)
    const nobody = await run(['workers', '--url', 'http://127.0.0.1:9'])
    expect(nobody.code).toBe(1)
    expect(nobody.err).toContain('no server answers')
    expect((await run(['queues', 'pause', 'mail'])).code).toBe(2)
  })
})
