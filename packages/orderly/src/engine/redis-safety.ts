// Reads what a Redis says of itself, and judges whether jobs are safe there. Pure.

/** The fields of `INFO`, and of `CONFIG GET` where it is allowed. */
export interface RedisReport {
  readonly info: ReadonlyMap<string, string>
  /** Undefined where the server does not let us ask, as managed ones do not. */
  readonly config: ReadonlyMap<string, string> | undefined
}

export interface Judgement {
  /** It spreads keys over slots, and the scripts of a queue need all of its keys in one. */
  readonly isCluster: boolean
  /** Why jobs would be lost there; each names the setting to change. */
  readonly unsafe: readonly string[]
  readonly warnings: readonly string[]
}

const OLDEST = [6, 2] as const

export function readInfo(text: string): Map<string, string> {
  const fields = new Map<string, string>()
  for (const line of text.split(/\r?\n/)) {
    const colon = line.indexOf(':')
    if (colon > 0 && !line.startsWith('#'))
      fields.set(line.slice(0, colon), line.slice(colon + 1).trim())
  }
  return fields
}

export function judgeRedis({ info, config }: RedisReport): Judgement {
  const unsafe: string[] = []
  const warnings: string[] = []
  judgeVersion(info, unsafe)
  judgeEviction({ info, config }, unsafe)
  judgePersistence({ info, config }, unsafe, warnings)
  return { isCluster: info.get('cluster_enabled') === '1', unsafe, warnings }
}

function judgeVersion(info: ReadonlyMap<string, string>, unsafe: string[]): void {
  // Valkey and Dragonfly speak the protocol of a Redis that is new enough, whatever number they carry.
  if (info.has('valkey_version') || info.has('dragonfly_version')) return
  const version = info.get('redis_version')
  if (version === undefined) return
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]))
    unsafe.push(`it is version ${version}, and ${OLDEST.join('.')} is the oldest that works`)
}

function judgeEviction({ info, config }: RedisReport, unsafe: string[]): void {
  const policy = config?.get('maxmemory-policy') ?? info.get('maxmemory_policy')
  const limit = config?.get('maxmemory') ?? info.get('maxmemory')
  if (policy === undefined || policy === 'noeviction' || limit === '0') return
  unsafe.push(
    `it throws data away when its memory is full (maxmemory-policy is ${policy}); set maxmemory-policy to noeviction`,
  )
}

function judgePersistence(
  { info, config }: RedisReport,
  unsafe: string[],
  warnings: string[],
): void {
  const appends = (config?.get('appendonly') ?? '') === 'yes' || info.get('aof_enabled') === '1'
  if (appends) return
  if (!config) {
    warnings.push(
      'it does not say whether it keeps data on disk (CONFIG is not allowed); make sure that persistence is on',
    )
    return
  }
  if ((config.get('save') ?? '') === '')
    unsafe.push('it keeps nothing on disk; set appendonly to yes')
  else
    warnings.push(
      'it writes to disk only now and then (save); a crash loses what came since, so set appendonly to yes',
    )
}

/** How much of its memory limit may be in use before no more jobs go there: the rest is for working on those it has. */
const FULL_AT = 0.9
/** It is empty enough again. Lower, so that it does not change its mind with every job. */
const EMPTY_ENOUGH_AT = 0.8

export function isFull(info: ReadonlyMap<string, string>, wasFull: boolean): boolean {
  const limit = Number(info.get('maxmemory') ?? 0)
  if (!(limit > 0)) return false
  return Number(info.get('used_memory') ?? 0) / limit > (wasFull ? EMPTY_ENOUGH_AT : FULL_AT)
}
