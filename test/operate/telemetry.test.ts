import { request } from 'node:http'
import { context, propagation, trace } from '@opentelemetry/api'
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base'
import fc from 'fast-check'
import { defineJob, fixed, handle } from 'orderly'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { formatTrace, readTrace } from '../../packages/orderly/src/job/trace-mark.ts'
import { findTokens, plant } from '../canary/needles.ts'
import { CANARY, openWorld, renderPdf, sendMail, type World } from '../http/world.ts'
import { startCollector, type Collector } from '../support/telemetry.ts'

const follow = defineJob({ name: 'follow', queue: 'pdf', input: z.object({ n: z.number() }) })
const again = defineJob({
  name: 'again',
  queue: 'pdf',
  input: z.object({ secret: z.string() }),
  retry: { attempts: 2, backoff: fixed('1ms') },
})
const TOKENS = new Map([
  ['input', plant('input')],
  ['baggage', plant('baggage')],
  ['state', plant('state')],
])

let collector: Collector
let world: World
let port: number

beforeAll(async () => {
  collector = startCollector()
  world = await openWorld({
    jobs: [sendMail, renderPdf, follow, again],
    handlers: [
      handle(sendMail, async ({ input, enqueue }) => {
        await enqueue(follow, { n: 1 })
        return { sentTo: input.patient }
      }),
      handle(renderPdf, async ({ input }) => {
        if (input.orderId < 0) throw new Error(`no such order ${CANARY}`)
        return { bytes: 1 }
      }),
      handle(follow, async () => undefined),
      handle(again, async ({ input, attempt }) => {
        if (attempt === 1) throw new Error(input.secret)
      }),
    ],
  })
  await world.app.listen({ port: 0, host: '127.0.0.1' })
  const address = world.app.server.address()
  port = typeof address === 'object' && address ? address.port : 0
  await world.orderly.start()
})
afterAll(async () => {
  await world.close()
  await collector.stop()
})

const spansOf = (name: string): ReadableSpan[] =>
  collector.spans().filter((span) => span.name === name)

async function spanOf(name: string, count = 1): Promise<ReadableSpan> {
  await expect.poll(() => spansOf(name).length, { timeout: 10_000 }).toBeGreaterThanOrEqual(count)
  return spansOf(name)[count - 1]!
}

function post(path: string, body: unknown, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        port,
        path,
        method: 'POST',
        headers: { authorization: 'Bearer all', 'content-type': 'application/json', ...headers },
      },
      (response) => response.resume().on('end', () => resolve(response.statusCode ?? 0)),
    )
    sent.on('error', reject)
    sent.end(JSON.stringify(body))
  })
}

