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
