import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { actorOf, SYSTEM } from './actor.ts'
import { can, demand, isQueueGlob, reaches } from './can.ts'
import { isPermission, PERMISSIONS, type Permission } from './permissions.ts'
import { permissionsOf, ROLE_NAMES, ROLES, type RoleName } from './roles.ts'

const here = { production: true }
const all = Object.keys(PERMISSIONS) as Permission[]
const withRoles = (...roles: RoleName[]) =>
  actorOf({ id: 'u_1', kind: 'user', name: 'Ana', roles }, here)

describe('roles', () => {
  it('give PHI to privacy alone, and emergencies too', () => {
    for (const role of ROLE_NAMES)
      for (const permission of [
        'phi:reveal',
        'phi:approve',
        'phi:search',
        'phi:export',
        'breakglass:use',
      ] as const)
        expect([role, permission, can(withRoles(role), permission)]).toEqual([
          role,
          permission,
          role === 'privacy',
        ])
  })

  it('keep who administers apart from who holds keys, and who audits from who acts', () => {
    expect(can(withRoles('admin'), 'keyring:rotate')).toBe(false)
    expect(can(withRoles('keyAdmin'), 'users:write')).toBe(false)
    for (const permission of permissionsOf(['auditor'], here))
      expect(permission).toMatch(/:(read|verify|export|review|signoff)$/)
  })

  it('let a developer operate outside production only', () => {
    expect(permissionsOf(['developer'], { production: true })).not.toContain('jobs:retry')
    expect(permissionsOf(['developer'], { production: false })).toContain('jobs:retry')
  })

  it('leave no permission that nobody can hold', () => {
    const held = new Set(permissionsOf(ROLE_NAMES, { production: false }))
    expect(all.filter((permission) => !held.has(permission))).toEqual([])
  })

  it('name only permissions of the list', () => {
    for (const role of Object.values(ROLES))
      for (const permission of role.permissions) expect(isPermission(permission)).toBe(true)
    expect(isPermission('constructor')).toBe(false)
  })
})

describe('can', () => {
  it('is closed for whoever has no role, the system included', () => {
    for (const permission of all) {
      expect(can(withRoles(), permission)).toBe(false)
      expect(can(SYSTEM, permission)).toBe(false)
    }
  })

  it('never gives a narrowed key more than its roles or more than it is narrowed to', () => {
    fc.assert(
      fc.property(
        fc.subarray([...ROLE_NAMES]),
        fc.subarray(all),
        fc.constantFrom(...all),
        (roles, only, permission) => {
          const key = actorOf({ id: 'k_1', kind: 'key', name: 'ci', roles, only }, here)
          expect(can(key, permission)).toBe(
            permissionsOf(roles, here).includes(permission) && only.includes(permission),
          )
        },
      ),
    )
  })

  it('stops at the border of tenant and queues', () => {
    const lab = actorOf(
      {
        id: 'u_2',
        kind: 'user',
        name: 'Bo',
        roles: ['operator'],
        tenant: 'a',
        queues: ['lab.*', 'mail'],
      },
      here,
    )
    expect(can(lab, 'jobs:retry', { tenant: 'a', queue: 'lab.orders' })).toBe(true)
    expect(can(lab, 'jobs:retry', { tenant: 'b', queue: 'lab.orders' })).toBe(false)
    expect(can(lab, 'jobs:retry', { queue: 'labs' })).toBe(false)
    expect(can(lab, 'jobs:retry', { queue: 'mail2' })).toBe(false)
    expect(() => demand(lab, 'jobs:retry', { queue: 'medication' })).toThrowError(
      expect.objectContaining({
        code: 'ORDERLY_FORBIDDEN',
        message: expect.not.stringContaining('medication'),
      }),
    )
  })

  it('takes nothing but a star at the end for a pattern', () => {
    expect(reaches({ queues: ['l.b'] }, 'lab')).toBe(false)
    expect(['*', 'lab.*', 'mail'].map(isQueueGlob)).toEqual([true, true, true])
    expect(['', '**', 'a*b', '(a+)+', '../x'].map(isQueueGlob)).toEqual(Array(5).fill(false))
  })
})