describe('what is sent to a collector', () => {
  it('leads from a request through the job it makes to the run of that job and what that makes', async () => {
    const caller = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1 }
    const status = await post(
      '/api/v1/jobs',
      { type: 'mail.send', input: { patient: CANARY, clinicId: 'c1' } },
      {
        traceparent: formatTrace(caller),
        tracestate: `vendor=${TOKENS.get('state')}`,
        baggage: `who=${TOKENS.get('baggage')}`,
      },
    )
    expect(status).toBe(201)
    const asked = await spanOf('POST /api/v1/jobs')
    expect(asked.spanContext().traceId).toBe(caller.traceId)
    expect(asked.parentSpanContext?.spanId).toBe(caller.spanId)
    expect(asked.attributes).toMatchObject({
      'http.route': '/api/v1/jobs',
      'http.response.status_code': 201,
      'orderly.operation': 'jobs.create',
    })
    const put = await spanOf('enqueue mail.send')
    expect(put.parentSpanContext?.spanId).toBe(asked.spanContext().spanId)
    const ran = await spanOf('process mail.send')
    expect(ran.parentSpanContext).toBeUndefined()
    expect(ran.links.map((link) => link.context.spanId)).toEqual([put.spanContext().spanId])
    expect(ran.attributes).toMatchObject({
      'messaging.destination.name': 'mail',
      'messaging.message.id': put.attributes['messaging.message.id'],
      'orderly.attempt': 1,
      'orderly.outcome': 'completed',
    })
    const handled = await spanOf('handle mail.send')
    expect(handled.parentSpanContext?.spanId).toBe(ran.spanContext().spanId)
    const next = await spanOf('enqueue follow')
    expect(next.parentSpanContext?.spanId).toBe(handled.spanContext().spanId)
    const last = await spanOf('process follow')
    expect(last.links[0]?.context.spanId).toBe(next.spanContext().spanId)
  })

  it('says of what went wrong its code and nothing else, and counts it', async () => {
    await world.orderly.enqueue(renderPdf, { orderId: -1 })
    await world.orderly.enqueue(again, { secret: TOKENS.get('input')! })
    const ran = await spanOf('process pdf.render')
    expect(ran.status).toEqual({ code: 2, message: 'ORDERLY_HANDLER_FAILED' })
    expect(ran.events).toEqual([])
    const second = await spanOf('process again', 2)
    expect(spansOf('process again').map(({ attributes }) => attributes['orderly.outcome'])).toEqual(
      ['retry', 'completed'],
    )
    // Both attempts of a job point to where it was asked for.
    expect(second.links).toHaveLength(1)
    expect(spansOf('process again')[0]!.links[0]!.context.spanId).toBe(
      second.links[0]!.context.spanId,
    )
    await world.orderly
      .enqueue(renderPdf, { orderId: TOKENS.get('input') as never })
      .catch(() => undefined)
    expect((await spanOf('enqueue pdf.render', 2)).attributes['error.type']).toBe(
      'ORDERLY_INPUT_INVALID',
    )

    const measured = await collector.metrics()
    const values = (name: string): { attributes: object; value: any }[] =>
      measured.get(name)?.dataPoints as never
    expect(values('orderly.jobs')).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          value: 1,
          attributes: {
            'orderly.queue': 'pdf',
            'orderly.job.type': 'pdf.render',
            'orderly.outcome': 'failed',
            'error.type': 'ORDERLY_HANDLER_FAILED',
          },
        }),
      ]),
    )
    expect(values('orderly.job.duration').every(({ value }) => value.count >= 1)).toBe(true)
    expect(values('orderly.job.waiting').every(({ value }) => value.min >= 0)).toBe(true)
    expect(values('orderly.queue.depth')).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          value: 1,
          attributes: {
            'orderly.queue': 'pdf',
            'orderly.job.type': 'pdf.render',
            'orderly.state': 'failed',
          },
        }),
      ]),
    )
    const text = await collector.text()
    expect(findTokens(Buffer.from(text), new Map([...TOKENS, ['patient', CANARY]]))).toEqual([])
  })

  it('keeps of the context a job was asked in the ids alone, readable by nobody as more', async () => {
    const tracer = trace.getTracer('a program')
    const span = tracer.startSpan('its own work')
    const carried = propagation.setBaggage(
      trace.setSpan(context.active(), span),
      propagation.createBaggage({ who: { value: TOKENS.get('baggage')! } }),
    )
    const { id } = await context.with(carried, () =>
      world.orderly.enqueue(follow, { n: 2 }, { delay: '1h' }),
    )
    span.end()
    const { query } = world.orderly.database.withTables<{
      orderly_jobs: { id: string; opts: string }
    }>()
    const { opts } = await query
      .selectFrom('orderly_jobs')
      .select('opts')
      .where('id', '=', id)
      .executeTakeFirstOrThrow()
    const { traceId } = span.spanContext()
    expect(JSON.parse(opts).orderly.trace).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-01$`))
    expect(opts).not.toContain(TOKENS.get('baggage'))
  })
})

it('reads back what it wrote of a span, and nothing that is no such mark', () => {
  const hex = (length: number) =>
    fc
      .array(
        fc.nat({ max: 15 }).map((digit) => digit.toString(16)),
        { minLength: length, maxLength: length },
      )
      .map((digits) => digits.join(''))
      .filter((text) => !/^0+$/.test(text))
  fc.assert(
    fc.property(hex(32), hex(16), fc.nat({ max: 255 }), (traceId, spanId, traceFlags) => {
      const point = { traceId, spanId, traceFlags }
      expect(readTrace(formatTrace(point))).toEqual({ ...point, isRemote: true })
    }),
  )
  fc.assert(
    fc.property(fc.string({ maxLength: 60 }), (text) => {
      expect(readTrace(text)).toBeUndefined()
    }),
  )
  expect(readTrace(`00-${'0'.repeat(32)}-${'b'.repeat(16)}-01`)).toBeUndefined()
})
