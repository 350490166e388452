// Attacks on the surface of an installation; docs/operate/security.md says where each of the forty is tested.
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { clear, createOrderly, defineJob, handle, phi } from 'orderly'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { csvCell } from '../../packages/orderly/src/http/job-export.ts'
import { buildApp } from '../../packages/orderly/src/http/app.ts'
import { roomsOf } from '../../packages/orderly/src/orderly.ts'
import { validateWorkflow } from '../../packages/orderly/src/workflow/validate.ts'
import { openDesk, PATIENT, silent, visit, type Desk } from './desk.ts'

let desk: Desk
let jobId: string
beforeAll(async () => {
  desk = await openDesk()
  await desk.user('op', { roles: ['operator'] })
  await desk.user('vi')
  jobId = (await desk.orderly.enqueue(visit, { patient: PATIENT, clinicId: 'north' })).id
}, 30_000)
afterAll(() => desk.close())

describe('a start', () => {
  it('attack 40: is refused to a store in the clear, a loose keyring and a route without permission', async () => {
    const home = mkdtempSync(join(tmpdir(), 'orderly-start-'))
    const start = (options: object) =>
      createOrderly({ home, log: silent, jobs: [visit], ...options })
    for (const queueUrl of ['redis://192.0.2.1:6379', 'postgres://u:p@192.0.2.1/q'])
      await expect(start({ queueUrl })).rejects.toMatchObject({
        code: 'ORDERLY_STORE_UNSAFE',
        message: expect.stringContaining('not encrypted') as string,
      })
    for (const schema of [z.any(), z.unknown(), z.array(z.any()), z.looseObject({ n: z.int() })])
      expect(() => clear(schema)).toThrow(/takes anything/)
    await (await start({})).close()
    chmodSync(join(home, 'keyring.json'), 0o644)
    await expect(start({})).rejects.toMatchObject({ code: 'ORDERLY_KEYRING_INVALID' })
    rmSync(home, { recursive: true, force: true })
    const app = await buildApp(desk.orderly)
    for (const [method, url] of [
      ['GET', '/api/v1/everything'],
      ['POST', '/health'],
      ['GET', '/api/v2/jobs'],
    ] as const)
      expect(() => app.route({ method, url, handler: () => 'open' })).toThrow(/names no permission/)
    await app.close()
  }, 30_000)
})

describe('a worker with a scope', () => {
  const lab = defineJob({
    name: 'lab.order',
    queue: 'lab.orders',
    input: z.object({ patient: phi.name() }),
  })
  const dose = defineJob({
    name: 'dose',
    queue: 'medication',
    input: z.object({ patient: phi.name() }),
  })

  it('attack 12: opens no job of another queue, works on none, and both are on record', async () => {
    const { home } = desk
    const ran: string[] = []
    const handlers = [lab, dose].map((job) =>
      handle(job, async ({ input }) => void ran.push(`${job.name} ${input.patient}`)),
    )
    await using worker = await createOrderly({
      home,
      log: silent,
      jobs: [lab, dose],
      handlers,
      workerScope: ['lab.*'],
    })
    // Whoever may not open a job may still ask for it.
    await worker.enqueue(lab, { patient: PATIENT })
    const other = await worker.enqueue(dose, { patient: PATIENT })
    await expect(worker.start({ queues: ['medication'] })).rejects.toMatchObject({
      code: 'ORDERLY_FORBIDDEN',
    })
    await worker.start()
    await expect.poll(() => ran).toEqual([`lab.order ${PATIENT}`])
    await expect(worker.inspectJob(other.id)).rejects.toMatchObject({ code: 'ORDERLY_FORBIDDEN' })
    // A worker past the check, such as one of BullMQ's own, gets nothing to open either.
    const { classes, connection } = roomsOf(worker).engines.all()[0]!.engine
    const rogue = new classes.Worker('medication', async () => void ran.push('rogue'), {
      connection,
    })
    await expect
      .poll(async () =>
        (await desk.entries('crypto.open')).map(({ outcome, code }) => [outcome, code]),
      )
      .toEqual([['denied', 'ORDERLY_FORBIDDEN']])
    await rogue.close(true)
    expect(ran).toHaveLength(1)
    expect((await desk.entries('crypto.open'))[0]).toMatchObject({
      resource: { kind: 'job', queue: 'medication' },
    })
    expect((await desk.entries('worker.start'))[0]).toMatchObject({
      outcome: 'denied',
      resource: { queue: 'medication' },
    })
    // It is as it was, for a worker that may.
    const { failed = 0 } = await desk.rooms.engines
      .all()[0]!
      .engine.queue('medication')
      .getJobCounts()
    expect(failed).toBe(0)
  }, 20_000)

  it('does not start with a scope that cannot be read', async () => {
    for (const workerScope of [[], ['lab*orders'], ['']])
      await expect(
        createOrderly({ home: desk.home, log: silent, workerScope }),
      ).rejects.toMatchObject({
        code: 'ORDERLY_SETTING_INVALID',
      })
  })
})

