import { get, type ClientRequest, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask, CANARY, CANARY_MRN, openWorld, renderPdf, sendMail, type World } from './world.ts'

let world: World
let origin: string

beforeAll(async () => {
  world = await openWorld()
  await world.app.listen({ port: 0, host: '127.0.0.1' })
  origin = `http://127.0.0.1:${(world.app.server.address() as AddressInfo).port}`
})
afterAll(() => world.close())

interface Frame {
  readonly event: string
  readonly id: string | undefined
  readonly data: any
}

/** Reads a stream frame by frame, as a browser does. */
class Stream {
  readonly text: string[] = []
  readonly #request: ClientRequest
  readonly #frames: Frame[] = []
  #wake: () => void = () => {}
  ended = false
  response: IncomingMessage | undefined

  constructor(query = '', as = 'all', headers: Record<string, string> = {}) {
    this.#request = get(
      `${origin}/api/v1/live${query}`,
      { headers: { authorization: `Bearer ${as}`, ...headers } },
      (response) => {
        this.response = response
        let rest = ''
        response.setEncoding('utf8').on('data', (chunk: string) => {
          this.text.push(chunk)
          const parts = (rest + chunk).split('\n\n')
          rest = parts.pop()!
          this.#frames.push(...parts.filter((part) => part.includes('event: ')).map(frameOf))
          this.#wake()
        })
        response.on('close', () => {
          this.ended = true
          this.#wake()
        })
      },
    ).on('error', () => undefined)
  }

  /** The next frame that fits; what comes before it is passed over. */
  async next(fits: (frame: Frame) => boolean): Promise<Frame> {
    for (;;) {
      const frame = this.#frames.shift()
      if (frame && fits(frame)) return frame
      if (frame) continue
      if (this.ended) throw new Error('the stream ended')
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
  }

  close(): void {
    this.#request.destroy()
  }
}

function frameOf(text: string): Frame {
  const line = (name: string): string | undefined =>
    text
      .split('\n')
      .find((one) => one.startsWith(`${name}: `))
      ?.slice(name.length + 2)
  return { event: line('event')!, id: line('id'), data: JSON.parse(line('data')!) as unknown }
}

