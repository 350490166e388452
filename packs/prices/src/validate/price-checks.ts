// Checks of loaded prices: whether they make sense by themselves, beside each other, and beside the version before.
import { sql } from 'kysely'
import type { Database } from 'orderly'
import type { PriceTables } from '../store/tables.ts'
import { after, isNational, isOf, NATIONAL_TYPES, notShown } from '../store/visible.ts'
import { isCpt, isHcpcs } from '../shape/codes.ts'
import { medianOf } from '../analytics/quantiles.ts'
import type { Findings } from './findings.ts'

type Db = Database<PriceTables>

export interface PriceCheckOptions {
  /** Items looked at; all unless told. */
  readonly signal: AbortSignal
  readonly onStep: (share: number) => Promise<void>
}

export interface Completeness {
  readonly items: number
  readonly prices: number
  /** Shares from 0 to 1 of the items that have it. */
  readonly description: number
  readonly nationalCode: number
  readonly setting: number
  readonly gross: number
  readonly cash: number
  readonly negotiated: number
}

/** An item of a wide file has hundreds of prices, and all of a step are in memory at once. */
const ITEMS_A_STEP = 200
const CODES_A_STEP = 100
const OUTLIER_Z = 3.5
const FEWEST_FOR_OUTLIERS = 8
const NATIONAL = new Set<string>(NATIONAL_TYPES)

interface PriceRow {
  readonly item_id: number
  readonly kind: string
  readonly amount: number
  readonly conflict: number
  readonly sheet: string
  readonly row_no: number
}

/** A version of a source. Later ones may be written meanwhile: what is checked is this one. */
export interface Checked {
  readonly source: number
  readonly version: number
}

/** Looks at every price of a version, item by item, in flat memory. */
export async function checkPrices(
  db: Db,
  { source, version }: Checked,
  findings: Findings,
  { signal, onStep }: PriceCheckOptions,
): Promise<Completeness> {
  const have = {
    items: 0,
    prices: 0,
    description: 0,
    national: 0,
    setting: 0,
    gross: 0,
    cash: 0,
    negotiated: 0,
  }
  const { last } = await db.query
    .selectFrom('items')
    .select(({ fn }) => fn.max('item_id').as('last'))
    .where('source_id', '=', source)
    .executeTakeFirstOrThrow()
  for (let from = 0; from < (last ?? 0); from += ITEMS_A_STEP) {
    signal.throwIfAborted()
    const prices = await db.query
      .selectFrom('prices')
      .select(['item_id', 'kind', 'amount', 'conflict', 'sheet', 'row_no'])
      .where('source_id', '=', source)
      .where('item_id', '>', from)
      .where('item_id', '<=', from + ITEMS_A_STEP)
      .where(isOf(source, version))
      .execute()
    const byItem = groupByItem(prices)
    const shares = await db.query
      .selectFrom('payer_terms')
      .select(['percent', 'sheet', 'row_no'])
      .where('source_id', '=', source)
      .where('item_id', '>', from)
      .where('item_id', '<=', from + ITEMS_A_STEP)
      .where('version_id', '=', version)
      .where('percent', 'is not', null)
      .execute()
    for (const share of shares)
      if (isOddShare(Number(share.percent)))
        findings.add(
          'DATA.RANGE.PERCENT',
          placeOf(share),
          'A percentage is 70.5, not 0.705, and seldom above 100.',
        )
    const items = await db.query
      .selectFrom('items')
      .select(['item_id', 'description', 'code_type', 'code', 'setting', 'row_no', 'sheet'])
      .where('source_id', '=', source)
      .where('item_id', '>', from)
      .where('item_id', '<=', from + ITEMS_A_STEP)
      .execute()
    for (const item of items) {
      const own = byItem.get(item.item_id)
      // Items that a later version no longer prices stay known.
      if (!own) continue
      const place = placeOf(item)
      have.items++
      have.prices += own.length
      if (item.description !== '') have.description++
      if (NATIONAL.has(item.code_type)) have.national++
      if (item.setting !== '') have.setting++
      if (own.some(({ kind }) => kind === 'gross')) have.gross++
      if (own.some(({ kind }) => kind === 'cash')) have.cash++
      if (own.some(({ kind }) => kind === 'negotiated')) have.negotiated++
      if (!hasForm(item.code_type, item.code))
        findings.add('DATA.FORMAT.CODE', place, `This is no ${item.code_type} code.`)
      checkItem(own, findings)
    }
    await onStep(Math.min(1, (from + ITEMS_A_STEP) / last))
  }
  const share = (count: number): number => (have.items === 0 ? 0 : count / have.items)
  const completeness = {
    items: have.items,
    prices: have.prices,
    description: share(have.description),
    nationalCode: share(have.national),
    setting: share(have.setting),
    gross: share(have.gross),
    cash: share(have.cash),
    negotiated: share(have.negotiated),
  }
  if (completeness.nationalCode < 0.5)
    findings.add('DATA.COMPLETE.CODE', 'file', 'Fewer than half of the items have a national code.')
  if (completeness.description < 0.9)
    findings.add(
      'DATA.COMPLETE.DESCRIPTION',
      'file',
      'More than a tenth of the items have no description.',
    )
  return completeness
}

