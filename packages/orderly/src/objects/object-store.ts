// Files that are kept by key, apart from the database: the port both stores answer, and what a key may be.
import { OrderlyError } from '../primitives/errors.ts'

/** What is known of a stored object. */
export interface StoredObject {
  readonly key: string
  /** Bytes. */
  readonly size: number
  /** Of its bytes, in hexadecimal. */
  readonly sha256: string
  readonly contentType: string
  readonly metadata: Readonly<Record<string, string>>
  /** The file that holds the bytes, where the store is a folder of this machine; not to be changed. */
  readonly file?: string
}

export interface ObjectContent extends StoredObject {
  /** Its bytes, to be read to the end or given up. Reading fails at the end if they are not those that were stored. */
  readonly body: AsyncIterable<Uint8Array>
}

export interface PutOptions {
  /** A media type, such as `text/csv`. `application/octet-stream` unless told. */
  readonly contentType?: string
  /** Up to 2,000 characters in all; names of lower-case letters, digits and dashes. Stored in the clear: no PHI. */
  readonly metadata?: Readonly<Record<string, string>>
}

/**
 * A place for files: a folder, or a bucket of S3 and what speaks its protocol. A key is words of letters, digits, `.`,
 * `_` and `-` with `/` between them, 500 characters at most, and is stored in the clear: no PHI.
 */
export interface ObjectStore {
  /** Where it is, without a secret. */
  readonly place: string
  /**
   * Stores an object, or puts another one in its place. Once it resolves the object survives power loss; before, whoever
   * reads finds the one before.
   *
   * @throws OrderlyError `ORDERLY_OBJECT_REFUSED`, `ORDERLY_OBJECTS_UNAVAILABLE`; whatever the body throws
   */
  put(
    key: string,
    body: AsyncIterable<Uint8Array> | Uint8Array,
    options?: PutOptions,
  ): Promise<{ readonly size: number; readonly sha256: string }>
  /** @throws OrderlyError `ORDERLY_OBJECTS_UNAVAILABLE`, also from the body when it is damaged */
  get(key: string): Promise<ObjectContent | undefined>
  head(key: string): Promise<StoredObject | undefined>
  /** Removes it; nothing happens when there is none. */
  delete(key: string): Promise<void>
  /** Every object whose key begins with `prefix`, in no order that holds everywhere. */
  list(prefix: string): AsyncIterable<{ readonly key: string; readonly size: number }>
  close(): Promise<void>
}

export const DEFAULT_CONTENT_TYPE = 'application/octet-stream'
const LONGEST_KEY = 500
const MOST_METADATA = 2_000
const WORD = /^(?!\.)[\w.-]{1,200}$/

/** @throws OrderlyError `ORDERLY_OBJECT_REFUSED` */
export function checkKey(key: string): void {
  if (key.length > LONGEST_KEY || !key.split('/').every((word) => WORD.test(word)))
    throw new OrderlyError(
      'ORDERLY_OBJECT_REFUSED',
      `the key of an object is words of letters, digits, ".", "_" and "-" with "/" between, none of which begins with ".", and ${LONGEST_KEY} characters at most`,
    )
}

/** @throws OrderlyError `ORDERLY_OBJECT_REFUSED` */
export function checkOptions({ contentType = DEFAULT_CONTENT_TYPE, metadata = {} }: PutOptions): {
  contentType: string
  metadata: Readonly<Record<string, string>>
} {
  const entries = Object.entries(metadata)
  const length = entries.reduce(
    (sum, [name, value]) => sum + name.length + encodeURIComponent(value).length,
    0,
  )
  if (length > MOST_METADATA || !entries.every(([name]) => /^[a-z][a-z\d-]{0,59}$/.test(name)))
    throw new OrderlyError(
      'ORDERLY_OBJECT_REFUSED',
      `the metadata of an object has names of lower-case letters, digits and dashes, and ${MOST_METADATA} characters in all`,
    )
  if (!/^[\w.+-]+\/[\w.+-]+(; ?[\w-]+=[\w-]+)?$/.test(contentType))
    throw new OrderlyError(
      'ORDERLY_OBJECT_REFUSED',
      'the content type of an object is a media type, such as text/csv',
    )
  return { contentType, metadata }
}
