// `orderly users …` and `orderly apikeys …`
import { Command } from 'commander'
import {
  addApiKey,
  addUser,
  dropApiKey,
  editUser,
  readApiKeys,
  readUsers,
  resetAccess,
  setUpAccess,
} from '../access-maintenance.ts'
import { isPermission } from '../access/permissions.ts'
import { isRole, ROLE_NAMES, ROLES, type RoleName } from '../access/roles.ts'
import { OrderlyError } from '../primitives/errors.ts'
import { remoteSettings } from '../settings.ts'
import { wholeNumber } from './numbers.ts'
import { printResult, say, table, tableOr } from './print.ts'

interface Flags {
  readonly home?: string
  readonly json?: boolean
}

const URL_HELP =
  'where the server is reached (ORDERLY_URL, the one that serves this home, or http://127.0.0.1:4400)'

export function userCommands(): Command {
  const users = new Command('users')
  const verb = (name: string, description: string): Command =>
    users.command(name).description(description).option('--json', 'one line of JSON')

  verb('setup', 'Print a link that makes the first user, once and within an hour')
    .option('--url <url>', URL_HELP)
    .action(async (_flags, command: Command) => {
      const { json = false, url, ...options } = command.optsWithGlobals<Flags & { url?: string }>()
      const { token } = await setUpAccess(options)
      const link = linkOf(url, options, token)
      await printResult({ link }, json, () => link)
    })

  verb('add', 'Make a user, and print the link at which they set a password')
    .argument('<login>', 'what is typed at sign-in')
    .requiredOption('--role <role...>', `among ${ROLE_NAMES.join(', ')}`)
    .option('--name <name>', 'for people to read; the login unless told')
    .option('--queue <glob...>', 'queues by name, or their beginning and a star; all unless told')
    .option('--emergency', 'may begin an emergency access')
    .option('--url <url>', URL_HELP)
    .action(async (login: string, _flags, command: Command) => {
      const {
        json = false,
        role,
        name,
        queue,
        emergency,
        url,
        ...options
      } = command.optsWithGlobals<
        Flags & {
          role: string[]
          name?: string
          queue?: string[]
          emergency?: boolean
          url?: string
        }
      >()
      const { user, invite } = await addUser(options, {
        login,
        name: name ?? login,
        roles: rolesOf(role),
        ...(queue ? { queues: queue } : {}),
        ...(emergency ? { emergency } : {}),
      })
      const link = linkOf(url, options, invite)
      await printResult({ user, link }, json, () => `Made ${user.login}. Within 72 hours: ${link}`)
    })

  verb('list', 'Show every user').action(async (_flags, command: Command) => {
    const { json = false, ...options } = command.optsWithGlobals<Flags>()
    const all = await readUsers(options)
    await printResult(all, json, () =>
      tableOr(
        'There are no users yet; "orderly users setup" prints the link that makes the first.',
        ['login', 'name', 'roles', 'queues', 'state', 'second factor'],
        all.map((user) => [
          user.login,
          user.name,
          user.roles.join(' '),
          user.queues.join(' '),
          user.disabledAt === null
            ? user.hasPassword || user.issuer
              ? 'active'
              : 'invited'
            : 'disabled',
          user.hasTotp ? 'yes' : 'no',
        ]),
      ),
    )
  })

  verb('roles', 'Show the roles, or give a user others')
    .argument('[login]')
    .argument('[roles...]')
    .action(async (login: string | undefined, roles: string[], _flags, command: Command) => {
      const { json = false, ...options } = command.optsWithGlobals<Flags>()
      if (login === undefined) {
        await printResult(ROLES, json, () =>
          table(
            ['role', 'what it is'],
            ROLE_NAMES.map((name) => [name, ROLES[name].summary]),
          ),
        )
        return
      }
      const user = await editUser(options, login, { roles: rolesOf(roles) })
      await printResult(
        user,
        json,
        () => `${user.login} has ${user.roles.join(', ') || 'no role'}.`,
      )
    })

  for (const [name, disabled, description] of [
    ['disable', true, 'Let a user in no more; sessions, keys and streams end at once'],
    ['enable', false, 'Let a disabled user in again'],
  ] as const)
    verb(name, description)
      .argument('<login>')
      .action(async (login: string, _flags, command: Command) => {
        const { json = false, ...options } = command.optsWithGlobals<Flags>()
        const user = await editUser(options, login, { disabled })
        await printResult(
          user,
          json,
          () => `${user.login} is ${disabled ? 'disabled' : 'enabled'}.`,
        )
      })

  verb('reset', 'Take password and second factor from a user, and print a link for new ones')
    .argument('<login>')
    .option('--url <url>', URL_HELP)
    .action(async (login: string, _flags, command: Command) => {
      const { json = false, url, ...options } = command.optsWithGlobals<Flags & { url?: string }>()
      const { invite } = await resetAccess(options, login)
      const link = linkOf(url, options, invite)
      await printResult({ link }, json, () => link)
    })
  return users
}

