// The vault: seals and opens values, and names values that must be found without being shown.
import { createHmac } from 'node:crypto'
import type { Clock } from '../primitives/clock.ts'
import type { DataKeys } from './data-keys.ts'
import { OrderlyError, type ErrorCode } from '../primitives/errors.ts'
import { dataKeyOf, openText, sealText, type Place, type Suite } from './envelope.ts'

export type SealedPlace = Omit<Place, 'tenant'>

/** Where the data of a job is sealed: only a job of this name opens it. */
export function inputPlace(queue: string, id: string, name: string): SealedPlace {
  return { queue, slot: 'input', anchor: id, seq: 0, of: name }
}

/** Where the data is sealed that a scheduler gives to each of its jobs. */
export function templatePlace(queue: string, scheduler: string, name: string): SealedPlace {
  return { queue, slot: 'template', anchor: scheduler, seq: 0, of: name }
}

export interface Vault {
  /** @throws OrderlyError `ORDERLY_KEY_UNAVAILABLE`, `ORDERLY_KEY_MISSING` when nothing could be sealed now */
  ready(): Promise<void>
  /** @throws OrderlyError `ORDERLY_KEY_UNAVAILABLE`, `ORDERLY_KEY_MISSING` */
  seal(text: string, place: SealedPlace, suite: Suite): Promise<string>
  /**
   * @throws OrderlyError `ORDERLY_SEAL_BROKEN`, `ORDERLY_KEY_MISSING`, `ORDERLY_SHREDDED`, `ORDERLY_KEY_UNAVAILABLE`,
   *   `ORDERLY_FORBIDDEN`
   * @param trial a value that does not open here is looked for elsewhere: a refusal is nobody's fault
   */
  open(
    envelope: string,
    place: SealedPlace,
    options?: { readonly trial?: boolean },
  ): Promise<string>
  /**
   * A name for `value` that is the same each time and tells nothing about it to who lacks the key: equal values of one
   * field have equal names, so who sees the names learns how often each occurs.
   */
  blindIndex(field: string, value: string): Promise<string>
  /** Forgets every open key, so that the next use sees what has become of it. */
  forgetKeys(): void
}

export interface VaultOptions {
  /** Whose data this is; sealed into every value. */
  readonly tenant?: string
  /** Whether this process may open values of a queue. All of them unless told. */
  readonly mayOpen?: (queue: string) => boolean
  /** Told of each value that was not opened and why; not of keys that are away, which come back. */
  readonly onRefused?: (place: SealedPlace, code: ErrorCode) => void
}

const INDEX_BYTES = 16

export function openVault(keys: DataKeys, clock: Clock, options: VaultOptions = {}): Vault {
  const { tenant = 'default', mayOpen = () => true, onRefused } = options
  const epoch = openEpochs(tenant)
  const open = async (envelope: string, place: SealedPlace): Promise<string> => {
    if (!mayOpen(place.queue)) {
      throw new OrderlyError(
        'ORDERLY_FORBIDDEN',
        `this process may not open what queue "${place.queue}" holds; widen its scope or run the job elsewhere`,
      )
    }
    const key = await keys.find(dataKeyOf(envelope))
    return openText(envelope, { ...place, tenant }, key)
  }
  return {
    async ready() {
      await keys.active(epoch(clock.now()))
    },
    async seal(text, place, suite) {
      const key = await keys.active(epoch(clock.now()))
      return sealText(text, { ...place, tenant }, key, suite)
    },
    async open(envelope, place, { trial = false } = {}) {
      try {
        return await open(envelope, place)
      } catch (error) {
        const code = error instanceof OrderlyError ? error.code : 'ORDERLY_SEAL_BROKEN'
        if (!trial && code !== 'ORDERLY_KEY_UNAVAILABLE') onRefused?.(place, code)
        throw error
      }
    },
    forgetKeys: () => keys.forget(),
    async blindIndex(field, value) {
      const key = await keys.active(`index/${tenant}`)
      const mac = createHmac('sha256', key.bytes)
        .update(`${Buffer.byteLength(field)}:${field}`)
        .update(value.normalize('NFC'))
        .digest()
      return `b1.${mac.subarray(0, INDEX_BYTES).toString('base64url')}`
    },
  }
}

const HOUR_MS = 3_600_000

/** The scope of the month, asked for with every value: a month begins on a full hour, so it is worked out once in one. */
function openEpochs(tenant: string): (now: number) => string {
  let hour = -1
  let scope = ''
  return (now) => {
    const current = Math.floor(now / HOUR_MS)
    if (current !== hour) {
      hour = current
      // A new data key each month: destroying one forgets a month.
      scope = `epoch/${tenant}/${new Date(now).toISOString().slice(0, 7)}`
    }
    return scope
  }
}
