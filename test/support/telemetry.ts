// OpenTelemetry's own SDK with exporters in memory, for the whole process: what a collector would have been sent.
import { context, metrics, propagation, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
  type MetricData,
} from '@opentelemetry/sdk-metrics'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
  type ReadableSpan,
} from '@opentelemetry/sdk-trace-base'

export interface Collector {
  /** The spans that have ended. */
  spans(): ReadableSpan[]
  /** What is measured now, by name. */
  metrics(): Promise<Map<string, MetricData>>
  /** All of it as text, with whatever it says anywhere. */
  text(): Promise<string>
  stop(): Promise<void>
}

export function startCollector(): Collector {
  const spans = new InMemorySpanExporter()
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] })
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 })
  const meters = new MeterProvider({ readers: [reader] })
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  trace.setGlobalTracerProvider(provider)
  metrics.setGlobalMeterProvider(meters)
  const measured = async (): Promise<Map<string, MetricData>> => {
    exporter.reset()
    await reader.forceFlush()
    const all = exporter
      .getMetrics()
      .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics))
    return new Map(all.map((one) => [one.descriptor.name, one]))
  }
  return {
    spans: () => spans.getFinishedSpans(),
    metrics: measured,
    async text() {
      const said = spans
        .getFinishedSpans()
        .map(({ name, attributes, events, links, status, resource }) => ({
          name,
          attributes,
          events,
          links,
          status,
          resource: resource.attributes,
        }))
      return JSON.stringify([said, [...(await measured()).values()]])
    },
    async stop() {
      await provider.shutdown()
      await meters.shutdown()
      for (const api of [context, trace, metrics, propagation]) api.disable()
    },
  }
}