function groupByItem(prices: readonly PriceRow[]): Map<number, PriceRow[]> {
  const groups = new Map<number, PriceRow[]>()
  for (const price of prices) {
    const known = groups.get(price.item_id)
    if (known) known.push(price)
    else groups.set(price.item_id, [price])
  }
  return groups
}

function checkItem(prices: readonly PriceRow[], findings: Findings): void {
  const one = (kind: string): number | undefined => {
    const found = prices.filter((price) => price.kind === kind)
    return found.length === 1 ? found[0]!.amount : undefined
  }
  const gross = one('gross')
  const cash = one('cash')
  const min = one('min')
  const max = one('max')
  for (const price of prices) {
    const place = placeOf(price)
    if (price.conflict === 1)
      findings.add('DATA.CONFLICT', place, 'Another row gives another amount for the same thing.')
    if (isPlaceholder(price.amount))
      findings.add(
        'DATA.RANGE.PLACEHOLDER',
        place,
        'Such amounts often stand for one that is not known.',
      )
    if (price.kind === 'cash' && gross !== undefined && price.amount > gross && cash !== undefined)
      findings.add(
        'DATA.RANGE.CASH_ABOVE_GROSS',
        place,
        'Cash patients would pay more than is charged.',
      )
    if (price.kind !== 'negotiated') continue
    if ((min !== undefined && price.amount < min) || (max !== undefined && price.amount > max))
      findings.add(
        'DATA.RANGE.OUTSIDE_MIN_MAX',
        place,
        'Minimum and maximum do not hold for this payer.',
      )
    if (gross !== undefined && price.amount > gross * 3)
      findings.add(
        'DATA.RANGE.ABOVE_GROSS',
        place,
        'This payer would pay over three times the charge.',
      )
  }
}

/** Over 100 percent, or under one: most likely a fraction. What is no number is judged by the layout. */
function isOddShare(percent: number): boolean {
  return percent > 100 || (percent > 0 && percent < 1)
}

/** $0.01, $1.00, and nines alone. */
function isPlaceholder(amount: number): boolean {
  return amount === 100 || amount === 10_000 || /^9{7,}(0000)?$/.test(String(amount))
}

function hasForm(type: string, code: string): boolean {
  switch (type) {
    case 'CPT':
      return isCpt(code) || isHcpcs(code)
    case 'HCPCS':
      return isHcpcs(code) || isCpt(code)
    case 'NDC':
      return /^\d{10,11}$/.test(code)
    case 'MS-DRG':
      return /^\d{3}$/.test(code) && code !== '000'
    case 'RC':
      return /^\d{3,4}$/.test(code)
    default:
      return true
  }
}

/**
 * Prices far from the others of their code in the same file: by the median of distances, on a log scale.
 * SQLite takes a cross join in the order it is written: from the few items to their prices.
 */
