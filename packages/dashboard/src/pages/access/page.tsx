// Who may come in and what they may do: users, the matrix of roles, keys of programs, emergencies.
import { Tabs } from '@mantine/core'
import { useSession } from '../../app/session.ts'
import { useTexts } from '../../app/texts.ts'
import { useUrlState } from '../../app/url-state.ts'
import { Page } from '../../parts/page.tsx'
import { Emergencies } from './emergencies.tsx'
import { Keys } from './keys.tsx'
import { Roles } from './roles.tsx'
import { ACCESS_TEXTS } from './texts.ts'
import { Users } from './users.tsx'

const DEFAULTS = { tab: 'users' }

const TABS = [
  { key: 'users', permission: 'users:read', show: () => <Users /> },
  { key: 'roles', permission: 'roles:read', show: () => <Roles /> },
  { key: 'keys', permission: 'apikeys:read', show: () => <Keys /> },
  { key: 'emergencies', permission: 'breakglass:review', show: () => <Emergencies /> },
] as const

export function AccessPage() {
  const say = useTexts(ACCESS_TEXTS)
  const { can } = useSession()
  const [url, setUrl] = useUrlState(DEFAULTS)
  const tabs = TABS.filter(({ permission }) => can(permission))
  return (
    <Page title={say('title')}>
      <Tabs value={url.tab} onChange={(tab) => setUrl({ tab: tab ?? 'users' })} keepMounted={false}>
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
