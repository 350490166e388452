// Puts on the ledger what code changes of alerts, webhooks and sources of events, as `audited.ts` does for jobs and runs.
import type { Alerts } from '../alerts/alerts.ts'
import type { EventSources } from '../events/sources.ts'
import type { Webhooks } from '../events/webhooks.ts'
import type { LedgerAction } from '../ledger/entry.ts'
import { audited, named } from './audited.ts'
import type { Rooms } from './rooms.ts'

type Change = readonly [op: string, action: LedgerAction, kind: string]

export function auditedAlerts(open: () => Rooms, inner: Alerts): Alerts {
  return withEntries(open, inner, {
    putRule: ['alert-rule.write', 'U', 'alert-rule'],
    removeRule: ['alert-rule.remove', 'D', 'alert-rule'],
    putRoute: ['alert-route.write', 'U', 'alert-route'],
    removeRoute: ['alert-route.remove', 'D', 'alert-route'],
    acknowledge: ['alert.acknowledge', 'U', 'alert'],
    silence: ['alert-silence.write', 'C', 'alert-rule'],
    unsilence: ['alert-silence.end', 'D', 'alert-silence'],
  })
}

export function auditedWebhooks(open: () => Rooms, inner: Webhooks): Webhooks {
  return withEntries(open, inner, {
    create: ['webhook.create', 'C', 'webhook'],
    change: ['webhook.change', 'U', 'webhook'],
    remove: ['webhook.remove', 'D', 'webhook'],
    rotateSecret: ['webhook.rotate-secret', 'U', 'webhook'],
    redeliver: ['webhook.redeliver', 'E', 'webhook'],
  })
}

export function auditedSources(open: () => Rooms, inner: EventSources): EventSources {
  return withEntries(open, inner, {
    put: ['event-source.write', 'U', 'event-source'],
    remove: ['event-source.remove', 'D', 'event-source'],
    rotateSecret: ['event-source.rotate-secret', 'U', 'event-source'],
  })
}

/** The same room; members that change something have their entry first. */
function withEntries<Room extends object>(
  open: () => Rooms,
  inner: Room,
  changes: Partial<Record<keyof Room, Change>>,
): Room {
  const members = inner as Readonly<Record<string, (...given: unknown[]) => Promise<unknown>>>
  const wrapped = Object.entries(changes as Record<string, Change>).map(
    ([name, [op, action, kind]]) => [
      name,
      (...given: unknown[]) =>
        audited(open, { op, action, resource: named(kind, idIn(given[0])) }, () =>
          members[name]!(...given),
        ),
    ],
  )
  return { ...inner, ...(Object.fromEntries(wrapped) as Partial<Room>) }
}

/** Names and ids alone: what else a request holds may be a secret. */
function idIn(given: unknown): unknown {
  if (typeof given === 'string') return given
  const { id, name, rule } = (given ?? {}) as Readonly<Record<string, unknown>>
  return id ?? name ?? rule ?? 'unnamed'
}
