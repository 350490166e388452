// Works out what a code costs, in each hospital and each market, from the prices that may be shown.
import { hash } from 'node:crypto'
import { sql, type RawBuilder } from 'kysely'
import type { Bindable, Clock, Database, DatabaseTransaction } from 'orderly'
import type {
  HospitalStatsTable,
  PriceStatsTable,
  PriceTrendsTable,
} from '../store/pipeline-tables.ts'
import type { PriceTables, VersionsTable } from '../store/tables.ts'
import { listCodesAgain } from '../store/priced-codes.ts'
import { after, isNational, isOf, isVisible, shownBy } from '../store/visible.ts'
import { medianOf, quantileOf } from './quantiles.ts'
import { EVERYWHERE, notePlace, placesOf, type Place, type Voice } from './voices.ts'

type Db = Database<PriceTables>

export interface Refreshed {
  /** Codes whose prices were looked at. */
  readonly codes: number
  /** Statistics of markets that were written. */
  readonly statistics: number
  /** Those whose inputs are what they were. */
  readonly unchanged: number
}

interface Code {
  readonly code_type: string
  readonly code: string
}

interface Row extends Code {
  readonly source_id: number
  readonly setting: string
  readonly billing_class: string
  readonly modifiers: string
  readonly drug_unit: string
  readonly methodology: string | null
  readonly payer_id: string | null
  readonly kind: string
  readonly amount: number
}

type Version = Pick<VersionsTable, 'version_id' | 'source_id' | 'valid_from'> & {
  /** What it says is what is shown: no later version is. */
  readonly isLatest: boolean
}
type Group = Pick<PriceStatsTable, 'code_type' | 'code' | 'setting' | 'billing_class' | 'modifiers' | 'drug_unit' | 'methodology' | 'kind'> // prettier-ignore

const CODES_A_STEP = 50
/** All payers together. */
const EVERYBODY = ''

export interface RefreshOptions {
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly onStep: (done: number) => Promise<void>
}

/** What is worked out anew: the codes a version has changed, all codes of a source that is elsewhere now, or everything. */
export interface Asked {
  readonly versionId?: number | undefined
  readonly sourceId?: number | undefined
}

/**
 * Refreshes statistics. Only prices that mean the same are put together: same code, setting, billing class, modifiers,
 * drug unit, methodology and kind, in dollars; descriptions play no part.
 */
export async function refreshStatistics(
  db: Db,
  { versionId, sourceId }: Asked,
  options: RefreshOptions,
): Promise<Refreshed> {
  if (versionId !== undefined) return refreshVersion(db, versionId, options)
  if (sourceId === undefined) return refreshCodes(db, await placesOf(db), sql`1 = 1`, options)
  const totals = { codes: 0, statistics: 0, unchanged: 0 }
  // A hospital that is moved again meanwhile is seen to at once.
  for (;;) {
    const places = await placesOf(db)
    const place = places.get(sourceId)
    if (!place || place.text === (await placedOf(db, sourceId))) return totals
    const { codes, statistics, unchanged } = await refreshCodes(db, places, sql`i.source_id = ${sourceId}`, options) // prettier-ignore
    totals.codes += codes
    totals.statistics += statistics
    totals.unchanged += unchanged
    await notePlace(db, sourceId, place)
  }
}

async function refreshVersion(
  db: Db,
  versionId: number,
  options: RefreshOptions,
): Promise<Refreshed> {
  const version = await db.query
    .selectFrom('versions')
    .select(['version_id', 'source_id', 'valid_from'])
    .where('version_id', '=', versionId)
    .executeTakeFirst()
  if (!version) return { codes: 0, statistics: 0, unchanged: 0 }
  const later = await db.query
    .selectFrom('versions')
    .select('version_id')
    .where('version_id', 'in', after(version.source_id, versionId))
    .where('shown_by', 'is not', null)
    .executeTakeFirst()
  const source = version.source_id
  const places = await placesOf(db)
  const place = places.get(source)
  const isInPlace = place === undefined || place.text === (await placedOf(db, source))
  const changed = isInPlace
    ? sql`i.source_id = ${source} and exists (select 1 from prices p where p.source_id = i.source_id
        and p.item_id = i.item_id
        and (p.opened_by in ${shownBy(versionId)} or p.closed_by in ${shownBy(versionId)}))`
    : sql`i.source_id = ${source}`
  const refreshed = await refreshCodes(db, places, changed, options, {
    ...version,
    isLatest: !later,
  })
  if (!isInPlace) await notePlace(db, source, place)
  return refreshed
}

