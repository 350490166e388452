// Where a page of a list ended, signed: it fits only the list it was made for, and nobody can make one up.
import { timingSafeEqual } from 'node:crypto'
import type { Rooms } from '../runtime/rooms.ts'
import { RequestError } from './problem.ts'

/** @param list what the list is, its filter and its reader included: another one's cursor does not fit */
export async function writeCursor(rooms: Rooms, list: string, end: unknown): Promise<string> {
  const body = Buffer.from(JSON.stringify(end)).toString('base64url')
  return `${body}.${await sign(rooms, list, body)}`
}

/** @throws RequestError `ORDERLY_REQUEST_INVALID` */
export async function readCursor(rooms: Rooms, list: string, cursor: string): Promise<unknown> {
  const [body = '', given = ''] = cursor.split('.')
  const wanted = Buffer.from(await sign(rooms, list, body))
  const known = Buffer.from(given)
  if (wanted.length !== known.length || !timingSafeEqual(wanted, known))
    throw new RequestError(
      'ORDERLY_REQUEST_INVALID',
      'this cursor belongs to another list or to other filters; begin without one',
    )
  return JSON.parse(Buffer.from(body, 'base64url').toString()) as unknown
}

/** Signs a text for one purpose with the key that blind indexes are made with. */
export async function sign(rooms: Rooms, purpose: string, text: string): Promise<string> {
  return (await rooms.vault.blindIndex(`api/${purpose}`, text)).slice(3)
}
