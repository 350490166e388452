// A try at somebody's password: where it comes from, and what it is compared with.
import { neighbourhood } from './address.ts'
import { uncountTry, type CountedTry, type Guess } from './attempts.ts'
import type { AccessRoom } from './room.ts'
import type { Device } from './sessions.ts'

/** What a try counts against. */
export async function guessOf(
  { database }: AccessRoom,
  login: string,
  userId: string | undefined,
  { address }: Device,
): Promise<Guess> {
  const known = await database.query
    .selectFrom('orderly_sessions')
    .select('address')
    .distinct()
    .where('user_id', '=', userId ?? '')
    .limit(200)
    .execute()
  const here = neighbourhood(address)
  return {
    account: login.trim().toLowerCase(),
    address,
    isKnownPlace: known.some((each) => neighbourhood(each.address) === here),
  }
}

/** A try is nobody's failure where there is no room to look at it. */
export async function isRight(
  { passwords, database }: AccessRoom,
  counted: CountedTry,
  password: string,
  stored: string | null,
): Promise<boolean> {
  try {
    return await passwords.matches(password, stored)
  } catch (error) {
    await uncountTry(database, counted)
    throw error
  }
}
