// The public names of Orderly.
export { custom, exponential, fixed, type Backoff } from './job/backoff.ts'
export type { JobContext, OnceOptions, Services } from './job/context.ts'
export { defineJob, type JobDefinition, type JobSpec } from './job/define-job.ts'
export {
  definePack,
  type OpenPack,
  type Pack,
  type Words,
  type PackDocument,
  type Panel,
  type Trigger,
} from './job/define-pack.ts'
export { definePackAction, type PackAction } from './job/pack-action.ts'
export type { PackCommand, PackCommandContext } from './job/pack-command.ts'
export type {
  PackPage,
  PageActs,
  PageBlock,
  PageLink,
  PageMasked,
  PageTone,
  PageValue,
} from './job/pack-page.ts'
export { defineQueue, type QueueDefinition, type QueueSpec } from './job/define-queue.ts'
export { defineService, type ServiceDefinition, type ServiceSpec } from './job/define-service.ts'
export type { EnqueuedJob, EnqueueOptions, UniqueKey } from './job/enqueue-options.ts'
export type { Check, EvidenceCollector, RunEvidence } from './job/evidence.ts'
export {
  BadInputError,
  ExternalError,
  JobFault,
  RefusedError,
  type FaultKind,
  type FaultOptions,
} from './job/faults.ts'
export {
  handle,
  handleAll,
  handleBatch,
  type BatchResult,
  type Handler,
  type HandlerChecks,
  type HandlersOf,
} from './job/handler.ts'
export { handleIn, type ChildOptions } from './job/handle-in.ts'
export {
  jobConfigOf,
  readJobConfig,
  writeJobConfig,
  type ConfiguredOptions,
  type JobConfig,
} from './job/job-config.ts'
export type {
  ConcurrencyOptions,
  Duplicate,
  RateLimitOptions,
  UniqueOptions,
} from './job/keyed-options.ts'
export type { AnyLogger, LogStreams, MessageFirstLogger } from './job/log-streams.ts'
export type { Logger } from './job/logger.ts'
export { MailError } from './mail/mail-error.ts'
export {
  openMailer,
  type Mailer,
  type MailerOptions,
  type MailReceipt,
  type RejectedRecipient,
  type SendOptions,
} from './mail/mailer.ts'
export type { MailAttachment, MailMessage } from './mail/message.ts'
export type { Priority } from './job/options.ts'
export { cancel, fail, retryAfter, snooze, type Outcome } from './job/outcome.ts'
export type { Registry } from './job/registry.ts'
export type { RetryOptions, RetryRule } from './job/retry.ts'
export type { Accepted, Parsed, Schema } from './job/schema.ts'
export {
  createOrderly,
  type CloseOptions,
  type Orderly,
  type OrderlyOptions,
  type OrderlyStatus,
  type PackRooms,
  type StartOptions,
} from './orderly.ts'
export type { Alert } from './alerts/episode-row.ts'
export type { AlertRoute, Alerts, Silence } from './alerts/alerts.ts'
export type { BackTest, PastEpisode } from './alerts/back-test.ts'
export type { AlertMetric, AlertRule, AlertSearch, StoredRule } from './alerts/rule.ts'
export type { EventData, EventFilter, EventType, OrderlyEvent } from './events/event.ts'
export type { ConsumeOptions, Consumer, EventRange, Events } from './events/events.ts'
export { publicConnector, type ConnectorOptions } from './events/public-address.ts'
export type { PublishTarget } from './events/publish.ts'
export type { PackVault, SealedAt, TravelKey } from './pack-vault.ts'
export type { SealedColumn } from './state/pack-seals.ts'
export {
  verifyWebhook,
  type MessageHeaders,
  type VerifiedMessage,
  type VerifyOptions,
} from './events/signature.ts'
export type { EventSource, EventSourceRequest, EventSources, Received } from './events/sources.ts'
export type {
  Webhook,
  WebhookDelivery,
  WebhookFilter,
  WebhookRequest,
  Webhooks,
} from './events/webhooks.ts'
export { migrate, type MigrationStep } from './database/migrate.ts'
export type { Bindable, Database, DatabaseTransaction } from './database/open.ts'
export type {
  ObjectContent,
  ObjectStore,
  PutOptions,
  StoredObject,
} from './objects/object-store.ts'
export type { DeadLetterFilter, DeadLetterGroup } from './history/dead-letters.ts'
export type { FoundJob, JobCount } from './history/find.ts'
export type {
  Blackout,
  CatchUp,
  Overlap,
  SchedulePolicy,
  ScheduleSpec,
  StoredSpec,
  Weekday,
  When,
} from './schedule/spec.ts'
export type { BackfillPlan } from './runtime/backfill.ts'
export type { Schedule, ScheduleRequest, UpcomingSlot } from './runtime/schedules.ts'
export { serve, type ServeOptions, type Server } from './http/serve.ts'
export type {
  Notification,
  NotificationPriority,
  NotificationRequest,
} from './notifications/notification.ts'
export type {
  NotificationFilter,
  NotificationReader,
  Notifications,
  Notified,
  Unread,
} from './notifications/notifications.ts'
export type { NotificationPreferences } from './notifications/preferences.ts'
export { router, type Router, type RouterOptions } from './http/router.ts'
export type { ApiOptions } from './http/app.ts'
export type { CallEntry, Callers } from './http/actor.ts'
export type { Clock } from './primitives/clock.ts'
export type { Duration } from './primitives/duration.ts'
export { ERRORS, OrderlyError, type ErrorCode } from './primitives/errors.ts'
export type { WorkerProcess } from './runtime/beat.ts'
export type { Cancellation, CancelOptions } from './runtime/cancel.ts'
export type { Pause, PauseOptions, Target } from './runtime/control.ts'
export type { EnqueueItem } from './runtime/enqueue.ts'
export type { Cause, Explanation, SuggestedAction } from './runtime/explanation.ts'
export type { InspectedJob, JobSearch, LifeEvent } from './runtime/inspect.ts'
export type { Limit, LimitTarget, OverrideOptions } from './runtime/limits.ts'
export type { JobMetrics, MetricsPoint, MetricsQuery } from './runtime/metrics.ts'
export type { JobSummary, QueueSummary } from './runtime/read.ts'
export type { Reconciliation } from './runtime/reconcile.ts'
export type { Redriven, RedriveOptions, ReplayOptions } from './runtime/redrive.ts'
export type { ServiceState } from './runtime/service-calls.ts'
export type { EnqueuedSet, SetOptions } from './runtime/sets.ts'
export type { WaitOptions } from './runtime/wait.ts'
export {
  servicesOf,
  type Assessment,
  type ErrorHandler,
  type JobOrchestrator,
  type JobProcessor,
  type JobServices,
  type LoggingService,
  type MonitoringService,
  type QueueService,
} from './services.ts'
export type { ForkOptions } from './runtime/fork-run.ts'
export type { RunAction } from './runtime/run-control.ts'
export type { Delivery, DeliverOptions } from './runtime/run-events.ts'
export type {
  Decision,
  Run,
  RunEvent,
  RunFilter,
  RunNode,
  RunOptions,
  WaitingApproval,
} from './runtime/runs.ts'
export type { ScheduleSimulation, SimulatedSlot } from './runtime/simulation.ts'
export type { InstantiateOptions, TemplateSummary } from './runtime/templates.ts'
export type {
  DeployOptions,
  DraftOptions,
  SavedDraft,
  WorkflowDraft,
  WorkflowSummary,
  WorkflowVersion,
} from './runtime/workflow-store.ts'
export { workflowCode } from './workflow/code.ts'
export {
  defineChain,
  defineFamily,
  defineWorkflow,
  runs,
  runsForEach,
  undoes,
  type FamilySpec,
  type InputOf,
  type RunInput,
  type TypedWorkflow,
  type WorkflowSpec,
} from './workflow/define-workflow.ts'
export { diffWorkflows, type NodeChange, type WorkflowDiff } from './workflow/diff.ts'
export type {
  Assumption,
  SimulatedEvent,
  Simulation,
  SimulationOptions,
} from './workflow/simulate.ts'
export type { Provenance, TemplateParameter, WorkflowTemplate } from './workflow/template.ts'
export { workflowSchema, type WorkflowDocument } from './workflow/document.ts'
export type { Finding, FindingCode, KnownJob, Surroundings } from './workflow/finding.ts'
export { validateWorkflow, type Validation } from './workflow/validate.ts'
export {
  printSource,
  readSource,
  type ReadSource,
  type SourceLanguage,
  type SourceProblem,
  type SourceText,
} from './workflow/source.ts'
export { clear, phi, type PhiKind } from './vault/phi.ts'
