// Gathers the facts of a company's day.
import type { Incident } from '../anomaly/detect.ts'
import { standsOut } from '../anomaly/news.ts'
import { dayNumber, WEEK } from '../forecast/series.ts'
import { findCompany } from '../store/companies.ts'
import { MOST_PRODUCTS, readDaily, readFindings } from '../store/daily.ts'
import { isOpen, STATUSES } from '../orders/status.ts'
import { countOrders } from '../store/orders.ts'
import type { LabRooms } from '../store/rooms.ts'
import { figure, type BriefingFacts, type Figure } from './facts.ts'

const BY_DAY = [
  { key: 'orders', label: 'Orders', unit: 'count', good: 'up' },
  { key: 'revenue', label: 'Revenue', unit: 'money', good: 'up' },
  { key: 'spending', label: 'Ordered for', unit: 'money', good: null },
  { key: 'shipped', label: 'Shipped', unit: 'count', good: 'up' },
  { key: 'patients', label: 'Patients seen', unit: 'count', good: 'up' },
] as const

const MOST_NAMED = 5

/** The day before `date` in figures, each beside what is usual on its weekday, and what waits today. */
export async function gatherFacts(
  rooms: LabRooms,
  companyId: string,
  date: string,
): Promise<BriefingFacts> {
  const company = await findCompany(rooms, companyId)
  const last = dayNumber(date) - 1
  const daily = await Promise.all(
    BY_DAY.map(async ({ key, label, unit, good }): Promise<Figure | null> => {
      const { firstDay, values } = await readDaily(rooms, companyId, key, last)
      if (values.every((value) => value === 0)) return null
      const past = [1, 2, 3, 4].map((weeks) => values[last - weeks * WEEK - firstDay] ?? null)
      return figure({ key, label, unit, good, value: Math.round(values.at(-1)! * 100) / 100 }, past)
    }),
  )
  const [open, late] = await Promise.all([
    countOrders(rooms, companyId, { status: OPEN }),
    countOrders(rooms, companyId, { status: OPEN, dueBefore: date }),
  ])
  const now = (key: string, label: string, value: number, good: Figure['good']): Figure =>
    figure({ key, label, value, unit: 'count', good }, [])
  const forecasts = await readFindings<{
    advice: { daysLeft: number | null; isLate: boolean } | null
  }>(rooms, companyId, 'forecast', undefined, MOST_PRODUCTS)
  const short = forecasts
    .filter(({ body }) => body.advice?.isLate)
    .toSorted((a, b) => (a.body.advice?.daysLeft ?? 0) - (b.body.advice?.daysLeft ?? 0))
  const anomalies = await readFindings<{ incidents: Incident[] }>(rooms, companyId, 'anomalies')
  const unusual = anomalies.filter(({ body }) =>
    body.incidents.some((incident) => standsOut(incident, last)),
  )
  return {
    company: company.name,
    day: date,
    currency: company.currency,
    figures: [
      ...daily.filter((each) => each !== null),
      now('open', 'Orders in work', open, null),
      now('late', 'Late orders', late, 'down'),
    ],
    notes: [
      ...short
        .slice(0, MOST_NAMED)
        .map(({ subject }) => `${subject} runs out before an order could arrive`),
      ...(short.length > MOST_NAMED ? [`so do ${short.length - MOST_NAMED} other products`] : []),
      ...unusual.slice(0, 3).map(({ subject }) => `unusual: ${subject.split('/')[0]!}`),
    ],
  }
}

const OPEN = STATUSES.filter(isOpen)
