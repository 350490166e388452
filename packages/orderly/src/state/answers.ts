// Requests that may come twice: the first is answered by its work, the others by what the first was answered.
import type { AnswerRow } from './answer-tables.ts'
import type { StateDatabase } from './tables.ts'

/**
 * Claims a request, unless somebody has.
 *
 * @param abandoned whoever claimed it before this time and gave no answer is dead
 * @returns undefined when it is the caller's to answer, else what is known of it
 */
export async function claimAnswer(
  database: StateDatabase,
  claim: Pick<AnswerRow, 'key' | 'request' | 'at' | 'expires_at'>,
  abandoned: number,
): Promise<AnswerRow | undefined> {
  const row: AnswerRow = { ...claim, status: 0, body: '' }
  return database.transaction(async ({ query }) => {
    const inserted = await query
      .insertInto('orderly_answers')
      .values(row)
      .onConflict((conflict) =>
        conflict
          .column('key')
          .doUpdateSet(row)
          .where((where) =>
            where.or([
              where('orderly_answers.expires_at', '<=', claim.at),
              where.and([
                where('orderly_answers.status', '=', 0),
                where('orderly_answers.at', '<', abandoned),
              ]),
            ]),
          ),
      )
      .executeTakeFirst()
    if ((inserted.numInsertedOrUpdatedRows ?? 0n) > 0n) return undefined
    return query
      .selectFrom('orderly_answers')
      .selectAll()
      .where('key', '=', claim.key)
      .executeTakeFirst()
  })
}

export async function keepAnswer(
  { query }: StateDatabase,
  key: string,
  status: number,
  body: string,
): Promise<void> {
  await query.updateTable('orderly_answers').set({ status, body }).where('key', '=', key).execute()
}

/** A request that came to nothing may be made again under its key. */
export async function dropAnswer({ query }: StateDatabase, key: string): Promise<void> {
  await query.deleteFrom('orderly_answers').where('key', '=', key).execute()
}
