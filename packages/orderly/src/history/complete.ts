// Values that recorded jobs are found by, for those who begin to write one. Blind indexes are none.
import type { HistoryDatabase } from './record.ts'

/** As many terms are looked at: a count beyond it is one of the first so many. */
const MOST_COUNTED = 20_000

/** The values of a field that begin so, the most frequent first. */
export async function completeTerms(
  { query }: HistoryDatabase,
  field: string,
  prefix: string,
  limit: number,
): Promise<{ term: string; n: number }[]> {
  return query
    .selectFrom(
      query
        .selectFrom('orderly_terms')
        .select('term')
        .where('field', '=', field)
        .where('term', '>=', prefix)
        .where('term', '<', `${prefix}\uffff`)
        .limit(MOST_COUNTED)
        .as('found'),
    )
    .select('term')
    .select(({ fn }) => fn.countAll<number>().as('n'))
    .groupBy('term')
    .orderBy('n', 'desc')
    .orderBy('term')
    .limit(limit)
    .execute()
}
