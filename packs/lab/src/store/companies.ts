// Companies and their users. A user is asked for together with the companies they may belong to.
import { RefusedError } from 'orderly'
import type { Party } from '../pdf/documents.ts'
import type { LabRooms, Query } from './rooms.ts'
import type { CompanyRow, UserRow } from './tables.ts'

export interface Company {
  readonly id: string
  readonly kind: CompanyRow['kind']
  readonly name: string
  readonly address: readonly string[]
  readonly email: string
  /** ISO 4217. */
  readonly currency: string
}

export interface User {
  readonly id: string
  readonly companyId: string
  readonly name: string
  readonly email: string
}

/**
 * Whoever else holds one of these companies waits here until this transaction has ended. Always in the same order, so that
 * two transactions do not wait for each other.
 *
 * @returns whether there are all of them
 */
export async function holdCompanies(query: Query, ids: readonly string[]): Promise<boolean> {
  let areAll = true
  for (const id of [...new Set(ids)].toSorted()) {
    const held = await query
      .updateTable('lab_companies')
      .set(({ ref }) => ({ company_id: ref('company_id') }))
      .where('company_id', '=', id)
      .executeTakeFirst()
    areAll &&= held.numUpdatedRows > 0n
  }
  return areAll
}

/** @throws RefusedError when there is none */
export async function findCompany({ db }: LabRooms, id: string): Promise<Company> {
  const row = await db.query
    .selectFrom('lab_companies')
    .selectAll()
    .where('company_id', '=', id)
    .executeTakeFirst()
  if (!row) throw new RefusedError('there is no such company; was it removed?')
  return {
    id: row.company_id,
    kind: row.kind,
    name: row.name,
    address: JSON.parse(row.address) as string[],
    email: row.email,
    currency: row.currency,
  }
}

export async function saveCompany({ db }: LabRooms, company: Company): Promise<void> {
  const row: CompanyRow = {
    company_id: company.id,
    kind: company.kind,
    name: company.name,
    address: JSON.stringify(company.address),
    email: company.email,
    currency: company.currency,
  }
  await db.query
    .insertInto('lab_companies')
    .values(row)
    .onConflict((conflict) => conflict.column('company_id').doUpdateSet(row))
    .execute()
}

/** A user of one of `companies`, for whoever else is nobody's business. @throws RefusedError when there is none */
export async function findUser(
  { db }: LabRooms,
  id: string,
  companies: readonly string[],
): Promise<User> {
  const row = await db.query
    .selectFrom('lab_users')
    .selectAll()
    .where('user_id', '=', id)
    .where('company_id', 'in', [...companies])
    .where('active', '=', 1)
    .executeTakeFirst()
  if (!row) throw new RefusedError('there is no such user in the companies this is about')
  return userOf(row)
}

export async function usersOf({ db }: LabRooms, companyId: string): Promise<User[]> {
  const rows = await db.query
    .selectFrom('lab_users')
    .selectAll()
    .where('company_id', '=', companyId)
    .where('active', '=', 1)
    .orderBy('user_id')
    .limit(1_000)
    .execute()
  return rows.map(userOf)
}

/** @throws RefusedError when the id is a user's of another company: whoever moves does not take it along */
export async function saveUser({ db }: LabRooms, user: User): Promise<void> {
  const row: UserRow = {
    user_id: user.id,
    company_id: user.companyId,
    name: user.name,
    email: user.email,
    active: 1,
  }
  const saved = await db.query
    .insertInto('lab_users')
    .values(row)
    .onConflict((conflict) =>
      conflict
        .column('user_id')
        .doUpdateSet({ name: row.name, email: row.email, active: 1 })
        .where('lab_users.company_id', '=', user.companyId),
    )
    .returning('user_id')
    .executeTakeFirst()
  if (!saved)
    throw new RefusedError(
      'this user is of another company; give them an id of their own in this one',
    )
}

function userOf({ user_id, company_id, name, email }: UserRow): User {
  return { id: user_id, companyId: company_id, name, email }
}

export function partyOf({ name, address, email }: Company): Party {
  return { name, address, email }
}
