// Alerts: what is open, the rules, what is silenced, where notices go, and webhooks.
import { Tabs } from '@mantine/core'
import { useParams } from '@tanstack/react-router'
import { useSession } from '../../app/session.ts'
import { useTexts } from '../../app/texts.ts'
import { useUrlState } from '../../app/url-state.ts'
import { Page } from '../../parts/page.tsx'
import { OneAlert } from './one-alert.tsx'
import { OpenAlerts } from './open.tsx'
import { Routes } from './routes.tsx'
import { Rules } from './rules.tsx'
import { Silences } from './silences.tsx'
import { ALERT_TEXTS } from './texts.ts'
import { Webhooks } from './webhooks.tsx'

const DEFAULTS = { tab: 'open' }

const TABS = [
  { key: 'open', permission: 'alerts:read', show: () => <OpenAlerts /> },
  { key: 'rules', permission: 'alerts:read', show: () => <Rules /> },
  { key: 'silences', permission: 'alerts:read', show: () => <Silences /> },
  { key: 'routes', permission: 'alerts:read', show: () => <Routes /> },
  { key: 'webhooks', permission: 'webhooks:read', show: () => <Webhooks /> },
] as const

export function AlertsPage() {
  const say = useTexts(ALERT_TEXTS)
  const { can } = useSession()
  const [url, setUrl] = useUrlState(DEFAULTS)
  const { id } = useParams({ strict: false })
  const tabs = TABS.filter(({ permission }) => can(permission))
  return (
    <Page title={say('title')} lead={say('lead')}>
      {id === undefined ? null : <OneAlert id={id} />}
      <Tabs value={url.tab} onChange={(tab) => setUrl({ tab: tab ?? 'open' })} keepMounted={false}>
        <Tabs.List mb="md" className="tabs-scroll">
          {tabs.map(({ key }) => (
            <Tabs.Tab key={key} value={key}>
              {say(key)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {tabs.map(({ key, show }) => (
          <Tabs.Panel key={key} value={key}>
            {url.tab === key ? show() : null}
          </Tabs.Panel>
        ))}
      </Tabs>
    </Page>
  )
}
