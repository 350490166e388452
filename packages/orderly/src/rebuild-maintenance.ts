// Working out again, from outside its programs, what an installation folds from its logs.
import { rebuildAlerts, type RebuiltAlerts } from './alerts/rebuild.ts'
import { rebuild, type Rebuilt } from './history/rebuild.ts'
import { withInstallation } from './maintenance.ts'
import { RETENTION } from './open-record.ts'
import { MEASURES_KEPT_MS } from './state/measures.ts'
import type { SettingOptions } from './settings.ts'

/** What was found, and mended unless it was a plan. */
export interface Rebuilding {
  readonly record: Rebuilt
  readonly alerts: RebuiltAlerts
}

/**
 * Makes the rows and counts of jobs, the measures, and the episodes of alerts what their logs say.
 *
 * @param isPlan only says what would change
 */
export function rebuildInstallation(options: SettingOptions, isPlan: boolean): Promise<Rebuilding> {
  return withInstallation(options, async ({ rooms }) => {
    await rooms.recorder.flush()
    if (!isPlan)
      await rooms.ledger.record({ op: 'record.rebuild', action: 'U', resource: { kind: 'record' } })
    const measuresSince = rooms.clock.now() - MEASURES_KEPT_MS
    const record = await rebuild(rooms.history, RETENTION, { isPlan, measuresSince })
    return { record, alerts: await rebuildAlerts(rooms.state, { isPlan }) }
  })
}