describe('the live stream', () => {
  it('greets, counts, tells of watched jobs and of new ones, and holds nothing of the patient', async () => {
    const { id } = await world.orderly.enqueue(sendMail, { patient: CANARY, clinicId: 'north' })
    const stream = new Stream(`?jobs=${id}`)
    const hello = await stream.next(({ event }) => event === 'hello')
    expect(hello.data.counts).toContainEqual({
      queue: 'mail',
      type: 'mail.send',
      state: 'prioritized',
      n: 1,
    })
    expect(stream.response?.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'content-encoding': 'identity',
    })
    await world.orderly.enqueue(renderPdf, { orderId: 4 })
    expect((await stream.next(({ event }) => event === 'new')).data).toEqual({
      n: 1,
      queues: { pdf: 1 },
    })
    await world.orderly.start({ queues: ['mail'] })
    // Both are told in one go, counts first.
    await stream.next(
      ({ event, data }) => event === 'counts' && JSON.stringify(data).includes('completed'),
    )
    const done = await stream.next(
      ({ event, data }) => event === 'jobs' && data.jobs[0].state === 'completed',
    )
    expect(done.data.jobs).toMatchObject([{ id, type: 'mail.send' }])
    await world.orderly.quiet()
    stream.close()
    expect(stream.text.join('')).not.toContain('Zyxwelda')
  })

  it('lets nothing of the patient out while a job with PHI runs, writes to its log and fails', async () => {
    const input = { patient: CANARY, mrn: CANARY_MRN, clinicId: 'broken' }
    const { id } = await world.orderly.enqueue(sendMail, input)
    const stream = new Stream()
    const hello = await stream.next(({ event }) => event === 'hello')
    const watched = await ask(world, 'POST', `/api/v1/live/${hello.data.stream}/watch`, {
      body: { jobs: [id], log: id },
    })
    expect(watched.status).toBe(200)
    const lines = world.lines.length
    await world.orderly.start({ queues: ['mail'] })
    const told = new Map<string, unknown>()
    while (!(told.has('log') && told.has('jobs')))
      await stream.next(({ event, data }) => {
        if (event === 'log' && data.lines.length > 0) told.set('log', data)
        if (event === 'jobs' && data.jobs[0].state === 'failed') told.set('jobs', data)
        return event === 'log' || event === 'jobs'
      })
    await world.orderly.quiet()
    stream.close()
    // All of it was told, of the job and of what it wrote, and to the log of the program as well.
    expect(told.get('log')).toMatchObject({
      lines: [{ message: expect.stringMatching(/^\[masked/) }],
    })
    expect(told.get('jobs')).toMatchObject({ jobs: [{ id, errorCode: 'ORDERLY_HANDLER_FAILED' }] })
    expect(world.lines.slice(lines).join('\n')).toContain(id)
    const out = [...stream.text, ...world.lines, JSON.stringify(world.entries)].join('\n')
    for (const canary of [CANARY, ...CANARY.split(' '), CANARY_MRN])
      expect(out).not.toContain(canary)
  })

  it('tells of an alert that begins and is taken on, and says nothing of what it is about', async () => {
    const stream = new Stream()
    await stream.next(({ event }) => event === 'hello')
    const rule = { name: 'any-pdf', metric: 'queue.depth', subjects: ['pdf'], above: 0 } as const
    await world.orderly.enqueue(renderPdf, { orderId: 6 }, { delay: '1h' })
    // It looks around by now: what begins from here on is news.
    await stream.next(({ event }) => event === 'new')
    await world.orderly.enqueue(renderPdf, { orderId: 7 })
    await world.orderly.alerts.putRule(rule)
    await world.orderly.alerts.evaluate()
    const [alert] = await world.orderly.alerts.list({ state: 'firing' })
    const isOurs = ({ event, data }: Frame): boolean => event === 'alert' && data.id === alert!.id
    expect((await stream.next(isOurs)).data).toEqual({
      id: alert!.id,
      severity: 'warning',
      state: 'firing',
    })
    const url = `/api/v1/alerts/${alert!.id}/acknowledge`
    expect((await ask(world, 'POST', url, { as: 'viewer', body: {} })).status).toBe(403)
    expect((await ask(world, 'POST', url, { body: { note: 'at it' } })).json).toMatchObject({
      acknowledgedBy: 'Ana',
      note: 'at it',
    })
    expect((await stream.next(isOurs)).data.state).toBe('acknowledged')
    const ownQueue = await ask(world, 'GET', '/api/v1/alerts', { as: 'pdf-only' })
    expect(ownQueue.json.data).toMatchObject([{ rule: 'any-pdf', subject: 'pdf' }])
    await world.orderly.alerts.removeRule('any-pdf')
    stream.close()
  })

  it('changes what it watches, for its own reader only', async () => {
    const stream = new Stream()
    const { data } = await stream.next(({ event }) => event === 'hello')
    const { id } = await world.orderly.enqueue(renderPdf, { orderId: 5 }, { delay: '1h' })
    const url = `/api/v1/live/${data.stream}/watch`
    expect((await ask(world, 'POST', url, { as: 'viewer', body: { jobs: [id] } })).status).toBe(404)
    expect((await ask(world, 'POST', url, { body: { jobs: [id] } })).json).toMatchObject({
      watching: 1,
      jobs: [{ id, state: 'delayed' }],
    })
    await ask(world, 'POST', `/api/v1/jobs/${id}/promote`)
    // That it was added may be told as late as now.
    const told = await stream.next(
      ({ event, data: { jobs } }) => event === 'jobs' && jobs[0].state !== 'delayed',
    )
    expect(told.data.jobs).toMatchObject([{ id, state: 'prioritized' }])
    stream.close()
  })

  it('goes on where it ended, and says so when it cannot', async () => {
    const first = new Stream()
    const hello = await first.next(({ event }) => event === 'hello')
    const second = new Stream()
    await second.next(({ event }) => event === 'hello')
    first.close()
    await world.orderly.enqueue(renderPdf, { orderId: 6 })
    await second.next(({ event }) => event === 'new')
    const again = new Stream('', 'all', { 'last-event-id': hello.id! })
    expect((await again.next(({ event }) => event === 'new')).data.n).toBe(1)
    const stranger = new Stream('', 'all', { 'last-event-id': 'another-1' })
    await stranger.next(({ event }) => event === 'gap')
    for (const stream of [second, again, stranger]) stream.close()
  })

  it('tells only of queues within reach, and ends when its reader is signed out', async () => {
    const stream = new Stream('', 'pdf-only')
    const hello = await stream.next(({ event }) => event === 'hello')
    expect(new Set(hello.data.counts.map(({ queue }: { queue: string }) => queue))).toEqual(
      new Set(['pdf']),
    )
    world.actors.delete('pdf-only')
    world.revoke()
    const bye = await stream.next(({ event }) => event === 'bye')
    expect(bye.data).toEqual({ reason: 'signed out' })
  })
})
