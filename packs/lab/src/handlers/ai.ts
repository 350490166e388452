// What the jobs of the ai queue do.
import { handle, type Handler, type JobContext } from 'orderly'
import { findAnomalies, type AnomalyOptions, type Incident } from '../anomaly/detect.ts'
import { newsOf, toldWith, type Told } from '../anomaly/news.ts'
import type { BriefingFacts } from '../briefing/facts.ts'
import { gatherFacts } from '../briefing/gather.ts'
import { highlightsOf, refuseBriefing, writeBriefing } from '../briefing/text.ts'
import { answerMessage } from '../chat/answer.ts'
import { forecast, LONGEST_HORIZON } from '../forecast/forecast.ts'
import { dayNumber, dayText, type DailySeries } from '../forecast/series.ts'
import { adviseStock, COVER_DAYS, type StockAdvice } from '../forecast/stock.ts'
import { gatherInsightFacts } from '../insight/gather.ts'
import { findInsights } from '../insight/rules.ts'
import {
  anomalyDetection,
  chatResponse,
  dailyBriefing,
  demandForecast,
  insightGeneration,
  type METRICS,
} from '../jobs/ai.ts'
import { dailyBriefingEmail } from '../jobs/email.ts'
import { aiInsightNotification } from '../jobs/notification.ts'
import { findUser, usersOf } from '../store/companies.ts'
import { isLevel, readDaily, readFindings, saveFinding, soldProducts } from '../store/daily.ts'
import { dayIn } from '../store/orders.ts'
import type { LabRooms } from '../store/rooms.ts'

/** What is kept of a forecast of one product. */
export interface KeptForecast {
  readonly firstDay: string
  readonly method: string
  readonly gain: number
  readonly past: readonly number[]
  readonly values: readonly number[]
  readonly low: readonly number[]
  readonly high: readonly number[]
  readonly advice: StockAdvice | null
}

/** What is kept of a metric that was looked at. */
export interface KeptAnomalies {
  readonly firstDay: string
  readonly span: number
  readonly values: readonly number[]
  readonly low: readonly number[]
  readonly high: readonly number[]
  readonly incidents: readonly Incident[]
  /** What people were told of. */
  readonly told?: readonly Told[]
}

/** How each metric varies: orders and patients come one by one, money and pieces do not. */
const METRIC_KINDS = {
  orders: 'counts',
  patients: 'counts',
  revenue: 'amounts',
  inventory: 'amounts',
} as const satisfies Record<(typeof METRICS)[number], AnomalyOptions['kind']>

const PAST_SHOWN = 56

/** Days that are looked at together. */
const SPANS = { daily: 1, weekly: 7, monthly: 30 } as const

export function aiHandlers(rooms: LabRooms): Handler[] {
  return [
    handle(dailyBriefing, async (ctx) => {
      const { companyId, date, userIds } = ctx.input
      const facts = await gatherFacts(rooms, companyId, date)
      const { text, by } = await briefingText(rooms, ctx, companyId, facts)
      await saveFinding(rooms, {
        company_id: companyId,
        kind: 'briefing',
        subject: date,
        body: { text, by, facts },
      })
      const readers = userIds
        ? await Promise.all(userIds.map((id) => findUser(rooms, id, [companyId])))
        : await usersOf(rooms, companyId)
      for (const { id: userId } of readers) {
        // Told once a day, however often the briefing is made.
        const once = { unique: { key: [companyId, userId, date], for: '24h' as const } }
        await ctx.enqueue(dailyBriefingEmail, { userId, companyId, date }, once)
        await ctx.enqueue(
          aiInsightNotification,
          {
            companyId,
            userId,
            insight: 'briefing',
            title: `Your briefing of ${date}`,
            summary: highlightsOf(facts)[0]?.text ?? 'A usual day',
            detailUrl: `/briefings/${date}`,
          },
          once,
        )
      }
      return { by, highlights: highlightsOf(facts).length, told: readers.length }
    }),
    handle(demandForecast, async ({ input, progress }) => {
      const { companyId, forecastDays, productIds } = input
      const today = dayNumber(dayIn(rooms.zone, rooms.clock.now()))
      const products = productIds ?? (await soldProducts(rooms, companyId, today - 1))
      let late = 0
      for (const [n, sku] of products.entries()) {
        const kept = await forecastProduct(rooms, companyId, sku, forecastDays, today)
        if (kept?.advice?.isLate) late++
        await progress((n + 1) / products.length)
      }
      return { products: products.length, late }
    }),
    handle(anomalyDetection, async (ctx) => {
      const { companyId, metric, period } = ctx.input
      const today = dayNumber(dayIn(rooms.zone, rooms.clock.now()))
      const daily = await readDaily(rooms, companyId, metric, today - 1)
      const span = SPANS[period]
      const series = inSpans(daily, span, isLevel(metric))
      const kind = METRIC_KINDS[metric]
      const { incidents, low, high, reason } = findAnomalies(series, { kind, span })
      const subject = `${metric}/${period}`
      const [before] = await readFindings<KeptAnomalies>(rooms, companyId, 'anomalies', subject)
      const told = before?.body.told ?? []
      const news = newsOf(incidents, told, today)
      for (const incident of news)
        for (const { id: userId } of await usersOf(rooms, companyId))
          await ctx.enqueue(
            aiInsightNotification,
            {
              companyId,
              userId,
              insight: 'anomaly',
              title: `Unusual ${metric}`,
              summary: incident.explanation.slice(0, 500),
            },
            // A run that died before it wrote down what it told begins again.
            {
              idempotencyKey: `${companyId}/${userId}/${metric}/${incident.kind}/${incident.from}`,
              idempotencyFor: '30d',
            },
          )
      const body: KeptAnomalies = {
        firstDay: dayText(series.firstDay),
        span,
        values: series.values,
        low,
        high,
        incidents,
        told: toldWith(told, news, today),
      }
      await saveFinding(rooms, { company_id: companyId, kind: 'anomalies', subject, body })
      return {
        incidents: incidents.length,
        critical: incidents.filter(({ severity }) => severity === 'critical').length,
        reason,
      }
    }),
    handle(insightGeneration, async ({ input }) => {
      const { companyId, area, periodStart, periodEnd } = input
      const insights = findInsights(
        area,
        await gatherInsightFacts(rooms, companyId, { area, from: periodStart, to: periodEnd }),
      )
      await saveFinding(rooms, {
        company_id: companyId,
        kind: 'insights',
        subject: `${area}/${periodStart}/${periodEnd}`,
        body: insights,
      })
      return { insights: insights.length }
    }),
    handle(chatResponse, async ({ input, jobId, signal }) => {
      const { userId, companyId, conversationId, message } = input
      await findUser(rooms, userId, [companyId])
      const found = await answerMessage(rooms, companyId, message, signal)
      const at = rooms.clock.now()
      const said = [
        ['user', message],
        ['assistant', found.answer],
      ] as const
      for (const [role, text] of said)
        await rooms.db.query
          .insertInto('lab_chat')
          .values({
            conversation_id: conversationId,
            company_id: companyId,
            user_id: userId,
            role,
            message_id: `${jobId}/${role}`,
            sealed: await rooms.vault.seal(text, {
              table: 'lab_chat',
              column: 'sealed',
              row: `${jobId}/${role}`,
            }),
            at,
          })
          .onConflict((conflict) => conflict.column('message_id').doNothing())
          .execute()
      return { answer: found.answer, sources: [...found.sources] }
    }),
  ]
}

