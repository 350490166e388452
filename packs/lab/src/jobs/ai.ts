// The jobs of the ai queue: they work without a model, and better with one.
import { clear, defineJob, exponential, phi } from 'orderly'
import { z } from 'zod'

const id = z.string().min(1).max(100)
const common = {
  queue: 'ai',
  timeout: '2m',
  retry: { attempts: 2, backoff: exponential('10s') },
} as const

export const dailyBriefing = defineJob({
  ...common,
  name: 'lab.ai.daily-briefing',
  input: z.object({ companyId: id, date: z.iso.date(), userIds: z.array(id).max(500).optional() }),
  output: z.object({ by: z.enum(['template', 'model']), highlights: z.int(), told: z.int() }),
  priority: 3,
  unique: { key: ({ companyId, date }) => [companyId, date] },
})

export const demandForecast = defineJob({
  ...common,
  name: 'lab.ai.demand-forecast',
  input: z.object({
    companyId: id,
    forecastDays: z.int().min(1).max(366).default(30),
    productIds: z.array(id).max(500).optional(),
  }),
  output: z.object({ products: z.int(), late: z.int() }),
  priority: 3,
})

export const METRICS = ['revenue', 'orders', 'inventory', 'patients'] as const

export const anomalyDetection = defineJob({
  ...common,
  name: 'lab.ai.anomaly-detection',
  input: z.object({
    companyId: id,
    metric: z.enum(METRICS),
    period: z.enum(['daily', 'weekly', 'monthly']).default('daily'),
  }),
  output: z.object({ incidents: z.int(), critical: z.int(), reason: z.string().nullable() }),
  priority: 2,
})

export const AREAS = ['revenue', 'inventory', 'patient-care', 'operations'] as const

export const insightGeneration = defineJob({
  ...common,
  name: 'lab.ai.insight-generation',
  input: z.object({
    companyId: id,
    area: z.enum(AREAS),
    periodStart: z.iso.date(),
    periodEnd: z.iso.date(),
  }),
  output: z.object({ insights: z.int() }),
  priority: 3,
})

export const chatResponse = defineJob({
  ...common,
  name: 'lab.ai.chat-response',
  input: z.object({
    userId: clear(id),
    companyId: clear(id),
    conversationId: clear(id),
    message: phi.of('text', z.string().min(1).max(4_000)),
  }),
  output: z.object({
    answer: phi.of('text', z.string()),
    sources: clear(z.array(z.object({ query: z.string(), at: z.string(), rows: z.int() }))),
  }),
  priority: 1,
})

export const AI_JOBS = {
  dailyBriefing,
  demandForecast,
  anomalyDetection,
  insightGeneration,
  chatResponse,
}
