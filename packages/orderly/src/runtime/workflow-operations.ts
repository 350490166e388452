// Everything an open instance can be asked to do with workflows: documents, runs, templates, simulation.
import type { TypedWorkflow } from '../workflow/define-workflow.ts'
import type { WorkflowDiff } from '../workflow/diff.ts'
import type { WorkflowDocument } from '../workflow/document.ts'
import type { Simulation, SimulationOptions } from '../workflow/simulate.ts'
import type { WorkflowTemplate } from '../workflow/template.ts'
import type { TriedStep, TryOptions } from '../workflow/try-step.ts'
import type { Validation } from '../workflow/validate.ts'
import { cancelRun } from './cancel-run.ts'
import { forkRun, type ForkOptions } from './fork-run.ts'
import type { Rooms } from './rooms.ts'
import { pauseRun, resumeRun, retryRun, skipNode, type RunAction } from './run-control.ts'
import { deliverEvent, type DeliverOptions, type Delivery } from './run-events.ts'
import {
  decide,
  listRuns,
  readRun,
  runDocument,
  runHistory,
  runOutput,
  signalRun,
  startRun,
  waitingApprovals,
  workflowName,
  type Decision,
  type Run,
  type RunEvent,
  type RunFilter,
  type RunOptions,
  type WaitingApproval,
} from './runs.ts'
import { replayRun, type RunLife } from './replay-run.ts'
import {
  simulateSchedules,
  simulateWorkflow,
  tryWorkflowStep,
  type ScheduleSimulation,
} from './simulation.ts'
import {
  forkTemplate,
  importTemplate,
  instantiateTemplate,
  listTemplates,
  readTemplate,
  type InstantiateOptions,
  type TemplateSummary,
} from './templates.ts'
import {
  checkWorkflow,
  deployWorkflow,
  diffVersions,
  dropDraft,
  findWorkflow,
  listWorkflows,
  readDraft,
  saveDraft,
  workflowVersions,
  type DeployOptions,
  type DraftOptions,
  type SavedDraft,
  type WorkflowDraft,
  type WorkflowSummary,
  type WorkflowVersion,
} from './workflow-store.ts'

