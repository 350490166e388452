// The log of alerts: what has become of each episode, and the episode as it is now, folded from that.
import type { Selectable } from 'kysely'
import type { Bindable, DatabaseTransaction } from '../database/open.ts'
import type { AlertEpisodeRow, AlertLogRow, AlertTables } from '../state/alert-tables.ts'
import type { StateDatabase } from '../state/tables.ts'

/** What the next number of a measure decides. */
const MEASURED = [
  'rule',
  'subject',
  'severity',
  'state',
  'value',
  'worst',
  'since',
  'fired_at',
  'clear_since',
  'resolved_at',
] as const
const ROW = [
  'id',
  ...MEASURED,
  'noticed_at',
  'acknowledged_at',
  'acknowledged_by',
  'note',
] as const satisfies readonly (keyof AlertEpisodeRow)[]

type Snapshot = Pick<AlertEpisodeRow, (typeof MEASURED)[number]>

/** Something that has become of an episode. `at` is in milliseconds since 1970 UTC. */
export type EpisodeNews = { readonly at: number } & (
  | ({ readonly type: 'measured' | 'ended' } & Snapshot)
  | { readonly type: 'noticed' }
  | { readonly type: 'acknowledged'; readonly by: string; readonly note: string | null }
)

const GET = 'select * from orderly_alert_episodes where id = ?'
const PUT = `insert into orderly_alert_episodes (${ROW.join(', ')}) values (${ROW.map(() => '?').join(', ')})
  on conflict (id) do update set ${ROW.slice(1)
    .map((column) => `${column} = excluded.${column}`)
    .join(', ')}`
const LOG = 'insert into orderly_alert_log (episode, at, type, detail) values (?, ?, ?, ?)'
/** Once it is over, its numbers on the way say nothing that its end does not. */
const DROP_ON_THE_WAY = `delete from orderly_alert_log where episode = ? and type = 'measured'`
const DROP = 'delete from orderly_alert_log where episode = ?'

/** The row after a piece of news; undefined for news of an episode that never began. */
export function foldNews(
  row: AlertEpisodeRow | undefined,
  id: string,
  news: EpisodeNews,
): AlertEpisodeRow | undefined {
  switch (news.type) {
    case 'measured':
    case 'ended':
      return { ...(row ?? BLANK), id, ...snapshotOf(news) }
    case 'noticed':
      return row && { ...row, noticed_at: news.at }
    case 'acknowledged':
      return (
        row && {
          ...row,
          acknowledged_at: news.at,
          acknowledged_by: news.by,
          note: news.note,
        }
      )
  }
}

const BLANK = { noticed_at: null, acknowledged_at: null, acknowledged_by: null, note: null }

export function snapshotOf(row: Snapshot): Snapshot {
  const {
    rule,
    subject,
    severity,
    state,
    value,
    worst,
    since,
    fired_at,
    clear_since,
    resolved_at,
  } = row
  return { rule, subject, severity, state, value, worst, since, fired_at, clear_since, resolved_at }
}

/** Writes down what has become of an episode, and what it is now. @returns the row; undefined where there is none */
export async function tellEpisode(
  { dialect, transaction }: StateDatabase,
  id: string,
  news: EpisodeNews,
): Promise<AlertEpisodeRow | undefined> {
  const { at, type, ...detail } = news
  return transaction(async ({ many, all }) => {
    const [before] = await all<AlertEpisodeRow>(dialect === 'sqlite' ? GET : `${GET} for update`, [
      id,
    ])
    const row = foldNews(before, id, news)
    if (!row) return undefined
    if (type === 'ended') await many(DROP_ON_THE_WAY, [[id]])
    await many(LOG, [[id, at, type, JSON.stringify(detail)]])
    await many(PUT, [valuesOf(row)])
    return row
  })
}

/** Forgets an episode that nobody was told of. */
export async function dropEpisode(database: StateDatabase, id: string): Promise<void> {
  await database.transaction(async ({ query, many }) => {
    await many(DROP, [[id]])
    await query.deleteFrom('orderly_alert_episodes').where('id', '=', id).execute()
  })
}

/** Writes episodes as the log has them. */
export async function putEpisodes(
  { many }: Pick<DatabaseTransaction<AlertTables>, 'many'>,
  rows: readonly AlertEpisodeRow[],
): Promise<void> {
  await many(PUT, rows.map(valuesOf))
}

export function newsOf({ at, type, detail }: Selectable<AlertLogRow>): EpisodeNews {
  return { at, type, ...(JSON.parse(detail) as object) } as EpisodeNews
}

function valuesOf(row: AlertEpisodeRow): Bindable[] {
  return ROW.map((column) => row[column])
}
