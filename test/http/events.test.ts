import { afterAll, beforeAll, expect, it } from 'vitest'
import { newSecret, signMessage } from '../../packages/orderly/src/events/signature.ts'
import type { WorkflowDocument } from '../../packages/orderly/src/index.ts'
import { ask, CANARY, openWorld, renderPdf, type Answer, type World } from './world.ts'

const PAID: WorkflowDocument = {
  format: 'orderly.workflow/1',
  id: 'paid',
  version: 1,
  start: 'wait',
  nodes: {
    wait: {
      type: 'wait',
      until: { event: 'payment.received', where: 'event.order == input.order' },
    },
    pdf: { type: 'job', job: 'pdf.render', input: { orderId: 'steps.wait.output.order' } },
  },
  edges: [{ from: 'wait', to: 'pdf' }],
}
const ORDERED: WorkflowDocument = {
  format: 'orderly.workflow/1',
  id: 'ordered',
  version: 1,
  start: 'pdf',
  nodes: { pdf: { type: 'job', job: 'pdf.render', input: { orderId: 'input.orderId' } } },
  edges: [],
}

let world: World
beforeAll(async () => {
  world = await openWorld({ workflows: [PAID, ORDERED] })
})
afterAll(() => world.close())

const send = (
  source: string,
  secret: string,
  body: unknown,
  { id = 'evt_1', at = world.orderly.clock.now() } = {},
): Promise<Answer> => {
  const text = JSON.stringify(body)
  const headers = signMessage(text, { id, at, secrets: [secret] })
  return ask(world, 'POST', `/api/v1/events/${source}`, { as: '', body: text, headers })
}

it('takes in what a source has signed: once, and lets a workflow begin or go on with it', async () => {
  const made = await ask(world, 'PUT', '/api/v1/event-sources/lims', {
    body: { starts: { 'order.received': 'ordered' } },
  })
  expect(made).toMatchObject({ status: 200 })
  const secret = made.json.secret as string
  const again = await ask(world, 'PUT', '/api/v1/event-sources/lims', {
    body: { starts: { 'order.received': 'ordered' } },
  })
  expect(again.json.secret).toBeUndefined()

  const order = { type: 'order.received', data: { orderId: 17, patient: CANARY } }
  const first = await send('lims', secret, order)
  expect(first).toMatchObject({ status: 202, json: { accepted: true } })
  expect((await send('lims', secret, order)).json).toEqual({ accepted: false, runs: [] })
  expect(await world.orderly.runs({ workflow: 'ordered' })).toMatchObject([
    { id: first.json.runs[0], who: 'source lims' },
  ])

  const { id } = await world.orderly.startRun('paid', { order: 3 })
  const paid = { type: 'payment.received', data: { order: 3, patient: CANARY } }
  const told = await send('lims', secret, paid, { id: 'evt_2' })
  expect(told.json).toEqual({ accepted: true, runs: [id] })
  await world.orderly.start()
  await expect
    .poll(async () => (await world.orderly.run(id))?.state, { timeout: 5_000 })
    .toBe('completed')
})

it('begins a workflow by a schedule, and takes none of nothing, or of two things', async () => {
  const at = '/api/v1/schedules/nightly'
  const spec = { cron: '0 2 * * *' }
  const body = { workflow: 'ordered', spec }
  expect(await ask(world, 'PUT', at, { as: 'viewer', body })).toMatchObject({ status: 403 })
  for (const wrong of [{ spec }, { ...body, job: 'mail.send' }])
    expect(await ask(world, 'PUT', at, { body: wrong })).toMatchObject({ status: 400 })
  const unknown = await ask(world, 'PUT', at, { body: { workflow: 'none', spec } })
  expect(unknown).toMatchObject({ status: 404 })
  expect(await ask(world, 'PUT', at, { body })).toMatchObject({
    status: 200,
    json: { job: null, workflow: 'ordered', version: null },
  })
  const { json } = await ask(world, 'POST', `${at}/run`)
  expect(json).toEqual({ job: null, run: expect.any(String) as string })
  expect(await world.orderly.run(json.run as string)).toMatchObject({ workflow: 'ordered' })
})

