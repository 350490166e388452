// The map of the dashboard: which path shows which page. Every page is loaded when it is first opened.
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  useRouterState,
} from '@tanstack/react-router'
import { Gate } from './gate.tsx'
import { NotFound } from './not-found.tsx'
import { BASE } from './place.ts'
import { findAhead } from '../pages/jobs/find.ts'
import { Failure, Loading } from '../parts/blank.tsx'
import { Shell } from './shell.tsx'

/** Pages without the frame: who opens them may not be signed in yet. */
const BARE = new Set(['/sign-in', '/setup'])

function Root() {
  const path = useRouterState({ select: (state) => state.location.pathname })
  if (BARE.has(path)) return <Outlet />
  return (
    <Gate>
      <Shell />
    </Gate>
  )
}

const root = createRootRoute({ component: Root, notFoundComponent: NotFound })
const page = (
  path: string,
  component: ReturnType<typeof lazyRouteComponent>,
  ahead: (search: Readonly<Record<string, string>>) => void = () => {},
) =>
  createRoute({
    getParentRoute: () => root,
    path,
    component,
    // Begins to read while the page itself is on its way; nothing waits for it.
    loader: ({ location }) => ahead(location.search),
  })

const routes = [
  page(
    '/',
    lazyRouteComponent(() => import('../pages/overview/page.tsx'), 'OverviewPage'),
  ),
  page(
    '/sign-in',
    lazyRouteComponent(() => import('../pages/sign-in/page.tsx'), 'SignInPage'),
  ),
  page(
    '/setup',
    lazyRouteComponent(() => import('../pages/sign-in/setup.tsx'), 'SetupPage'),
  ),
  page(
    '/workflows/$id/design',
    lazyRouteComponent(() => import('../designer/index.tsx'), 'DesignerPage'),
  ),
  page(
    '/jobs',
    lazyRouteComponent(() => import('../pages/jobs/page.tsx'), 'JobsPage'),
    ({ q = '' }) => void findAhead(q),
  ),
  page(
    '/jobs/$id',
    lazyRouteComponent(() => import('../pages/job/page.tsx'), 'JobPage'),
  ),
  page(
    '/queues',
    lazyRouteComponent(() => import('../pages/queues/page.tsx'), 'QueuesPage'),
  ),
  page(
    '/queues/$name',
    lazyRouteComponent(() => import('../pages/queues/queue.tsx'), 'QueuePage'),
  ),
  page(
    '/workers',
    lazyRouteComponent(() => import('../pages/workers/page.tsx'), 'WorkersPage'),
  ),
  page(
    '/failures',
    lazyRouteComponent(() => import('../pages/failures/page.tsx'), 'FailuresPage'),
  ),
  page(
    '/dead-letters',
    lazyRouteComponent(() => import('../pages/failures/dead.tsx'), 'DeadLettersPage'),
  ),
  page(
    '/analytics',
    lazyRouteComponent(() => import('../pages/analytics/page.tsx'), 'AnalyticsPage'),
  ),
  page(
    '/notifications',
    lazyRouteComponent(() => import('../pages/notifications/page.tsx'), 'NotificationsPage'),
  ),
  page(
    '/types',
    lazyRouteComponent(() => import('../pages/types/page.tsx'), 'TypesPage'),
  ),
  page(
    '/types/$name',
    lazyRouteComponent(() => import('../pages/types/type.tsx'), 'TypePage'),
  ),
  page(
    '/schedules',
    lazyRouteComponent(() => import('../pages/schedules/page.tsx'), 'SchedulesPage'),
  ),
  page(
    '/schedules/$id',
    lazyRouteComponent(() => import('../pages/schedules/schedule.tsx'), 'SchedulePage'),
  ),
  page(
    '/workflows',
    lazyRouteComponent(() => import('../pages/workflows/page.tsx'), 'WorkflowsPage'),
  ),
  page(
    '/workflows/$id',
    lazyRouteComponent(() => import('../pages/workflows/workflow.tsx'), 'WorkflowPage'),
  ),
  page(
    '/runs/$id',
    lazyRouteComponent(() => import('../pages/workflows/run.tsx'), 'RunPage'),
  ),
  page(
    '/map',
    lazyRouteComponent(() => import('../pages/map/page.tsx'), 'MapPage'),
  ),
  page(
    '/templates',
    lazyRouteComponent(() => import('../pages/templates/page.tsx'), 'TemplatesPage'),
  ),
  page(
    '/consents',
    lazyRouteComponent(() => import('../pages/consents/page.tsx'), 'ConsentsPage'),
  ),
  page(
    '/evidence',
    lazyRouteComponent(() => import('../pages/evidence/page.tsx'), 'EvidencePage'),
  ),
  page(
    '/audit',
    lazyRouteComponent(() => import('../pages/audit/page.tsx'), 'AuditPage'),
  ),
  page(
    '/alerts',
    lazyRouteComponent(() => import('../pages/alerts/page.tsx'), 'AlertsPage'),
  ),
  page(
    '/alerts/$id',
    lazyRouteComponent(() => import('../pages/alerts/page.tsx'), 'AlertsPage'),
  ),
  page(
    '/access',
    lazyRouteComponent(() => import('../pages/access/page.tsx'), 'AccessPage'),
  ),
  page(
    '/settings',
    lazyRouteComponent(() => import('../pages/settings/page.tsx'), 'SettingsPage'),
  ),
  page(
    '/packs/$pack/$page',
    lazyRouteComponent(() => import('../pages/packs/page.tsx'), 'PackPage'),
  ),
]

export const router = createRouter({
  routeTree: root.addChildren(routes),
  basepath: BASE === '' ? '/' : BASE,
  defaultPreload: 'intent',
  defaultPendingComponent: () => <Loading />,
  defaultErrorComponent: ({ error, reset }) => <Failure error={error} onAgain={reset} />,
  defaultNotFoundComponent: NotFound,
  scrollRestoration: true,
  // Values of the address stay as they were typed: a search is text, never JSON.
  parseSearch: (search) => Object.fromEntries(new URLSearchParams(search)),
  stringifySearch: (search) => {
    const written = new URLSearchParams(
      Object.entries(search).flatMap(([key, value]) =>
        value === undefined || value === null ? [] : [[key, String(value)]],
      ),
    ).toString()
    return written === '' ? '' : `?${written}`
  },
})