/** What a model wrote of the facts, if there is one and every number of it is among them; else what is always written. */
async function briefingText(
  { model, log }: LabRooms,
  { signal }: Pick<JobContext, 'signal'>,
  companyId: string,
  facts: BriefingFacts,
): Promise<{ text: string; by: 'template' | 'model' }> {
  const own = { text: writeBriefing(facts), by: 'template' } as const
  if (!model) return own
  try {
    const text = await model.ask(
      {
        companyId,
        system:
          'Write a briefing of at most 150 words from these facts. Use only numbers that stand in them. No links.',
        user: JSON.stringify(facts),
        mayHoldPhi: false,
      },
      signal,
    )
    const refusal = refuseBriefing(text, facts)
    if (refusal === null) return { text, by: 'model' }
    log.warn({ company: companyId, refusal }, 'what the model wrote was not used')
  } catch (error) {
    log.info(
      { company: companyId, error: error instanceof Error ? error.name : 'unknown' },
      'the model did not write the briefing; it is written without',
    )
  }
  return own
}

async function forecastProduct(
  rooms: LabRooms,
  companyId: string,
  sku: string,
  horizon: number,
  today: number,
): Promise<KeptForecast | undefined> {
  const series = await readDaily(rooms, companyId, `sku:${sku}`, today - 1)
  if (series.values.length === 0) return undefined
  const stock = await rooms.db.query
    .selectFrom('lab_stock')
    .selectAll()
    .where('company_id', '=', companyId)
    .where('sku', '=', sku)
    .executeTakeFirst()
  // What takes longer to deliver than people want to look ahead is ordered all the same, and sooner.
  const reach = Math.min(LONGEST_HORIZON, Math.max(horizon, (stock?.lead_days ?? 0) + COVER_DAYS))
  const made = forecast(series.values, { horizon: stock ? reach : horizon, whole: true })
  const kept: KeptForecast = {
    firstDay: dayText(today),
    method: made.method,
    gain: made.gain,
    past: series.values.slice(-PAST_SHOWN),
    values: made.values.slice(0, horizon),
    low: made.low.slice(0, horizon),
    high: made.high.slice(0, horizon),
    advice:
      stock && stock.lead_days <= reach
        ? adviseStock(made, {
            onHand: stock.on_hand,
            onOrder: stock.on_order,
            leadDays: stock.lead_days,
            packSize: stock.pack_size,
          })
        : null,
  }
  await saveFinding(rooms, { company_id: companyId, kind: 'forecast', subject: sku, body: kept })
  return kept
}

/** The sums of spans of days, or what stood at their ends; the last one ends with the series. */
function inSpans({ firstDay, values }: DailySeries, size: number, isLevel: boolean): DailySeries {
  if (size === 1) return { firstDay, values }
  const skip = values.length % size
  const sums = Array.from({ length: Math.floor(values.length / size) }, (_, n) => {
    const days = values.slice(skip + n * size, skip + (n + 1) * size)
    return isLevel ? days.at(-1)! : days.reduce((sum, value) => sum + value, 0)
  })
  return { firstDay: firstDay + skip, values: sums }
}
