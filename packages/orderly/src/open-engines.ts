// Opens the engine that the queue URL names, behind the wall, and the embedded one that stands in while it is away.
import { openCircuit, type Circuit } from './engine/circuit.ts'
import { fallbackEngines, openDoubts, type Doubts } from './engine/fallback.ts'
import { openEngine, type Engine, type WallRules } from './engine/open.ts'
import { quietly } from './engine/quiet.ts'
import type { Homeless } from './engine/recorded.ts'
import { singleEngine, type EngineName, type Engines } from './engine/set.ts'
import { sqliteStore } from './engine/sqlite.ts'
import type { QueueStore, RemoteStore } from './engine/store.ts'
import type { Entry } from './history/record.ts'
import type { Recorder } from './history/recorder.ts'
import type { Logger } from './job/logger.ts'
import { recordIdOf } from './job/record-id.ts'
import type { Clock } from './primitives/clock.ts'
import { OrderlyError } from './primitives/errors.ts'
import { newId } from './primitives/ids.ts'
import { serverOf } from './primitives/store-url.ts'
import type { Settings } from './settings.ts'
import type { Classes } from './vault/classify.ts'
import type { Vault } from './vault/vault.ts'

interface Parts {
  readonly clock: Clock
  readonly classes: Classes
  readonly vault: Vault
  readonly recorder: Recorder
  readonly log: Logger
  /** Told of a value that should be sealed and is not; the vault tells of the others itself. */
  readonly onUnsealed: (refused: Refused) => void
  /** Told of each time a job of this kind is put off because its key is not here. */
  readonly onKeyMissing: (job: string) => void
  /** What tells the keyring of this installation from others. */
  readonly marks: readonly string[]
  /** The name of the embedded engine in the record. */
  readonly embeddedName: EngineName
}

/**
 * @throws OrderlyError `ORDERLY_SETTING_INVALID`, `ORDERLY_ENGINE_UNAVAILABLE`, `ORDERLY_STORE_UNSAFE`
 */
export async function openEngines(settings: Settings, parts: Parts): Promise<Engines> {
  const { clock, log } = parts
  const store = await openStore(settings, parts)
  if (!isRemote(store)) {
    const rules = wallRules('main', parts)
    return singleEngine(openEngine(store, rules, errorLog(parts)), clock.now())
  }
  const { name } = store.remote
  const circuit = await tryStore(store, clock)
  if (circuit.state === 'closed') await claimStore(store, settings, parts)
  const doubts = openDoubts()
  const embedded = openEngine(
    sqliteStore(settings.embeddedUrl),
    embeddedRules(parts),
    errorLog(parts),
  )
  const main = openEngine(
    store,
    mainRules(parts, { store, embedded, doubts }),
    errorLog(parts, () => circuit.state === 'open'),
    (error) => {
      doubts.raise()
      const declined = store.remote.verdict(error) === 'declined'
      circuit.set(
        declined ? 'full' : 'open',
        `it did not do what it was asked (${(error as Error).message})`,
      )
    },
  )
  sayHowItStarts(name, store.place, embedded.place, circuit, log)
  return fallbackEngines({
    clock,
    circuit,
    store,
    main,
    embedded,
    embeddedName: parts.embeddedName,
    doubts,
    onChange(state, before) {
      const fields = { place: store.place, ...(circuit.reason ? { reason: circuit.reason } : {}) }
      if (state === 'closed')
        log.info(fields, `${name} is back - new jobs go to it, and those that nobody has started`)
      else if (before === 'closed')
        log.warn(fields, `${name} is not available - jobs run on the embedded engine until it is`)
    },
    onEmptied: () =>
      log.error(
        { place: store.place },
        `${name} has lost what it held - the jobs are put back from the record`,
      ),
    onUnsafe: unsafeLog(parts),
  })
}

function sayHowItStarts(
  name: string,
  place: string,
  embedded: string,
  circuit: Circuit,
  log: Logger,
): void {
  if (circuit.state === 'closed')
    log.info({ place }, `${name} connected - background job workers will start`)
  else
    log.warn(
      { place, embedded, reason: circuit.reason },
      `${name} not available - background jobs run on the embedded engine until it is back`,
    )
}

function isRemote(store: QueueStore): store is QueueStore & { readonly remote: RemoteStore } {
  return store.remote !== undefined
}