it('takes in nothing that is not signed, not new, or from nobody it knows', async () => {
  const made = await ask(world, 'PUT', '/api/v1/event-sources/strict', { body: {} })
  const secret = made.json.secret as string
  const body = { type: 'x', data: CANARY }
  const now = world.orderly.clock.now()
  const refused = [
    await send('strict', newSecret(), body),
    await send('nobody', secret, body),
    await send('strict', secret, body, { at: now - 600_000 }),
    await send('strict', secret, body, { at: now + 600_000 }),
    await ask(world, 'POST', '/api/v1/events/strict', { as: '', body }),
  ]
  for (const { status, text } of refused) {
    expect(status).toBe(401)
    expect(text).not.toContain(CANARY)
  }
  // All refusals read the same: who does not know the secret does not learn which sources there are.
  expect(refused[0]!.json.detail).toBe(refused[1]!.json.detail)
  expect((await send('strict', secret, { nothing: 1 })).status).toBe(400)
  const { secret: next } = (
    await ask(world, 'POST', '/api/v1/event-sources/strict/secret', { body: { overlap: '1h' } })
  ).json as { secret: string }
  expect((await send('strict', secret, body, { id: 'old' })).status).toBe(202)
  expect((await send('strict', next, body, { id: 'new' })).status).toBe(202)
  await ask(world, 'DELETE', '/api/v1/event-sources/strict')
  expect((await send('strict', next, body, { id: 'late' })).status).toBe(401)
})

it('keeps webhooks to those who may, and shows a secret once', async () => {
  const body = { name: 'Pager', url: 'https://pager.example/hook', filter: { types: ['job.*'] } }
  expect((await ask(world, 'POST', '/api/v1/webhooks', { as: 'viewer', body })).status).toBe(403)
  expect((await ask(world, 'POST', '/api/v1/webhooks', { as: '', body })).status).toBe(401)
  const made = await ask(world, 'POST', '/api/v1/webhooks', { body })
  expect(made.status).toBe(201)
  const { webhook, secret } = made.json as { webhook: { id: string }; secret: string }
  const list = await ask(world, 'GET', '/api/v1/webhooks')
  expect(list.json.data).toMatchObject([{ id: webhook.id, name: 'Pager', by: 'Ana' }])
  expect(list.text).not.toContain(secret)
  const one = `/api/v1/webhooks/${webhook.id}`
  expect((await ask(world, 'POST', `${one}/test`)).status).toBe(200)
  expect((await ask(world, 'GET', `${one}/deliveries`)).json.data).toMatchObject([
    { type: 'webhook.test' },
  ])
  expect((await ask(world, 'PATCH', one, { body: { state: 'paused' } })).json.state).toBe('paused')
  const bad = { ...body, url: 'http://user:secret@127.0.0.1/' }
  const refused = await ask(world, 'POST', '/api/v1/webhooks', { body: bad })
  expect(refused.status).toBe(422)
  expect(refused.text).not.toContain('user:secret')
  expect((await ask(world, 'DELETE', one)).json).toEqual({ removed: true })
  expect((await ask(world, 'GET', `${one}/deliveries`)).status).toBe(404)
})

it('lists events without PHI, and only of queues within reach', async () => {
  await world.orderly.enqueue(renderPdf, { orderId: 1 })
  await world.orderly.enqueueByName('mail.send', { patient: CANARY, clinicId: 'c' })
  const all = await ask(world, 'GET', '/api/v1/events?limit=1000')
  expect(all.status).toBe(200)
  expect(all.text).not.toContain(CANARY)
  const queues = (answer: Answer): Set<string> =>
    new Set((answer.json.data as { job: { queue: string } }[]).map(({ job }) => job.queue))
  expect(queues(all)).toEqual(new Set(['mail', 'pdf']))
  const accepted = await ask(world, 'GET', '/api/v1/events?type=job.accepted')
  expect(accepted.json.data.length).toBeGreaterThan(1)
  expect((await ask(world, 'GET', '/api/v1/events', { as: 'worker' })).status).toBe(403)
})

it('shows people their own notifications and nobody else’s', async () => {
  await world.orderly.notifications.notify({
    to: 'u_all',
    key: 'k',
    kind: 'result',
    title: 'A result is there',
    detail: { patient: CANARY },
  })
  const list = await ask(world, 'GET', '/api/v1/notifications?unread=true')
  expect(list.json).toMatchObject({ data: [{ title: 'A result is there' }], unread: { total: 1 } })
  expect(list.text).not.toContain(CANARY)
  const id = list.json.data[0].id as string
  expect((await ask(world, 'GET', `/api/v1/notifications/${id}/detail`)).json).toEqual({
    detail: { patient: CANARY },
  })
  const other = await ask(world, 'GET', `/api/v1/notifications/${id}/detail`, { as: 'operator' })
  expect(other.status).toBe(404)
  const read = await ask(world, 'POST', '/api/v1/notifications/read', { body: { ids: [id] } })
  expect(read.json).toEqual({ marked: 1, unread: { total: 0, urgent: 0 } })
  const wanted = { muted: ['result'], zone: 'America/New_York' }
  const kept = await ask(world, 'PATCH', '/api/v1/notifications/preferences', { body: wanted })
  expect(kept.json).toMatchObject(wanted)
  expect((await ask(world, 'GET', '/api/v1/notifications')).json.data).toEqual([])
})
