// Tells of episodes, by each route once: in-app, mail, webhooks, and what chat programs read.
import type { Selectable } from 'kysely'
import { postJson } from '../events/post-json.ts'
import type { Webhooks } from '../events/webhooks.ts'
import type { Mailer } from '../mail/mailer.ts'
import type { Notifications } from '../notifications/notifications.ts'
import type { Clock } from '../primitives/clock.ts'
import { OrderlyError } from '../primitives/errors.ts'
import type { AlertEpisodeRow, AlertNoticeRow, AlertRouteRow } from '../state/alert-tables.ts'
import { secretPlace } from '../state/sealed-messages.ts'
import type { StateDatabase } from '../state/tables.ts'
import type { Vault } from '../vault/vault.ts'
import { amountText, type AlertMetric } from './rule.ts'

export interface NotifyParts {
  readonly state: StateDatabase
  readonly clock: Clock
  readonly vault: Vault
  readonly mailer: Mailer | undefined
  readonly notifications: Notifications
  readonly webhooks: Webhooks
  readonly allowPrivate: boolean
}

/** What a route says of where it leads. */
export interface RouteBody {
  readonly to?: readonly string[]
  readonly webhook?: string
}

/** The route that is always there. */
export const IN_APP = 'in-app'
const IN_APP_TO: readonly string[] = ['#role/operator', '#role/admin']
const RETRY_MS = [5_000, 15_000, 60_000, 300_000, 900_000, 3_600_000]
const AT_ONCE = 100

/**
 * Sends the notices that are due. One process does it at a time.
 *
 * @param metrics what each rule watches, by its name
 */
export async function sendNotices(
  parts: NotifyParts,
  metrics: ReadonlyMap<string, AlertMetric>,
  signal?: AbortSignal,
): Promise<void> {
  const { state, clock } = parts
  const due = await state.query
    .selectFrom('orderly_alert_notices')
    .selectAll()
    .where('state', '=', 'due')
    .where('due_at', '<=', clock.now())
    .orderBy('due_at')
    .limit(AT_ONCE)
    .execute()
  for (const notice of due) {
    if (signal?.aborted) return
    const outcome = await sendOne(parts, metrics, notice)
    const pause = RETRY_MS[notice.attempts]
    await state.query
      .updateTable('orderly_alert_notices')
      .set({
        state: outcome === undefined ? 'sent' : pause === undefined ? 'dead' : 'due',
        attempts: notice.attempts + 1,
        due_at: clock.now() + (pause ?? 0),
        error: outcome ?? null,
      })
      .where('episode', '=', notice.episode)
      .where('kind', '=', notice.kind)
      .where('route', '=', notice.route)
      .execute()
  }
}

/** @returns a word on what failed, or undefined when it is sent */
async function sendOne(
  parts: NotifyParts,
  metrics: ReadonlyMap<string, AlertMetric>,
  { episode: id, kind, route: name }: Selectable<AlertNoticeRow>,
): Promise<string | undefined> {
  const { state } = parts
  const episode = await state.query
    .selectFrom('orderly_alert_episodes')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirst()
  if (!episode) return undefined
  const route = await state.query
    .selectFrom('orderly_alert_routes')
    .selectAll()
    .where('name', '=', name)
    .executeTakeFirst()
  if (!route && name !== IN_APP) return 'there is no such route'
  try {
    await SENDERS[route?.kind ?? 'in-app'](
      parts,
      textOf(episode, kind, metrics.get(episode.rule)),
      route,
    )
    return undefined
  } catch (error) {
    return error instanceof OrderlyError ? error.code : 'EFAILED'
  }
}

interface Told {
  readonly key: string
  readonly title: string
  readonly body: string
  readonly kind: AlertNoticeRow['kind']
  readonly episode: Selectable<AlertEpisodeRow>
}

type Sender = (
  parts: NotifyParts,
  told: Told,
  route: Selectable<AlertRouteRow> | undefined,
) => Promise<void>

const SENDERS: Record<AlertRouteRow['kind'], Sender> = {
  async 'in-app'({ notifications }, { key, title, body, episode, kind }, route) {
    const { to = IN_APP_TO } = bodyOf(route)
    await notifications.notify({
      to,
      key,
      kind: kind === 'resolved' ? 'alert-resolved' : 'alert',
      title,
      body,
      link: `/alerts/${episode.id}`,
      priority: kind === 'fired' && episode.severity === 'critical' ? 'urgent' : 'high',
    })
  },
  async mail({ mailer }, { key, title, body }, route) {
    if (!mailer)
      throw new OrderlyError(
        'ORDERLY_SETTING_INVALID',
        'there is no mail server; set ORDERLY_SMTP_URL',
      )
    const domain = /@([\w.-]+)>?$/.exec(mailer.from)?.[1] ?? 'orderly.invalid'
    await mailer.send({
      to: bodyOf(route).to ?? [],
      subject: title,
      text: body,
      messageId: `${key.replaceAll('/', '.')}@${domain}`,
    })
  },
  async slack({ vault, clock, allowPrivate }, { title, body }, route) {
    const url = await vault.open(route!.secret!, secretPlace('alert', route!.name))
    await postJson(url, { text: `*${title}*\n${body}` }, { clock, allowPrivate })
  },
  async webhook({ webhooks }, told, route) {
    await webhooks.emitTo(bodyOf(route).webhook ?? '', messageOf(told))
  },
}

/** What subscriptions that want alerts are told. */
export function messageOf({ key, title, kind, episode }: Told): {
  id: string
  type: string
  at: number
  data: unknown
} {
  return {
    id: key,
    type: kind === 'resolved' ? 'alert.resolved' : 'alert.fired',
    at: episode.resolved_at ?? episode.fired_at ?? episode.since,
    data: {
      id: episode.id,
      rule: episode.rule,
      subject: episode.subject,
      severity: episode.severity,
      title,
      value: episode.value,
      worst: episode.worst,
      since: episode.since,
      firedAt: episode.fired_at,
      resolvedAt: episode.resolved_at,
    },
  }
}

/** @param metric what its rule watches, where the rule is still there */
export function textOf(
  episode: Selectable<AlertEpisodeRow>,
  kind: AlertNoticeRow['kind'],
  metric?: AlertMetric,
): Told {
  const { rule, subject, severity, value, worst, since, resolved_at: ended } = episode
  return {
    key: `alert/${episode.id}/${kind}`,
    title: titleOf({ rule, subject, severity }, kind),
    body:
      kind === 'resolved'
        ? `It lasted ${Math.max(1, Math.round(((ended ?? since) - since) / 60_000))} min; the worst value was ${amountText(metric, worst)}.`
        : `The value is ${amountText(metric, value)}, since ${new Date(since).toISOString()}.`,
    kind,
    episode,
  }
}

/** Whole sentences, each by itself: readers of other languages know them by their form. */
function titleOf(
  { rule, subject, severity }: Pick<Selectable<AlertEpisodeRow>, 'rule' | 'subject' | 'severity'>,
  kind: AlertNoticeRow['kind'],
): string {
  if (kind === 'resolved') return `Resolved: ${rule}, ${subject}`
  if (kind === 'test') return `Test: ${rule}, ${subject}`
  return severity === 'critical' ? `Critical: ${rule}, ${subject}` : `Warning: ${rule}, ${subject}`
}

function bodyOf(route: Selectable<AlertRouteRow> | undefined): RouteBody {
  return route ? (JSON.parse(route.body) as RouteBody) : {}
}
