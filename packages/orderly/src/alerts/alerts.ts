// Alerts: rules are looked at every few seconds, each episode is told of once when it begins and once when it ends.
import { isDeepStrictEqual } from 'node:util'
import type { Selectable } from 'kysely'
import { checkUrl } from '../events/webhook-checks.ts'
import { milliseconds, spanOf, type Duration } from '../primitives/duration.ts'
import { OrderlyError } from '../primitives/errors.ts'
import { newId } from '../primitives/ids.ts'
import type { AlertEpisodeRow, AlertRouteRow, AlertSilenceRow } from '../state/alert-tables.ts'
import { secretPlace } from '../state/sealed-messages.ts'
import { checkListing, checkRoute, checkSilence, invalid } from './alert-checks.ts'
import { backTest, type BackTest } from './back-test.ts'
import { step } from './episode.ts'
import { dropEpisode, snapshotOf, tellEpisode } from './episode-log.ts'
import { episodeOf, rowOf, shown, type Alert } from './episode-row.ts'
import { GAUGES, keepSamples, measure, type Measured, type MeasureParts } from './measure.ts'
import { IN_APP, messageOf, sendNotices, textOf, type NotifyParts } from './notify.ts'
import {
  checkRule,
  HOUSE_RULES,
  matches,
  type AlertMetric,
  type AlertRule,
  refuseUnknownOfRule,
  type CheckedRule,
  type StoredRule,
} from './rule.ts'

export interface AlertRoute {
  readonly name: string
  readonly kind: AlertRouteRow['kind']
  /** Addresses of mail, or recipients of notifications. */
  readonly to?: readonly string[]
  /** The id of a webhook. */
  readonly webhook?: string
  /** The URL that a chat program gave; kept sealed and never shown. */
  readonly url?: string
}

export interface Silence {
  readonly id: string
  readonly rule: string
  readonly subject: string
  readonly until: number
  readonly reason: string
  readonly by: string
}

export interface Alerts {
  rules(): Promise<StoredRule[]>
  /** @throws OrderlyError `ORDERLY_INPUT_INVALID` */
  putRule(rule: AlertRule, by?: string): Promise<StoredRule>
  /** Drops a rule; one of the house is as it came then. */
  removeRule(name: string): Promise<void>
  /**
   * When a rule would have been an alert. A week back unless told, 31 days at most.
   *
   * @throws OrderlyError `ORDERLY_INPUT_INVALID`
   */
  tryRule(rule: AlertRule, last?: Duration): Promise<BackTest>
  routes(): Promise<Omit<AlertRoute, 'url'>[]>
  putRoute(route: AlertRoute, by?: string): Promise<void>
  removeRoute(name: string): Promise<void>
  /** Sends a test by a route. */
  testRoute(name: string): Promise<void>
  list(filter?: {
    readonly state?: Alert['state']
    readonly limit?: number
    readonly before?: string
  }): Promise<Alert[]>
  /** @throws OrderlyError `ORDERLY_NOT_FOUND` */
  get(id: string): Promise<Alert>
  acknowledge(id: string, by: string, note?: string): Promise<void>
  silence(what: {
    readonly rule: string
    readonly subject?: string
    readonly for: Duration
    readonly reason: string
    readonly by?: string
  }): Promise<Silence>
  silences(): Promise<Silence[]>
  unsilence(id: string): Promise<void>
  /** Looks at every rule now. One process does it at a time. */
  evaluate(signal?: AbortSignal): Promise<void>
}

export type AlertParts = MeasureParts & NotifyParts

const ALL = '*'
const LONGEST_TRY_MS = milliseconds('31d')