async function placedOf(db: Db, source: number): Promise<string | null | undefined> {
  const found = await db.query
    .selectFrom('sources')
    .select('placed')
    .where('source_id', '=', source)
    .executeTakeFirst()
  return found?.placed
}

async function refreshCodes(
  db: Db,
  places: ReadonlyMap<number, Place>,
  which: RawBuilder<unknown>,
  { clock, signal, onStep }: RefreshOptions,
  version?: Version,
): Promise<Refreshed> {
  const totals = { codes: 0, statistics: 0, unchanged: 0 }
  let from: Code = { code_type: '', code: '' }
  for (;;) {
    signal.throwIfAborted()
    const codes = await codesAfter(db, which, from)
    const last = codes.at(-1)
    if (!last) break
    await db.transaction(async (tx) => {
      // One at a time, also where several processes work: what is read here is not older than what another has written.
      if (db.dialect === 'postgres')
        await sql`lock table price_stats in share row exclusive mode`.execute(tx.query)
      const rows = await pricesOf(tx, codes, isVisible())
      const written = await write(tx, db.dialect, codes, summarise(rows, places, clock.now()))
      totals.statistics += written.statistics
      totals.unchanged += written.unchanged
      if (version) await writeTrends(tx, version, codes, rows, clock.now())
    })
    totals.codes += codes.length
    from = last
    await onStep(totals.codes)
  }
  // Others go on reading the old list until the new one is whole.
  if (db.dialect === 'postgres')
    await sql`refresh materialized view concurrently priced_codes`.execute(db.query)
  return totals
}

async function codesAfter(
  db: Db,
  which: RawBuilder<unknown>,
  from: Code,
): Promise<readonly Code[]> {
  const { rows } = await sql<Code>`
    select i.code_type, i.code from items i
    where ${isNational()} and (i.code_type, i.code) > (${from.code_type}, ${from.code}) and ${which}
    group by i.code_type, i.code order by i.code_type, i.code limit ${CODES_A_STEP}`.execute(
    db.query,
  )
  return rows
}

async function pricesOf(
  tx: DatabaseTransaction<PriceTables>,
  codes: readonly Code[],
  which: RawBuilder<boolean>,
): Promise<readonly Row[]> {
  const wanted = sql.join(codes.map(({ code_type, code }) => sql`(${code_type}, ${code})`))
  const { rows } = await sql<Row>`
    select i.code_type, i.code, i.source_id, i.setting, i.billing_class, i.modifiers, i.drug_unit,
      c.methodology, c.payer_id, p.kind, p.amount
    from items i
    cross join prices p
    left join contracts c on c.source_id = p.source_id and c.contract_id = p.contract_id
    where p.source_id = i.source_id and p.item_id = i.item_id and (i.code_type, i.code) in (values ${wanted})
      and p.kind in ('gross', 'cash', 'negotiated') and ${which}`.execute(tx.query)
  return rows
}

interface Summary {
  readonly hospitals: readonly HospitalStatsTable[]
  readonly markets: readonly PriceStatsTable[]
}

