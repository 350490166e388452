// Reads store URLs.
import { resolve } from 'node:path'
import { OrderlyError } from './errors.ts'

/**
 * The file a `sqlite:` URL names, as an absolute path.
 *
 * @param setting the setting the URL came from, for the message
 * @param example what such a file is usually called
 * @throws OrderlyError `ORDERLY_SETTING_INVALID`
 */
export function fileOf(url: string, setting: string, example: string): string {
  const match = /^sqlite:(?:\/\/(?=\/))?(.+)$/s.exec(url)
  if (!match?.[1]) {
    throw new OrderlyError(
      'ORDERLY_SETTING_INVALID',
      `${setting} must begin with "sqlite:" and name a file, such as sqlite:.orderly/${example}`,
    )
  }
  return resolve(match[1])
}

export interface ServerAddress {
  /** The URL without a password and without parameters, for people to read. */
  readonly place: string
  /** The server runs on this machine. */
  readonly isLocal: boolean
  /** Whoever sits between cannot read along. */
  readonly isEncrypted: boolean
}

const LOCAL = /^(localhost|127(\.\d+){3}|\[::1\]|)$/
/** Modes of libpq that encrypt or fail; the others fall back to plain text. */
const ENCRYPTED_MODES = new Set(['require', 'verify-ca', 'verify-full'])

/**
 * What the URL of a server says, whatever its scheme.
 *
 * @throws OrderlyError `ORDERLY_SETTING_INVALID` without repeating the URL, which may hold a password
 */
export function serverOf(url: string, setting: string): ServerAddress {
  let parsed: URL
  try {
    parsed = new URL(url)
  } catch {
    throw new OrderlyError(
      'ORDERLY_SETTING_INVALID',
      `${setting} is no URL; special characters in a password must be percent-encoded`,
    )
  }
  const place = new URL(url)
  place.password = ''
  place.search = ''
  return {
    place: place.toString(),
    isLocal: LOCAL.test(parsed.hostname),
    isEncrypted:
      parsed.protocol === 'rediss:' ||
      ENCRYPTED_MODES.has(parsed.searchParams.get('sslmode') ?? '') ||
      parsed.searchParams.get('ssl') === 'true',
  }
}