export interface WorkflowOperations {
  /** Every workflow there is, of the program and deployed, with its versions and its draft. */
  workflows(): Promise<WorkflowSummary[]>
  /** A version of a workflow, the latest unless told. @throws OrderlyError `ORDERLY_NOT_FOUND` */
  workflow(id: string, version?: number): Promise<WorkflowDocument>
  /** The versions of a workflow, the latest first. */
  workflowVersions(id: string): Promise<WorkflowVersion[]>
  /** What is wrong with a document, by the jobs and workflows known here: each finding names its node. */
  checkWorkflow(document: unknown): Promise<Validation>
  /** What somebody is working on; undefined where nobody is. */
  workflowDraft(id: string): Promise<(WorkflowDraft & { readonly document: unknown }) | undefined>
  /**
   * Keeps a document that somebody is working on, faults and all, and says what they are.
   *
   * @throws OrderlyError `ORDERLY_INPUT_INVALID`, `ORDERLY_PAYLOAD_TOO_LARGE`, `ORDERLY_CHANGED_MEANWHILE` when `revision` is given
   *   and the draft stands at another one
   */
  saveDraft(document: unknown, options?: DraftOptions): Promise<SavedDraft>
  /** Throws a draft away. @returns whether there was one */
  dropDraft(id: string): Promise<boolean>
  /**
   * Makes the draft of a workflow its next version. Runs that have begun keep theirs.
   *
   * @throws OrderlyError `ORDERLY_NOT_FOUND`, `ORDERLY_DEFINITION_INVALID`, `ORDERLY_CHANGED_MEANWHILE`
   */
  deployWorkflow(id: string, options?: DeployOptions): Promise<{ readonly version: number }>
  /** What differs between two versions, or a version and the draft. @throws OrderlyError `ORDERLY_NOT_FOUND` */
  diffWorkflow(id: string, before: number, after: number | 'draft'): Promise<WorkflowDiff>
  /**
   * Plays a document on a clock of its own, with assumed durations and results, and lists what would begin and end when.
   *
   * @throws OrderlyError `ORDERLY_DEFINITION_INVALID` for a document that cannot run
   */
  simulateWorkflow(document: unknown, options?: SimulationOptions): Promise<Simulation>
  /**
   * What one step of a document would be given, by the values that are pinned and samples for the rest; nothing runs.
   *
   * @throws OrderlyError `ORDERLY_DEFINITION_INVALID` for what does not look like a document, `ORDERLY_NOT_FOUND`
   */
  tryWorkflowStep(document: unknown, node: string, options?: TryOptions): Promise<TriedStep>
  /** What the schedules would fire between two times, in order, with the reason of each slot that is left out. */
  simulateSchedules(range: { readonly from: Date; readonly to: Date }): Promise<ScheduleSimulation>
  /** Every template there is, of the packs and of people, the latest version of each. */
  templates(): Promise<TemplateSummary[]>
  /** A version of a template, the latest unless told. @throws OrderlyError `ORDERLY_NOT_FOUND` */
  template(id: string, version?: number): Promise<WorkflowTemplate>
  /**
   * Keeps a template, such as one that was exported elsewhere, as the next version of its id.
   *
   * @throws OrderlyError `ORDERLY_DEFINITION_INVALID` naming what is wrong with it
   */
  importTemplate(
    template: unknown,
    options?: { readonly by?: string; readonly source?: string },
  ): Promise<{ readonly version: number }>
  /** Copies a template under another id, which names the one it came from. @throws OrderlyError `ORDERLY_NOT_FOUND` */
  forkTemplate(
    id: string,
    options: { readonly as: string; readonly by?: string; readonly version?: number },
  ): Promise<{ readonly version: number }>
  /**
   * Makes a draft of a workflow from a template and values for its parameters.
   *
   * @throws OrderlyError `ORDERLY_NOT_FOUND`, `ORDERLY_INPUT_INVALID` naming the parameter that does not fit
   */
  instantiateTemplate(
    id: string,
    options: InstantiateOptions,
  ): Promise<SavedDraft & { readonly document: WorkflowDocument }>
  /**
   * Begins a run of the latest version of a workflow, unless told of another.
   *
   * @param workflow its name, or what `defineWorkflow` made of it: then the compiler knows what its runs take
   * @throws OrderlyError `ORDERLY_NOT_FOUND`, `ORDERLY_INPUT_INVALID`
   */
  startRun<Input = unknown>(
    workflow: string | TypedWorkflow<Input>,
    input: NoInfer<Input>,
    options?: RunOptions,
  ): Promise<{ readonly id: string }>
  /** A run with its nodes. */
  run(id: string): Promise<Run | undefined>
  /** Runs, the newest first. */
  runs(filter?: RunFilter): Promise<Omit<Run, 'nodes'>[]>
  /** The document that a run began with. @throws OrderlyError `ORDERLY_NOT_FOUND` */
  runDocument(id: string): Promise<WorkflowDocument>
  /** What happened to a run, in order: for graphs that go back in time. */
  runHistory(id: string): Promise<RunEvent[]>
  /** The life of a run once more, a step at a time. @throws OrderlyError `ORDERLY_NOT_FOUND` */
  replayRun(id: string): Promise<RunLife>
  /** What a run yielded; null while it runs. It may hold PHI. @throws OrderlyError `ORDERLY_NOT_FOUND` */
  runOutput(id: string): Promise<unknown>
  /** Gives a run what one of its nodes waits for. @throws OrderlyError `ORDERLY_NOT_FOUND` */
  signalRun(id: string, name: string, value?: unknown): Promise<void>
  /**
   * Tells every run that waits for such an event that it has come; the same id is taken in once.
   *
   * @throws OrderlyError `ORDERLY_INPUT_INVALID`, `ORDERLY_PAYLOAD_TOO_LARGE`
   */
  deliverEvent(name: string, payload: unknown, options: DeliverOptions): Promise<Delivery>
  /** What waits for a decision, the longest first. */
  waitingApprovals(): Promise<WaitingApproval[]>
  /** Approves or refuses what a node asks. @throws OrderlyError `ORDERLY_NOT_FOUND`, `ORDERLY_FORBIDDEN` */
  decide(id: string, node: string, decision: Decision): Promise<void>
  /**
   * Cancels a run and its jobs.
   *
   * @returns whether it was running or paused
   * @throws OrderlyError `ORDERLY_NOT_FOUND`, `ORDERLY_RUN_STATE` while it undoes what it has done
   */
  cancelRun(id: string, by?: string): Promise<boolean>
  /** Lets nothing of a run begin until it is resumed. @throws OrderlyError `ORDERLY_NOT_FOUND`, `ORDERLY_RUN_STATE` */
  pauseRun(id: string, options: RunAction): Promise<void>
  /** @throws OrderlyError `ORDERLY_NOT_FOUND`, `ORDERLY_RUN_STATE` */
  resumeRun(id: string, by?: string): Promise<void>
  /**
   * Lets the failed nodes of a run that failed begin anew, or one of them.
   *
   * @throws OrderlyError `ORDERLY_NOT_FOUND`, `ORDERLY_RUN_STATE`
   */
  retryRun(id: string, options?: { readonly node?: string; readonly by?: string }): Promise<void>
  /** Lets a run go on without a node. @throws OrderlyError `ORDERLY_NOT_FOUND`, `ORDERLY_RUN_STATE` */
  skipNode(id: string, node: string, options: RunAction): Promise<void>
  /**
   * Begins another run that has behind it what this one had before a node, and goes on from there.
   *
   * @throws OrderlyError `ORDERLY_NOT_FOUND`
   */
  forkRun(id: string, options: ForkOptions): Promise<{ readonly id: string }>
}

