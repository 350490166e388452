// What the ledger is told of the fields somebody asked to see: which they were, and nothing of whom they are about.
import { placeOf } from '../access/approvals.ts'
import type { Shape } from '../vault/phi.ts'
import { tellPointer } from '../vault/pointer.ts'
import type { RevealPart } from './inspect.ts'
import type { Rooms } from './rooms.ts'

/** Longer than any field of a schema; an entry has room for fifty. */
const LONGEST_TOLD = 200

const OPAQUE: Shape = { type: 'opaque' }
const CLEAR: Shape = { type: 'clear' }

/** What of an error may be told by its name, and counts as something seen: its stack says its message once more. */
const ERROR: Shape = {
  type: 'object',
  fields: new Map<string, Shape>([
    ['name', CLEAR],
    ['message', OPAQUE],
    ['stack', CLEAR],
    ['value', OPAQUE],
    ['own', OPAQUE],
    ['cause', { type: 'later', get: () => ERROR }],
    ['errors', { type: 'list', items: [], rest: { type: 'later', get: () => ERROR } }],
  ]),
}

const LOG: Shape = {
  type: 'list',
  items: [],
  rest: {
    type: 'object',
    fields: new Map<string, Shape>([
      ['level', CLEAR],
      ['message', OPAQUE],
    ]),
  },
}

/** What is known of a part of a job, whatever is in it. Nothing, where its type is not known here. */
export function shapeOfPart({ classes }: Rooms, job: string | undefined, part: RevealPart): Shape {
  if (part === 'error') return ERROR
  if (part === 'log') return LOG
  return (job === undefined ? undefined : classes.of(job)?.[part]) ?? OPAQUE
}

export interface AskedFields {
  readonly part: RevealPart
  readonly attempt?: number | undefined
  readonly pointers: readonly string[]
}

/** Pointers as whoever may not see the job may know them. `value` is what they point into, where that is open. */
export function toldPointers(
  rooms: Rooms,
  { part, pointers }: AskedFields,
  job: string | undefined,
  value?: unknown,
): Promise<string[]> {
  const shape = shapeOfPart(rooms, job, part)
  // While nothing can be written there may be no key to hide a name with.
  const hide = (name: string): Promise<string> =>
    rooms.vault.blindIndex('ledger/name', name).catch(() => '*')
  return Promise.all(
    pointers.map(async (pointer) =>
      (await tellPointer(pointer, shape, value, hide)).slice(0, LONGEST_TOLD),
    ),
  )
}

/** The same as the fields of an entry: `/input/patient`. */
export async function toldFields(
  rooms: Rooms,
  asked: AskedFields,
  job: string | undefined,
  value?: unknown,
): Promise<string[]> {
  const place = placeOf(asked.part, asked.attempt)
  return (await toldPointers(rooms, asked, job, value)).map((pointer) => `/${place}${pointer}`)
}
