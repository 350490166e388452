// Who sees PHI, why, and what stays of it on the audit log: reveals, emergencies, and the log over HTTP.
import { sql } from 'kysely'
import { clear, defineJob, fixed, handle, phi } from 'orderly'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { FRESH_MS } from '../../packages/orderly/src/access/fresh.ts'
import type { RoleName } from '../../packages/orderly/src/access/roles.ts'
import { openNote, parseProof, parseVkey } from '../../packages/orderly/src/ledger/note.ts'
import { dropContent } from '../../packages/orderly/src/history/retain.ts'
import { findEntries } from '../../packages/orderly/src/ledger/read.ts'
import { openDesk, PATIENT, type Desk } from './desk.ts'

const visit = defineJob({
  name: 'visit',
  queue: 'clinic.visits',
  input: z.object({
    patient: phi.name(),
    notes: z.array(z.object({ text: phi.text() })),
    clinicId: clear(z.string()),
  }),
})

const ward = defineJob({
  name: 'ward',
  queue: 'clinic.visits',
  input: z.object({
    doses: z.record(phi.name(), z.object({ drugs: z.array(phi.text()) })),
    ward: clear(z.string()),
  }),
})

const label = defineJob({
  name: 'label',
  queue: 'clinic.labels',
  input: z.object({ patient: phi.name() }),
  retry: { attempts: 2, backoff: fixed('10ms') },
})
const sweep = defineJob({
  name: 'sweep',
  queue: 'house.sweeps',
  input: z.object({ ward: clear(z.string()) }),
})

let desk: Desk
let jobId: string

beforeAll(async () => {
  desk = await openDesk({
    jobs: [visit, ward, label, sweep],
    handlers: [
      handle(visit, async () => undefined),
      handle(ward, async () => undefined),
      handle(label, async (ctx) => {
        ctx.log.info({}, `printing for ${ctx.input.patient}`)
        throw new Error(`attempt ${ctx.attempt}: no paper for ${ctx.input.patient}`)
      }),
      handle(sweep, () => Promise.reject(new Error('printer 7 is out of paper'))),
    ],
  })
  await desk.orderly.start()
  for (const [login, role] of [
    ['vi', 'viewer'],
    ['op', 'operator'],
    ['pri', 'privacy'],
    ['prue', 'privacy'],
    ['aud', 'auditor'],
    ['adm', 'admin'],
  ] satisfies [string, RoleName][])
    await desk.user(login, { roles: [role] })
  const notes = [{ text: 'allergic to ~/x' }]
  jobId = (await desk.orderly.enqueue(visit, { patient: PATIENT, notes, clinicId: 'north' })).id
})
afterAll(() => desk.close())
beforeEach(() => desk.forget())

const latest = async (op: string) => (await desk.entries(op, 1))[0]
const reveal = (as: string, more: object = {}, id = jobId) =>
  desk.call('POST', `/api/v1/jobs/${id}/reveal`, {
    as,
    body: {
      pointers: ['/patient'],
      purpose: 'HSYSADMIN',
      text: 'the clinic reports a wrong name',
      ...more,
    },
  })

