// How the nodes that wait for an event are found without asking each: by one value that the event must hold.
import { eventPlace } from '../state/sealed-values.ts'
import { OrderlyError } from '../primitives/errors.ts'
import { readExpression } from '../workflow/expression.ts'
import type { Rooms } from './rooms.ts'
import { EVENT_ROOTS, type RunValues } from './run-values.ts'

/** An event that has come, opened. */
export interface OpenedEvent {
  readonly id: string
  readonly name: string
  readonly payload: unknown
}

/** Values of an event that nodes are looked up by. Of a larger one every node that waits is told. */
const MOST_VALUES = 1_000

/**
 * What an event must hold for a condition to hold, where the condition says so: `event.order == input.order`.
 *
 * @returns null where every event has to be asked
 */
export async function keyOfWait(
  rooms: Rooms,
  values: RunValues,
  name: string,
  where: string | undefined,
): Promise<string | null> {
  if (where === undefined) return null
  for (const { path, other } of readExpression(where, EVENT_ROOTS).equalities) {
    const [root, ...at] = path
    if (root !== 'event' || !at.every((part) => typeof part === 'string')) continue
    try {
      const value = await values.evaluate(other)
      if (isScalar(value)) return await keyOf(rooms, name, at, value)
    } catch {
      // What cannot be worked out decides nothing, and the condition as a whole does not hold.
    }
  }
  return null
}

/** What an event holds. @returns undefined for one that holds too much to look all of it up */
export async function keysOfEvent(
  rooms: Rooms,
  { name, payload }: OpenedEvent,
): Promise<string[] | undefined> {
  const found: [path: string[], value: unknown][] = []
  const open: [path: string[], value: unknown][] = [[[], payload]]
  for (const [path, value] of open) {
    if (isScalar(value)) found.push([path, value])
    else if (!Array.isArray(value))
      for (const [key, inner] of Object.entries(value as object)) open.push([[...path, key], inner])
    if (open.length > MOST_VALUES) return undefined
  }
  return Promise.all(found.map(([path, value]) => keyOf(rooms, name, path, value)))
}

function isScalar(value: unknown): boolean {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value)
}

/** Blind: what an event holds may be about a patient. */
function keyOf(rooms: Rooms, name: string, path: unknown[], value: unknown): Promise<string> {
  return rooms.vault.blindIndex(`event/${name}/${JSON.stringify(path)}`, JSON.stringify(value))
}

/** @returns undefined for an event that nobody can open any more */
export async function openEvent(
  rooms: Rooms,
  { id, name, payload }: { readonly id: string; readonly name: string; readonly payload: string },
): Promise<OpenedEvent | undefined> {
  try {
    const text = await rooms.vault.open(payload, eventPlace(id))
    return { id, name, payload: JSON.parse(text) as unknown }
  } catch (error) {
    if (error instanceof OrderlyError && LOST.has(error.code)) return undefined
    throw error
  }
}

const LOST: ReadonlySet<string> = new Set(['ORDERLY_SHREDDED', 'ORDERLY_SEAL_BROKEN'])
