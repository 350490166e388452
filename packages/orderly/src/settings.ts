// The settings of an instance: options first, then the environment, then files under the home folder.
import { join, resolve } from 'node:path'

export interface SettingOptions {
  /** The folder for everything that has no URL of its own. `ORDERLY_HOME`, or `.orderly`. */
  readonly home?: string
  /** `ORDERLY_QUEUE_URL`, or a SQLite file in the home folder. */
  readonly queueUrl?: string
  /** `ORDERLY_DATABASE_URL`, or a SQLite file in the home folder. */
  readonly databaseUrl?: string
}

export interface Settings {
  readonly home: string
  readonly queueUrl: string
  readonly databaseUrl: string
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
  }
}
