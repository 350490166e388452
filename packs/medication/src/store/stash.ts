// Bundles that are larger than a job may be: sealed in the object store until they are imported.
import { randomUUID } from 'node:crypto'
import { BadInputError, type PackRooms } from 'orderly'
import type { Store } from './store.ts'

type Objects = PackRooms['objects']

const PREFIX = 'medication/imports'
/** Longer than a job is tried; what is older belongs to no job any more. */
const KEPT_MS = 7 * 86_400_000

/** Seals a bundle where only this installation can open it. @returns what a job names it by */
export async function stashBundle(
  { clock, vault }: Store,
  objects: Objects,
  text: string,
): Promise<string> {
  const id = `${clock.now()}.${randomUUID()}`
  const key = await vault.newTravelKey()
  const sealed = `${key.wrapped}\n${key.seal(text, placeOf(id))}`
  await objects.put(`${PREFIX}/${id}`, Buffer.from(sealed))
  return id
}

/** @throws BadInputError when it is not there any more */
export async function openStash({ vault }: Store, objects: Objects, id: string): Promise<string> {
  const found = /^\d+\.[\da-f-]{36}$/.test(id) ? await objects.get(`${PREFIX}/${id}`) : undefined
  if (!found)
    throw new BadInputError(
      'the bundle was imported before, or is not kept any more; send it again',
    )
  const parts: Uint8Array[] = []
  for await (const part of found.body) parts.push(part)
  const text = Buffer.concat(parts).toString('utf8')
  const end = text.indexOf('\n')
  const key = await vault.openTravelKey(text.slice(0, end))
  return key.open(text.slice(end + 1), placeOf(id))
}

export function dropStash(objects: Objects, id: string): Promise<void> {
  return objects.delete(`${PREFIX}/${id}`)
}

/** Removes bundles that no job will ask for any more. @returns how many */
export async function dropOldStashes({ clock }: Store, objects: Objects): Promise<number> {
  let removed = 0
  for await (const { key } of objects.list(`${PREFIX}/`)) {
    if (Number(/\/(\d+)\./.exec(key)?.[1]) >= clock.now() - KEPT_MS) continue
    await objects.delete(key)
    removed++
  }
  return removed
}

function placeOf(id: string): string {
  return `import/${id}`
}
