// The settings of an instance: options first, then the environment, then files under the home folder.
import { join, resolve } from 'node:path'
import { isNetwork } from './access/address.ts'
import { isQueueGlob } from './access/can.ts'
import type { OidcSettings } from './access/oidc.ts'
import { oidcFrom } from './oidc-settings.ts'
import { OrderlyError } from './primitives/errors.ts'
import { servedAt } from './serving.ts'
import { serverOf } from './primitives/store-url.ts'

export interface SettingOptions {
  /** The folder for everything that has no URL of its own. `ORDERLY_HOME`, or `.orderly`. */
  readonly home?: string
  /** `ORDERLY_QUEUE_URL`, `REDIS_URL`, `REDIS_HOST` and its kin, or a SQLite file in the home folder. */
  readonly queueUrl?: string
  /** `ORDERLY_DATABASE_URL`, or a SQLite file in the home folder. */
  readonly databaseUrl?: string
  /** Where files are kept: `ORDERLY_OBJECTS_URL` (`file:…`, `s3://…`), or the folder `objects` in the home folder. */
  readonly objectsUrl?: string
  /** The file of the keyring. `ORDERLY_KEYRING_FILE`, or `keyring.json` in the home folder. */
  readonly keyringFile?: string
  /** Use a Redis that would lose jobs. `ORDERLY_ALLOW_VOLATILE=1`. */
  readonly allowVolatile?: boolean
  /** Use a queue store on another machine without encryption although jobs hold PHI. `ORDERLY_ALLOW_PLAINTEXT=1`. */
  readonly allowPlaintext?: boolean
  /**
   * The queues whose jobs this process may work on and open, as globs such as `lab.*`; all unless told.
   * `ORDERLY_WORKER_SCOPE`, with commas between them.
   */
  readonly workerScope?: readonly string[]
  /** Sign-in through an identity provider. `ORDERLY_OIDC_ISSUER` and its kin. */
  readonly oidc?: OidcSettings
  /**
   * The file that takes emergencies down while the database cannot. `ORDERLY_EMERGENCY_SPOOL`, or
   * `emergency-spool.jsonl` in the home folder.
   */
  readonly emergencySpool?: string
  /** Nobody sees PHI without the consent of somebody else; else only beyond the budget. `ORDERLY_REVEAL_ALWAYS_TWO=1`. */
  readonly revealAlwaysTwo?: boolean
  /** The file that keeps checkpoints of the audit log. `ORDERLY_LEDGER_ANCHOR`, or `ledger-checkpoints.jsonl` in the home folder. */
  readonly ledgerAnchor?: string
  /** Names the program that runs, such as its version or commit. `ORDERLY_RELEASE`, or `unnamed`. */
  readonly release?: string
  /** The server that mail goes through: `smtp(s)://user:password@host:port`. `ORDERLY_SMTP_URL`; no mail without it. */
  readonly smtpUrl?: string
  /** Who mail comes from, such as `Clinic <jobs@clinic.example>`. `ORDERLY_MAIL_FROM`. */
  readonly mailFrom?: string
  /** Lets webhooks go to this machine and to private networks. `ORDERLY_WEBHOOKS_ALLOW_PRIVATE=1`. */
  readonly webhooksAllowPrivate?: boolean
  /**
   * The networks of proxies whose `X-Forwarded-For` is believed, such as `10.0.0.0/8`; nobody's unless told.
   * `ORDERLY_TRUSTED_PROXIES`, with commas between them.
   */
  readonly trustedProxies?: readonly string[]
}

export interface Settings {
  readonly home: string
  readonly queueUrl: string
  /** Where jobs go while the server that `queueUrl` names is away. */
  readonly embeddedUrl: string
  readonly databaseUrl: string
  readonly objectsUrl: string
  readonly allowVolatile: boolean
  readonly allowPlaintext: boolean
  /** The keyring itself, where the environment holds it (`ORDERLY_KEYRING`). */
  readonly keyring: string | undefined
  readonly keyringFile: string
  readonly ledgerAnchor: string
  readonly oidc: OidcSettings | undefined
  readonly emergencySpool: string
  readonly revealAlwaysTwo: boolean
  /** Undefined: all queues. */
  readonly workerScope: readonly string[] | undefined
  /** `NODE_ENV` is `production`: nothing is made up for convenience. */
  readonly production: boolean
  /** Variables that are set and not used, because a home was given in code. */
  readonly ignored: readonly string[]
  readonly release: string
  readonly smtpUrl: string | undefined
  readonly mailFrom: string | undefined
  readonly webhooksAllowPrivate: boolean
  readonly trustedProxies: readonly string[]
}

