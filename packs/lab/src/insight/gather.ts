// Gathers the facts insights are found in: a period and the one before it, equally long.
import { DAY_MS, dayNumber, dayText } from '../forecast/series.ts'
import type { MoneyLine } from '../pdf/money.ts'
import type { LabRooms } from '../store/rooms.ts'
import type { Area, InsightFacts, OrderFact } from './rules.ts'

const MOST_ORDERS = 20_000

export async function gatherInsightFacts(
  rooms: Pick<LabRooms, 'db'>,
  companyId: string,
  { area, from, to }: { readonly area: Area; readonly from: string; readonly to: string },
): Promise<InsightFacts> {
  const length = dayNumber(to) - dayNumber(from) + 1
  const before = { from: dayText(dayNumber(from) - length), to: dayText(dayNumber(from) - 1) }
  const [current, previous, stock, seen, seenBefore] = await Promise.all([
    orderFacts(rooms, companyId, area, { from, to }),
    orderFacts(rooms, companyId, area, before),
    stockFacts(rooms, companyId, dayNumber(to)),
    patientsSeen(rooms, companyId, from, to),
    patientsSeen(rooms, companyId, before.from, before.to),
  ])
  return {
    current,
    previous,
    stock,
    patients: {
      seen: seen.all,
      returning: seen.returning,
      seenBefore: seenBefore.all,
      returningBefore: seenBefore.returning,
    },
  }
}

async function orderFacts(
  { db }: Pick<LabRooms, 'db'>,
  companyId: string,
  area: Area,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<OrderFact[]> {
  const rows = await db.query
    .selectFrom('lab_orders')
    .innerJoin('lab_companies', 'lab_companies.company_id', 'lab_orders.company_id')
    .select([
      'lab_companies.name as partner',
      'lines',
      'net_cents',
      'created_at',
      'finished_at',
      'remakes',
    ])
    .where((eb) =>
      // What a company orders from others is no revenue of its own.
      area === 'revenue'
        ? eb('lab_id', '=', companyId)
        : eb.or([eb('lab_orders.company_id', '=', companyId), eb('lab_id', '=', companyId)]),
    )
    .where('ordered_on', '>=', from)
    .where('ordered_on', '<=', to)
    // As in the figures: what was cancelled is nobody's revenue.
    .where('status', '!=', 'cancelled')
    .limit(MOST_ORDERS)
    .execute()
  return rows.map(({ partner, lines, net_cents, created_at, finished_at, remakes }) => ({
    partner,
    product: (JSON.parse(lines) as (MoneyLine & { sku?: string })[])[0]?.description ?? 'other',
    revenue: net_cents,
    days: finished_at === null ? null : (finished_at - created_at) / DAY_MS,
    remakes,
  }))
}

async function stockFacts(
  { db }: Pick<LabRooms, 'db'>,
  companyId: string,
  last: number,
): Promise<InsightFacts['stock']> {
  const rows = await db.query
    .selectFrom('lab_stock')
    .leftJoin('lab_daily', (join) =>
      join
        .onRef('lab_daily.company_id', '=', 'lab_stock.company_id')
        .on((eb) => eb('lab_daily.metric', '=', eb(eb.val('sku:'), '||', eb.ref('lab_stock.sku'))))
        .on('lab_daily.day', '>', last - 30)
        .on('lab_daily.day', '<=', last),
    )
    .select(({ fn }) => ['sku', 'on_hand', fn.sum<number | null>('lab_daily.value').as('monthly')])
    .where('lab_stock.company_id', '=', companyId)
    .groupBy(['sku', 'on_hand'])
    .limit(5_000)
    .execute()
  return rows.map(({ sku, on_hand, monthly }) => ({
    sku,
    onHand: on_hand,
    monthly: monthly ?? 0,
  }))
}

/** Patients of a period, and those of them who had been examined in the year before it. */
async function patientsSeen(
  { db }: Pick<LabRooms, 'db'>,
  companyId: string,
  from: string,
  to: string,
): Promise<{ all: number; returning: number }> {
  const start = dayNumber(from) * DAY_MS
  const seen = (since: number, until: number) =>
    db.query
      .selectFrom('lab_examinations')
      .select('patient_id')
      .distinct()
      .where('company_id', '=', companyId)
      .where('examined_at', '>=', since)
      .where('examined_at', '<', until)
  const rows = await seen(start, (dayNumber(to) + 1) * DAY_MS)
    .limit(MOST_ORDERS)
    .execute()
  const known = await seen(start - 365 * DAY_MS, start)
    .limit(MOST_ORDERS)
    .execute()
  const ids = new Set(known.map(({ patient_id }) => patient_id))
  return {
    all: rows.length,
    returning: rows.filter(({ patient_id }) => ids.has(patient_id)).length,
  }
}
