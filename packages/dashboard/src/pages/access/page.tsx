// Who may come in and what they may do: users, the matrix of roles, keys of programs, emergencies.
import { useTexts } from '../../app/texts.ts'
import { Page } from '../../parts/page.tsx'
import { Tabbed } from '../../parts/tabbed.tsx'
import { Emergencies } from './emergencies.tsx'
import { Keys } from './keys.tsx'
import { Roles } from './roles.tsx'
import { ACCESS_TEXTS } from './texts.ts'
import { Users } from './users.tsx'

const TABS = [
  { key: 'users', permission: 'users:read', show: () => <Users /> },
  { key: 'roles', permission: 'roles:read', show: () => <Roles /> },
  { key: 'keys', permission: 'apikeys:read', show: () => <Keys /> },
  { key: 'emergencies', permission: 'breakglass:review', show: () => <Emergencies /> },
] as const

export function AccessPage() {
  const say = useTexts(ACCESS_TEXTS)
  return (
    <Page title={say('title')} lead={say('lead')}>
      <Tabbed tabs={TABS} say={say} />
    </Page>
  )
}
