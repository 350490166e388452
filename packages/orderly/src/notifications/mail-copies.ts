// What is mailed of what comes to a topic: a copy for each of its members who wants mail.
import { newId } from '../primitives/ids.ts'
import type { NotificationRow } from '../state/notification-tables.ts'
import type { StateDatabase } from '../state/tables.ts'
import { mailedMembers } from './members.ts'
import { mailTimeOf } from './preferences.ts'

/**
 * What is mailed of what comes to a topic, by topic: a copy for each member who wants mail, without the detail. It never
 * stands on the list of who sees the topic's, for that came first.
 */
export async function mailsOfTopics(
  state: StateDatabase,
  rows: readonly NotificationRow[],
  now: number,
): Promise<Map<string, NotificationRow[]>> {
  const told = new Set(rows.map(({ recipient }) => recipient))
  const mails = new Map<string, NotificationRow[]>()
  for (const row of rows.filter(({ recipient }) => recipient.startsWith('#'))) {
    const copies: NotificationRow[] = []
    for (const { preferences, user } of await mailedMembers(state, row.tenant, row.recipient)) {
      const mailAt = mailTimeOf(preferences, row, now)
      if (mailAt === null || told.has(user)) continue
      // Of several topics the first mails to them.
      told.add(user)
      copies.push({
        ...row,
        id: newId(now + 1),
        recipient: user,
        detail: null,
        mail_at: mailAt,
      })
    }
    if (copies.length > 0) mails.set(row.recipient, copies)
  }
  return mails
}