/** A store that is away is no reason not to start; one that would lose jobs is. */
async function tryStore(store: QueueStore, clock: Clock): Promise<Circuit> {
  try {
    await store.prepare()
    return openCircuit(clock, 'closed')
  } catch (error) {
    if (!(error instanceof OrderlyError) || error.code !== 'ORDERLY_ENGINE_UNAVAILABLE') {
      await store.close()
      throw error
    }
    return openCircuit(clock, 'open', error.message)
  }
}

/** Two installations on one store would take each other's jobs, which neither can open. */
async function claimStore(
  store: QueueStore,
  { production }: Settings,
  { marks, log }: Parts,
): Promise<void> {
  if (marks.length === 0 || !store.claim) return
  const isOurs = await store.claim(marks).catch((error: unknown) => {
    // One that takes nothing now is looked at again at the next start.
    if (store.remote?.verdict(error) !== 'refused') return true
    throw error
  })
  if (isOurs) return
  const reason = `the queue store at ${store.place} belongs to an installation with another keyring; copy that keyring here (keyring.json, or ORDERLY_KEYRING), or name another database of the server in queueUrl (ORDERLY_QUEUE_URL); to take the store over, empty it first`
  if (!production) return log.warn({ place: store.place }, reason)
  await store.close()
  throw new OrderlyError('ORDERLY_STORE_UNSAFE', reason)
}

/** A client that is not used is not loaded: each takes a twentieth of the time a command takes to start. */
async function openStore(settings: Settings, parts: Parts): Promise<QueueStore> {
  const { queueUrl } = settings
  if (queueUrl.startsWith('sqlite:')) return sqliteStore(queueUrl)
  const warn = (warning: string): void => parts.log.warn({}, warning)
  const isRedis = /^rediss?:\/\//.test(queueUrl)
  if (!isRedis && !/^postgres(ql)?:\/\//.test(queueUrl)) {
    throw new OrderlyError(
      'ORDERLY_SETTING_INVALID',
      'queueUrl (ORDERLY_QUEUE_URL) must begin with "sqlite:", "redis://", "rediss://" or "postgres://"',
    )
  }
  refusePlaintext(settings, parts, warn)
  if (!isRedis) {
    const { postgresStore } = await import('./engine/postgres.ts')
    return postgresStore(queueUrl, { clock: parts.clock, warn })
  }
  const { allowVolatile } = settings
  const { redisStore } = await import('./engine/redis.ts')
  return redisStore(queueUrl, { clock: parts.clock, allowVolatile, warn })
}

/** PHI is sealed before it leaves, but ids, names and passwords are not. */
function refusePlaintext(
  settings: Settings,
  { classes }: Parts,
  warn: (warning: string) => void,
): void {
  const { place, isLocal, isEncrypted } = serverOf(
    settings.queueUrl,
    'queueUrl (ORDERLY_QUEUE_URL)',
  )
  if (!classes.anyPhi || isLocal || isEncrypted) return
  const reason = `the connection to ${place} is not encrypted, and jobs here hold PHI; use rediss:// or sslmode=require`
  if (!settings.allowPlaintext)
    throw new OrderlyError(
      'ORDERLY_STORE_UNSAFE',
      `${reason}. To use it all the same, set allowPlaintext (ORDERLY_ALLOW_PLAINTEXT=1)`,
    )
  warn(`${reason}. It is used all the same, as allowPlaintext says`)
}

function wallRules(engine: EngineName, parts: Parts): WallRules {
  const { clock, classes, vault, recorder, log, onUnsealed, onKeyMissing } = parts
  return {
    seal: {
      vault,
      suiteOf: (queue) => classes.suiteOf(queue),
      newId: () => newId(clock.now()),
      onKeyMissing,
      onRefused: oncePerValue((refused) => {
        log.error(
          { ...refused },
          refused.code === 'ORDERLY_KEY_MISSING'
            ? 'a stored value cannot be opened, for its key is not here: another installation uses this queue store, or keys were lost; its job stays in its queue'
            : 'a stored value was refused; it is neither run nor shown',
        )
        if (refused.code === 'ORDERLY_SEAL_MISSING') onUnsealed(refused)
      }),
    },
    record: {
      clock,
      record: (reports) => recorder.record(reports.map((report) => ({ ...report, engine }))),
      note: (reports) => recorder.note(reports.map((report) => ({ ...report, engine }))),
      mayBeDoneLater: () => false,
    },
  }
}

