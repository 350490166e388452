// Keys of programs: made, shown once, revoked.
import { Button, Code, CopyButton, Modal, MultiSelect, Select, TextInput } from '@mantine/core'
import type { Role } from 'orderly/api'
import { useState } from 'react'
import { useRead, useWrite } from '../../api/use.ts'
import { now } from '../../app/time-source.ts'
import { useSession } from '../../app/session.ts'
import { useTexts } from '../../app/texts.ts'
import { IconPlus } from '../../look/icons.ts'
import { Blank, Failure } from '../../parts/blank.tsx'
import { Instant } from '../../parts/instant.tsx'
import { Answered, List } from '../../parts/list.tsx'
import { Card } from '../../parts/page.tsx'
import { StateBadge } from '../../parts/state-badge.tsx'
import { ACCESS_TEXTS } from './texts.ts'

const DAY_MS = 86_400_000

export function Keys() {
  const say = useTexts(ACCESS_TEXTS)
  const { can } = useSession()
  const read = useRead('apikeys.list', {})
  const [isMaking, setMaking] = useState(false)
  const revoke = useWrite('apikeys.revoke')
  return (
    <Card
      title={say('keys')}
      isFlush
      actions={
        can('apikeys:write') ? (
          <Button
            size="compact-md"
            leftSection={<IconPlus size={15} aria-hidden />}
            onClick={() => setMaking(true)}
          >
            {say('makeKey')}
          </Button>
        ) : null
      }
    >
      <Answered read={read}>
        {({ data }) => (
          <List
            label={say('keys')}
            rows={data}
            rowKey={({ id }) => id}
            empty={<Blank title={say('noKeys')} />}
            columns={[
              { key: 'name', label: say('name'), cell: ({ name }) => <strong>{name}</strong> },
              { key: 'roles', label: say('roles'), cell: ({ roles }) => roles.join(', ') },
              {
                key: 'state',
                label: say('state'),
                cell: ({ revokedAt }) =>
                  revokedAt === null ? (
                    <StateBadge state="completed" label={say('active')} />
                  ) : (
                    <StateBadge state="cancelled" label={say('revoked')} />
                  ),
              },
              {
                key: 'expires',
                label: say('expires'),
                isNumber: true,
                cell: ({ expiresAt }) => <Instant at={expiresAt} />,
              },
              {
                key: 'used',
                label: say('used'),
                isNumber: true,
                cell: ({ usedAt }) => <Instant at={usedAt} />,
              },
              {
                key: 'actions',
                label: <span className="only-read">{say('actions')}</span>,
                isNumber: true,
                cell: ({ id, revokedAt }) =>
                  revokedAt === null && can('apikeys:write') ? (
                    <Button
                      size="compact-sm"
                      color="red"
                      variant="subtle"
                      onClick={() => revoke.mutate({ params: { id } })}
                    >
                      {say('revoke')}
                    </Button>
                  ) : null,
              },
            ]}
          />
        )}
      </Answered>
      {isMaking ? <KeyDialog onClose={() => setMaking(false)} /> : null}
    </Card>
  )
}

function KeyDialog({ onClose }: { readonly onClose: () => void }) {
  const say = useTexts(ACCESS_TEXTS)
  const roles = useRead('roles.list', {})
  const [name, setName] = useState('')
  const [chosen, setChosen] = useState<string[]>(['producer'])
  const [days, setDays] = useState('90')
  const create = useWrite('apikeys.create', { isQuiet: true })
  return (
    <Modal opened onClose={onClose} title={say('makeKey')}>
      {create.data ? (
        <div className="stack">
          <span>{say('keyDone')}</span>
          <Code block>{create.data.text}</Code>
          <CopyButton value={create.data.text}>
            {({ copy }) => <Button onClick={copy}>{say('copy')}</Button>}
          </CopyButton>
        </div>
      ) : (
        <form
          className="stack"
          onSubmit={(event) => {
            event.preventDefault()
            create.mutate({
              body: {
                name: name.trim(),
                roles: chosen as Role[],
                expiresAt: now() + Number(days) * DAY_MS,
              },
            })
          }}
        >
          <TextInput
            label={say('name')}
            required
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <MultiSelect
            label={say('roles')}
            data={(roles.data?.roles ?? []).map(({ id, title }) => ({ value: id, label: title }))}
            value={chosen}
            onChange={setChosen}
          />
          <Select
            label={say('expiresIn')}
            value={days}
            allowDeselect={false}
            onChange={(value) => setDays(value ?? '90')}
            data={['30', '90', '180', '365'].map((value) => ({
              value,
              label: say('days', { n: value }),
            }))}
          />
          {create.error ? <Failure error={create.error} /> : null}
          <Button type="submit" loading={create.isPending}>
            {say('makeKey')}
          </Button>
        </form>
      )}
    </Modal>
  )
}
