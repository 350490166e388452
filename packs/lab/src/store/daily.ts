// Figures of a company by day, and what tasks have found in them.
import { sql } from 'kysely'
import { dayNumber, type DailySeries } from '../forecast/series.ts'
import type { MoneyLine } from '../pdf/money.ts'
import type { LabRooms, Query } from './rooms.ts'
import type { FindingRow, OrderRow } from './tables.ts'

/** Adds to a figure of a day. */
export async function addDaily(
  query: Query,
  companyId: string,
  metric: string,
  day: number,
  by: number,
): Promise<void> {
  await query
    .insertInto('lab_daily')
    .values({ company_id: companyId, metric, day, value: by })
    .onConflict((conflict) =>
      conflict
        .columns(['company_id', 'metric', 'day'])
        .doUpdateSet({ value: sql<number>`lab_daily.value + ${by}` }),
    )
    .execute()
}

/** Writes down what a figure has come to on a day. */
export async function setDaily(
  query: Query,
  companyId: string,
  metric: string,
  day: number,
  value: number,
): Promise<void> {
  await query
    .insertInto('lab_daily')
    .values({ company_id: companyId, metric, day, value })
    .onConflict((conflict) =>
      conflict.columns(['company_id', 'metric', 'day']).doUpdateSet({ value }),
    )
    .execute()
}

/**
 * Adds an order to the money and pieces of its day, or takes one off that was cancelled. It is revenue of the laboratory that
 * makes it; a practice that orders elsewhere spends it.
 */
export async function bookOrder(
  query: Query,
  order: Pick<OrderRow, 'company_id' | 'lab_id' | 'lines' | 'net_cents' | 'ordered_on'>,
  sign: 1 | -1,
): Promise<void> {
  const { company_id: practice, lab_id: lab } = order
  const day = dayNumber(order.ordered_on)
  const net = (sign * order.net_cents) / 100
  await addDaily(query, lab, 'revenue', day, net)
  if (practice !== lab) await addDaily(query, practice, 'spending', day, net)
  const lines = JSON.parse(order.lines) as (MoneyLine & { readonly sku?: string })[]
  for (const company of new Set([practice, lab]))
    for (const { sku, quantity } of lines)
      if (sku !== undefined) await addDaily(query, company, `sku:${sku}`, day, sign * quantity)
}

/** Figures that stand until they change; the others begin each day at 0. */
const LEVELS: ReadonlySet<string> = new Set(['inventory'])

export function isLevel(metric: string): boolean {
  return LEVELS.has(metric)
}

const MOST_DAYS = 1_100

/** A figure's days up to `lastDay`, at most three years; days without one are 0, or as the day before for what stands. */
export async function readDaily(
  { db }: LabRooms,
  companyId: string,
  metric: string,
  lastDay: number,
): Promise<DailySeries> {
  const rows = await db.query
    .selectFrom('lab_daily')
    .select(['day', 'value'])
    .where('company_id', '=', companyId)
    .where('metric', '=', metric)
    .where('day', '>', lastDay - MOST_DAYS)
    .where('day', '<=', lastDay)
    .orderBy('day')
    .execute()
  const first = rows[0]?.day ?? lastDay
  const byDay = new Map(rows.map(({ day, value }) => [day, value]))
  let stands = 0
  return {
    firstDay: first,
    values: Array.from({ length: lastDay - first + 1 }, (_, at) => {
      const value = byDay.get(first + at)
      if (isLevel(metric)) stands = value ?? stands
      return value ?? stands
    }),
  }
}

/** What a figure comes to in the days from one to another, both among them, however long ago; and how many have one. */
export async function sumDaily(
  { db }: LabRooms,
  companyId: string,
  metric: string,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<{ total: number; rows: number }> {
  const { n, total } = await db.query
    .selectFrom('lab_daily')
    .select(({ fn }) => [fn.sum('value').as('total'), fn.countAll().as('n')])
    .where('company_id', '=', companyId)
    .where('metric', '=', metric)
    .where('day', '>=', from)
    .where('day', '<=', to)
    .executeTakeFirstOrThrow()
  return { total: Number(total ?? 0), rows: Number(n) }
}

/** Products of a company that are looked after. */
export const MOST_PRODUCTS = 2_000
const YEAR = 365

/** The codes of products sold in the year up to a day: of very many those that went most. */
export async function soldProducts(
  { db }: LabRooms,
  companyId: string,
  lastDay: number,
): Promise<string[]> {
  const rows = await db.query
    .selectFrom('lab_daily')
    .select('metric')
    .where('company_id', '=', companyId)
    .where('metric', 'like', 'sku:%')
    .where('day', '>', lastDay - YEAR)
    .where('day', '<=', lastDay)
    .groupBy('metric')
    .orderBy(({ fn }) => fn.sum('value'), 'desc')
    .orderBy('metric')
    .limit(MOST_PRODUCTS)
    .execute()
  return rows.map(({ metric }) => metric.slice('sku:'.length))
}

export async function saveFinding(
  { db, clock }: LabRooms,
  finding: Omit<FindingRow, 'made_at' | 'body'> & { readonly body: unknown },
): Promise<void> {
  const row = { ...finding, body: JSON.stringify(finding.body), made_at: clock.now() }
  await db.query
    .insertInto('lab_findings')
    .values(row)
    .onConflict((conflict) =>
      conflict
        .columns(['company_id', 'kind', 'subject'])
        .doUpdateSet({ body: row.body, made_at: row.made_at }),
    )
    .execute()
}

/** What tasks have found of a kind, newest first; 100 unless told. */
export async function readFindings<Body>(
  { db }: LabRooms,
  companyId: string,
  kind: FindingRow['kind'],
  subject?: string,
  limit = 100,
): Promise<{ subject: string; body: Body; madeAt: number }[]> {
  let query = db.query
    .selectFrom('lab_findings')
    .select(['subject', 'body', 'made_at'])
    .where('company_id', '=', companyId)
    .where('kind', '=', kind)
  if (subject !== undefined) query = query.where('subject', '=', subject)
  const rows = await query.orderBy('made_at', 'desc').limit(limit).execute()
  return rows.map((row) => ({
    subject: row.subject,
    body: JSON.parse(row.body) as Body,
    madeAt: row.made_at,
  }))
}
