// The page of forecasts: what to order first, then each product's past and the days to come.
import type { PageBlock, PageLink } from 'orderly'
import { dayNumber, dayText } from '../forecast/series.ts'
import type { KeptForecast } from '../handlers/ai.ts'
import { MOST_PRODUCTS } from '../store/daily.ts'
import type { LabRooms } from '../store/rooms.ts'
import { companyNames, table } from './blocks.ts'
import { newestFindings } from './findings.ts'

/** A page holds fifty blocks at most. */
const MOST_CHARTS = 24
const MOST_LISTED = 100

export async function forecastPage(rooms: LabRooms): Promise<PageBlock[]> {
  const [kept, stock, nameOf] = await Promise.all([
    newestFindings(rooms, 'forecast', MOST_PRODUCTS),
    rooms.db.query.selectFrom('lab_stock').selectAll().execute(),
    companyNames(rooms),
  ])
  if (kept.length === 0) return [{ block: 'note', tone: 'neutral', text: 'No forecast yet.' }]
  const shelves = new Map(stock.map((row) => [`${row.company_id}/${row.sku}`, row]))
  const products = kept
    .map(({ body, company, subject, ...rest }) => ({
      ...rest,
      company,
      sku: subject,
      shelf: shelves.get(`${company}/${subject}`),
      forecast: body as KeptForecast,
    }))
    .toSorted((a, b) => urgency(b.forecast) - urgency(a.forecast))
    .slice(0, MOST_LISTED)
  return [
    table(
      'What to order',
      [
        ['product', 'Product'],
        ['company', 'Company'],
        ['advice', 'Advice', 'state'],
        ['shelf', 'On the shelf', 'number'],
        ['way', 'On its way', 'number'],
        ['left', 'Days left', 'number'],
        ['lead', 'Delivery, days', 'number'],
        ['at', 'Order at', 'number'],
        ['gain', 'Errs less by, %', 'number'],
        ['made', 'Made', 'time'],
      ],
      products.map(({ company, forecast, madeAt, shelf, sku }) => ({
        product: shelf && shelf.name !== sku ? `${shelf.name} (${sku})` : sku,
        company: nameOf(company),
        advice: adviceOf(forecast.advice),
        shelf: shelf?.on_hand ?? null,
        way: shelf?.on_order ?? null,
        left: forecast.advice?.daysLeft ?? null,
        lead: shelf?.lead_days ?? null,
        at: forecast.advice ? Math.ceil(forecast.advice.reorderPoint) : null,
        gain: Math.round(forecast.gain * 100),
        made: madeAt,
      })),
      '',
    ),
    ...products
      .slice(0, MOST_CHARTS)
      .map(({ forecast, shelf, sku }) => chart(sku, shelf?.name, forecast)),
  ]
}

function urgency({ advice }: KeptForecast): number {
  if (!advice) return -1
  return (advice.isLate ? 2e9 : advice.orderQuantity > 0 ? 1e9 : 0) - (advice.daysLeft ?? 1e6)
}

function adviceOf(advice: KeptForecast['advice']): PageLink {
  if (!advice) return { text: 'no stock is on record', tone: 'neutral' }
  const { isLate, orderQuantity } = advice
  if (isLate && orderQuantity > 0)
    return { text: `order ${orderQuantity} now, it is late`, tone: 'bad' }
  if (orderQuantity > 0) return { text: `order ${orderQuantity}`, tone: 'warning' }
  return { text: 'enough', tone: 'good' }
}

function chart(sku: string, name: string | undefined, kept: KeptForecast): PageBlock {
  const first = dayNumber(kept.firstDay) - kept.past.length
  const days = kept.past.length + kept.values.length
  const empty = kept.past.map(() => null)
  const ahead = kept.values.map(() => null)
  return {
    block: 'chart',
    title: `${name ?? sku}, pieces a day`,
    kind: 'band',
    x: {
      label: 'Day',
      kind: 'category',
      values: Array.from({ length: days }, (_, at) => dayText(first + at)),
    },
    series: [
      { label: 'Sold', values: [...kept.past, ...ahead] },
      { label: `Expected, by ${kept.method}`, values: [...empty, ...kept.values] },
      { label: 'At least', edge: 'low', values: [...empty, ...kept.low] },
      { label: 'at most, nine days of ten', edge: 'high', values: [...empty, ...kept.high] },
    ],
  }
}