describe('a stream that is open', () => {
  it('attack 25: is closed within five seconds when its reader is disabled', async () => {
    const id = await desk.user('eve')
    const headers = await desk.session('eve')
    const stream = await fetch(new URL('/api/v1/live', desk.server.url), { headers })
    expect(stream.status).toBe(200)
    const began = desk.clock.elapsed()
    const disabled = await desk.call('PATCH', `/api/v1/users/${id}`, {
      as: 'ana',
      body: { disabled: true },
    })
    expect(disabled.status).toBe(200)
    let text = ''
    for await (const piece of stream.body!) text += Buffer.from(piece).toString()
    expect(text).toContain('event: bye')
    expect(desk.clock.elapsed() - began).toBeLessThan(5_000)
    expect((await desk.call('GET', '/api/v1/jobs', { headers })).status).toBe(401)
  }, 20_000)
})

describe('a body', () => {
  it('attack 27: is read only as application/json, however it is spelt otherwise', async () => {
    const attempt = (type: string) =>
      desk.call('POST', '/api/v1/queues/clinic.visits/pause', {
        as: 'op',
        body: { reason: 'vendor is down' },
        headers: { 'content-type': type },
      })
    for (const type of [
      'application/json\ta',
      ' application/jsonx',
      'application/json ; charset=utf-8',
      'application/json garbage',
      'application/json; charset=utf-16',
      'application/json, text/plain',
      'text/json',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
    ])
      expect([type, (await attempt(type)).status]).toEqual([type, 415])
    expect(await desk.orderly.pauses()).toEqual([])
    // What a header may be written like, and means the same.
    for (const type of [
      'application/json; Charset=UTF-8',
      'APPLICATION/JSON',
      ' application/json',
    ]) {
      expect([type, (await attempt(type)).status]).toEqual([type, 200])
      await desk.orderly.resume({ queue: 'clinic.visits' })
    }
  })

  it('attack 29: that reaches for a prototype is refused, in a request, a graph and a stored row', async () => {
    const bodies = [
      '{"reason":"vendor is down","__proto__":{"admin":true}}',
      '{"reason":"vendor is down","constructor":{"prototype":{"admin":true}}}',
      '{"reason":"vendor is down","\\u005f_proto__":{"admin":true}}',
    ]
    for (const body of bodies) {
      const answer = await desk.call('POST', '/api/v1/queues/clinic.visits/pause', {
        as: 'op',
        body,
      })
      expect(answer.status).toBe(400)
    }
    const graph = (key: string) =>
      `{"document":{"format":"orderly.workflow/1","id":"w","version":1,"start":"a","nodes":{"a":{"type":"wait","until":{"signal":"x"}},"${key}":{"prototype":{"admin":true}}},"edges":[]}}`
    for (const key of ['__proto__', 'constructor'])
      expect(
        (await desk.call('POST', '/api/v1/workflows/validate', { as: 'op', body: graph(key) }))
          .status,
      ).toBe(400)
    // Whoever writes to a queue without PHI past the wall reaches no further.
    const count = defineJob({ name: 'count', input: z.object({ n: z.number() }) })
    const seen: object[] = []
    const home = mkdtempSync(join(tmpdir(), 'orderly-proto-'))
    await using orderly = await createOrderly({
      home,
      log: silent,
      jobs: [count],
      handlers: [handle(count, async ({ input }) => void seen.push(input))],
    })
    const data = '{"n":1,"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}}}'
    const json = { id: 'forged', name: 'count', data, opts: {}, timestamp: Date.now() }
    const { engine } = roomsOf(orderly).engines.all()[0]!
    await engine.raw('count').add([{ json, parent: {} } as never])
    await orderly.start()
    await expect.poll(() => seen.length).toBe(1)
    expect(Object.getOwnPropertyNames(seen[0])).toEqual(['n'])
    expect(Object.getPrototypeOf(seen[0])).toBe(Object.prototype)
    expect(({} as { admin?: boolean }).admin).toBeUndefined()
    await orderly.close()
    rmSync(home, { recursive: true, force: true })
  })
})

