// Access on real databases, with a clock that tests move.
import { SYSTEM, type Actor } from '../../packages/orderly/src/access/actor.ts'
import { openAccess, type AccessRoom } from '../../packages/orderly/src/access/room.ts'
import { acceptInvite, newSetupToken } from '../../packages/orderly/src/access/sign-in.ts'
import { createUser, type UserSpec } from '../../packages/orderly/src/access/users.ts'
import { findEntries } from '../../packages/orderly/src/ledger/read.ts'
import { fakeClock, type FakeClock } from '../../packages/orderly/src/testing/fake-clock.ts'
import { openLab, type LedgerLab } from '../ledger/lab.ts'

export const DEVICE = { address: '192.0.2.7', agent: 'test' }
export const PASSWORD = 'correct horse battery staple'

export interface AccessLab {
  readonly room: AccessRoom
  readonly clock: FakeClock
  readonly ledger: LedgerLab
  /** The first user, who administers. */
  readonly admin: Actor
  /** A user with a password. */
  user(spec: Partial<UserSpec>): Promise<Actor>
  /** What the ledger says was done, oldest first: `op outcome`. */
  entries(): Promise<string[]>
  close(): Promise<void>
}

/** A small cost: what it protects is not in question here. */
export const COST = 4

export async function openAccessLab(url: string): Promise<AccessLab> {
  const ledger = await openLab(url)
  const clock = fakeClock()
  const room = openAccess({
    database: ledger.database.withTables(),
    ledger: ledger.open(clock),
    keys: ledger.keys,
    clock,
    production: true,
    passwordCost: COST,
  })
  const token = (await newSetupToken(room))!
  const first = await acceptInvite(
    room,
    { token, login: 'ana', name: 'Ana', password: PASSWORD },
    DEVICE,
  )
  return {
    room,
    clock,
    ledger,
    admin: first.actor,
    async user(spec) {
      const login = spec.login ?? 'bo'
      const made = await createUser(room, SYSTEM, {
        name: login,
        roles: ['viewer'],
        ...spec,
        login,
      })
      return (await acceptInvite(room, { token: made.invite, password: PASSWORD }, DEVICE)).actor
    },
    entries: async () =>
      (await findEntries(ledger.database, { limit: 1_000 }))
        .map(({ op, outcome }) => `${op} ${outcome}`)
        .toReversed(),
    close: () => ledger.close(),
  }
}
