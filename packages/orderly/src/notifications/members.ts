// Who the members of a topic are: by the roles they have, or by their own choice.
import type { NotificationPreferenceRow } from '../state/notification-tables.ts'
import type { StateDatabase } from '../state/tables.ts'
import { DEFAULT_PREFERENCES, type NotificationPreferences } from './preferences.ts'

export const EVERYONE = '#everyone'
const ROLE = '#role/'
const MOST_MEMBERS = 5_000

/** What is looked at of those who may sign in. */
interface UserTables {
  orderly_users: { id: string; tenant: string; roles: string; disabled_at: number | null }
}

export interface Member {
  readonly user: string
  readonly preferences: NotificationPreferences
}

/** The members of a topic who have said that they want mail. */
export async function mailedMembers(
  state: StateDatabase,
  tenant: string,
  topic: string,
): Promise<Member[]> {
  const rows = await state.query
    .selectFrom('orderly_notification_preferences')
    .select(['user_id', 'body'])
    .where('tenant', '=', tenant)
    .where('address', 'is not', null)
    .limit(MOST_MEMBERS)
    .execute()
  const wanting = rows
    .map((row): Member => ({ user: row.user_id, preferences: preferencesOf(row) }))
    .filter(({ preferences }) => preferences.mail !== 'none')
  if (topic === EVERYONE || wanting.length === 0) return wanting
  if (!topic.startsWith(ROLE))
    return wanting.filter(({ preferences }) => preferences.topics.includes(topic))
  const users = await state
    .withTables<UserTables>()
    .query.selectFrom('orderly_users')
    .select(['id', 'roles'])
    .where('tenant', '=', tenant)
    .where('disabled_at', 'is', null)
    .where(
      'id',
      'in',
      wanting.map(({ user }) => user),
    )
    .execute()
  const role = topic.slice(ROLE.length)
  const holders = new Set(
    users.flatMap(({ id, roles }) => (rolesIn(roles).includes(role) ? id : [])),
  )
  return wanting.filter(({ user }) => holders.has(user))
}

/** The topics that come to somebody by their roles. */
export async function topicsOf(
  state: StateDatabase,
  tenant: string,
  user: string,
): Promise<string[]> {
  const row = await state
    .withTables<UserTables>()
    .query.selectFrom('orderly_users')
    .select('roles')
    .where('tenant', '=', tenant)
    .where('id', '=', user)
    .where('disabled_at', 'is', null)
    .executeTakeFirst()
  return row ? rolesIn(row.roles).map((role) => `${ROLE}${role}`) : []
}

export function preferencesOf({
  body,
}: Pick<NotificationPreferenceRow, 'body'>): NotificationPreferences {
  return { ...DEFAULT_PREFERENCES, ...(JSON.parse(body) as Partial<NotificationPreferences>) }
}

function rolesIn(roles: string): string[] {
  return JSON.parse(roles) as string[]
}
