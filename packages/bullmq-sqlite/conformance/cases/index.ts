/** Owns the list of areas the conformance suite covers. */
import type { Check } from '../bench.ts'
import { addCases, bulkCases } from './add.ts'
import { clientCases } from './clients.ts'
import { dedupCases } from './dedup.ts'
import { cleanCases, removalCases } from './empty.ts'
import { eventCases, logCases, metricCases } from './events.ts'
import { finishCases } from './finish.ts'
import { flowCases } from './flow.ts'
import { delayCases, orderCases, priorityCases } from './place.ts'
import { limiterCases, metaCases, pauseCases } from './queue.ts'
import { getterCases, paginationCases } from './read.ts'
import { retryCases, stalledCases } from './retry.ts'
import { claimCases, lockCases } from './run.ts'
import { schedulerCases } from './scheduler.ts'
import { treeCases } from './tree.ts'
import { workerCases } from './worker.ts'

export const areas: Record<string, (check: Check) => void> = {
  add: addCases,
  bulk: bulkCases,
  order: orderCases,
  priority: priorityCases,
  delay: delayCases,
  claim: claimCases,
  lock: lockCases,
  finish: finishCases,
  retry: retryCases,
  stalled: stalledCases,
  flow: flowCases,
  tree: treeCases,
  dedup: dedupCases,
  scheduler: schedulerCases,
  limiter: limiterCases,
  pause: pauseCases,
  clean: cleanCases,
  events: eventCases,
  metrics: metricCases,
  logs: logCases,
  meta: metaCases,
  clients: clientCases,
  pagination: paginationCases,
  removal: removalCases,
  getters: getterCases,
  worker: workerCases,
}
