// Refuses options and filters of workflows and runs that nobody would read.
import { namesOf, refuseOther, refuseUnknown } from '../primitives/known-names.ts'
import type { RunRow } from '../state/run-tables.ts'
import type { SimulationOptions } from '../workflow/simulate.ts'
import type { TryOptions } from '../workflow/try-step.ts'
import type { ForkOptions } from './fork-run.ts'
import type { RunAction } from './run-control.ts'
import type { DeliverOptions } from './run-events.ts'
import type { Decision, RunFilter, RunOptions } from './runs.ts'
import type { InstantiateOptions } from './templates.ts'
import type { WorkflowOperations } from './workflow-operations.ts'
import type { DeployOptions, DraftOptions } from './workflow-store.ts'

type Given<Name extends keyof WorkflowOperations, At extends number> = NonNullable<
  Parameters<WorkflowOperations[Name]>[At]
>

const DRAFT = namesOf<DraftOptions>({ by: true, revision: true })
const DEPLOY = namesOf<DeployOptions>({ by: true, note: true, revision: true })
const SIMULATE = namesOf<SimulationOptions>({ input: true, start: true, nodes: true })
const TRY = namesOf<TryOptions>({ input: true })
const SPAN = namesOf<Given<'simulateSchedules', 0>>({ from: true, to: true })
const IMPORT = namesOf<Given<'importTemplate', 1>>({ by: true, source: true })
const FORK_TEMPLATE = namesOf<Given<'forkTemplate', 1>>({ as: true, by: true, version: true })
const INSTANTIATE = namesOf<InstantiateOptions>({
  as: true,
  params: true,
  version: true,
  by: true,
})
const RUN = namesOf<RunOptions>({ version: true, by: true, id: true })
const RUNS = namesOf<RunFilter>({ state: true, workflow: true, parent: true, limit: true })
const DELIVER = namesOf<DeliverOptions>({ id: true })
const DECISION = namesOf<Decision>({ approved: true, by: true, roles: true, note: true })
const ACTION = namesOf<RunAction>({ by: true, reason: true })
const RETRY = namesOf<Given<'retryRun', 1>>({ node: true, by: true })
const FORK_RUN = namesOf<ForkOptions>({ from: true, input: true, version: true, by: true })

const IN_ORDER: Record<RunRow['state'], true> = {
  running: true,
  paused: true,
  completed: true,
  failed: true,
  cancelled: true,
}
const RUN_STATES = Object.keys(IN_ORDER)

/** Those operations that take options, checked. */
export function checkedWorkflows(inner: WorkflowOperations): Partial<WorkflowOperations> {
  return {
    saveDraft(document, options) {
      refuseUnknown('saveDraft', options, DRAFT)
      return inner.saveDraft(document, options)
    },
    deployWorkflow(id, options) {
      refuseUnknown('deployWorkflow', options, DEPLOY)
      return inner.deployWorkflow(id, options)
    },
    simulateWorkflow(document, options) {
      refuseUnknown('simulateWorkflow', options, SIMULATE)
      return inner.simulateWorkflow(document, options)
    },
    tryWorkflowStep(document, node, options) {
      refuseUnknown('tryWorkflowStep', options, TRY)
      return inner.tryWorkflowStep(document, node, options)
    },
    simulateSchedules(range) {
      refuseUnknown('simulateSchedules', range, SPAN)
      return inner.simulateSchedules(range)
    },
    importTemplate(template, options) {
      refuseUnknown('importTemplate', options, IMPORT)
      return inner.importTemplate(template, options)
    },
    forkTemplate(id, options) {
      refuseUnknown('forkTemplate', options, FORK_TEMPLATE)
      return inner.forkTemplate(id, options)
    },
    instantiateTemplate(id, options) {
      refuseUnknown('instantiateTemplate', options, INSTANTIATE)
      return inner.instantiateTemplate(id, options)
    },
    startRun(workflow, input, options) {
      refuseUnknown('startRun', options, RUN)
      return inner.startRun(workflow, input, options)
    },
    runs(filter) {
      refuseUnknown('runs', filter, RUNS)
      if (filter?.state !== undefined) refuseOther('runs: state', filter.state, RUN_STATES)
      return inner.runs(filter)
    },
    deliverEvent(name, payload, options) {
      refuseUnknown('deliverEvent', options, DELIVER)
      return inner.deliverEvent(name, payload, options)
    },
    decide(id, node, decision) {
      refuseUnknown('decide', decision, DECISION)
      return inner.decide(id, node, decision)
    },
    pauseRun(id, options) {
      refuseUnknown('pauseRun', options, ACTION)
      return inner.pauseRun(id, options)
    },
    retryRun(id, options) {
      refuseUnknown('retryRun', options, RETRY)
      return inner.retryRun(id, options)
    },
    skipNode(id, node, options) {
      refuseUnknown('skipNode', options, ACTION)
      return inner.skipNode(id, node, options)
    },
    forkRun(id, options) {
      refuseUnknown('forkRun', options, FORK_RUN)
      return inner.forkRun(id, options)
    },
  }
}
