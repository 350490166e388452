import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { misfitsOf } from '../../packages/orderly/src/http/problem.ts'
import { ask, CANARY, CANARY_MRN, openWorld, renderPdf, sendMail, type World } from './world.ts'

let world: World

beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

describe('jobs over HTTP', () => {
  it('accepts a job, finds it by a clear path and shows it masked', async () => {
    const created = await ask(world, 'POST', '/api/v1/jobs', {
      body: { type: 'mail.send', input: { patient: CANARY, clinicId: 'north' } },
    })
    expect(created.status).toBe(201)
    const found = await ask(world, 'GET', '/api/v1/jobs?q=input.clinicId:north')
    expect(found.json.data.map(({ id }: { id: string }) => id)).toEqual([created.json.id])
    const one = await ask(world, 'GET', `/api/v1/jobs/${created.json.id}`)
    expect(one.json).toMatchObject({
      type: 'mail.send',
      phi: true,
      input: { patient: 'Z*** Q***', clinicId: 'north' },
      actions: ['cancel'],
    })
    expect(one.json.inputFields).toContainEqual({ path: 'patient', kind: 'name' })
    expect(one.text).not.toContain('Zyxwelda')
  })

  it('finds PHI by its exact value only for those who may, in a body only, and keeps it off the record', async () => {
    const { id } = await world.orderly.enqueue(sendMail, {
      patient: CANARY,
      mrn: CANARY_MRN,
      clinicId: 'south',
    })
    const q = `input.mrn:${CANARY_MRN}`
    const refused = await ask(world, 'GET', `/api/v1/jobs?q=${q}`)
    expect(refused.status).toBe(400)
    expect(refused.json.fix).toContain('/api/v1/jobs/search')
    expect(
      (await ask(world, 'POST', '/api/v1/jobs/search', { as: 'viewer', body: { q } })).status,
    ).toBe(403)
    world.entries.length = 0
    const found = await ask(world, 'POST', '/api/v1/jobs/search', { body: { q } })
    expect(found.json.data.map((job: { id: string }) => job.id)).toEqual([id])
    expect(found.json.search).toBe('input.mrn:[masked]')
    expect(world.entries).toMatchObject([
      {
        operation: 'jobs.search',
        audit: 'read',
        notes: { phiSearch: true, search: 'input.mrn:[masked]' },
      },
    ])
    expect(JSON.stringify(world.entries) + found.text).not.toContain(CANARY_MRN)
  })

  it('names what no index helps with and what nothing is found by', async () => {
    const unled = await ask(world, 'GET', '/api/v1/jobs?q=attempt:>2')
    expect(unled.json).toMatchObject({
      unindexed: ['attempt:>2'],
      since: expect.any(Number) as number,
    })
    const lost = await ask(world, 'GET', '/api/v1/jobs?q=input.colour:red')
    expect(lost.json).toMatchObject({ data: [], unsearchable: ['input.colour'] })
  })

  it('finds a job by the end of its id, which is what lists show', async () => {
    const { id } = await world.orderly.enqueue(renderPdf, { orderId: 4242 })
    for (const part of [id, id.slice(-12), id.slice(0, 20)]) {
      const found = await ask(world, 'GET', `/api/v1/jobs?q=${part}`)
      expect(found.json.data.map((job: { id: string }) => job.id)).toContain(id)
    }
    const others = await ask(world, 'GET', `/api/v1/jobs?q=-${id.slice(-12)}`)
    expect(others.json.data.map((job: { id: string }) => job.id)).not.toContain(id)
  })

  it('says which field was meant where one is misspelt, and never what was looked for', async () => {
    const { status, json } = await ask(world, 'GET', '/api/v1/jobs?q=stat:sevenseven')
    expect(status).toBe(422)
    expect(json.detail).toContain('did you mean "state:"?')
    expect(json.detail).not.toContain('sevenseven')
  })

  it('pages through a list by cursors that fit no other list', async () => {
    await world.orderly.enqueueMany(
      renderPdf,
      Array.from({ length: 7 }, (_, orderId) => ({
        input: { orderId },
        options: { tags: ['paged'] },
      })),
    )
    const seen: string[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const page = await ask(
        world,
        'GET',
        `/api/v1/jobs?q=tag:paged&limit=3${cursor === '' ? '' : `&cursor=${cursor}`}`,
      )
      seen.push(...page.json.data.map(({ id }: { id: string }) => id))
      const next: string | null = page.json.page.next
      if (next !== null) {
        const other = await ask(world, 'GET', `/api/v1/jobs?q=tag:other&limit=3&cursor=${next}`)
        expect(other.status).toBe(400)
      }
      cursor = next
    }
    expect(new Set(seen).size).toBe(7)
    expect(seen).toHaveLength(7)
  })

  it('answers a request that comes twice as it did the first time, and refuses its key for another', async () => {
    const headers = { 'idempotency-key': 'order-1' }
    const body = { type: 'pdf.render', input: { orderId: 91 } }
    const first = await ask(world, 'POST', '/api/v1/jobs', { body, headers })
    const second = await ask(world, 'POST', '/api/v1/jobs', { body, headers })
    expect(second.json).toEqual(first.json)
    expect(second.status).toBe(201)
    expect(second.headers['idempotency-replayed']).toBe('true')
    const other = { type: 'pdf.render', input: { orderId: 92 } }
    expect((await ask(world, 'POST', '/api/v1/jobs', { body: other, headers })).status).toBe(409)
    expect((await ask(world, 'GET', '/api/v1/jobs?q=input.orderId:91')).json.data).toHaveLength(1)
  })

  it('names the place of a fault and never what stands there', async () => {
    const answer = await ask(world, 'POST', '/api/v1/jobs', {
      body: { type: 'mail.send', input: { patient: 7, clinicId: CANARY, [CANARY]: 1 } },
    })
    expect(answer.status).toBe(422)
    expect(answer.headers['content-type']).toContain('application/problem+json')
    expect(answer.json.errors).toContainEqual({
      pointer: '/body/input/patient',
      code: 'invalid_type',
      message: 'must be of type string',
    })
    expect(answer.text).not.toContain('Zyxwelda')
  })

  it('says of a fault what would fit: how a time is written, which fields there are, whose name is near', async () => {
    const misfits = async (body: object): Promise<string[]> => {
      const { json } = await ask(world, 'POST', '/api/v1/jobs', { body })
      return json.errors.map((one: any) => `${one.pointer} ${one.message}`)
    }
    const render = { type: 'pdf.render', input: { orderId: 1 } }
    expect(await misfits({ ...render, options: { delay: '5x', at: 'tomorrow' } })).toEqual([
      '/body/options/delay must be a number and a unit, such as 500ms, 30s, 5m, 2h, 7d',
      '/body/options/at must be a time such as 2027-01-31T08:00:00Z',
    ])
    expect(await misfits({ ...render, [CANARY]: 1 })).toEqual([
      '/body has a field that this operation does not know; it knows type, input, options',
    ])
    const near = await ask(world, 'POST', '/api/v1/jobs', {
      body: { ...render, type: 'pdf.rendr' },
    })
    expect(near.json.detail).toContain('did you mean "pdf.render"?')
    const numbers = z.object({ n: z.number().positive(), list: z.array(z.string().min(1)).min(2) })
    const { issues } = numbers.safeParse({ n: 0, list: [''] }).error!
    expect(misfitsOf('body', issues, numbers).map(({ message }) => message)).toEqual([
      'must be more than 0',
      'must not be empty',
      'must have 2 entries at least',
    ])
  })

  it('shows a caller only the queues within reach, as if there were no others', async () => {
    const mail = await world.orderly.enqueue(sendMail, { patient: CANARY, clinicId: 'x' })
    const list = await ask(world, 'GET', '/api/v1/jobs', { as: 'pdf-only' })
    expect(new Set(list.json.data.map(({ queue }: { queue: string }) => queue))).toEqual(
      new Set(['pdf']),
    )
    expect((await ask(world, 'GET', `/api/v1/jobs/${mail.id}`, { as: 'pdf-only' })).status).toBe(
      404,
    )
    expect((await ask(world, 'GET', '/api/v1/queues', { as: 'pdf-only' })).json.data).toHaveLength(
      1,
    )
    expect(
      (
        await ask(world, 'POST', '/api/v1/queues/mail/pause', {
          as: 'pdf-only',
          body: { reason: 'no' },
        })
      ).status,
    ).toBe(404)
  })

  it('cancels, promotes and deletes by the state a job is in', async () => {
    const { id } = await world.orderly.enqueue(renderPdf, { orderId: 5 }, { delay: '1h' })
    const deleted = await ask(world, 'DELETE', `/api/v1/jobs/${id}`)
    expect(deleted.status).toBe(409)
    const promoted = await ask(world, 'POST', `/api/v1/jobs/${id}/promote`)
    expect(promoted.json).toEqual({ promoted: true })
    const cancelled = await ask(world, 'DELETE', `/jobs/${id}`)
    expect(cancelled.json).toEqual({ outcome: 'cancelled' })
  })

  it('pauses a queue with a reason, shows who did it, and resumes', async () => {
    await ask(world, 'POST', '/api/v1/queues/pdf/pause', { body: { reason: 'printer', for: '1h' } })
    const { json } = await ask(world, 'GET', '/api/v1/queues/pdf')
    expect(json.queue).toMatchObject({ paused: true, pause: { reason: 'printer', by: 'Ana' } })
    const resumed = await ask(world, 'POST', '/api/v1/queues/pdf/resume')
    expect(resumed.json).toEqual({ wasPaused: true })
  })

  it('refuses to change a limit that was changed since it was read', async () => {
    const before = await ask(world, 'GET', '/api/v1/limits')
    const body = { kind: 'queue', name: 'mail', limit: 'concurrency', value: 4, reason: 'less' }
    const headers = { 'if-match': before.headers['etag']! }
    expect((await ask(world, 'PUT', '/api/v1/limits', { body, headers })).status).toBe(200)
    const late = await ask(world, 'PUT', '/api/v1/limits', { body: { ...body, value: 3 }, headers })
    expect(late.status).toBe(412)
    const seen = await ask(world, 'GET', '/api/v1/limits')
    const again = await ask(world, 'GET', '/api/v1/limits', {
      headers: { 'if-none-match': seen.headers['etag']! },
    })
    expect(again.status).toBe(304)
  })
})
