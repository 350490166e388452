// Keeps what jobs carry out of spans: BullMQ writes results, progress and error messages into them as they are.
import type {
  Attributes,
  AttributeValue,
  BackendClasses,
  ContextManager,
  IQueueBackend,
  Span,
  Telemetry,
} from 'bullmq'
import { readTrace } from '../job/trace-mark.ts'

/** What spans may say of a job: names, ids, counts and times. Whatever else BullMQ comes to say is withheld. */
const SAFE = new Set([
  'bullmq.queue.name',
  'bullmq.queue.operation',
  'bullmq.queue.drain.delay',
  'bullmq.queue.grace',
  'bullmq.queue.clean.limit',
  'bullmq.queue.clean.count',
  'bullmq.queue.rate.limit',
  'bullmq.queue.event.max.length',
  'bullmq.queue.jobs.state',
  'bullmq.job.bulk.count',
  'bullmq.job.bulk.names',
  'bullmq.job.name',
  'bullmq.job.id',
  'bullmq.job.ids',
  'bullmq.job.type',
  'bullmq.job.state',
  'bullmq.job.attempts.made',
  'bullmq.job.attempt_finished_timestamp',
  'bullmq.job.processed.timestamp',
  'bullmq.job.scheduler.id',
  'bullmq.flow.name',
  'bullmq.worker.name',
  'bullmq.worker.id',
  'bullmq.worker.rate.limit',
  'bullmq.worker.do.not.wait.active',
  'bullmq.worker.force.close',
  'bullmq.worker.stalled.jobs',
  'bullmq.worker.failed.jobs',
  'bullmq.worker.jobs.to.extend.locks',
])

const WITHHELD = '[sealed]'

/** The same telemetry, its spans closed to what jobs carry. */
function guardTelemetry<Context>(telemetry: Telemetry<Context>): Telemetry<Context> {
  return {
    ...(telemetry.meter ? { meter: telemetry.meter } : {}),
    contextManager: guardContext(telemetry.contextManager),
    tracer: {
      startSpan: (name, options, context) =>
        guardSpan(telemetry.tracer.startSpan(name, options && { kind: options.kind }, context)),
    },
  }
}

/**
 * What travels with a job, in the clear, is the ids of a span. Baggage and the state of vendors are somebody's text.
 */
function guardContext<Context>(
  manager: ContextManager<Context>,
): Telemetry<Context>['contextManager'] {
  return {
    with: (context, fn) => manager.with(context, fn),
    active: () => manager.active(),
    ...(manager.root ? { root: () => manager.root!() } : {}),
    getMetadata: (context) => onlyTrace(manager.getMetadata(context)),
    fromMetadata: (active, metadata) => manager.fromMetadata(active, onlyTrace(metadata)),
  }
}

function onlyTrace(metadata: string): string {
  try {
    const { traceparent } = JSON.parse(metadata) as { traceparent?: unknown }
    if (typeof traceparent === 'string' && readTrace(traceparent))
      return JSON.stringify({ traceparent })
  } catch {
    // What nobody can read is nobody's ids.
  }
  return '{}'
}

function guardSpan(span: Span): Span {
  return {
    setSpanOnContext: (context) => span.setSpanOnContext(context) as never,
    setAttribute: (key, value) => span.setAttribute(key, guard(key, value)),
    setAttributes: (attributes) => span.setAttributes(guardAll(attributes)),
    addEvent: (name, attributes) => span.addEvent(name, attributes && guardAll(attributes)),
    recordException: (_exception, time) =>
      span.recordException({ name: 'Error', message: WITHHELD }, time),
    end: () => span.end(),
  }
}

function guard(key: string, value: AttributeValue): AttributeValue {
  return SAFE.has(key) ? value : WITHHELD
}

function guardAll(attributes: Attributes): Attributes {
  return Object.fromEntries(
    Object.entries(attributes).map(([key, value]) => [
      key,
      value === undefined ? value : guard(key, value),
    ]),
  )
}

type Classes = BackendClasses<IQueueBackend, any>

/** BullMQ's classes with their telemetry guarded, whoever passes it. */
export function guardClasses(classes: Classes): Classes {
  const guarded = (options: { telemetry?: Telemetry } | undefined): any =>
    options?.telemetry ? { ...options, telemetry: guardTelemetry(options.telemetry) } : options
  // The classes come with their type parameters bound, which `extends` cannot name again.
  const wrap = <Class extends new (...given: any[]) => object>(Base: Class, at: number): Class =>
    class extends Base {
      constructor(...given: any[]) {
        super(...given.map((value, index) => (index === at ? guarded(value) : value)))
      }
    }
  return {
    ...classes,
    Queue: wrap(classes.Queue, 1),
    Worker: wrap(classes.Worker, 2),
    FlowProducer: wrap(classes.FlowProducer, 0),
    QueueEvents: wrap(classes.QueueEvents, 1),
  }
}