function summarise(rows: readonly Row[], places: ReadonlyMap<number, Place>, now: number): Summary {
  const groups = new Map<string, { group: Group; voices: Map<string, Heard> }>()
  for (const row of rows) {
    const group = groupOf(row)
    const key = keyOf(group)
    let known = groups.get(key)
    if (!known) groups.set(key, (known = { group, voices: new Map() }))
    for (const voice of places.get(row.source_id)?.voices ?? []) {
      let heard = known.voices.get(voice.id)
      if (!heard) known.voices.set(voice.id, (heard = { voice, payers: new Map() }))
      gather(heard.payers, EVERYBODY, row.amount)
      if (row.payer_id !== null) gather(heard.payers, row.payer_id, row.amount)
    }
  }
  const hospitals: HospitalStatsTable[] = []
  const inMarkets: PriceStatsTable[] = []
  for (const { group, voices } of groups.values()) {
    /** payer, then market, then what each hospital asks. */
    const places = new Map<string, Map<string, { medians: number[]; prices: number }>>()
    for (const { voice, payers } of voices.values())
      for (const [payer_id, amounts] of payers) {
        const sorted = amounts.toSorted((a, b) => a - b)
        const at = (share: number): number => Math.round(quantileOf(sorted, share))
        hospitals.push({
          hospital_id: voice.id, ...group, payer_id, prices: sorted.length, min: sorted[0]!, p25: at(0.25), median: at(0.5),
          p75: at(0.75), max: sorted.at(-1)!,
        }) // prettier-ignore
        const byMarket =
          places.get(payer_id) ?? new Map<string, { medians: number[]; prices: number }>()
        places.set(payer_id, byMarket)
        for (const market of [EVERYWHERE, ...voice.markets]) {
          const known = byMarket.get(market) ?? { medians: [], prices: 0 }
          known.medians.push(at(0.5))
          known.prices += sorted.length
          byMarket.set(market, known)
        }
      }
    for (const [payer_id, byMarket] of places) {
      // A state or a county often has the same hospitals as the country: what is worked out of them is the same.
      const known = new Map<string, Figures>()
      for (const [market, { medians, prices }] of byMarket) {
        const inputs = `${prices}/${medians.toSorted((a, b) => a - b).join(' ')}`
        let figures = known.get(inputs)
        if (!figures) known.set(inputs, (figures = figuresOf(medians, prices, inputs)))
        inMarkets.push({ ...group, payer_id, market, ...figures, refreshed_at: now })
      }
    }
  }
  return { hospitals, markets: inMarkets }
}

interface Heard {
  readonly voice: Voice
  /** Amounts by payer. */
  readonly payers: Map<string, number[]>
}

function groupOf(row: Row): Group {
  const { code_type, code, setting, billing_class, drug_unit, kind } = row
  const methodology = kind === 'negotiated' ? (row.methodology ?? '') : ''
  const modifiers = row.modifiers.includes('|')
    ? row.modifiers.split('|').toSorted().join('|')
    : row.modifiers
  return { code_type, code, setting, billing_class, modifiers, drug_unit, methodology, kind }
}

function keyOf(group: Group): string {
  return GROUP_COLUMNS.map((name) => group[name]).join('\x1f')
}

function gather(payers: Map<string, number[]>, payer: string, amount: number): void {
  const amounts = payers.get(payer)
  if (amounts) amounts.push(amount)
  else payers.set(payer, [amount])
}

type Figures = Omit<PriceStatsTable, keyof Group | 'payer_id' | 'market' | 'refreshed_at'>

/** One hospital, one voice: its median speaks for it, however many prices it has. */
function figuresOf(medians: readonly number[], prices: number, inputs: string): Figures {
  const sorted = medians.toSorted((a, b) => a - b)
  const at = (share: number): number => Math.round(quantileOf(sorted, share))
  return {
    hospitals: sorted.length, prices, min: sorted[0]!, p10: at(0.1), p25: at(0.25), median: at(0.5), p75: at(0.75),
    p90: at(0.9), max: sorted.at(-1)!, inputs_digest: hash('sha256', inputs, 'hex').slice(0, 32),
  } // prettier-ignore
}

