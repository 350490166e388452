// The recorded steps of one job, in their order, and handing some of them on to another job.
import type { EffectRow, StateDatabase } from './tables.ts'

export type StepRow = Pick<EffectRow, 'key' | 'run' | 'value' | 'at'>

const MOST_STEPS = 1_000

/** What a job has done for good, in the order it was done: its steps, and the times it slept until. */
export async function findSteps({ query }: StateDatabase, jobId: string): Promise<StepRow[]> {
  const rows = await query
    .selectFrom('orderly_effects')
    .select(['key', 'run', 'value', 'at'])
    .where('scope', '=', `job/${jobId}`)
    .where('state', '=', 'done')
    .where('key', '!=', 'checkpoint')
    .orderBy('at')
    .orderBy('key')
    .limit(MOST_STEPS)
    .execute()
  return rows.filter(({ value }) => value !== null)
}

/** Gives a job that has not begun the steps of another, sealed for it. Its own runs write over none of them. */
export async function giveSteps(
  { query }: StateDatabase,
  job: { readonly id: string; readonly queue: string },
  steps: readonly { readonly key: string; readonly value: string; readonly at: number }[],
): Promise<void> {
  for (const { key, value, at } of steps)
    await query
      .insertInto('orderly_effects')
      .values({
        scope: `job/${job.id}`,
        key,
        job_id: job.id,
        queue: job.queue,
        run: 0,
        state: 'done',
        value,
        at,
      })
      .onConflict((conflict) => conflict.columns(['scope', 'key']).doNothing())
      .execute()
}