type Refused = Parameters<WallRules['seal']['onRefused']>[0]

const MOST_REMEMBERED = 1_000

/** A page that shows a job looks at its values again and again; each refusal is told once. */
function oncePerValue(tell: (refused: Refused) => void): (refused: Refused) => void {
  const told = new Set<string>()
  return (refused) => {
    const key = JSON.stringify(Object.values(refused))
    if (told.has(key)) return
    if (told.size >= MOST_REMEMBERED) told.clear()
    told.add(key)
    tell(refused)
  }
}

/** A job runs on the embedded engine only while the record says that it lives there. */
function embeddedRules(parts: Parts): WallRules {
  const engine = parts.embeddedName
  const rules = wallRules(engine, parts)
  return {
    ...rules,
    record: {
      ...rules.record,
      admit: (started) =>
        parts.recorder.recordIf(
          { ...started, engine },
          (job) => job === undefined || (job.engine === engine && job.finished_at === null),
        ),
    },
  }
}

interface Wiring {
  readonly store: QueueStore & { readonly remote: RemoteStore }
  readonly embedded: Engine
  readonly doubts: Doubts
}

function mainRules(parts: Parts, { store, embedded, doubts }: Wiring): WallRules {
  const rules = wallRules('main', parts)
  const { remote } = store
  /** The record decides: whoever put the job back into the main engine in between keeps it there. */
  const move = async ({ json, id, queue, at }: Homeless): Promise<void> => {
    const jobId = recordIdOf(queue, id)
    const moved = await parts.recorder.recordIf(
      {
        engine: parts.embeddedName,
        event: { id: `${jobId}:moved:${newId(at)}`, jobId, at: parts.clock.now(), type: 'moved' },
      },
      (job) =>
        job !== undefined &&
        job.engine === 'main' &&
        job.updated_at === at &&
        job.finished_at === null,
    )
    if (!moved) return
    const [stored] = await embedded.raw(queue).add([{ json: { ...json, id }, parent: {} }])
    if (stored !== undefined && stored !== id)
      parts.recorder.note([
        deduplicated(jobId, recordIdOf(queue, stored), parts.embeddedName, parts),
      ])
  }
  return {
    ...rules,
    record: {
      ...rules.record,
      mayBeDoneLater: (error) => remote.verdict(error) === 'unknown',
      async goElsewhere(cause, jobs) {
        const verdict = remote.verdict(cause)
        if (verdict === 'refused') return false
        // Of many jobs that were sent together some may have been taken; they stay where they were to go.
        if (verdict === 'declined' && jobs.length > 1) return true
        try {
          await Promise.all(jobs.map(move))
        } catch {
          // They are on record; the reconciler puts them where the record says.
          doubts.raise()
        }
        return true
      },
    },
  }
}

function deduplicated(jobId: string, by: string, engine: EngineName, { clock }: Parts): Entry {
  const at = clock.now()
  return {
    engine,
    event: { id: `${jobId}:deduplicated:${newId(at)}`, jobId, at, type: 'deduplicated', by },
  }
}

/** @param isKnown whether it has been said that the store is away; its errors say nothing new then */
function errorLog({ log, clock }: Parts, isKnown = () => false): (error: Error) => void {
  return quietly(clock, (error, heldBack) => {
    const fields = { error: sayable(error), ...(heldBack > 0 ? { heldBack } : {}) }
    const message = 'the queue store reports an error'
    if (isKnown()) log.debug(fields, message)
    else log.error(fields, message)
  })
}

/** Errors of stores and connections have a code. What has none may come from a job, and say what it carried. */
function sayable(error: Error): string {
  const hasCode = 'code' in error && typeof error.code === 'string'
  return hasCode || error instanceof OrderlyError || isStoreError(error)
    ? error.message
    : error.name
}

/** BullMQ's own words about locks and connections, which name a job by its id at most. */
function isStoreError({ message }: Error): boolean {
  return /^(could not renew lock|Missing lock|Lock mismatch|Missing key|Connection is closed|Command timed out|Job .{1,80} is not in)/.test(
    message,
  )
}

function unsafeLog({ log, clock }: Parts): (error: Error) => void {
  return quietly(clock, (error) =>
    log.error({ error: error.message }, 'the queue store is back, but it is not safe to use'),
  )
}
