// Makes a fully applied version the current one of its source: closes what is gone, marks conflicts, counts.
import { sql, type RawBuilder } from 'kysely'
import type { Clock, Database } from 'orderly'
import type { Intake } from './intake.ts'
import type { PriceTables } from './tables.ts'

/** Items looked at in one transaction: short enough that nothing else waits long. */
const ITEMS_A_STEP = 2_000

interface Counts {
  loaded: number
  duplicates: number
  conflicts: number
}

/** Safe to run again after an interruption: every step leaves the same rows however often it runs. */
export async function finishVersion(
  db: Database<PriceTables>,
  clock: Clock,
  intake: Intake,
  onStep: (share: number) => Promise<void>,
): Promise<void> {
  const counts: Counts = { loaded: 0, duplicates: 0, conflicts: 0 }
  const { items } = await db.query
    .selectFrom('items')
    .select(({ fn }) => fn.countAll<number>().as('items'))
    .where('source_id', '=', intake.source_id)
    .executeTakeFirstOrThrow()
  let done = 0
  for (let after = 0; ; done += ITEMS_A_STEP) {
    const upTo = await lastOfStep(db, intake.source_id, after)
    if (upTo === null) break
    await finishItems(db, intake, after, upTo, counts)
    after = upTo
    await onStep(Math.min(1, (done + ITEMS_A_STEP) / items))
  }
  await db.transaction(async ({ query }) => {
    await query
      .updateTable('intakes')
      .set({
        state: 'loaded',
        prices_loaded: counts.loaded,
        duplicates: counts.duplicates,
        conflicts: counts.conflicts,
        finished_at: clock.now(),
      })
      .where('intake_id', '=', intake.intake_id)
      .execute()
    const { hospital } = await query
      .selectFrom('versions')
      .select('hospital')
      .where('version_id', '=', intake.version_id!)
      .executeTakeFirstOrThrow()
    await query
      .updateTable('sources')
      .set({ current_version: intake.version_id, hospital })
      .where('source_id', '=', intake.source_id)
      .execute()
  })
}

async function lastOfStep(
  db: Database<PriceTables>,
  source: number,
  after: number,
): Promise<number | null> {
  const found = await db.query
    .selectFrom('items')
    .select(({ fn }) => fn.max('item_id').as('last'))
    .where('source_id', '=', source)
    .where('item_id', '>', after)
    .where('item_id', '<=', after + ITEMS_A_STEP)
    .executeTakeFirstOrThrow()
  return found.last
}

function finishItems(
  db: Database<PriceTables>,
  intake: Intake,
  after: number,
  upTo: number,
  counts: Counts,
): Promise<void> {
  const current = sql`source_id = ${intake.source_id} and item_id > ${after} and item_id <= ${upTo} and closed_by = 0`
  const key = sql.raw('source_id, item_id, contract_id, kind')
  return db.transaction(async ({ query }) => {
    await sql`update prices set closed_by = ${intake.version_id}, conflict = 0
      where ${current} and seen_by <> ${intake.version_id}`.execute(query)
    const { rows } = await sql<Step>`
      select ${whole('loaded')} as loaded, ${whole('repeated')} as duplicates, ${whole('amounts')} as prices,
        count(*) as keys, ${whole('marked')} as marked
      from (
        select count(*) filter (where opened_by = ${intake.version_id}) as loaded, sum(copies - 1) as repeated,
          count(*) as amounts, sum(conflict) as marked
        from prices where ${current} group by ${key}) as step`.execute(query)
    const step = rows[0]!
    counts.loaded += step.loaded
    counts.duplicates += step.duplicates
    counts.conflicts += step.prices - step.keys
    if (step.prices === step.keys && step.marked === 0) return
    const clashing = sql`select ${key} from prices where ${current} group by ${key} having count(*) > 1`
    const mark = sql`case when (${key}) in (${clashing}) then 1 else 0 end`
    await sql`update prices set conflict = ${mark} where ${current} and conflict <> ${mark}`.execute(
      query,
    )
  })
}

/** A sum as a number: PostgreSQL adds up in a type that drivers give as text. */
function whole(column: string): RawBuilder<number> {
  return sql<number>`cast(coalesce(sum(${sql.ref(column)}), 0) as bigint)`
}

interface Step {
  readonly loaded: number
  readonly duplicates: number
  /** Current prices, and the natural keys they stand under: fewer keys than prices is a conflict. */
  readonly prices: number
  readonly keys: number
  /** Prices marked as a conflict before. */
  readonly marked: number
}