/** Statistics whose inputs have not changed are left as they are, with the time they were worked out. */
async function write(
  tx: DatabaseTransaction<PriceTables>,
  dialect: Db['dialect'],
  codes: readonly Code[],
  { hospitals, markets }: Summary,
): Promise<{ statistics: number; unchanged: number }> {
  const wanted = sql.join(codes.map(({ code_type, code }) => sql`(${code_type}, ${code})`))
  const { rows } = await sql<PriceStatsTable>`
    select * from price_stats where (code_type, code) in (values ${wanted})`.execute(tx.query)
  const before = new Map(rows.map((row) => [statKey(row), row]))
  const changed = markets.filter(
    (row) => before.get(statKey(row))?.inputs_digest !== row.inputs_digest,
  )
  const now = new Set(markets.map(statKey))
  const gone = rows.filter((row) => !now.has(statKey(row)))
  await tx.many(
    `delete from price_stats where ${STAT_KEY.map((name) => `${name} = ?`).join(' and ')}`,
    gone.map((row) => STAT_KEY.map((name) => row[name])),
  )
  await sql`delete from hospital_stats where (code_type, code) in (values ${wanted})`.execute(
    tx.query,
  )
  await upsert(tx, 'hospital_stats', HOSPITAL_COLUMNS, HOSPITAL_KEY, hospitals)
  await upsert(tx, 'price_stats', STAT_COLUMNS, STAT_KEY, changed)
  if (dialect === 'sqlite') await listCodesAgain(tx, wanted)
  return { statistics: changed.length + gone.length, unchanged: markets.length - changed.length }
}

/** How the version's own file moved: one point for each group, whatever has come since. */
async function writeTrends(
  tx: DatabaseTransaction<PriceTables>,
  { version_id, source_id, valid_from, isLatest }: Version,
  codes: readonly Code[],
  visible: readonly Row[],
  now: number,
): Promise<void> {
  const own = isLatest
    ? visible.filter((row) => row.source_id === source_id)
    : await pricesOf(tx, codes, sql`i.source_id = ${source_id} and ${isOf(source_id, version_id, 'p.')}`) // prettier-ignore
  const groups = new Map<string, { group: Group; amounts: number[] }>()
  for (const row of own) {
    const group = groupOf(row)
    const key = keyOf(group)
    const known = groups.get(key)
    if (known) known.amounts.push(row.amount)
    else groups.set(key, { group, amounts: [row.amount] })
  }
  const points = Array.from(groups.values(), ({ group, amounts }): PriceTrendsTable => {
    const median = Math.round(medianOf(amounts))
    return { source_id, version_id, ...group, valid_from, seen_at: now, prices: amounts.length, median } // prettier-ignore
  })
  await upsert(tx, 'price_trends', TREND_COLUMNS, TREND_KEY, points)
}

const GROUP_COLUMNS = ['code_type', 'code', 'setting', 'billing_class', 'modifiers', 'drug_unit', 'methodology', 'kind'] as const // prettier-ignore
const STAT_KEY = [...GROUP_COLUMNS, 'payer_id', 'market'] as const
const STAT_COLUMNS = [...STAT_KEY, 'hospitals', 'prices', 'min', 'p10', 'p25', 'median', 'p75', 'p90', 'max', 'inputs_digest', 'refreshed_at'] as const // prettier-ignore
const HOSPITAL_KEY = ['hospital_id', ...GROUP_COLUMNS, 'payer_id'] as const
const HOSPITAL_COLUMNS = [...HOSPITAL_KEY, 'prices', 'min', 'p25', 'median', 'p75', 'max'] as const // prettier-ignore
const TREND_KEY = ['source_id', 'version_id', ...GROUP_COLUMNS] as const
const TREND_COLUMNS = [...TREND_KEY, 'valid_from', 'seen_at', 'prices', 'median'] as const // prettier-ignore

function statKey(row: PriceStatsTable): string {
  return STAT_KEY.map((name) => row[name]).join('\x1f')
}

async function upsert<Name extends string>(
  tx: DatabaseTransaction<PriceTables>,
  table: string,
  columns: readonly Name[],
  key: readonly Name[],
  rows: readonly Readonly<Record<Name, Bindable>>[],
): Promise<void> {
  const changed = columns.filter((name) => !key.includes(name))
  await tx.insertAll(
    `insert into ${table} (${columns.join(', ')})`,
    rows.map((row) => columns.map((name) => row[name])),
    `on conflict (${key.join(', ')}) do update set ${changed.map((name) => `${name} = excluded.${name}`).join(', ')}`,
  )
}
