// What is done with users and keys from the command line of the machine: whoever has that may let people in.
import { SYSTEM, type Actor } from './access/actor.ts'
import {
  createApiKey,
  listApiKeys,
  revokeApiKey,
  type ApiKey,
  type ApiKeySpec,
} from './access/api-keys.ts'
import { newSetupToken } from './access/sign-in.ts'
import {
  changeUser,
  createUser,
  hasUsers,
  listUsers,
  resetUser,
  type User,
  type UserChange,
  type UserSpec,
} from './access/users.ts'
import { withInstallation } from './maintenance.ts'
import { OrderlyError } from './primitives/errors.ts'
import type { SettingOptions } from './settings.ts'

const COMMAND_LINE: Actor = { ...SYSTEM, id: 'command-line', name: 'command line', queues: ['*'] }

/** A link that makes the first user. @throws OrderlyError `ORDERLY_CONFLICT` when there are users */
export function setUpAccess(options: SettingOptions): Promise<{ token: string }> {
  return withInstallation(options, async ({ rooms }) => {
    const token = await newSetupToken(rooms.access)
    if (token !== undefined) return { token }
    throw new OrderlyError(
      'ORDERLY_CONFLICT',
      'there are users already; "orderly users reset" gives one of them a new link, "orderly users add NAME --role admin" makes an administrator',
    )
  })
}

/** @throws OrderlyError `ORDERLY_CONFLICT` for a first user who could not let others in */
export function addUser(
  options: SettingOptions,
  spec: UserSpec,
): Promise<{ user: User; invite: string }> {
  return withInstallation(options, async ({ rooms }) => {
    // Whoever came in then could let nobody else in, and the link that makes the first user would be worth nothing.
    if (!spec.roles.includes('admin') && !(await hasUsers(rooms.access)))
      throw new OrderlyError(
        'ORDERLY_CONFLICT',
        'nobody administers this installation yet; make the first user with "orderly users setup", or give this one --role admin as well',
      )
    return createUser(rooms.access, COMMAND_LINE, spec)
  })
}

export function readUsers(options: SettingOptions): Promise<User[]> {
  return withInstallation(options, ({ rooms }) => listUsers(rooms.access))
}

export function editUser(options: SettingOptions, id: string, change: UserChange): Promise<User> {
  return withInstallation(options, ({ rooms }) =>
    changeUser(rooms.access, COMMAND_LINE, id, change),
  )
}

export function resetAccess(options: SettingOptions, id: string): Promise<{ invite: string }> {
  return withInstallation(options, ({ rooms }) => resetUser(rooms.access, COMMAND_LINE, id))
}

export function addApiKey(
  options: SettingOptions,
  spec: Omit<ApiKeySpec, 'expiresAt'> & { readonly days: number },
): Promise<{ key: ApiKey; text: string }> {
  return withInstallation(options, ({ rooms }) =>
    createApiKey(rooms.access, COMMAND_LINE, {
      ...spec,
      expiresAt: rooms.clock.now() + spec.days * 86_400_000,
    }),
  )
}

export function readApiKeys(options: SettingOptions): Promise<ApiKey[]> {
  return withInstallation(options, ({ rooms }) => listApiKeys(rooms.access))
}

export function dropApiKey(options: SettingOptions, id: string): Promise<void> {
  return withInstallation(options, ({ rooms }) => revokeApiKey(rooms.access, id))
}
