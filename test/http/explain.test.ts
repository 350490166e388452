import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask, openWorld, renderPdf, type World } from './world.ts'

let world: World

beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

async function why(id: string): Promise<any> {
  return (await ask(world, 'GET', `/api/v1/jobs/${id}/explain`)).json
}

describe('explain', () => {
  it('says that nobody works on its queue, who paused it and why, and that it waits for its time', async () => {
    const { id } = await world.orderly.enqueue(renderPdf, { orderId: 1 })
    expect(await why(id)).toMatchObject({
      cause: 'no-worker',
      sentence: 'No worker that is alive works on queue "pdf".',
    })
    await world.orderly.pause({ queue: 'pdf' }, { reason: 'vendor down', by: 'Ana', for: '1h' })
    expect(await why(id)).toMatchObject({
      cause: 'queue-paused',
      sentence: expect.stringMatching(
        /^Ana paused queue "pdf" at .* UTC: "vendor down"\.$/,
      ) as string,
      until: expect.any(Number) as number,
      action: { operation: 'queues.resume', params: { name: 'pdf' } },
    })
    await world.orderly.resume({ queue: 'pdf' })
    await world.orderly.pause({ job: 'pdf.render' }, { reason: 'wrong paper', by: 'Bo' })
    expect(await why(id)).toMatchObject({ cause: 'type-paused' })
    await world.orderly.resume({ job: 'pdf.render' })
    await world.orderly.cancel(id)
    expect(await why(id)).toMatchObject({ cause: 'removed' })
  })

  it('says how a job ended, and what could be done', async () => {
    await world.orderly.start({ queues: ['pdf'] })
    const { id } = await world.orderly.enqueue(renderPdf, { orderId: -1 })
    const fine = await world.orderly.enqueue(renderPdf, { orderId: 1 })
    const later = await world.orderly.enqueue(renderPdf, { orderId: 2 }, { delay: '1h' })
    while ((await why(fine.id)).cause !== 'completed') await world.orderly.clock.sleep(20)
    expect(await why(id)).toMatchObject({
      cause: 'failed',
      sentence: expect.stringMatching(
        /failed for good after \d attempts? with ORDERLY_\w+\. .*run it again/,
      ) as string,
      action: { operation: 'jobs.retry', params: { id } },
    })
    expect(await why(later.id)).toMatchObject({
      cause: 'delayed',
      action: { operation: 'jobs.promote' },
    })
    expect((await ask(world, 'GET', '/api/v1/jobs/none/explain')).status).toBe(404)
    await world.orderly.quiet()
  })
})