describe('a reveal', () => {
  it('is on the ledger before the value leaves, and says who, what, why', async () => {
    const answer = await reveal('pri', {
      pointers: ['/patient', '/notes/0/text', '/none', ''],
      ticket: 'INC-9',
    })
    expect(answer.status).toBe(200)
    expect(answer.json.values.map(({ value }: { value: unknown }) => value)).toEqual([
      PATIENT,
      'allergic to ~/x',
      null,
      expect.objectContaining({ clinicId: 'north' }),
    ])
    const entry = await latest('phi.reveal')
    expect(entry).toMatchObject({
      id: answer.json.entry,
      outcome: 'ok',
      actor: { name: 'pri' },
      source: { ip: '127.0.0.1' },
      resource: {
        id: jobId,
        queue: 'clinic.visits',
        fields: expect.arrayContaining(['/input/patient']),
      },
      why: { purpose: 'HSYSADMIN', ticket: 'INC-9' },
    })
    expect(JSON.stringify(entry)).not.toContain('wrong name')
    expect(answer.headers['cache-control']).toBe('no-store')
    expect((await desk.call('GET', `/api/v1/jobs/${jobId}`, { as: 'pri' })).text).not.toContain(
      'Zyx',
    )
  })

  it('is refused to every other role, the powerful ones too (attack 24)', async () => {
    for (const as of ['vi', 'op', 'aud', 'adm', 'ana']) {
      const answer = await reveal(as)
      expect([as, answer.status]).toEqual([as, 403])
      expect(answer.text).not.toContain('Zyx')
    }
    expect((await reveal('pri', {}, 'no-such-job')).status).toBe(404)
  })

  it('needs a reason, a purpose and a fresh sign-in, and each refusal is on record (attack 35)', async () => {
    await desk.session('pri')
    expect((await reveal('pri', { text: 'because' })).status).toBe(400)
    expect((await reveal('pri', { purpose: 'FUN' })).status).toBe(400)
    expect((await reveal('pri', { pointers: ['patient'] })).status).toBe(422)
    expect(await latest('phi.reveal')).toMatchObject({
      outcome: 'denied',
      code: 'ORDERLY_INPUT_INVALID',
    })
    desk.clock.ahead += FRESH_MS + 1_000
    const late = await reveal('pri')
    expect([late.status, late.json.code]).toEqual([401, 'ORDERLY_STEP_UP_NEEDED'])
    expect(await latest('phi.reveal')).toMatchObject({
      outcome: 'denied',
      code: 'ORDERLY_STEP_UP_NEEDED',
    })
    await desk.renew('pri')
    expect((await reveal('pri')).status).toBe(200)
  })

  it('shows nothing while the ledger cannot be written (attack 17)', async () => {
    await desk.session('pri')
    const rename = (from: string, to: string) =>
      sql.raw(`alter table ${from} rename to ${to}`).execute(desk.rooms.history.query)
    await rename('orderly_ledger_nodes', 'away')
    await rename('orderly_ledger_head', 'away_head')
    const answer = await reveal('pri')
    const pause = await desk
      .call('POST', '/api/v1/queues/clinic.visits/pause', {
        as: 'op',
        body: { reason: 'vendor is down' },
      })
      .catch(() => undefined)
    await rename('away', 'orderly_ledger_nodes')
    await rename('away_head', 'orderly_ledger_head')
    expect([answer.status, answer.json.code]).toEqual([503, 'ORDERLY_LEDGER_UNAVAILABLE'])
    expect(answer.text).not.toContain('Zyx')
    expect(pause?.status ?? 503).toBe(503)
    expect(await desk.orderly.pauses()).toEqual([])
    // Jobs go on.
    expect(
      (await desk.orderly.enqueue(visit, { patient: PATIENT, notes: [], clinicId: 'x' })).id,
    ).toBeTruthy()
  })

  it('ends at thirty an hour, counted over all sessions (attack 35)', async () => {
    desk.clock.ahead += 2 * 3_600_000
    desk.forget()
    const statuses: number[] = []
    for (let n = 0; n < 31; n++) statuses.push((await reveal('pri')).status)
    expect(statuses).toEqual([...Array<number>(30).fill(200), 429])
    desk.clock.ahead += 3_600_000
    desk.forget()
    expect((await reveal('pri')).status).toBe(200)
    // Each field is a value, however few calls ask for them.
    const fields = (count: number) => ({ pointers: Array<string>(count).fill('/patient') })
    expect((await reveal('pri', fields(30))).status).toBe(429)
    expect((await reveal('pri', fields(29))).status).toBe(200)
    expect((await reveal('pri')).status).toBe(429)
  })

  it('counts what a pointer to a whole shows by its values, and of what is harmless nothing', async () => {
    const whole = async (of: number, pointers: string[]) => {
      const drugs = Array.from({ length: of }, (_, n) => `drug ${n}`)
      const input = { doses: { [PATIENT]: { drugs } }, ward: 'north' }
      const { id } = await desk.orderly.enqueue(ward, input)
      return (await reveal('pri', { pointers }, id)).status
    }
    const spare = async () => {
      desk.clock.ahead += 25 * 3_600_000
      desk.forget()
      await desk.session('pri')
    }
    for (const pointer of ['', '/doses', `/doses/${PATIENT}/drugs`]) {
      await spare()
      expect([pointer, await whole(31, [pointer])]).toEqual([pointer, 429])
      expect([pointer, await whole(28, ['/ward', pointer])]).toEqual([pointer, 200])
      expect((await latest('phi.reveal'))?.detail).toMatchObject({ values: 29 })
      expect([pointer, await whole(2, [pointer])]).toEqual([pointer, 429])
      expect((await reveal('pri')).status).toBe(200)
    }
    await spare()
  })

  it('leaves no name on record that is no name of the schema: it may be a patient', async () => {
    const { id } = await desk.orderly.enqueue(ward, {
      doses: { [PATIENT]: { drugs: ['x'] } },
      ward: 'north',
    })
    const typed = [`/doses/${PATIENT}/drugs/0`, '/ward']
    expect((await reveal('pri', { pointers: typed }, id)).json.values).toEqual([
      { pointer: typed[0], found: true, value: 'x' },
      { pointer: typed[1], found: true, value: 'north' },
    ])
    const shown = await latest('phi.reveal')
    expect(shown?.resource?.fields).toEqual([
      expect.stringMatching(/^\/input\/doses\/b1\.[\w-]+\/b1\.[\w-]+\/b1\.[\w-]+$/),
      '/input/ward',
    ])
    const fields = { part: 'input', pointers: [`/doses/${PATIENT}`] }
    expect((await reveal('op', fields, id)).status).toBe(403)
    expect((await reveal('pri', fields, encodeURIComponent(`no ${PATIENT}`))).status).toBe(404)
    expect((await reveal('pri', { ...fields, part: 'error' }, id)).status).toBe(404)
    const asked = await desk.call('POST', '/api/v1/reveal-approvals', {
      as: 'pri',
      body: { job: id, ...fields, purpose: 'HSYSADMIN', text: 'the clinic reports a wrong name' },
    })
    expect([asked.status, asked.json.pointers]).toEqual([201, fields.pointers])
    const approval = `/api/v1/reveal-approvals/${asked.json.id}`
    const pointers = async (as: string, path: string) => {
      const { json } = await desk.call('GET', path, { as })
      return (json.data?.[0] ?? json).pointers
    }
    const list = '/api/v1/reveal-approvals'
    expect(await pointers('pri', list)).toEqual(fields.pointers)
    expect(await pointers('prue', list)).toEqual([expect.stringMatching(/^\/doses\/b1\.[\w-]+$/)])
    expect(await pointers('prue', approval)).toEqual(fields.pointers)
    await desk.call('POST', `${approval}/decision`, { as: 'prue', body: { approve: true } })
    const again = await reveal('pri', { ...fields, approval: asked.json.id }, id)
    expect(again.json.values[0].value).toEqual({ drugs: ['x'] })
    const kept = [
      ...(await findEntries(desk.rooms.ledger.database, { limit: 1_000 })),
      ...(await desk.rooms.access.database.query
        .selectFrom('orderly_approvals')
        .selectAll()
        .execute()),
    ]
    expect(JSON.stringify(kept)).not.toContain('Zyx')
  })
})

