// Alerts: what is open, the rules, what is silenced, where notices go, and webhooks.
import { useParams } from '@tanstack/react-router'
import { useTexts } from '../../app/texts.ts'
import { Page } from '../../parts/page.tsx'
import { Tabbed } from '../../parts/tabbed.tsx'
import { OneAlert } from './one-alert.tsx'
import { OpenAlerts } from './open.tsx'
import { Routes } from './routes.tsx'
import { Rules } from './rules.tsx'
import { Silences } from './silences.tsx'
import { ALERT_TEXTS } from './texts.ts'
import { Webhooks } from './webhooks.tsx'

const TABS = [
  { key: 'open', permission: 'alerts:read', show: () => <OpenAlerts /> },
  { key: 'rules', permission: 'alerts:read', show: () => <Rules /> },
  { key: 'silences', permission: 'alerts:read', show: () => <Silences /> },
  { key: 'routes', permission: 'alerts:read', show: () => <Routes /> },
  { key: 'webhooks', permission: 'webhooks:read', show: () => <Webhooks /> },
] as const

export function AlertsPage() {
  const say = useTexts(ALERT_TEXTS)
  const { id } = useParams({ strict: false })
  return (
    <Page title={say('title')} lead={say('lead')}>
      {id === undefined ? null : <OneAlert id={id} />}
      <Tabbed tabs={TABS} say={say} />
    </Page>
  )
}
