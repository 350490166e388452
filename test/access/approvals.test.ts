import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ROOT } from '../sources.ts'
import { openDesk, PASSWORD, PATIENT, visit, type Answer, type Desk } from './desk.ts'

/** The built program: what people run. */
const MAIN = join(ROOT, 'packages/orderly/dist/cli/main.js')
const HOUR_MS = 3_600_000
const WHY = { purpose: 'HSYSADMIN', text: 'the clinic reports a wrong name' }

let desk: Desk
let job: string
beforeAll(async () => {
  desk = await openDesk({ revealAlwaysTwo: true })
  for (const login of ['pia', 'pat']) await desk.user(login, { roles: ['privacy'] })
  await desk.user('lab', { roles: ['privacy'], queues: ['lab.*'] })
  await desk.user('op', { roles: ['operator'] })
  job = (await desk.orderly.enqueue(visit, { patient: PATIENT, clinicId: 'north' })).id
}, 30_000)
afterAll(() => desk.close())

const ask = (as: string, more: object = {}): Promise<Answer> =>
  desk.call('POST', '/api/v1/reveal-approvals', {
    as,
    body: { job, pointers: ['/patient'], ticket: 'INC-9', ...WHY, ...more },
  })
const decide = (as: string, id: string, approve = true): Promise<Answer> =>
  desk.call('POST', `/api/v1/reveal-approvals/${id}/decision`, { as, body: { approve } })
const reveal = (as: string, approval?: string, pointers = ['/patient']): Promise<Answer> =>
  desk.call('POST', `/api/v1/jobs/${job}/reveal`, { as, body: { pointers, approval, ...WHY } })
const latest = async (op: string) => (await desk.entries(op, 1))[0]

describe('two persons', () => {
  it('agree before one of them sees PHI, and both are on record', async () => {
    expect((await reveal('pia')).status).toBe(403)
    const asked = await ask('pia')
    expect([asked.status, asked.json.state]).toEqual([201, 'waiting'])
    const { id } = asked.json
    expect(asked.text).not.toContain('wrong name')
    expect(await latest('phi.request')).toMatchObject({
      actor: { name: 'pia' },
      resource: { id: job, queue: 'clinic.visits', fields: ['/input/patient'] },
      why: { purpose: 'HSYSADMIN', ticket: 'INC-9' },
      detail: { approval: id },
    })
    // Not before somebody has consented.
    expect((await reveal('pia', id)).status).toBe(403)
    const read = await desk.call('GET', `/api/v1/reveal-approvals/${id}`, { as: 'pat' })
    expect(read.json).toMatchObject({ text: WHY.text, pointers: ['/patient'], state: 'waiting' })
    expect((await decide('pat', id)).json).toMatchObject({ state: 'approved' })
    expect(await latest('phi.approve')).toMatchObject({ actor: { name: 'pat' }, outcome: 'ok' })
    const seen = await reveal('pia', id)
    expect(seen.json.values).toEqual([{ pointer: '/patient', found: true, value: PATIENT }])
    expect(await latest('phi.reveal')).toMatchObject({
      id: seen.json.entry,
      outcome: 'ok',
      actor: { name: 'pia' },
      detail: { approval: id, approvedBy: expect.stringMatching(/^u_/) },
    })
    // Once.
    expect((await reveal('pia', id)).status).toBe(403)
    const listed = await desk.call('GET', '/api/v1/reveal-approvals', { as: 'pia' })
    expect(listed.json.data).toMatchObject([{ id, state: 'used' }])
  })

  it('attack 35: are two: nobody consents to a request of their own', async () => {
    const { id } = (await ask('pia')).json
    const own = await decide('pia', id)
    expect([own.status, own.json.code]).toEqual([409, 'ORDERLY_CONFLICT'])
    expect(await latest('phi.approve')).toMatchObject({
      outcome: 'denied',
      code: 'ORDERLY_CONFLICT',
      actor: { name: 'pia' },
    })
    expect((await reveal('pia', id)).status).toBe(403)
    expect((await decide('pat', id, false)).json.state).toBe('refused')
    expect((await decide('pat', id)).status).toBe(409)
    expect((await reveal('pia', id)).status).toBe(403)
  })

  it('agree on this: on no other field, job or person, and by nobody without the role or the reach', async () => {
    const { id } = (await ask('pia')).json
    expect((await decide('op', id)).status).toBe(403)
    expect((await decide('lab', id)).status).toBe(404)
    expect((await desk.call('GET', '/api/v1/reveal-approvals', { as: 'lab' })).json.data).toEqual(
      [],
    )
    expect((await ask('lab')).status).toBe(404)
    await decide('pat', id)
    expect((await reveal('pia', id, ['/patient', '/clinicId'])).status).toBe(403)
    expect((await reveal('pia', id, [''])).status).toBe(403)
    expect((await reveal('pat', id)).status).toBe(403)
    expect((await reveal('pia', id)).status).toBe(200)
    for (const bad of [{ pointers: ['patient'] }, { text: ' '.repeat(20) }])
      expect((await ask('pia', bad)).status).toBe(422)
  })

  it('agree in time: a request waits a day, and what was allowed is looked at within the hour', async () => {
    const late = (await ask('pia')).json.id
    desk.clock.ahead += 25 * HOUR_MS
    desk.forget()
    expect((await decide('pat', late)).status).toBe(409)
    const { id } = (await ask('pia')).json
    await decide('pat', id)
    desk.clock.ahead += HOUR_MS
    desk.forget()
    expect((await reveal('pia', id)).status).toBe(403)
  })

  it('decide on the command line as themselves, by password', async () => {
    const { id } = (await ask('pia')).json
    const run = (login: string, ...args: string[]) =>
      new Promise<{ code: number | null; out: string; err: string }>((resolve) => {
        const child = spawn(
          process.execPath,
          [MAIN, 'approvals', ...args, '--login', login, '--url', desk.server.url],
          { stdio: ['pipe', 'pipe', 'pipe'] },
        )
        let [out, err] = ['', '']
        child.stdout.on('data', (piece: Buffer) => (out += piece.toString()))
        child.stderr.on('data', (piece: Buffer) => (err += piece.toString()))
        child.on('close', (code) => resolve({ code, out, err }))
        child.stdin.end(`${PASSWORD}\n`)
      })
    expect(await run('pat', 'list')).toMatchObject({ code: 0, out: expect.stringContaining(id) })
    expect(await run('pat', 'approve', id)).toMatchObject({ code: 0 })
    expect((await reveal('pia', id)).status).toBe(200)
  }, 60_000)

  it('leave a ledger that holds nothing of what was seen', async () => {
    expect(JSON.stringify(await desk.entries('phi.*', 1_000))).not.toMatch(/Zyx|wrong name/)
  })
})
