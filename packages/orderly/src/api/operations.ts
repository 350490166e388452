// Every operation with its request and its answer. Made from the operations of the API by test/http/client.test.ts; not written by hand.
import type { OverviewApi } from './operations/overview.ts'
import type { WorkersApi } from './operations/workers.ts'
import type { MetricsApi } from './operations/metrics.ts'
import type { HealthApi } from './operations/health.ts'
import type { SettingsApi } from './operations/settings.ts'
import type { JobsApi } from './operations/jobs.ts'
import type { SearchApi } from './operations/search.ts'
import type { BulkApi } from './operations/bulk.ts'
import type { QueuesApi } from './operations/queues.ts'
import type { LimitsApi } from './operations/limits.ts'
import type { JobTypesApi } from './operations/job-types.ts'
import type { SchedulesApi } from './operations/schedules.ts'
import type { WorkflowsApi } from './operations/workflows.ts'
import type { RunsApi } from './operations/runs.ts'
import type { TemplatesApi } from './operations/templates.ts'
import type { FailuresApi } from './operations/failures.ts'
import type { DeadLettersApi } from './operations/deadLetters.ts'
import type { PacksApi } from './operations/packs.ts'
import type { SessionApi } from './operations/session.ts'
import type { SetupApi } from './operations/setup.ts'
import type { SessionsApi } from './operations/sessions.ts'
import type { UsersApi } from './operations/users.ts'
import type { RolesApi } from './operations/roles.ts'
import type { ApikeysApi } from './operations/apikeys.ts'
import type { AuditApi } from './operations/audit.ts'
import type { EvidenceApi } from './operations/evidence.ts'
import type { SignoffsApi } from './operations/signoffs.ts'
import type { RevealApi } from './operations/reveal.ts'
import type { EmergencyApi } from './operations/emergency.ts'
import type { ApprovalsApi } from './operations/approvals.ts'
import type { ViewsApi } from './operations/views.ts'
import type { LiveApi } from './operations/live.ts'
import type { NotificationsApi } from './operations/notifications.ts'
import type { WebhooksApi } from './operations/webhooks.ts'
import type { EventsApi } from './operations/events.ts'
import type { EventSourcesApi } from './operations/eventSources.ts'
import type { AlertsApi } from './operations/alerts.ts'
import type { AlertSilencesApi } from './operations/alertSilences.ts'
import type { AlertRulesApi } from './operations/alertRules.ts'
import type { AlertRoutesApi } from './operations/alertRoutes.ts'
export interface Api
  extends
    OverviewApi,
    WorkersApi,
    MetricsApi,
    HealthApi,
    SettingsApi,
    JobsApi,
    SearchApi,
    BulkApi,
    QueuesApi,
    LimitsApi,
    JobTypesApi,
    SchedulesApi,
    WorkflowsApi,
    RunsApi,
    TemplatesApi,
    FailuresApi,
    DeadLettersApi,
    PacksApi,
    SessionApi,
    SetupApi,
    SessionsApi,
    UsersApi,
    RolesApi,
    ApikeysApi,
    AuditApi,
    EvidenceApi,
    SignoffsApi,
    RevealApi,
    EmergencyApi,
    ApprovalsApi,
    ViewsApi,
    LiveApi,
    NotificationsApi,
    WebhooksApi,
    EventsApi,
    EventSourcesApi,
    AlertsApi,
    AlertSilencesApi,
    AlertRulesApi,
    AlertRoutesApi {}
