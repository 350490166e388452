// Spans and measures for whoever collects them, by OpenTelemetry's API: names, ids, codes and times, nothing that a job
// carries. Where no SDK is registered all of it does nothing.
import type { IncomingMessage, ServerResponse } from 'node:http'
import {
  context,
  isSpanContextValid,
  metrics,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Context,
  type Span,
  type SpanContext,
} from '@opentelemetry/api'
import type { JobDefinition } from '../job/define-job.ts'
import type { Outcome } from '../job/outcome.ts'
import { recordIdOf } from '../job/record-id.ts'
import { formatTrace, readTrace } from '../job/trace-mark.ts'
import { OrderlyError } from '../primitives/errors.ts'
import type { Attempt } from './attempt.ts'

export interface JobDepth {
  readonly queue: string
  readonly name: string
  readonly state: string
  readonly n: number
}

/** An operation of the API that is being answered. */
export interface TracedRequest {
  within<T>(work: () => T): T
}

export interface Telemetry {
  /**
   * A span around adding jobs of one kind.
   *
   * @param work is given what the jobs are to note, so that their runs can point back here
   */
  enqueue<T extends { readonly id: string } | readonly { readonly id: string }[]>(
    job: JobDefinition,
    count: number,
    work: (noted: { readonly trace?: string }) => Promise<T>,
  ): Promise<T>
  /** What a job that is added now is to note of the span around it. */
  noted(): { readonly trace?: string }
  /** A span around one attempt, linked to where its job came from; and how it ended, among the measures. */
  process(attempt: Attempt, waited: number, work: () => Promise<Outcome>): Promise<Outcome>
  /** A span around the handler itself. */
  handle<T>(attempt: Attempt, work: () => Promise<T>): Promise<T>
  /** Keeps what `fn` does later within the span that is open now, unless it has one of its own then. */
  keep<Given extends unknown[], T>(fn: (...given: Given) => T): (...given: Given) => T
  /** A span for an operation of the API, until it is answered. */
  request(
    operation: { readonly id: string; readonly method: string; readonly path: string },
    request: IncomingMessage,
    response: ServerResponse,
  ): TracedRequest
  close(): void
}

export interface TelemetryParts {
  /** Milliseconds that only go forward. */
  elapsed(): number
  /** How many jobs there are in each state. */
  depths(): Promise<readonly JobDepth[]>
}

const NAME = 'orderly'
const SYSTEM = { 'messaging.system': 'orderly' } as const

