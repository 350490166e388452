// The technical safeguards of 45 CFR 164.312, each with what of this installation shows it and where.
import { Link } from '@tanstack/react-router'
import { useTexts } from '../../app/texts.ts'
import { List } from '../../parts/list.tsx'
import { Card } from '../../parts/page.tsx'
import { SIGNOFF_TEXTS } from './signoff-texts.ts'

type Key = keyof typeof SIGNOFF_TEXTS

const CONTROLS: readonly {
  readonly rule: string
  readonly name: Key
  readonly by: Key
  readonly to: string
  readonly search?: Readonly<Record<string, string>>
}[] = [
  {
    rule: '164.312(a)(1)',
    name: 'access',
    by: 'accessBy',
    to: '/access',
    search: { tab: 'roles' },
  },
  { rule: '164.312(a)(2)(i)', name: 'identity', by: 'identityBy', to: '/access' },
  {
    rule: '164.312(a)(2)(ii)',
    name: 'emergency',
    by: 'emergencyBy',
    to: '/access',
    search: { tab: 'emergencies' },
  },
  { rule: '164.312(a)(2)(iv)', name: 'encryption', by: 'encryptionBy', to: '/types' },
  { rule: '164.312(b)', name: 'audit', by: 'auditBy', to: '/audit' },
  { rule: '164.312(c)(1)', name: 'integrity', by: 'integrityBy', to: '/evidence' },
  { rule: '164.312(d)', name: 'authentication', by: 'authenticationBy', to: '/access' },
  { rule: '164.312(e)(1)', name: 'transmission', by: 'transmissionBy', to: '/settings' },
  { rule: '164.528', name: 'reveals', by: 'revealsBy', to: '/audit', search: { show: 'reveals' } },
]

export function Controls() {
  const say = useTexts(SIGNOFF_TEXTS)
  return (
    <Card title={say('controls')} isFlush>
      <List
        label={say('controls')}
        rows={CONTROLS}
        rowKey={({ rule }) => rule}
        empty={null}
        columns={[
          {
            key: 'rule',
            label: '45 CFR',
            cell: ({ rule }) => <span className="mono">{rule}</span>,
          },
          { key: 'name', label: say('control'), cell: ({ name }) => <strong>{say(name)}</strong> },
          {
            key: 'by',
            label: say('artefact'),
            cell: ({ by, to, search }) => (
              <Link className="link" to={to} search={search ?? {}}>
                {say(by)}
              </Link>
            ),
          },
        ]}
      />
    </Card>
  )
}
