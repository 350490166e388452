// Monitoring and logging as the pack brings them: rows of figures, codes and opaque ids.
import { randomUUID } from 'node:crypto'
import type { Logger } from 'orderly'
import type { Store } from '../store/store.ts'
import type { LogRow } from '../store/tables.ts'
import type { LoggingService, MonitoringService } from './ports.ts'

export function ownMonitoring({ clock, db }: Store): MonitoringService {
  const note = async (
    kind: LogRow['kind'],
    job: string,
    what: string,
    facts: object,
  ): Promise<void> => {
    await db.query
      .insertInto('med_log')
      .values({
        log_id: randomUUID(),
        at: clock.now(),
        kind,
        job,
        what,
        facts: JSON.stringify(facts),
      })
      .execute()
  }
  return {
    async run(job, milliseconds, ok) {
      await db.query
        .insertInto('med_points')
        .values({ point_id: randomUUID(), job, at: clock.now(), ms: milliseconds, ok: ok ? 1 : 0 })
        .execute()
    },
    error: (job, code) => note('error', job, code, {}),
    queue: (name, waiting) => note('operation', name, 'queue-depth', { waiting }),
  }
}

/** Operations, errors and audit are kept; operations, errors and what is for finding faults go to the process's log. */
export function ownLogging({ clock, db }: Store, log: Logger): LoggingService {
  const write = async (
    kind: LogRow['kind'],
    job: string,
    what: string,
    facts: object,
  ): Promise<void> => {
    await db.query
      .insertInto('med_log')
      .values({
        log_id: randomUUID(),
        at: clock.now(),
        kind,
        job,
        what,
        facts: JSON.stringify(facts),
      })
      .execute()
  }
  return {
    async operation(job, what, facts) {
      log.info({ job, ...facts }, what)
      await write('operation', job, what, facts)
    },
    async error(job, code, facts) {
      log.error({ job, code, ...facts }, 'a medication job met an error')
      await write('error', job, code, facts)
    },
    audit: (what, facts) => write('audit', '', what, facts),
    async debug(job, what, facts) {
      log.debug({ job, ...facts }, what)
    },
  }
}
