// What has become of alerts since one last looked, for those who watch. The process that finds an alert may be another.
import type { Alert } from '../alerts/episode-row.ts'
import type { Alerts } from '../alerts/alerts.ts'

export interface AlertNews {
  readonly id: string
  readonly severity: Alert['severity']
  readonly state: 'firing' | 'acknowledged' | 'resolved'
}

const MOST_OPEN = 200

/** Tells of alerts that begin, end, or are taken on after this call. It names no subject: who may see it asks for it. */
export async function followAlerts(
  alerts: Pick<Alerts, 'list'>,
): Promise<() => Promise<readonly AlertNews[]>> {
  const look = async (): Promise<Map<string, Alert>> => {
    const open = await alerts.list({ state: 'firing', limit: MOST_OPEN })
    return new Map(open.map((alert) => [alert.id, alert]))
  }
  let before = await look()
  return async () => {
    const open = await look()
    // Of more than are looked at, those that are older have not ended: they were not seen.
    const oldest = open.size === MOST_OPEN ? [...open.keys()].at(-1)! : ''
    const began = [...open.values()].flatMap((alert) => {
      const known = before.get(alert.id)
      if (known?.acknowledgedAt === alert.acknowledgedAt) return []
      return newsOf(alert, alert.acknowledgedAt === null ? 'firing' : 'acknowledged')
    })
    const ended = [...before.values()]
      .filter(({ id }) => !open.has(id) && id >= oldest)
      .map((alert) => newsOf(alert, 'resolved'))
    before = open
    return [...began, ...ended]
  }
}

function newsOf({ id, severity }: Alert, state: AlertNews['state']): AlertNews {
  return { id, severity, state }
}