export async function checkOutliers(
  db: Db,
  { source, version }: Checked,
  findings: Findings,
  { signal, onStep }: PriceCheckOptions,
): Promise<void> {
  let from = { type: '', code: '' }
  for (;;) {
    signal.throwIfAborted()
    const { rows: codes } = await sql<{ code_type: string; code: string }>`
      select i.code_type, i.code from items i
      where i.source_id = ${source} and ${isNational()} and (i.code_type, i.code) > (${from.type}, ${from.code})
      group by i.code_type, i.code order by i.code_type, i.code limit ${CODES_A_STEP}`.execute(
      db.query,
    )
    const last = codes.at(-1)
    if (!last) return
    const wanted = sql.join(codes.map(({ code_type, code }) => sql`(${code_type}, ${code})`))
    const { rows } = await sql<PriceRow & { code_type: string; code: string; setting: string }>`
      select i.code_type, i.code, i.setting, p.item_id, p.kind, p.amount, p.conflict, p.sheet, p.row_no
      from items i cross join prices p
      where p.source_id = i.source_id and p.item_id = i.item_id
        and i.source_id = ${source} and (i.code_type, i.code) in (values ${wanted})
        and ${isOf(source, version, 'p.')} and p.kind in ('gross', 'cash', 'negotiated')`.execute(
      db.query,
    )
    const groups = new Map<string, (typeof rows)[number][]>()
    for (const row of rows) {
      const key = `${row.code_type}\x1f${row.code}\x1f${row.setting}\x1f${row.kind}`
      const known = groups.get(key)
      if (known) known.push(row)
      else groups.set(key, [row])
    }
    for (const group of groups.values()) checkGroup(group, findings)
    from = { type: last.code_type, code: last.code }
    // Also lets other work have its turn: SQLite answers without ever waiting.
    await onStep(1)
  }
}

function checkGroup(group: readonly PriceRow[], findings: Findings): void {
  if (group.length < FEWEST_FOR_OUTLIERS) return
  const logs = group.map(({ amount }) => Math.log(amount))
  const middle = medianOf(logs)
  const spread = medianOf(logs.map((each) => Math.abs(each - middle)))
  // Where most prices are one and the same, no distance can be said to be usual.
  if (spread === 0) return
  for (const [at, price] of group.entries())
    if (Math.abs((0.6745 * (logs[at]! - middle)) / spread) > OUTLIER_Z)
      findings.add(
        'DATA.OUTLIER',
        placeOf(price),
        'Look whether a point or a zero is out of place.',
      )
}

export interface Change {
  readonly compared: number
  readonly jumps: number
  readonly before: number
  readonly now: number
}

const JUMP = 10
const DROP = 0.3

/** What a version changes beside what is shown; nothing to compare for a first one. */
export async function checkChange(
  db: Db,
  { source, version }: Checked,
  findings: Findings,
): Promise<Change> {
  // A version that follows one that was held, or that nobody has checked yet, is no smaller a jump.
  const since = notShown(source, version)
  const later = after(source, version)
  const { rows: counts } = await sql<{ before: number; now: number }>`
    select count(*) filter (where opened_by not in ${since} and (closed_by = 0 or closed_by in ${since})) as before,
      count(*) filter (where ${isOf(source, version)}) as now
    from prices where source_id = ${source}`.execute(db.query)
  const pair = sql`from prices n join prices b on b.source_id = n.source_id and b.item_id = n.item_id
      and b.contract_id = n.contract_id and b.kind = n.kind
    where n.source_id = ${source} and n.opened_by in ${since} and ${isOf(source, version, 'n.')}
      and b.opened_by not in ${since} and b.closed_by in ${since} and b.closed_by not in ${later}`
  const jumped = sql`(n.amount > b.amount * ${JUMP} or n.amount * ${JUMP} < b.amount)`
  const { rows } = await sql<{ compared: number; jumps: number }>`
    select count(*) as compared, count(*) filter (where ${jumped}) as jumps ${pair}`.execute(
    db.query,
  )
  const { before, now } = counts[0]!
  const { compared, jumps } = rows[0]!
  if (jumps > 0) {
    const { rows: samples } = await sql<PriceRow>`
      select n.item_id, n.kind, n.amount, n.conflict, n.sheet, n.row_no ${pair} and ${jumped} limit 25`.execute(
      db.query,
    )
    for (const [at, sample] of samples.entries())
      findings.add(
        'CHANGE.JUMP',
        placeOf(sample),
        'The price before was ten times less, or ten times more.',
        at === 0 ? jumps - samples.length + 1 : 1,
      )
  }
  if (before > 0 && now < before * (1 - DROP))
    findings.add('CHANGE.DROP', 'file', `${before} prices before, ${now} now.`)
  return { compared, jumps, before, now }
}

function placeOf({ sheet, row_no }: { sheet: string; row_no: number }): string {
  return sheet === '' ? `row ${row_no}` : `${sheet}, row ${row_no}`
}
