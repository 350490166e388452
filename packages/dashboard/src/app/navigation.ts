// The pages of the rail: where they are, what they are called, and what one must be permitted to see them.
import {
  IconActivity,
  IconAffiliate,
  IconAlertTriangle,
  IconBell,
  IconBox,
  IconCalendar,
  IconCopy,
  IconEye,
  IconHistory,
  IconInbox,
  IconLayoutDashboard,
  IconListDetails,
  IconRoute,
  IconServer,
  IconSettings,
  IconShieldCheck,
  IconSkull,
  IconStack2,
  IconUsers,
} from '../look/icons.ts'

export const NAVIGATION_TEXTS = {
  operate: ['Operate', 'Operar'],
  build: ['Build', 'Construir'],
  assure: ['Assure', 'Asegurar'],
  overview: ['Overview', 'Resumen'],
  jobs: ['Jobs', 'Trabajos'],
  queues: ['Queues', 'Colas'],
  workers: ['Workers', 'Procesos'],
  failures: ['Failures', 'Fallos'],
  deadLetters: ['Dead letters', 'Sin solución'],
  notifications: ['Notifications', 'Avisos'],
  analytics: ['Analytics', 'Análisis'],
  workflows: ['Workflows', 'Flujos'],
  schedules: ['Schedules', 'Horarios'],
  types: ['Job types', 'Tipos de trabajo'],
  templates: ['Templates', 'Plantillas'],
  evidence: ['Evidence', 'Evidencia'],
  map: ['Dependency map', 'Mapa de dependencias'],
  alerts: ['Alerts', 'Alertas'],
  audit: ['Audit', 'Auditoría'],
  consents: ['Consents', 'Consentimientos'],
  access: ['Access', 'Accesos'],
  settings: ['Settings', 'Ajustes'],
  rail: ['Pages', 'Páginas'],
} as const

export interface NavigationItem {
  readonly to: string
  readonly text: keyof typeof NAVIGATION_TEXTS
  readonly icon: typeof IconBox
  readonly permission: string
  /** The second key after `g` that leads there. */
  readonly key?: string
}

export interface NavigationSection {
  readonly text?: keyof typeof NAVIGATION_TEXTS
  readonly items: readonly NavigationItem[]
}

export const SECTIONS: readonly NavigationSection[] = [
  {
    text: 'operate',
    items: [
      {
        to: '/',
        text: 'overview',
        icon: IconLayoutDashboard,
        permission: 'metrics:read',
        key: 'o',
      },
      { to: '/jobs', text: 'jobs', icon: IconListDetails, permission: 'jobs:read', key: 'j' },
      { to: '/queues', text: 'queues', icon: IconStack2, permission: 'queues:read', key: 'q' },
      { to: '/workers', text: 'workers', icon: IconServer, permission: 'workers:read', key: 'w' },
      {
        to: '/failures',
        text: 'failures',
        icon: IconAlertTriangle,
        permission: 'jobs:read',
        key: 'f',
      },
      {
        to: '/dead-letters',
        text: 'deadLetters',
        icon: IconSkull,
        permission: 'jobs:read',
        key: 'd',
      },
      {
        to: '/analytics',
        text: 'analytics',
        icon: IconActivity,
        permission: 'metrics:read',
        key: 'a',
      },
      {
        to: '/notifications',
        text: 'notifications',
        icon: IconInbox,
        permission: 'notifications:read',
        key: 'n',
      },
    ],
  },
  {
    text: 'build',
    items: [
      { to: '/types', text: 'types', icon: IconBox, permission: 'types:read', key: 't' },
      {
        to: '/schedules',
        text: 'schedules',
        icon: IconCalendar,
        permission: 'schedules:read',
        key: 's',
      },
      {
        to: '/workflows',
        text: 'workflows',
        icon: IconRoute,
        permission: 'workflows:read',
        key: 'l',
      },
      {
        to: '/templates',
        text: 'templates',
        icon: IconCopy,
        permission: 'workflows:read',
        key: 'p',
      },
      { to: '/map', text: 'map', icon: IconAffiliate, permission: 'types:read', key: 'm' },
    ],
  },
  {
    text: 'assure',
    items: [
      { to: '/alerts', text: 'alerts', icon: IconBell, permission: 'alerts:read', key: 'r' },
      { to: '/audit', text: 'audit', icon: IconHistory, permission: 'audit:read', key: 'u' },
      {
        to: '/evidence',
        text: 'evidence',
        icon: IconShieldCheck,
        permission: 'evidence:read',
        key: 'e',
      },
      {
        to: '/consents',
        text: 'consents',
        icon: IconEye,
        permission: 'phi:reveal',
        key: 'c',
      },
      { to: '/access', text: 'access', icon: IconUsers, permission: 'users:read' },
    ],
  },
]

export const SETTINGS: NavigationItem = {
  to: '/settings',
  text: 'settings',
  icon: IconSettings,
  permission: 'signed-in',
  key: ',',
}

/** Where somebody begins: the first page of the rail that they may see. */
export function firstPage(can: (permission: string) => boolean): string {
  const all = [...SECTIONS.flatMap(({ items }) => items), SETTINGS]
  return all.find(({ permission }) => can(permission))?.to ?? SETTINGS.to
}
