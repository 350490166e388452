// Effects that are recorded once: steps of a job, its checkpoint, and what several jobs must not do twice.
import { sql, type RawBuilder } from 'kysely'
import type { EffectRow, StateDatabase } from './tables.ts'

export interface Effect {
  readonly scope: string
  readonly key: string
  readonly jobId: string
  readonly queue: string
  /** The run that writes it. One that a later run has overtaken writes nothing. */
  readonly run: number
}

/** What stands under the key. */
export type StoredEffect = Pick<EffectRow, 'job_id' | 'run' | 'state' | 'value' | 'at'>

export async function findEffect(
  { query }: StateDatabase,
  { scope, key }: Pick<Effect, 'scope' | 'key'>,
): Promise<StoredEffect | undefined> {
  return query
    .selectFrom('orderly_effects')
    .select(['job_id', 'run', 'state', 'value', 'at'])
    .where('scope', '=', scope)
    .where('key', '=', key)
    .executeTakeFirst()
}

/**
 * Says that `run` of the job is the one that writes from now on, unless a later one has said so.
 *
 * @returns whether it is
 */
export async function raiseFence(
  { query }: StateDatabase,
  jobId: string,
  run: number,
): Promise<boolean> {
  const raised = await query
    .insertInto('orderly_fences')
    .values({ job_id: jobId, run })
    .onConflict((conflict) =>
      conflict.column('job_id').doUpdateSet({ run }).where('orderly_fences.run', '<=', run),
    )
    .executeTakeFirst()
  return (raised.numInsertedOrUpdatedRows ?? 0n) > 0n
}

/**
 * Takes the key for this run: it is free, or was begun by an earlier run of the same job, or by nobody who lives.
 *
 * @returns `taken` when it is this run's to do, otherwise what stands there
 */
export async function beginEffect(
  database: StateDatabase,
  effect: Effect,
  now: number,
): Promise<'taken' | 'fenced' | StoredEffect> {
  return database.transaction(async ({ query }) => {
    const { scope, key, jobId, queue, run } = effect
    const fence = await query
      .selectFrom('orderly_fences')
      .select('run')
      .where('job_id', '=', jobId)
      .executeTakeFirst()
    if (fence && fence.run > run) return 'fenced'
    const taken = await query
      .insertInto('orderly_effects')
      .values({ scope, key, job_id: jobId, queue, run, state: 'begun', value: null, at: now })
      .onConflict((conflict) =>
        conflict
          .columns(['scope', 'key'])
          .doUpdateSet({ run, at: now })
          .where('orderly_effects.job_id', '=', jobId)
          .where('orderly_effects.state', '=', 'begun')
          .where('orderly_effects.run', '<', run),
      )
      .executeTakeFirst()
    if ((taken.numInsertedOrUpdatedRows ?? 0n) > 0n) return 'taken'
    const found = await query
      .selectFrom('orderly_effects')
      .select(['job_id', 'run', 'state', 'value', 'at'])
      .where('scope', '=', scope)
      .where('key', '=', key)
      .executeTakeFirstOrThrow()
    return found
  })
}

/**
 * Writes down what came of an effect, if this run is still the one that may.
 *
 * @returns whether it was written
 */
export async function finishEffect(
  { query }: StateDatabase,
  effect: Effect,
  value: string,
  now: number,
): Promise<boolean> {
  const { scope, key, jobId, run } = effect
  const done = await query
    .updateTable('orderly_effects')
    .set({ state: 'done', value, at: now })
    .where('scope', '=', scope)
    .where('key', '=', key)
    .where('job_id', '=', jobId)
    .where('run', '=', run)
    .where('state', '=', 'begun')
    .where(notOvertaken(jobId, run))
    .executeTakeFirst()
  return done.numUpdatedRows > 0n
}

/** Gives a key back whose effect did not happen, so that another attempt may try. */
export async function abandonEffect({ query }: StateDatabase, effect: Effect): Promise<void> {
  await query
    .deleteFrom('orderly_effects')
    .where('scope', '=', effect.scope)
    .where('key', '=', effect.key)
    .where('job_id', '=', effect.jobId)
    .where('run', '=', effect.run)
    .where('state', '=', 'begun')
    .execute()
}

/**
 * Writes a value that a later one of the same key replaces, such as a checkpoint.
 *
 * @returns whether this run was still the one that may
 */
export async function replaceEffect(
  { query }: StateDatabase,
  effect: Effect,
  value: string,
  now: number,
): Promise<boolean> {
  const { scope, key, jobId, queue, run } = effect
  const written =
    await sql`insert into orderly_effects (scope, key, job_id, queue, run, state, value, at)
    select cast(${scope} as text), cast(${key} as text), cast(${jobId} as text), cast(${queue} as text), cast(${run} as integer),
      'done', cast(${value} as text), cast(${now} as bigint)
    where ${notOvertaken(jobId, run)}
    on conflict (scope, key) do update
    set run = excluded.run, state = excluded.state, value = excluded.value, at = excluded.at`.execute(
      query,
    )
  return (written.numAffectedRows ?? 0n) > 0n
}

/** No later run of the job has begun to write. */
function notOvertaken(jobId: string, run: number): RawBuilder<boolean> {
  return sql<boolean>`not exists (select 1 from orderly_fences where job_id = ${jobId} and run > ${run})`
}

/** Forgets what finished jobs did step by step. What is shared under a key stays until `before`. */
export async function dropEffects(
  database: StateDatabase,
  jobIds: readonly string[],
): Promise<void> {
  if (jobIds.length === 0) return
  await database.transaction(async ({ query }) => {
    await query
      .deleteFrom('orderly_fences')
      .where('job_id', 'in', [...jobIds])
      .execute()
    await query
      .deleteFrom('orderly_effects')
      .where('job_id', 'in', [...jobIds])
      .where('scope', 'like', 'job/%')
      .execute()
  })
}

/** Lets runs of jobs that count theirs from one again write: they were put back after their queue had lost them. */
export async function lowerFences({ query }: StateDatabase, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return
  await query
    .deleteFrom('orderly_fences')
    .where('job_id', 'in', [...ids])
    .execute()
}