/** What a home given in code stands above, and the option that would have stood above it by itself. */
const BELOW_HOME: readonly (readonly [variable: string, option: keyof SettingOptions])[] = [
  ['ORDERLY_QUEUE_URL', 'queueUrl'],
  ['REDIS_URL', 'queueUrl'],
  ['REDIS_HOST', 'queueUrl'],
  ['ORDERLY_DATABASE_URL', 'databaseUrl'],
  ['ORDERLY_OBJECTS_URL', 'objectsUrl'],
  ['ORDERLY_KEYRING', 'keyringFile'],
  ['ORDERLY_KEYRING_FILE', 'keyringFile'],
]

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
      redisFrom(fromEnvironment) ??
      `sqlite:${join(home, 'queue.db')}`,
    embeddedUrl: `sqlite:${join(home, 'embedded.db')}`,
    databaseUrl:
      options.databaseUrl ??
      fromEnvironment['ORDERLY_DATABASE_URL'] ??
      `sqlite:${join(home, 'orderly.db')}`,
    objectsUrl:
      options.objectsUrl ??
      fromEnvironment['ORDERLY_OBJECTS_URL'] ??
      `file:${join(home, 'objects')}`,
    keyring: options.keyringFile === undefined ? fromEnvironment['ORDERLY_KEYRING'] : undefined,
    keyringFile:
      options.keyringFile ?? fromEnvironment['ORDERLY_KEYRING_FILE'] ?? join(home, 'keyring.json'),
    ledgerAnchor:
      options.ledgerAnchor ??
      environment['ORDERLY_LEDGER_ANCHOR'] ??
      join(home, 'ledger-checkpoints.jsonl'),
    oidc: options.oidc ?? oidcFrom(environment),
    emergencySpool:
      options.emergencySpool ??
      environment['ORDERLY_EMERGENCY_SPOOL'] ??
      join(home, 'emergency-spool.jsonl'),
    revealAlwaysTwo: options.revealAlwaysTwo ?? environment['ORDERLY_REVEAL_ALWAYS_TWO'] === '1',
    workerScope: scopeFrom(options.workerScope, environment['ORDERLY_WORKER_SCOPE']),
    allowVolatile: options.allowVolatile ?? environment['ORDERLY_ALLOW_VOLATILE'] === '1',
    allowPlaintext: options.allowPlaintext ?? environment['ORDERLY_ALLOW_PLAINTEXT'] === '1',
    production: environment['NODE_ENV'] === 'production',
    ignored:
      options.home === undefined
        ? []
        : BELOW_HOME.filter(
            ([variable, option]) => environment[variable] && options[option] === undefined,
          ).map(([variable]) => variable),
    release: options.release ?? environment['ORDERLY_RELEASE'] ?? 'unnamed',
    smtpUrl: options.smtpUrl ?? environment['ORDERLY_SMTP_URL'],
    mailFrom: options.mailFrom ?? environment['ORDERLY_MAIL_FROM'],
    webhooksAllowPrivate:
      options.webhooksAllowPrivate ?? environment['ORDERLY_WEBHOOKS_ALLOW_PRIVATE'] === '1',
    trustedProxies: networksFrom(options.trustedProxies, environment['ORDERLY_TRUSTED_PROXIES']),
  }
}

function networksFrom(
  given: readonly string[] | undefined,
  variable: string | undefined,
): readonly string[] {
  const networks = given ?? variable?.split(',').map((network) => network.trim()) ?? []
  if (networks.every(isNetwork)) return networks
  throw new OrderlyError(
    'ORDERLY_SETTING_INVALID',
    'trustedProxies (ORDERLY_TRUSTED_PROXIES) names networks by address and length: 10.0.0.0/8,192.168.1.5/32',
  )
}

