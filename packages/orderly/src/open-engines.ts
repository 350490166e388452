// Opens the engine that the queue URL names, behind the wall.
import { openEngine, type WallRules } from './engine/open.ts'
import { singleEngine, type EngineName, type Engines } from './engine/set.ts'
import { sqliteStore } from './engine/sqlite.ts'
import type { Recorder } from './history/recorder.ts'
import type { Logger } from './job/logger.ts'
import type { Clock } from './primitives/clock.ts'
import { newId } from './primitives/ids.ts'
import type { Settings } from './settings.ts'
import type { Classes } from './vault/classify.ts'
import type { Vault } from './vault/vault.ts'

interface Parts {
  readonly clock: Clock
  readonly classes: Classes
  readonly vault: Vault
  readonly recorder: Recorder
  readonly log: Logger
}

/** @throws OrderlyError `ORDERLY_SETTING_INVALID`, `ORDERLY_ENGINE_UNAVAILABLE` */
export function openEngines(settings: Settings, parts: Parts): Engines {
  const store = sqliteStore(settings.queueUrl)
  return singleEngine(openEngine(store, wallRules('main', parts), errorLog(parts.log)))
}

function wallRules(engine: EngineName, { clock, classes, vault, recorder, log }: Parts): WallRules {
  return {
    seal: {
      vault,
      suiteOf: (queue) => classes.suiteOf(queue),
      newId: () => newId(clock.now()),
      onRefused: (refused) =>
        log.error({ ...refused }, 'a stored value was refused; its job is quarantined'),
    },
    record: {
      clock,
      record: (reports) => recorder.record(reports.map((report) => ({ ...report, engine }))),
      note: (reports) => recorder.note(reports.map((report) => ({ ...report, engine }))),
      mayBeDoneLater: () => false,
    },
  }
}

function errorLog(log: Logger): (error: Error) => void {
  return (error) => log.error({ error: error.message }, 'the queue store reports an error')
}
