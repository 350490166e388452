// `orderly demo`: a clinic with synthetic jobs, users to sign in as, and the dashboard on it. It leaves nothing behind.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import type { Actor } from '../access/actor.ts'
import type { RoleName } from '../access/roles.ts'
import { acceptInvite } from '../access/sign-in.ts'
import { createUser } from '../access/users.ts'
import { serve } from '../http/serve.ts'
import { createOrderly, roomsOf, type Orderly } from '../orderly.ts'
import { systemClock } from '../primitives/clock.ts'
import { OrderlyError } from '../primitives/errors.ts'
import { CLINIC_JOBS, clinicHandlers, PRICE_REFRESH, PRICE_TEMPLATE } from './demo/clinic.ts'
import { CLINIC_SPANISH } from './demo/spanish.ts'
import { keepBusy, pauseLab, seed } from './demo/traffic.ts'
import { wholeNumber } from './numbers.ts'
import { print, printResult } from './print.ts'

interface Flags {
  readonly port: number
  readonly json?: boolean
}

interface DemoUser {
  readonly login: string
  readonly name: string
  readonly roles: readonly RoleName[]
}

const PASSWORD = 'a clinic that does not exist'
const USERS: readonly DemoUser[] = [
  { login: 'ana', name: 'Ana Ruiz', roles: ['admin', 'operator', 'developer', 'auditor'] },
  { login: 'noa', name: 'Noa Weiss', roles: ['privacy', 'operator', 'auditor'] },
  { login: 'vic', name: 'Vic Stone', roles: ['viewer'] },
]
const SYSTEM: Actor = {
  id: 'demo',
  kind: 'system',
  name: 'demo',
  roles: [],
  permissions: [],
  tenant: 'default',
  queues: ['*'],
}
const SETTLE_MS = 4_000

export function demoCommand(): Command {
  return new Command('demo')
    .option(
      '--port <number>',
      'where to serve it; 0 takes a free one',
      wholeNumber(0, 65_535),
      4_400,
    )
    .option('--json', 'one line of JSON once it is served')
    .action(async (_flags, command: Command) => demo(command.optsWithGlobals<Flags>()))
}

function isTaken(error: unknown): boolean {
  return (
    error instanceof OrderlyError &&
    error.code === 'ORDERLY_SETTING_INVALID' &&
    error.cause !== undefined
  )
}

function portTaken(port: number, cause: unknown): OrderlyError {
  return new OrderlyError(
    'ORDERLY_SETTING_INVALID',
    `port ${port} cannot be used, most likely because another program has it; choose another with --port, or a free one with --port 0`,
    { cause },
  )
}

async function demo({ port, json = false }: Flags): Promise<void> {
  const stop = new AbortController()
  process.once('SIGINT', () => stop.abort()).once('SIGTERM', () => stop.abort())
  const home = mkdtempSync(join(tmpdir(), 'orderly-demo-'))
  const silent = (): void => undefined
  try {
    await using orderly = await createOrderly({
      home,
      jobs: CLINIC_JOBS,
      handlers: clinicHandlers(systemClock),
      workflows: [PRICE_REFRESH],
      templates: [PRICE_TEMPLATE],
      words: { es: CLINIC_SPANISH },
      log: { debug: silent, info: silent, warn: silent, error: silent },
      grace: '1s',
      release: '2.4.0',
    })
    await addUsers(orderly)
    await orderly.start()
    await seed(orderly)
    const server = await serve(orderly, { port }).catch((error: unknown) => {
      throw isTaken(error) ? portTaken(port, error) : error
    })
    try {
      const users = USERS.map(({ login, roles }) => ({ login, roles }))
      await printResult({ url: server.url, password: PASSWORD, users }, json, () =>
        welcome(server.url),
      )
      await orderly.clock.sleep(SETTLE_MS, stop.signal)
      if (!stop.signal.aborted) await pauseLab(orderly)
      await keepBusy(orderly, stop.signal)
    } finally {
      await server.close()
    }
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
  if (!json) await print('The clinic is closed, and nothing of it is left.\n')
}

async function addUsers(orderly: Orderly): Promise<void> {
  const { access } = roomsOf(orderly)
  for (const user of USERS) {
    const { invite } = await createUser(access, SYSTEM, user)
    await acceptInvite(
      access,
      { token: invite, password: PASSWORD },
      { address: '127.0.0.1', agent: 'orderly demo' },
    )
  }
}

function welcome(url: string): string {
  return [
    `A clinic that does not exist is open at ${url}`,
    '',
    ...USERS.map(({ login, roles }) => `  ${login}  ${roles.join(', ')}`),
    '',
    `Each signs in with: ${PASSWORD}`,
    'Ctrl-C closes it.',
  ].join('\n')
}