/** @param open the rooms of an instance; throws once it is closed */
export function workflowOperationsOn(open: () => Rooms): WorkflowOperations {
  return {
    workflows: () => listWorkflows(open()),
    workflow: (id, version) => findWorkflow(open(), id, version),
    workflowVersions: (id) => workflowVersions(open(), id),
    checkWorkflow: (document) => checkWorkflow(open(), document),
    workflowDraft: (id) => readDraft(open(), id),
    saveDraft: (document, options) => saveDraft(open(), document, options),
    dropDraft: (id) => dropDraft(open(), id),
    deployWorkflow: (id, options) => deployWorkflow(open(), id, options),
    diffWorkflow: (id, before, after) => diffVersions(open(), id, before, after),
    simulateWorkflow: (document, options) => simulateWorkflow(open(), document, options),
    tryWorkflowStep: async (document, node, options) =>
      Promise.resolve(tryWorkflowStep(open(), document, node, options)),
    simulateSchedules: (range) => simulateSchedules(open(), range),
    templates: () => listTemplates(open()),
    template: (id, version) => readTemplate(open(), id, version),
    importTemplate: (template, options) => importTemplate(open(), template, options),
    forkTemplate: (id, options) => forkTemplate(open(), id, options),
    instantiateTemplate: (id, options) => instantiateTemplate(open(), id, options),
    startRun: (workflow, input, options) =>
      startRun(open(), workflowName(workflow), input, options),
    run: (id) => readRun(open(), id),
    runs: (filter) => listRuns(open(), filter),
    runDocument: (id) => runDocument(open(), id),
    runHistory: (id) => runHistory(open(), id),
    replayRun: (id) => replayRun(open(), id),
    runOutput: (id) => runOutput(open(), id),
    signalRun: (id, name, value) => signalRun(open(), id, name, value),
    deliverEvent: (name, payload, options) => deliverEvent(open(), name, payload, options),
    waitingApprovals: () => waitingApprovals(open()),
    decide: (id, node, decision) => decide(open(), id, node, decision),
    cancelRun: (id, by) => cancelRun(open(), id, by),
    pauseRun: (id, options) => pauseRun(open(), id, options),
    resumeRun: (id, by) => resumeRun(open(), id, by),
    retryRun: (id, options) => retryRun(open(), id, options),
    skipNode: (id, node, options) => skipNode(open(), id, node, options),
    forkRun: (id, options) => forkRun(open(), id, options),
  }
}