export function apiKeyCommands(): Command {
  const keys = new Command('apikeys')
  const verb = (name: string, description: string): Command =>
    keys.command(name).description(description).option('--json', 'one line of JSON')

  verb('create', 'Make a key and print it: it is shown this once')
    .argument('<name>', 'what it is for')
    .requiredOption('--role <role...>', 'producer, worker, viewer, operator, developer or auditor')
    .option('--only <permission...>', 'of what the roles permit, only this')
    .option('--queue <glob...>', 'queues by name, or their beginning and a star')
    .option('--network <cidr...>', 'where it may come from, such as 10.0.0.0/8')
    .option('--days <days>', 'for how long, 366 at most', wholeNumber(1, 366), 90)
    .action(async (name: string, _flags, command: Command) => {
      const {
        json = false,
        role,
        only,
        queue,
        network,
        days,
        ...options
      } = command.optsWithGlobals<
        Flags & {
          role: string[]
          only?: string[]
          queue?: string[]
          network?: string[]
          days: number
        }
      >()
      const unknown = only?.find((permission) => !isPermission(permission))
      if (unknown !== undefined)
        throw new OrderlyError('ORDERLY_INPUT_INVALID', '--only names what is no permission')
      const made = await addApiKey(options, {
        name,
        roles: rolesOf(role),
        only: only?.filter(isPermission),
        queues: queue,
        networks: network,
        days,
      })
      await printResult(made, json, () => made.text)
    })

  verb('list', 'Show every key, without its secret').action(async (_flags, command: Command) => {
    const { json = false, ...options } = command.optsWithGlobals<Flags>()
    const all = await readApiKeys(options)
    await printResult(all, json, () =>
      tableOr(
        'There are no keys yet; "orderly apikeys create NAME --role ROLE" makes one.',
        ['id', 'name', 'roles', 'expires', 'state'],
        all.map((key) => [
          key.id,
          key.name,
          key.roles.join(' '),
          new Date(key.expiresAt).toISOString().slice(0, 10),
          key.revokedAt === null ? 'in force' : 'revoked',
        ]),
      ),
    )
  })

  verb('revoke', 'Refuse a key from now on')
    .argument('<id>')
    .action(async (id: string, _flags, command: Command) => {
      const { json = false, ...options } = command.optsWithGlobals<Flags>()
      await dropApiKey(options, id)
      await printResult({ id, revoked: true }, json, () => `Key ${id} is revoked.`)
    })
  return keys
}

function rolesOf(names: readonly string[]): RoleName[] {
  const roles = names.filter(isRole)
  if (roles.length === names.length) return roles
  throw new OrderlyError('ORDERLY_INPUT_INVALID', `a role is one of ${ROLE_NAMES.join(', ')}`)
}

/** Behind the #, so that it stands in no log of any server. */
function linkOf(
  url: string | undefined,
  { home }: { readonly home?: string },
  token: string,
): string {
  const known = remoteSettings(home)
  if (url === undefined && known.isUsual)
    say(
      'Nothing serves this home now: the link takes the usual address; where it is elsewhere, give --url.',
    )
  return `${(url ?? known.url).replace(/\/$/, '')}/setup#token=${token}`
}
