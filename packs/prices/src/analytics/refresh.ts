// Works out what a code costs, in each hospital and each market, from the prices that may be shown.
import { hash } from 'node:crypto'
import { sql } from 'kysely'
import type { Bindable, Clock, Database, DatabaseTransaction } from 'orderly'
import type {
  HospitalStatsTable,
  PriceStatsTable,
  PriceTrendsTable,
} from '../store/pipeline-tables.ts'
import type { PriceTables } from '../store/tables.ts'
import { listCodesAgain } from '../store/priced-codes.ts'
import { isNational, isVisible, shownBy } from '../store/visible.ts'
import { quantileOf } from './quantiles.ts'

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

type Group = Pick<PriceStatsTable, 'code_type' | 'code' | 'setting' | 'billing_class' | 'modifiers' | 'drug_unit' | 'methodology' | 'kind'> // prettier-ignore

const CODES_A_STEP = 50
/** All payers together. */
const EVERYBODY = ''
/** The whole country. */
const EVERYWHERE = 'us'

export interface RefreshOptions {
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly onStep: (done: number) => Promise<void>
}

/**
 * Refreshes the statistics that a version has changed: of the codes it opened or closed prices of. Left out, of all
 * codes. Only prices that mean the same are put together: same code, setting, billing class, modifiers, drug unit,
 * methodology and kind, in dollars; descriptions play no part.
 */
export async function refreshStatistics(
  db: Db,
  versionId: number | undefined,
  { clock, signal, onStep }: RefreshOptions,
): Promise<Refreshed> {
  const markets = await marketsOfSources(db)
  const totals = { codes: 0, statistics: 0, unchanged: 0 }
  let after: Code = { code_type: '', code: '' }
  for (;;) {
    signal.throwIfAborted()
    const codes = await affectedCodes(db, versionId, after)
    const last = codes.at(-1)
    if (!last) break
    await db.transaction(async (tx) => {
      const rows = await pricesOf(tx, codes)
      const step = summarise(rows, markets, clock.now())
      const written = await write(tx, db.dialect, codes, step)
      totals.statistics += written.statistics
      totals.unchanged += written.unchanged
      if (versionId !== undefined) await writeTrends(tx, versionId, step.hospitals, clock.now())
    })
    totals.codes += codes.length
    after = last
    await onStep(totals.codes)
  }
  // Others go on reading the old list until the new one is whole.
  if (db.dialect === 'postgres')
    await sql`refresh materialized view concurrently priced_codes`.execute(db.query)
  return totals
}

async function affectedCodes(
  db: Db,
  versionId: number | undefined,
  after: Code,
): Promise<readonly Code[]> {
  const changed =
    versionId === undefined
      ? sql`1 = 1`
      : sql`i.source_id = (select source_id from versions where version_id = ${versionId})
          and exists (select 1 from prices p where p.source_id = i.source_id and p.item_id = i.item_id
            and (p.opened_by in ${shownBy(versionId)} or p.closed_by in ${shownBy(versionId)}))`
  const { rows } = await sql<Code>`
    select i.code_type, i.code from items i
    where ${isNational()} and (i.code_type, i.code) > (${after.code_type}, ${after.code}) and ${changed}
    group by i.code_type, i.code order by i.code_type, i.code limit ${CODES_A_STEP}`.execute(
    db.query,
  )
  return rows
}

async function pricesOf(
  tx: DatabaseTransaction<PriceTables>,
  codes: readonly Code[],
): Promise<readonly Row[]> {
  const wanted = sql.join(codes.map(({ code_type, code }) => sql`(${code_type}, ${code})`))
  const { rows } = await sql<Row>`
    select i.code_type, i.code, i.source_id, i.setting, i.billing_class, i.modifiers, i.drug_unit,
      c.methodology, c.payer_id, p.kind, p.amount
    from items i
    cross join prices p
    left join contracts c on c.source_id = p.source_id and c.contract_id = p.contract_id
    where p.source_id = i.source_id and p.item_id = i.item_id and (i.code_type, i.code) in (values ${wanted}) and p.kind in ('gross', 'cash', 'negotiated')
      and ${isVisible()}`.execute(tx.query)
  return rows
}