describe('what a handler threw', () => {
  const WHY = { purpose: 'HSYSADMIN', text: 'the labels of the ward are missing' }
  const failed = async (job: typeof label | typeof sweep, input: object): Promise<string> => {
    const { id } = await desk.orderly.enqueueByName(job.name, input)
    await expect
      .poll(async () => (await desk.orderly.inspectJob(id))?.state, { timeout: 10_000 })
      .toBe('failed')
    return id
  }
  let labelId: string

  it('is shown attempt by attempt to who may see it, on record before it leaves', async () => {
    desk.clock.ahead += 2 * 3_600_000
    desk.forget()
    labelId = await failed(label, { patient: PATIENT })
    const first = await reveal(
      'pri',
      { part: 'error', attempt: 1, ...WHY, pointers: [''] },
      labelId,
    )
    expect(first.json.values[0].value).toMatchObject({
      name: 'Error',
      message: `attempt 1: no paper for ${PATIENT}`,
      stack: expect.stringContaining('reveal.test.ts'),
    })
    expect(await latest('phi.reveal')).toMatchObject({
      id: first.json.entry,
      outcome: 'ok',
      resource: { id: labelId, queue: 'clinic.labels', fields: ['/error/1'] },
    })
    // The last one unless told.
    const last = await reveal('pri', { part: 'error', pointers: ['/message'], ...WHY }, labelId)
    expect(last.json.values[0].value).toBe(`attempt 2: no paper for ${PATIENT}`)
    const { json, text } = await desk.call('GET', `/api/v1/jobs/${labelId}/attempts`, { as: 'pri' })
    expect(json.data).toMatchObject([{ hasError: true }, { hasError: true }])
    expect(text).not.toContain('paper')
  })

  it('is shown of a job without PHI in the same way, and to nobody else', async () => {
    const id = await failed(sweep, { ward: 'north' })
    const wanted = { part: 'error', pointers: ['/message'] }
    expect((await reveal('pri', wanted, id)).json.values[0].value).toBe('printer 7 is out of paper')
    for (const as of ['op', 'adm']) expect((await reveal(as, wanted, id)).status).toBe(403)
  })

  it('is not found where there is none, nor once its content is over its time', async () => {
    const of = (attempt: number) =>
      reveal('pri', { part: 'error', attempt, pointers: [''] }, labelId)
    expect((await of(3)).status).toBe(404)
    expect((await reveal('pri', { attempt: 1 }, labelId)).status).toBe(422)
    await dropContent(desk.rooms.history, [labelId], Number.MAX_SAFE_INTEGER)
    expect((await of(1)).status).toBe(404)
  })

  it('stands beside what it wrote to its log, which is shown likewise', async () => {
    const id = await failed(label, { patient: PATIENT })
    const logs = await desk.call('GET', `/api/v1/jobs/${id}/logs`, { as: 'pri' })
    expect(logs.json.data[0].message).toMatch(/^\[masked/)
    const seen = await reveal('pri', { part: 'log', pointers: ['/0/message'] }, id)
    expect(seen.json.values[0].value).toBe(`printing for ${PATIENT}`)
    expect((await reveal('op', { part: 'log', pointers: [''] }, id)).status).toBe(403)
  })
})

describe('an emergency access', () => {
  const begin = (as: string) =>
    desk.call('POST', '/api/v1/emergencies', {
      as,
      body: { purpose: 'ETREAT', text: 'patient in the ER, dose unknown' },
    })

  it('lets whoever is marked for it see PHI for an hour, and is reviewed by somebody else (attack 36)', async () => {
    desk.clock.ahead += 3_600_000
    desk.forget()
    expect((await begin('op')).status).toBe(403)
    const users = (await desk.call('GET', '/api/v1/users', { as: 'ana' })).json.data
    const op = users.find(({ login }: { login: string }) => login === 'op')
    await desk.call('PATCH', `/api/v1/users/${op.id}`, { as: 'ana', body: { emergency: true } })
    expect((await reveal('op')).status).toBe(403)
    const begun = await begin('op')
    expect(begun.status).toBe(201)
    expect((await begin('op')).status).toBe(409)
    expect((await reveal('op')).json.values[0].value).toBe(PATIENT)
    const review = (as: string) =>
      desk.call('POST', `/api/v1/emergencies/${begun.json.id}/review`, {
        as,
        body: { verdict: 'justified', text: 'agrees with the record of the ER' },
      })
    expect((await review('aud')).status).toBe(409)
    desk.clock.ahead += 61 * 60_000
    desk.forget()
    expect((await reveal('op')).status).toBe(403)
    expect((await review('op')).status).toBe(403)
    expect((await review('aud')).json).toMatchObject({ verdict: 'justified' })
    expect((await review('aud')).status).toBe(409)
    const ops = (await findEntries(desk.rooms.ledger.database, { op: 'emergency.*' })).map(
      ({ op: each }) => each,
    )
    expect(ops).toEqual(['emergency.review', 'emergency.begin'])
  })
})

describe('the audit log over HTTP', () => {
  it('is read page by page, proved, and taken out', async () => {
    const first = await desk.call('GET', '/api/v1/audit?limit=3&op=auth.*', { as: 'aud' })
    expect(first.json.data).toHaveLength(3)
    const next = await desk.call(
      'GET',
      `/api/v1/audit?limit=3&op=auth.*&cursor=${first.json.page.next}`,
      { as: 'aud' },
    )
    expect(next.json.data[0].index).toBeLessThan(first.json.data[2].index)
    const [entry] = first.json.data
    const proof = await desk.call('GET', `/api/v1/audit/${entry.id}/proof`, { as: 'aud' })
    const { vkey } = (await desk.call('GET', '/api/v1/audit/checkpoint', { as: 'aud' })).json
    expect(openNote(parseProof(proof.json.proof)!.checkpoint, [parseVkey(vkey)!])).toBeDefined()
    const leaves = await desk.call('GET', '/api/v1/audit/leaves?from=1&limit=2', { as: 'aud' })
    expect(leaves.json.data).toHaveLength(2)
    // Whoever takes the texts of entries is on record, however they are taken.
    expect(await latest('api.audit.proof')).toMatchObject({ resource: { id: entry.id } })
    expect(await latest('api.audit.leaves')).toMatchObject({
      actor: { name: 'aud' },
      detail: { from: 1, entries: 2 },
    })
    const dump = await desk.call('GET', '/api/v1/audit/export', { as: 'aud' })
    expect(dump.text.split('\n').length).toBeGreaterThan(10)
    expect(JSON.parse(dump.text.split('\n')[0]!)).toMatchObject({ kind: 'orderly-ledger' })
    for (const path of ['audit', 'audit/checkpoint', 'audit/export', 'audit/leaves'])
      expect((await desk.call('GET', `/api/v1/${path}`, { as: 'op' })).status).toBe(403)
    expect(await latest('api.audit.list')).toMatchObject({
      outcome: 'denied',
      actor: { name: 'op' },
    })
  })

  it('holds a person’s change once, in that person’s name', async () => {
    await desk.call('POST', '/api/v1/queues/clinic.visits/pause', {
      as: 'op',
      body: { reason: 'vendor is down' },
    })
    const entries = (await findEntries(desk.rooms.ledger.database, { limit: 5 })).filter(({ op }) =>
      /pause/.test(op),
    )
    expect(entries).toMatchObject([
      { op: 'api.queues.pause', outcome: 'ok', actor: { name: 'op' } },
    ])
    await desk.orderly.resume({ queue: 'clinic.visits' })
    await desk.rooms.ledger.settled()
    expect(await latest('pause.end')).toMatchObject({ actor: { kind: 'program' }, outcome: 'ok' })
  })

  it('shows an auditor of some queues what was done to them, and of no other', async () => {
    await desk.user('aude', { roles: ['auditor'], queues: ['clinic.*'] })
    await desk.user('lia', { roles: ['operator'], queues: ['house.*'] })
    const later = { delay: '1h' } as const
    const notes = [{ text: 'x' }]
    const { id: sweepId } = await desk.orderly.enqueue(sweep, { ward: 'north' }, later)
    const [byOp, byLia, byVi] = await Promise.all(
      [0, 1, 2].map(() =>
        desk.orderly.enqueue(visit, { patient: PATIENT, notes, clinicId: 'north' }, later),
      ),
    )
    const cancel = async (as: string, id: string) =>
      (await desk.call('POST', `/api/v1/jobs/${id}/cancel`, { as, body: {} })).status
    const pause = async (name: string, as = 'op') => {
      const path = `/api/v1/queues/${encodeURIComponent(name)}/pause`
      return (await desk.call('POST', path, { as, body: { reason: 'vendor is down' } })).status
    }
    const since = desk.clock.now()
    expect(await cancel('op', byOp!.id)).toBe(200)
    // Out of reach, and beyond the role: refused, and on record with the queue it was about.
    expect(await cancel('lia', byLia!.id)).toBe(404)
    expect(await cancel('vi', byVi!.id)).toBe(403)
    expect(await cancel('vi', sweepId)).toBe(403)
    expect(await cancel('op', sweepId)).toBe(200)
    expect([await pause('clinic.visits'), await pause('house.sweeps')]).toEqual([200, 200])
    expect(await pause('clinic.visits', 'vi')).toBe(403)
    expect(await pause(`clinic.${PATIENT}`, 'lia')).toBe(404)
    const limit = { kind: 'queue', name: PATIENT, limit: 'concurrency' }
    const reset = await desk.call('POST', '/api/v1/limits/reset', { as: 'op', body: limit })
    expect(reset.status).toBe(404)
    const redrive = { ids: [PATIENT], queue: 'house.sweeps', reason: 'the printer is back' }
    await desk.call('POST', '/api/v1/dead-letters/redrive', { as: 'op', body: redrive })
    const added = await desk.call('POST', '/api/v1/jobs', {
      as: 'op',
      body: { type: 'visit', input: { patient: PATIENT, notes, clinicId: 'north' } },
    })
    expect(added.status).toBe(201)
    const read = async (as: string) =>
      (await desk.call('GET', `/api/v1/audit?op=api.*&from=${since}&limit=100`, { as })).json.data
    const seen = await read('aude')
    expect(
      seen
        .map(({ op, outcome, resource: { queue } }: any) => `${op} ${queue} ${outcome}`)
        .toSorted(),
    ).toEqual(
      [
        'api.jobs.cancel clinic.visits ok',
        'api.jobs.cancel clinic.visits failed',
        'api.jobs.cancel clinic.visits denied',
        'api.queues.pause clinic.visits ok',
        'api.queues.pause clinic.visits denied',
        'api.jobs.create clinic.visits ok',
      ].toSorted(),
    )
    const all = JSON.stringify(await read('aud'))
    expect(all).toContain('house.sweeps')
    expect(all).not.toContain('Zyx')
    for (const queue of ['clinic.visits', 'house.sweeps']) await desk.orderly.resume({ queue })
  })

  it('holds no word of a search: each is a blind index, or a name of this installation', async () => {
    const word = 'Zyxwelda'
    const q = `${word} tag:${word},x id:${word}* -worker:"${word} Q" input.${word}:${word} type:visit state:failed error:ORDERLY_HANDLER_FAILED created:-7d`
    const taken = await desk.call('POST', '/api/v1/jobs/export', { as: 'op', body: { q } })
    expect(taken.status).toBe(200)
    await expect.poll(async () => (await desk.entries('api.jobs.export')).length).toBe(2)
    for (const { detail } of await desk.entries('api.jobs.export')) {
      const b = String.raw`b1\.[\w-]+`
      expect(detail?.['search']).toMatch(
        new RegExp(
          `^${b} tag:${b},${b} id:${b}\\* -worker:${b} ${b}:(${b}|\\[masked\\]) type:visit state:failed error:ORDERLY_HANDLER_FAILED created:-7d$`,
        ),
      )
    }
    expect(JSON.stringify(await desk.entries('api.*', 1_000))).not.toContain('Zyx')
  })

  it('is not filled by strangers', async () => {
    const count = async () =>
      (await findEntries(desk.rooms.ledger.database, { actor: 'unknown', limit: 1_000 })).length
    const before = await count()
    for (let n = 0; n < 50; n++) await desk.call('GET', '/api/v1/jobs')
    expect((await count()) - before).toBeLessThanOrEqual(1)
  })
})