/** @see https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/ */
export function openTelemetry({ elapsed, depths }: TelemetryParts): Telemetry {
  const tracer = trace.getTracer(NAME)
  const meter = metrics.getMeter(NAME)
  const ended = meter.createCounter('orderly.jobs', {
    description: 'Attempts that ended, by how they did.',
    unit: '{attempt}',
  })
  const duration = meter.createHistogram('orderly.job.duration', {
    description: 'How long an attempt took.',
    unit: 's',
  })
  const waiting = meter.createHistogram('orderly.job.waiting', {
    description: 'From when a job was due to the start of its attempt.',
    unit: 's',
  })
  const depth = meter.createObservableGauge('orderly.queue.depth', {
    description: 'Recorded jobs by state.',
    unit: '{job}',
  })
  const observe: Parameters<typeof depth.addCallback>[0] = async (result) => {
    // A store that is away has no depth now; the collection of the rest goes on.
    for (const { queue, name, state, n } of await depths().catch(() => []))
      result.observe(n, {
        'orderly.queue': queue,
        'orderly.job.type': name,
        'orderly.state': state,
      })
  }
  depth.addCallback(observe)

  const noted = (span = trace.getActiveSpan()): { trace?: string } => {
    const here = span?.spanContext()
    return here && isSpanContextValid(here) ? { trace: formatTrace(here) } : {}
  }

  return {
    async enqueue(job, count, work) {
      const attributes = {
        ...SYSTEM,
        'messaging.operation.type': 'send',
        'messaging.operation.name': 'enqueue',
        'messaging.destination.name': job.queue,
        'orderly.job.type': job.name,
        ...(count === 1 ? {} : { 'messaging.batch.message_count': count }),
      }
      const span = tracer.startSpan(`enqueue ${job.name}`, { kind: SpanKind.PRODUCER, attributes })
      return inSpan(span, context.active(), async () => {
        const added = await work(noted(span))
        if ('id' in added)
          span.setAttribute('messaging.message.id', recordIdOf(job.queue, added.id))
        return added
      })
    },
    noted: () => noted(),
    async process(attempt, waited, work) {
      const { job, marks } = attempt
      const from = marks.trace === undefined ? undefined : readTrace(marks.trace)
      const kind = { 'orderly.queue': job.queue, 'orderly.job.type': job.name }
      const span = tracer.startSpan(
        `process ${job.name}`,
        {
          kind: SpanKind.CONSUMER,
          links: from ? [{ context: from }] : [],
          attributes: {
            ...SYSTEM,
            'messaging.operation.type': 'process',
            'messaging.operation.name': 'process',
            'messaging.destination.name': job.queue,
            'messaging.message.id': recordIdOf(job.queue, attempt.id),
            'orderly.job.type': job.name,
            'orderly.attempt': attempt.number,
            'orderly.run': attempt.run,
          },
        },
        // A job may run for days after it was asked for, and again: each run is a trace that links to where it came from.
        ROOT_CONTEXT,
      )
      const startedAt = elapsed()
      return inSpan(span, ROOT_CONTEXT, async () => {
        const outcome = await work()
        const failure = failureOf(outcome)
        const how = { ...kind, 'orderly.outcome': outcome.type, ...failure }
        ended.add(1, how)
        duration.record((elapsed() - startedAt) / 1_000, how)
        waiting.record(waited / 1_000, kind)
        span.setAttributes({ 'orderly.outcome': outcome.type, ...failure })
        if (failure['error.type'])
          span.setStatus({ code: SpanStatusCode.ERROR, message: failure['error.type'] })
        return outcome
      })
    },
    async handle({ job }, work) {
      const attributes = {
        'orderly.job.type': job.name,
        'orderly.isolation': job.options.isolation,
      }
      const span = tracer.startSpan(`handle ${job.name}`, { attributes })
      return inSpan(span, context.active(), work)
    },
    keep(fn) {
      const here = context.active()
      return (...given) =>
        trace.getActiveSpan() ? fn(...given) : context.with(here, fn, undefined, ...given)
    },
    request({ id, method, path }, request, response) {
      const outer = trace.getActiveSpan() ? context.active() : remote(request)
      const span = tracer.startSpan(
        `${method} ${path}`,
        {
          kind: SpanKind.SERVER,
          attributes: {
            'http.request.method': method,
            'http.route': path,
            'orderly.operation': id,
          },
        },
        outer,
      )
      if (span.isRecording())
        response.once('close', () => {
          const { statusCode } = response
          span.setAttribute('http.response.status_code', statusCode)
          if (statusCode >= 500) {
            span.setAttribute('error.type', String(statusCode))
            span.setStatus({ code: SpanStatusCode.ERROR })
          }
          span.end()
        })
      const inside = trace.setSpan(outer, span)
      return { within: (work) => context.with(inside, work) }
    },
    close: () => depth.removeCallback(observe),
  }
}

/** Runs `work` in a span, which learns of an error no more than its code. */
async function inSpan<T>(span: Span, outer: Context, work: () => Promise<T>): Promise<T> {
  try {
    return await context.with(trace.setSpan(outer, span), work)
  } catch (error) {
    const code = codeOf(error)
    span.setAttribute('error.type', code)
    span.setStatus({ code: SpanStatusCode.ERROR, message: code })
    throw error
  } finally {
    span.end()
  }
}

/** The codes are ours; what others call their errors could be anything. */
function codeOf(error: unknown): string {
  return error instanceof OrderlyError ? error.code : 'ORDERLY_HANDLER_FAILED'
}

function failureOf(outcome: Outcome): Attributes & { readonly 'error.type'?: string } {
  if (outcome.type === 'retry' || outcome.type === 'failed')
    return { 'error.type': codeOf(outcome.error) }
  return outcome.type === 'fenced' ? { 'error.type': 'ORDERLY_LOCK_LOST' } : {}
}

/** The context a caller sent along: ids alone, for what else could come with it is somebody's text. */
function remote({ headers }: IncomingMessage): Context {
  const { traceparent } = headers
  const from: SpanContext | undefined =
    typeof traceparent === 'string' ? readTrace(traceparent) : undefined
  return from ? trace.setSpanContext(ROOT_CONTEXT, from) : ROOT_CONTEXT
}
