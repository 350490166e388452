// Episodes as they are kept, as the next number needs them, and as they are shown.
import type { Selectable } from 'kysely'
import type { AlertEpisodeRow } from '../state/alert-tables.ts'
import type { Episode } from './episode.ts'
import type { CheckedRule } from './rule.ts'

/** One alert, from its beginning to its end. Times are milliseconds since 1970 UTC. */
export interface Alert {
  readonly id: string
  readonly rule: string
  readonly subject: string
  readonly severity: 'warning' | 'critical'
  readonly state: 'pending' | 'firing' | 'resolved'
  readonly value: number
  readonly worst: number
  readonly since: number
  readonly firedAt: number | null
  readonly resolvedAt: number | null
  readonly silenced: boolean
  readonly acknowledgedAt: number | null
  readonly acknowledgedBy: string | null
  readonly note: string | null
}

export function episodeOf(row: Selectable<AlertEpisodeRow>): Episode {
  return {
    state: row.state,
    value: row.value,
    worst: row.worst,
    since: row.since,
    firedAt: row.fired_at,
    clearSince: row.clear_since,
    resolvedAt: row.resolved_at,
  }
}

export function rowOf(
  before: Selectable<AlertEpisodeRow> | undefined,
  { name, severity }: CheckedRule,
  subject: string,
  after: Episode,
  fresh: string,
): AlertEpisodeRow {
  return {
    id: before?.id ?? fresh,
    rule: name,
    subject,
    severity,
    state: after.state,
    value: after.value,
    worst: after.worst,
    since: after.since,
    fired_at: after.firedAt,
    clear_since: after.clearSince,
    resolved_at: after.resolvedAt,
    noticed_at: before?.noticed_at ?? null,
    acknowledged_at: before?.acknowledged_at ?? null,
    acknowledged_by: before?.acknowledged_by ?? null,
    note: before?.note ?? null,
  }
}

export function shown(row: Selectable<AlertEpisodeRow>): Alert {
  return {
    id: row.id,
    rule: row.rule,
    subject: row.subject,
    severity: row.severity,
    state: row.state,
    value: row.value,
    worst: row.worst,
    since: row.since,
    firedAt: row.fired_at,
    resolvedAt: row.resolved_at,
    silenced: row.state === 'firing' && row.noticed_at === null,
    acknowledgedAt: row.acknowledged_at,
    acknowledgedBy: row.acknowledged_by,
    note: row.note,
  }
}