/** Where each source is: everywhere, in a state, in a county. A file of several hospitals counts in each place once. */
async function marketsOfSources(db: Db): Promise<ReadonlyMap<number, readonly string[]>> {
  const { rows } = await sql<{
    source_id: number
    state: string | null
    county_fips: string | null
  }>`
    select distinct s.source_id, h.state, h.county_fips
    from sources s
    join price_files f on f.url = s.name
    join hospital_files hf on hf.file_id = f.file_id
    join hospitals h on h.hospital_id = hf.hospital_id`.execute(db.query)
  const markets = new Map<number, Set<string>>()
  for (const { source_id, state, county_fips } of rows) {
    const known = markets.get(source_id) ?? new Set()
    if (state !== null) known.add(state)
    if (county_fips !== null) known.add(county_fips)
    markets.set(source_id, known)
  }
  return new Map([...markets].map(([source, known]) => [source, [...known]]))
}

interface Summary {
  readonly hospitals: readonly HospitalStatsTable[]
  readonly markets: readonly PriceStatsTable[]
}

function summarise(
  rows: readonly Row[],
  markets: ReadonlyMap<number, readonly string[]>,
  now: number,
): Summary {
  const groups = new Map<string, { group: Group; sources: Map<number, Map<string, number[]>> }>()
  for (const row of rows) {
    const { code_type, code, setting, billing_class, drug_unit, kind } = row
    const methodology = kind === 'negotiated' ? (row.methodology ?? '') : ''
    const modifiers = row.modifiers.includes('|')
      ? row.modifiers.split('|').toSorted().join('|')
      : row.modifiers
    const key = `${code_type}\x1f${code}\x1f${setting}\x1f${billing_class}\x1f${modifiers}\x1f${drug_unit}\x1f${methodology}\x1f${kind}`
    let known = groups.get(key)
    if (!known) {
      const group = { code_type, code, setting, billing_class, modifiers, drug_unit, methodology, kind } // prettier-ignore
      groups.set(key, (known = { group, sources: new Map() }))
    }
    let payers = known.sources.get(row.source_id)
    if (!payers) known.sources.set(row.source_id, (payers = new Map()))
    gather(payers, EVERYBODY, row.amount)
    if (row.payer_id !== null) gather(payers, row.payer_id, row.amount)
  }
  const hospitals: HospitalStatsTable[] = []
  const inMarkets: PriceStatsTable[] = []
  for (const { group, sources } of groups.values()) {
    /** payer, then market, then what each hospital asks. */
    const places = new Map<string, Map<string, { medians: number[]; prices: number }>>()
    for (const [source_id, payers] of sources)
      for (const [payer_id, amounts] of payers) {
        const sorted = amounts.toSorted((a, b) => a - b)
        const at = (share: number): number => Math.round(quantileOf(sorted, share))
        hospitals.push({
          source_id, ...group, payer_id, prices: sorted.length, min: sorted[0]!, p25: at(0.25), median: at(0.5),
          p75: at(0.75), max: sorted.at(-1)!,
        }) // prettier-ignore
        const byMarket =
          places.get(payer_id) ?? new Map<string, { medians: number[]; prices: number }>()
        places.set(payer_id, byMarket)
        for (const market of [EVERYWHERE, ...(markets.get(source_id) ?? [])]) {
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

/** How the version's own hospital moved: one point for each group, kind and version. */
async function writeTrends(
  tx: DatabaseTransaction<PriceTables>,
  versionId: number,
  hospitals: readonly HospitalStatsTable[],
  now: number,
): Promise<void> {
  const version = await tx.query
    .selectFrom('versions')
    .select(['source_id', 'valid_from'])
    .where('version_id', '=', versionId)
    .executeTakeFirst()
  if (!version) return
  const points: PriceTrendsTable[] = hospitals
    .filter((row) => row.source_id === version.source_id && row.payer_id === EVERYBODY)
    .map(({ source_id, code_type, code, setting, billing_class, modifiers, drug_unit, methodology, kind, prices, median }) => ({
      source_id, version_id: versionId, code_type, code, setting, billing_class, modifiers, drug_unit, methodology, kind,
      valid_from: version.valid_from, seen_at: now, prices, median,
    })) // prettier-ignore
  await upsert(tx, 'price_trends', TREND_COLUMNS, TREND_KEY, points)
}

const GROUP_COLUMNS = ['code_type', 'code', 'setting', 'billing_class', 'modifiers', 'drug_unit', 'methodology', 'kind'] as const // prettier-ignore
const STAT_KEY = [...GROUP_COLUMNS, 'payer_id', 'market'] as const
const STAT_COLUMNS = [...STAT_KEY, 'hospitals', 'prices', 'min', 'p10', 'p25', 'median', 'p75', 'p90', 'max', 'inputs_digest', 'refreshed_at'] as const // prettier-ignore
const HOSPITAL_KEY = ['source_id', ...GROUP_COLUMNS, 'payer_id'] as const
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
