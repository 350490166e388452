// Data keys: made when first needed, stored wrapped, kept open in memory for a while.
import { randomBytes } from 'node:crypto'
import type { Clock } from '../primitives/clock.ts'
import { OrderlyError } from '../primitives/errors.ts'
import type { DataKey } from './envelope.ts'
import type { KeyProvider, WrappedKey } from './key-provider.ts'

/** A row of the table of data keys. `destroyed` keeps the row and forgets the key: what it sealed is shredded. */
export interface StoredDataKey extends WrappedKey {
  readonly id: string
  /** What it seals: `epoch/<tenant>/<year>-<month>`, `index/<tenant>`. One key of a scope is active. */
  readonly scope: string
  readonly state: 'active' | 'decrypt' | 'destroyed'
  /** Milliseconds since 1970 UTC. */
  readonly createdAt: number
}

/** The table of data keys, wherever it is. */
export interface DataKeyTable {
  find(id: string): Promise<StoredDataKey | undefined>
  findActive(scope: string): Promise<StoredDataKey | undefined>
  /** Stores the key unless the scope has an active one by now. */
  insert(key: StoredDataKey): Promise<void>
}

export interface DataKeys {
  /** The key that seals in `scope` now. */
  active(scope: string): Promise<DataKey>
  /** The key named `id`. */
  find(id: string): Promise<DataKey>
  /** Forgets every open key. */
  forget(): void
}

interface Cached {
  readonly key: DataKey
  readonly until: number
}

/** How long an open key is used before its provider is asked again. */
const TIME_TO_LIVE_MS = 5 * 60_000
/** While the provider does not answer, open keys are used this much longer, and then no more. */
const GRACE_MS = 60 * 60_000
const MOST_OPEN_KEYS = 10_000

export function openDataKeys(table: DataKeyTable, provider: KeyProvider, clock: Clock): DataKeys {
  const open = new Map<string, Cached>()
  const activeIds = new Map<string, Cached>()
  const pending = new Map<string, Promise<DataKey>>()

  const remember = (key: DataKey): DataKey => {
    open.delete(key.id)
    open.set(key.id, { key, until: clock.now() + TIME_TO_LIVE_MS })
    if (open.size > MOST_OPEN_KEYS) open.delete(open.keys().next().value!)
    return key
  }

  /** Many callers that miss the same key at once make one request. */
  const once = (name: string, load: () => Promise<DataKey>): Promise<DataKey> => {
    let promise = pending.get(name)
    if (!promise) {
      promise = load().finally(() => pending.delete(name))
      pending.set(name, promise)
    }
    return promise
  }

  /** The key, from memory while it is fresh; stale but usable when its provider is away. */
  const cachedOr = async (
    cached: Cached | undefined,
    name: string,
    load: () => Promise<DataKey>,
  ): Promise<DataKey> => {
    if (cached && clock.now() < cached.until) return cached.key
    try {
      return await once(name, load)
    } catch (error) {
      const usable = cached && clock.now() < cached.until + GRACE_MS
      if (usable && !isFinal(error)) return cached.key
      throw asUnavailable(error)
    }
  }

  const unwrap = async (stored: StoredDataKey): Promise<DataKey> => {
    if (stored.state === 'destroyed') {
      throw new OrderlyError(
        'ORDERLY_SHREDDED',
        `data key ${stored.id} was destroyed on purpose; what it sealed cannot be read by anyone`,
      )
    }
    return remember({ id: stored.id, bytes: await provider.unwrap(stored, stored.id) })
  }

  const loadActive = async (scope: string): Promise<DataKey> => {
    let stored = await table.findActive(scope)
    if (!stored) {
      const id = randomBytes(16).toString('hex')
      const wrapped = await provider.wrap(randomBytes(32), id)
      await table.insert({ id, scope, state: 'active', createdAt: clock.now(), ...wrapped })
      // Another process may have been faster; what stands in the table counts.
      stored = (await table.findActive(scope))!
    }
    const { id } = stored
    const known = stored
    const key = await cachedOr(open.get(id), id, () => unwrap(known))
    activeIds.set(scope, { key, until: clock.now() + TIME_TO_LIVE_MS })
    return key
  }

  const load = async (id: string): Promise<DataKey> => {
    const stored = await table.find(id)
    if (stored) return unwrap(stored)
    throw new OrderlyError(
      'ORDERLY_KEY_MISSING',
      `data key ${id} is not in this database; the value was sealed by another installation, or the table of data keys was lost`,
    )
  }

  return {
    active: (scope) => cachedOr(activeIds.get(scope), scope, () => loadActive(scope)),
    find: (id) => cachedOr(open.get(id), id, () => load(id)),
    forget() {
      open.clear()
      activeIds.clear()
    },
  }
}

/** Errors that another try cannot mend, so that an old copy in memory must not hide them. */
function isFinal(error: unknown): boolean {
  return error instanceof OrderlyError && error.code !== 'ORDERLY_KEY_UNAVAILABLE'
}

function asUnavailable(error: unknown): OrderlyError {
  if (error instanceof OrderlyError) return error
  return new OrderlyError(
    'ORDERLY_KEY_UNAVAILABLE',
    'the keys cannot be reached, so nothing can be sealed or opened now; check the keyring or the key service',
    { cause: error },
  )
}
