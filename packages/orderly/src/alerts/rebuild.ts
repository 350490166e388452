// Works out the episodes of alerts anew from their log.
import { countDifferences } from '../database/differences.ts'
import type { AlertEpisodeRow } from '../state/alert-tables.ts'
import type { StateDatabase, StateTransaction } from '../state/tables.ts'
import { foldNews, newsOf, putEpisodes } from './episode-log.ts'

const EPISODES_AT_ONCE = 500
const EPISODES_TABLE = { table: 'orderly_alert_episodes', key: ['id'] } as const

/** What a rebuild of alerts found. */
export interface RebuiltAlerts {
  /** Episodes that the log knows. */
  readonly read: number
  /** Episodes that were not as the log says, missing, or too many. */
  readonly episodes: number
}

/** Ends a transaction without its changes. */
class OnlyPlanned extends Error {
  readonly rebuilt: RebuiltAlerts

  constructor(rebuilt: RebuiltAlerts) {
    super('nothing was changed')
    this.rebuilt = rebuilt
  }
}

/** Makes every episode what its log says, or, as a plan, only says what would change. */
export async function rebuildAlerts(
  database: StateDatabase,
  { isPlan = false }: { readonly isPlan?: boolean } = {},
): Promise<RebuiltAlerts> {
  try {
    return await database.transaction(async (tx) => {
      let read = 0
      const episodes = await countDifferences(tx.query, EPISODES_TABLE, async () => {
        await tx.query.deleteFrom('orderly_alert_episodes').execute()
        for (let after = ''; ;) {
          const rows = await foldPage(tx, after)
          if (rows.length === 0) break
          after = rows.at(-1)!.id
          read += rows.length
          await putEpisodes(tx, rows)
        }
      })
      if (isPlan) throw new OnlyPlanned({ read, episodes })
      return { read, episodes }
    })
  } catch (error) {
    if (error instanceof OnlyPlanned) return error.rebuilt
    throw error
  }
}

async function foldPage({ query }: StateTransaction, after: string): Promise<AlertEpisodeRow[]> {
  const ids = await query
    .selectFrom('orderly_alert_log')
    .select('episode')
    .distinct()
    .where('episode', '>', after)
    .orderBy('episode')
    .limit(EPISODES_AT_ONCE)
    .execute()
  if (ids.length === 0) return []
  const log = await query
    .selectFrom('orderly_alert_log')
    .selectAll()
    .where(
      'episode',
      'in',
      ids.map(({ episode }) => episode),
    )
    .orderBy('n')
    .execute()
  const rows = new Map<string, AlertEpisodeRow>()
  // The numbers on the way of one that is over are gone, and its notices are not. Neither touches what the other says.
  const numbers = log.filter(({ type }) => type === 'measured' || type === 'ended')
  for (const entry of [...numbers, ...log.filter((one) => !numbers.includes(one))]) {
    const row = foldNews(rows.get(entry.episode), entry.episode, newsOf(entry))
    if (row) rows.set(entry.episode, row)
  }
  return ids.flatMap(({ episode }) => rows.get(episode) ?? [])
}