describe('a path', () => {
  it('attack 28: that goes around leads nowhere, and past no guard', async () => {
    for (const path of [
      '//api/v1/users',
      '/api//v1/users',
      '/assets/%2e%2e/%2e%2e/package.json',
      '/assets/..%2f..%2fpackage.json',
      '/assets/../../package.json',
      '/api%2Fv1%2Fusers',
      '/api/v1%2Fusers',
      '/api/v1/jobs/%252e%252e%252fusers',
      '/api/v1/%00users',
      '/assets/%00',
      '/api/v1/USERS',
      '/api/v1/users/',
      '/%2e%2e/%2e%2e/etc/passwd',
      '\\api\\v1\\users',
    ]) {
      for (const as of [undefined, 'vi']) {
        const answer = await desk.call('GET', path, as === undefined ? {} : { as })
        expect([path, as, [400, 401, 403, 404].includes(answer.status)]).toEqual([path, as, true])
        expect(answer.text).not.toMatch(/"login"|"dependencies"|root:/)
      }
    }
  })

  it('attack 31: names what is asked for; a query cannot, and of another tenant there is nothing', async () => {
    const other = (await desk.orderly.enqueue(visit, { patient: PATIENT, clinicId: 'south' })).id
    const both = await desk.call('GET', `/api/v1/jobs/${jobId}?id=${other}`, { as: 'vi' })
    expect(both.status).toBe(400)
    expect(both.text).not.toContain(other)
    expect((await desk.call('GET', `/api/v1/jobs/${jobId}`, { as: 'vi' })).json.id).toBe(jobId)
    await desk.user('nora', { roles: ['operator'], tenant: 'north' })
    await desk.user('nina', { roles: ['auditor'], tenant: 'north' })
    for (const [as, path] of [
      ['nora', `/api/v1/jobs/${jobId}`],
      ['nora', '/api/v1/jobs'],
      ['nora', '/api/v1/queues/clinic.visits'],
      ['nora', '/api/v1/workflows'],
      ['nora', '/api/v1/schedules'],
      ['nora', '/api/v1/live'],
      ['nina', '/api/v1/audit'],
      ['nina', '/api/v1/evidence'],
    ] as const)
      expect([path, (await desk.call('GET', path, { as })).status]).toEqual([path, 404])
    const cancel = await desk.call('POST', `/api/v1/jobs/${jobId}/cancel`, { as: 'nora', body: {} })
    expect(cancel.status).toBe(404)
    const users = (await desk.call('GET', '/api/v1/users', { as: 'nina' })).json.data
    expect(users.map(({ login }: { login: string }) => login).toSorted()).toEqual(['nina', 'nora'])
  })
})