/** A scope that cannot be read must not become none. */
function scopeFrom(
  given: readonly string[] | undefined,
  variable: string | undefined,
): readonly string[] | undefined {
  const scope = given ?? variable?.split(',').map((glob) => glob.trim())
  if (scope === undefined || (scope.length > 0 && scope.every(isQueueGlob))) return scope
  throw new OrderlyError(
    'ORDERLY_SETTING_INVALID',
    'workerScope (ORDERLY_WORKER_SCOPE) names queues, or the beginning of one and a star: lab.*,mail',
  )
}

/** Variables that hold no secret and without which programs behave oddly. */
const HARMLESS =
  /^(PATH|HOME|USER|LANG|LANGUAGE|LC_\w+|TZ|TMPDIR|TMP|TEMP|SystemRoot|NODE_ENV|NODE_EXTRA_CA_CERTS|SSL_CERT_FILE|SSL_CERT_DIR)$/

/**
 * What a handler in a thread or process of its own sees of the environment: nothing that may hold a secret.
 *
 * @param extra names of variables it asked for
 */
export function childEnvironment(
  extra: readonly string[],
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Record<string, string> {
  const seen: Record<string, string> = {}
  for (const [name, value] of Object.entries(environment))
    if (value !== undefined && (HARMLESS.test(name) || extra.includes(name))) seen[name] = value
  return seen
}

/** Settings as they may be shown: without passwords and keys. */
export function shownSettings(settings: Settings): Settings {
  return {
    ...settings,
    queueUrl: withoutPassword(settings.queueUrl, 'queueUrl'),
    databaseUrl: withoutPassword(settings.databaseUrl, 'databaseUrl'),
    objectsUrl: withoutSecret(settings.objectsUrl),
    keyring: settings.keyring === undefined ? undefined : '(in ORDERLY_KEYRING)',
    oidc:
      settings.oidc?.clientSecret === undefined
        ? settings.oidc
        : { ...settings.oidc, clientSecret: '(set)' },
    smtpUrl:
      settings.smtpUrl === undefined ? undefined : withoutPassword(settings.smtpUrl, 'smtpUrl'),
  }
}

function withoutPassword(url: string, setting: string): string {
  return url.startsWith('sqlite:') ? url : serverOf(url, setting).place
}

/** The key is in the place of a user and goes too: it is half of the secret. */
function withoutSecret(url: string): string {
  return url.replace(/^(s3:\/\/)[^/]*@/, '$1')
}

/** The URL that the usual variables of a Redis describe, if any is set. */
function redisFrom(environment: Readonly<Record<string, string | undefined>>): string | undefined {
  const { REDIS_URL, REDIS_HOST, REDIS_PORT, REDIS_PASSWORD } = environment
  if (!REDIS_URL && !REDIS_HOST) return undefined
  const written = REDIS_URL || `redis://${REDIS_HOST}:${REDIS_PORT || '6379'}`
  const url = URL.canParse(written) ? new URL(written) : undefined
  if (!url || !/^rediss?:$/.test(url.protocol) || url.hostname === '') {
    throw new OrderlyError(
      'ORDERLY_SETTING_INVALID',
      REDIS_URL
        ? 'REDIS_URL must be a URL such as redis://localhost:6379'
        : 'REDIS_HOST must be the name of a host and REDIS_PORT a port, such as localhost and 6379',
    )
  }
  if (REDIS_PASSWORD && url.password === '') url.password = encodeURIComponent(REDIS_PASSWORD)
  return url.toString()
}

/** Where the command line finds a running server, and the key it asks with. A home that was named comes before the environment. */
export function remoteSettings(
  home?: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): { readonly url: string; readonly isUsual: boolean; readonly apiKey: string | undefined } {
  const own = servedAt(home ?? environment['ORDERLY_HOME'] ?? '.orderly')
  const said = environment['ORDERLY_URL'] || undefined
  const known = home === undefined ? (said ?? own) : (own ?? said)
  return {
    isUsual: known === undefined,
    url: (known ?? 'http://127.0.0.1:4400').replace(/\/$/, ''),
    apiKey: environment['ORDERLY_API_KEY'] || undefined,
  }
}
