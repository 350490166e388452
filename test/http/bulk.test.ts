import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask, CANARY, CANARY_MRN, openWorld, renderPdf, sendMail, type World } from './world.ts'

let world: World

beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

async function until(id: string, state: string): Promise<any> {
  for (;;) {
    const { json } = await ask(world, 'GET', `/api/v1/bulk/${id}`)
    if (json.state === state) return json
    await world.orderly.clock.sleep(50)
  }
}

describe('an action over many jobs', () => {
  it('does what its plan says, to those jobs and no others, once each', async () => {
    const items = Array.from({ length: 30 }, (_, orderId) => ({
      input: { orderId },
      options: { tags: ['wrong'], ...(orderId < 5 ? { delay: '1h' as const } : {}) },
    }))
    await world.orderly.enqueueMany(renderPdf, items)
    const plan = await ask(world, 'POST', '/api/v1/bulk', {
      body: { action: 'promote', q: 'tag:wrong', reason: 'they are needed now', perSecond: 500 },
    })
    expect(plan.status).toBe(201)
    expect(plan.json).toMatchObject({
      found: 30,
      total: 5,
      byState: { delayed: 5 },
      byType: { 'pdf.render': 5 },
      skips: [{ reason: 'is prioritized', count: 25 }],
      hasMore: false,
    })
    // A job that fits the search and came after the plan is none of its jobs.
    const late = await world.orderly.enqueue(
      renderPdf,
      { orderId: 99 },
      { delay: '1h', tags: ['wrong'] },
    )
    const url = `/api/v1/bulk/${plan.json.id}/run`
    const { token } = plan.json
    expect((await ask(world, 'POST', url, { body: { token, confirm: 4 } })).status).toBe(409)
    expect((await ask(world, 'POST', url, { body: { token: 'made-up', confirm: 5 } })).status).toBe(
      409,
    )
    expect(
      (await ask(world, 'POST', url, { as: 'operator', body: { token, confirm: 5 } })).status,
    ).toBe(409)
    const [first, second] = await Promise.all([
      ask(world, 'POST', url, { body: { token, confirm: 5 } }),
      ask(world, 'POST', url, { body: { token, confirm: 5 } }),
    ])
    expect([first.status, second.status].toSorted()).toEqual([202, 409])
    expect(await until(plan.json.id, 'completed')).toMatchObject({ done: 5, failed: 0, left: 0 })
    const report = await ask(world, 'GET', `/api/v1/bulk/${plan.json.id}/items?state=done`)
    expect(report.json.data).toHaveLength(5)
    expect((await ask(world, 'GET', `/api/v1/jobs/${late.id}`)).json.state).toBe('delayed')
  })

  it('rests when it is told to, goes on, and ends when it is told to', async () => {
    const items = Array.from({ length: 40 }, (_, orderId) => ({
      input: { orderId },
      options: { tags: ['slow'], delay: '1h' as const },
    }))
    await world.orderly.enqueueMany(renderPdf, items)
    const plan = await ask(world, 'POST', '/api/v1/bulk', {
      body: { action: 'promote', q: 'tag:slow', reason: 'slowly', perSecond: 4 },
    })
    const { id, token } = plan.json
    await ask(world, 'POST', `/api/v1/bulk/${id}/run`, { body: { token, confirm: 40 } })
    expect((await ask(world, 'POST', `/api/v1/bulk/${id}/pause`)).json.state).toBe('paused')
    expect((await ask(world, 'POST', `/api/v1/bulk/${id}/resume`)).json.state).toBe('running')
    const ended = await ask(world, 'POST', `/api/v1/bulk/${id}/abort`)
    expect(ended.json.state).toBe('aborted')
    expect(ended.json.left).toBeGreaterThan(20)
    expect((await ask(world, 'POST', `/api/v1/bulk/${id}/resume`)).status).toBe(409)
  })

  it('keeps no PHI of the search it was planned for', async () => {
    await world.orderly.enqueue(sendMail, { patient: CANARY, mrn: CANARY_MRN, clinicId: 'x' })
    const plan = await ask(world, 'POST', '/api/v1/bulk', {
      body: { action: 'cancel', q: `input.mrn:${CANARY_MRN}`, reason: 'sent by hand' },
    })
    expect(plan.json).toMatchObject({ total: 1, search: 'input.mrn:[masked]' })
    const rows = await ask(world, 'GET', '/api/v1/bulk')
    expect(plan.text + rows.text).not.toContain(CANARY_MRN)
  })
})
