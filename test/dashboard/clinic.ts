// A clinic with its dashboard served, and people who may look at it, for the journeys and the pictures.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Actor } from '../../packages/orderly/src/access/actor.ts'
import type { RoleName } from '../../packages/orderly/src/access/roles.ts'
import { acceptInvite } from '../../packages/orderly/src/access/sign-in.ts'
import { createUser } from '../../packages/orderly/src/access/users.ts'
import {
  CLINIC_JOBS,
  clinicHandlers,
  PRICE_REFRESH,
  PRICE_TEMPLATE,
} from '../../packages/orderly/src/cli/demo/clinic.ts'
import { serve } from '../../packages/orderly/src/http/serve.ts'
import { systemClock } from '../../packages/orderly/src/primitives/clock.ts'
import {
  createOrderly,
  roomsOf,
  type Orderly,
  type OrderlyOptions,
} from '../../packages/orderly/src/orderly.ts'

export const PASSWORD = 'a clinic that does not exist'

const SYSTEM: Actor = {
  id: 'test',
  kind: 'system',
  name: 'test',
  roles: [],
  permissions: [],
  tenant: 'default',
  queues: ['*'],
}

const USERS: readonly { login: string; name: string; roles: readonly RoleName[] }[] = [
  { login: 'ana', name: 'Ana Ruiz', roles: ['admin', 'operator', 'developer', 'auditor'] },
  { login: 'noa', name: 'Noa Weiss', roles: ['privacy', 'operator', 'auditor'] },
  { login: 'pia', name: 'Pia Lund', roles: ['privacy'] },
  { login: 'vic', name: 'Vic Stone', roles: ['viewer'] },
]

export interface Clinic {
  readonly url: string
  readonly orderly: Orderly
  /** Where the first administrator is made; undefined once there are people. */
  readonly setupUrl: string | undefined
  close(): Promise<void>
}

/**
 * @param more jobs beside those of the clinic, and what handles them
 * @param people nobody, for a first start
 */
export async function openClinic(
  more: Pick<OrderlyOptions, 'jobs' | 'handlers' | 'packs' | 'queues' | 'revealAlwaysTwo'> = {},
  people: typeof USERS = USERS,
): Promise<Clinic> {
  const home = mkdtempSync(join(tmpdir(), 'orderly-dashboard-'))
  const silent = (): void => undefined
  const orderly = await createOrderly({
    home,
    ...more,
    jobs: [...CLINIC_JOBS, ...(more.jobs ?? [])],
    handlers: [...clinicHandlers(systemClock), ...(more.handlers ?? [])],
    workflows: [PRICE_REFRESH],
    templates: [PRICE_TEMPLATE],
    log: { debug: silent, info: silent, warn: silent, error: silent },
    grace: '1s',
  })
  const { access } = roomsOf(orderly)
  for (const user of people) {
    const { invite } = await createUser(access, SYSTEM, user)
    await acceptInvite(
      access,
      { token: invite, password: PASSWORD },
      { address: '127.0.0.1', agent: 'test' },
    )
  }
  await orderly.start()
  const server = await serve(orderly, { port: 0 })
  return {
    url: server.url,
    setupUrl: server.setupUrl,
    orderly,
    async close() {
      await server.close()
      await orderly.close()
      rmSync(home, { recursive: true, force: true })
    },
  }
}