describe('text that is more than text', () => {
  const SPEAKING = [
    '<img src=x onerror=alert(1)>',
    '"><svg onload=alert(1)>',
    '=cmd()',
    '\u202Egnp.exe',
  ]

  it('attack 30: names nothing, leaves as JSON that no browser sniffs, and is no formula in a sheet', async () => {
    for (const name of SPEAKING)
      expect(() => defineJob({ name, input: z.object({}) })).toThrow(
        expect.objectContaining({ code: 'ORDERLY_DEFINITION_INVALID' }),
      )
    for (const reason of SPEAKING) {
      const paused = await desk.call('POST', '/api/v1/queues/clinic.visits/pause', {
        as: 'op',
        body: { reason: `${reason} is what broke` },
      })
      expect(paused.status).toBe(200)
      const shown = await desk.call('GET', '/api/v1/queues', { as: 'vi' })
      expect(shown.headers).toMatchObject({
        'content-type': 'application/json; charset=utf-8',
        'x-content-type-options': 'nosniff',
      })
      expect(shown.headers['content-security-policy']).toMatch(
        /default-src 'none'.*script-src 'self';/,
      )
      expect(shown.headers['content-security-policy']).not.toContain('unsafe')
      await desk.orderly.resume({ queue: 'clinic.visits' })
    }
    // Pages hold nothing of what is stored: they ask for it, and their scripts come from files.
    for (const path of ['/', '/docs', '/status']) {
      const page = await desk.call('GET', path, { headers: { accept: 'text/html' } })
      if (page.status !== 200) continue
      expect(page.text).not.toMatch(/<script(?![^>]*\bsrc=)[^>]*>|\son\w+=|clinic\.visits/)
      expect(String(page.headers['content-security-policy'])).toContain("script-src 'self'")
    }
    for (const formula of ['=cmd()', '@x', '+1', '-1', '\t=cmd()'])
      expect(csvCell(formula)).toBe(`'${formula}`)
  })
})

describe('a workflow', () => {
  const documentOf = (nodes: object, edges: object[] = [], start = 'a') => ({
    format: 'orderly.workflow/1',
    id: 'w',
    version: 1,
    start,
    nodes,
    edges,
  })
  const wait = { type: 'wait', until: { signal: 'x' } }
  const job = (input: unknown) => ({ a: { type: 'job', job: 'visit', input } })

  it('attack 39: that runs in a circle, is huge, or maps by code is refused, and nothing is evaluated', async () => {
    const many = Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`n${n}`, wait]))
    const circle = documentOf({ a: wait, b: wait }, [
      { from: 'a', to: 'b' },
      { from: 'b', to: 'a' },
    ])
    const refused = [
      circle,
      documentOf(many, [], 'n0'),
      documentOf(job({ patient: `input.constructor.constructor('return process')()` })),
      documentOf(job({ patient: `''.constructor.constructor('return process')()` })),
      documentOf(job({ patient: '__proto__' })),
      documentOf({ a: { type: 'file', path: '/etc/passwd' } }),
    ]
    for (const document of refused) expect(validateWorkflow(document).valid).toBe(false)
    const draft = { document: circle }
    for (const document of [
      circle,
      documentOf({ a: { type: 'job', job: '../../etc/passwd', input: {} } }),
    ])
      expect(
        (await desk.call('POST', '/api/v1/workflows/validate', { as: 'op', body: { document } }))
          .json,
      ).toMatchObject({ valid: false })
    await desk.user('dev', { roles: ['developer'] })
    await desk.user('adm', { roles: ['admin'] })
    await desk.call('PUT', '/api/v1/workflows/w/draft', { as: 'dev', body: draft })
    const deployed = await desk.call('POST', '/api/v1/workflows/w/deploy', { as: 'adm', body: {} })
    expect(deployed.status).toBe(422)
  })
})
