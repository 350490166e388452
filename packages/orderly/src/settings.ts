// The settings of an instance: options first, then the environment, then files under the home folder.
import { join, resolve } from 'node:path'

export interface SettingOptions {
  /** The folder for everything that has no URL of its own. `ORDERLY_HOME`, or `.orderly`. */
  readonly home?: string
  /** `ORDERLY_QUEUE_URL`, or a SQLite file in the home folder. */
  readonly queueUrl?: string
  /** `ORDERLY_DATABASE_URL`, or a SQLite file in the home folder. */
  readonly databaseUrl?: string
  /** The file of the keyring. `ORDERLY_KEYRING_FILE`, or `keyring.json` in the home folder. */
  readonly keyringFile?: string
}

export interface Settings {
  readonly home: string
  readonly queueUrl: string
  readonly databaseUrl: string
  /** The keyring itself, where the environment holds it (`ORDERLY_KEYRING`). */
  readonly keyring: string | undefined
  readonly keyringFile: string
  /** `NODE_ENV` is `production`: nothing is made up for convenience. */
  readonly production: boolean
}

export function resolveSettings(
  options: SettingOptions,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Settings {
  const home = resolve(options.home ?? environment['ORDERLY_HOME'] ?? '.orderly')
  // A home given in code means "all of it here": it wins over URLs that happen to be in the environment.
  const fromEnvironment = options.home === undefined ? environment : {}
  return {
    home,
    queueUrl:
      options.queueUrl ??
      fromEnvironment['ORDERLY_QUEUE_URL'] ??
      `sqlite:${join(home, 'queue.db')}`,
    databaseUrl:
      options.databaseUrl ??
      fromEnvironment['ORDERLY_DATABASE_URL'] ??
      `sqlite:${join(home, 'orderly.db')}`,
    keyring: options.keyringFile === undefined ? fromEnvironment['ORDERLY_KEYRING'] : undefined,
    keyringFile:
      options.keyringFile ?? fromEnvironment['ORDERLY_KEYRING_FILE'] ?? join(home, 'keyring.json'),
    production: environment['NODE_ENV'] === 'production',
  }
}