export function openAlerts(parts: AlertParts): Alerts {
  const { state, clock, vault } = parts
  const rules = async (): Promise<StoredRule[]> => {
    const rows = await state.query.selectFrom('orderly_alert_rules').selectAll().execute()
    const changed = new Map(rows.map((row) => [row.name, row]))
    const house = HOUSE_RULES.filter(({ name }) => !changed.has(name)).map((rule) => ({
      ...rule,
      enabled: true,
      source: 'house' as const,
      by: '',
      updatedAt: null,
    }))
    const own = rows.map((row) => ({
      ...(JSON.parse(row.body) as AlertRule),
      enabled: row.enabled === 1,
      source: 'person' as const,
      by: row.who,
      updatedAt: row.updated_at,
    }))
    return [...house, ...own].toSorted((a, b) => (a.name < b.name ? -1 : 1))
  }
  const listRoutes: Alerts['routes'] = async () => {
    const rows = await state.query
      .selectFrom('orderly_alert_routes')
      .selectAll()
      .orderBy('name')
      .execute()
    const stored = rows.map(({ name, kind, body }) => ({
      name,
      kind,
      ...(JSON.parse(body) as object),
    }))
    return rows.some(({ name }) => name === IN_APP)
      ? stored
      : [{ name: IN_APP, kind: 'in-app' as const }, ...stored]
  }
  const insertNotices = async (
    episode: string,
    kind: 'fired' | 'resolved' | 'test',
    routes: readonly string[],
  ): Promise<void> => {
    if (routes.length === 0) return
    const at = clock.now()
    await state.query
      .insertInto('orderly_alert_notices')
      .values(
        routes.map((route) => ({
          episode,
          kind,
          route,
          state: 'due' as const,
          attempts: 0,
          due_at: at,
          error: null,
          at,
        })),
      )
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  }
  const activeSilences = (): Promise<Selectable<AlertSilenceRow>[]> =>
    state.query
      .selectFrom('orderly_alert_silences')
      .selectAll()
      .where('until', '>', clock.now())
      .orderBy('id')
      .execute()

  /** Tells of what has begun and of what is over, unless it is silenced. */
  const tell = async (
    row: Selectable<AlertEpisodeRow>,
    rule: CheckedRule,
    isSilenced: boolean,
  ): Promise<void> => {
    const kind = row.state === 'resolved' ? 'resolved' : 'fired'
    // Who was not told of the beginning is not told of the end.
    if (kind === 'fired' ? isSilenced || row.noticed_at !== null : row.noticed_at === null) return
    await insertNotices(row.id, kind, rule.routes)
    await parts.webhooks.emit(messageOf(textOf(row, kind)))
    if (kind === 'fired') await tellEpisode(state, row.id, { type: 'noticed', at: clock.now() })
  }

  const evaluateRule = async (
    rule: CheckedRule,
    measured: readonly Measured[],
    open: readonly Selectable<AlertEpisodeRow>[],
    silences: readonly { rule: string; subject: string }[],
  ): Promise<void> => {
    const now = clock.now()
    const values = new Map(measured.map(({ subject, value }) => [subject, value]))
    const own = new Map(
      open.filter((row) => row.rule === rule.name).map((row) => [row.subject, row]),
    )
    for (const subject of new Set([...values.keys(), ...own.keys()])) {
      const before = own.get(subject)
      const after = step(before && episodeOf(before), values.get(subject), now, rule)
      if (!after) {
        if (before) await dropEpisode(state, before.id)
        continue
      }
      const row = rowOf(before, rule, subject, after, newId(now))
      if (!before || !isDeepStrictEqual(snapshotOf(before), snapshotOf(row))) {
        const type = row.state === 'resolved' ? 'ended' : 'measured'
        await tellEpisode(state, row.id, { type, at: now, ...snapshotOf(row) })
      }
      const isSilenced = silences.some(
        (one) => matches(one.rule, rule.name) && matches(one.subject, subject),
      )
      if (row.state !== 'pending') await tell(row, rule, isSilenced)
    }
  }

  return {
    rules,
    async putRule(rule, by = '') {
      refuseUnknownOfRule(rule)
      checkRule(rule)
      const now = clock.now()
      const row = {
        body: JSON.stringify(rule),
        enabled: (rule.enabled ?? true) ? 1 : 0,
        who: by,
        updated_at: now,
      }
      await state.query
        .insertInto('orderly_alert_rules')
        .values({ name: rule.name, created_at: now, ...row })
        .onConflict((conflict) => conflict.column('name').doUpdateSet(row))
        .execute()
      return { ...rule, enabled: rule.enabled ?? true, source: 'person', by, updatedAt: now }
    },
    async removeRule(name) {
      const done = await state.query
        .deleteFrom('orderly_alert_rules')
        .where('name', '=', name)
        .executeTakeFirst()
      if (done.numDeletedRows === 0n) throw missing('rule that somebody made')
    },
    async tryRule(rule, last = '7d') {
      refuseUnknownOfRule(rule)
      const now = clock.now()
      const span = spanOf('"last"', last, 'ORDERLY_INPUT_INVALID')
      if (span > LONGEST_TRY_MS) throw invalid('a rule is tried on the last 31d at most')
      return backTest(parts, checkRule(rule), now - span, now)
    },
    routes: listRoutes,
    async putRoute(route, by = '') {
      checkRoute(route)
      const { name, kind, to, webhook, url } = route
      if (kind === 'webhook') await parts.webhooks.get(webhook ?? '')
      if (kind === 'slack') checkUrl(url ?? '', parts.allowPrivate)
      const row = {
        kind,
        body: JSON.stringify({ ...(to ? { to } : {}), ...(webhook ? { webhook } : {}) }),
        secret:
          kind === 'slack' ? await vault.seal(url!, secretPlace('alert', name), 'encrypted') : null,
        who: by,
        updated_at: clock.now(),
      }
      await state.query
        .insertInto('orderly_alert_routes')
        .values({ name, ...row })
        .onConflict((conflict) => conflict.column('name').doUpdateSet(row))
        .execute()
    },
    async removeRoute(name) {
      const used = (await rules()).find(({ routes = [] }) => routes.includes(name))
      if (used) throw invalid(`rule "${used.name}" tells by this route; change the rule first`)
      const done = await state.query
        .deleteFrom('orderly_alert_routes')
        .where('name', '=', name)
        .executeTakeFirst()
      if (done.numDeletedRows === 0n) throw missing('route that somebody made')
    },
    async testRoute(name) {
      if (!(await listRoutes()).some((route) => route.name === name))
        throw missing('route of this name')
      const now = clock.now()
      const id = newId(now)
      const test: AlertEpisodeRow = {
        id,
        rule: 'test',
        subject: name,
        severity: 'warning',
        state: 'resolved',
        value: 0,
        worst: 0,
        since: now,
        fired_at: now,
        clear_since: now,
        resolved_at: now,
        noticed_at: null,
        acknowledged_at: null,
        acknowledged_by: null,
        note: null,
      }
      await tellEpisode(state, id, { type: 'ended', at: now, ...snapshotOf(test) })
      await insertNotices(id, 'test', [name])
    },
    async list(filter = {}) {
      checkListing(filter)
      const { state: wanted, limit = 50, before } = filter
      let query = state.query
        .selectFrom('orderly_alert_episodes')
        .selectAll()
        .orderBy('id', 'desc')
        .limit(Math.min(Math.max(1, limit), 200))
      query =
        wanted === undefined
          ? query.where('state', '!=', 'pending')
          : query.where('state', '=', wanted)
      if (before !== undefined) query = query.where('id', '<', before)
      return (await query.execute()).map(shown)
    },
    async get(id) {
      const row = await state.query
        .selectFrom('orderly_alert_episodes')
        .selectAll()
        .where('id', '=', id)
        .executeTakeFirst()
      if (!row) throw missing('alert of this id')
      return shown(row)
    },
    async acknowledge(id, by, note) {
      const news = { type: 'acknowledged', at: clock.now(), by, note: note ?? null } as const
      if (!(await tellEpisode(state, id, news))) throw missing('alert of this id')
    },
    async silence(what) {
      checkSilence(what)
      const { rule, subject = ALL, for: span, reason, by = '' } = what
      const now = clock.now()
      const row = {
        id: newId(now),
        rule,
        subject,
        until: now + spanOf('"for"', span, 'ORDERLY_INPUT_INVALID'),
        reason,
        who: by,
        at: now,
      }
      await state.query.insertInto('orderly_alert_silences').values(row).execute()
      return { id: row.id, rule, subject, until: row.until, reason, by }
    },
    async silences() {
      return (await activeSilences()).map(({ who: by, at: _at, ...row }) => ({ ...row, by }))
    },
    async unsilence(id) {
      const done = await state.query
        .deleteFrom('orderly_alert_silences')
        .where('id', '=', id)
        .executeTakeFirst()
      if (done.numDeletedRows === 0n) throw missing('silence of this id')
    },
    async evaluate(signal) {
      const now = clock.now()
      const all = await rules()
      const checked = all.filter(({ enabled }) => enabled).map(checkRule)
      const open = await state.query
        .selectFrom('orderly_alert_episodes')
        .selectAll()
        .where('state', 'in', ['pending', 'firing'])
        .execute()
      const silences = await activeSilences()
      for (const rule of checked) {
        if (signal?.aborted) return
        await evaluateRule(rule, await measure(parts, rule, now), open, silences)
      }
      const gauges = new Map<AlertMetric, readonly Measured[]>()
      const plain = checkRule({ name: 'sample', metric: 'queue.depth', above: 0, window: '1m' })
      for (const metric of GAUGES)
        gauges.set(metric, await measure(parts, { ...plain, metric }, now))
      await keepSamples(parts, gauges, now)
      const metrics = new Map(all.map(({ name, metric }) => [name, metric]))
      await sendNotices(parts, metrics, signal)
    },
  }
}

function missing(what: string): OrderlyError {
  return new OrderlyError('ORDERLY_NOT_FOUND', `there is no ${what}`)
}
