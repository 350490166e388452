// Keys of programs: made, shown once, revoked.
import { Button, Select, TextInput } from '@mantine/core'
import type { Role } from 'orderly/api'
import { useState } from 'react'
import { useRead, useWrite } from '../../api/use.ts'
import { now } from '../../app/time-source.ts'
import { useSession } from '../../app/session.ts'
import { useTexts } from '../../app/texts.ts'
import { Blank } from '../../parts/blank.tsx'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { Instant } from '../../parts/instant.tsx'
import { ListCard } from '../../parts/list-card.tsx'
import { ShownOnce } from '../../parts/shown-once.tsx'
import { StateBadge } from '../../parts/state-badge.tsx'
import { RoleNames } from './role-names.tsx'
import { RolesInput } from './roles-input.tsx'
import { ACCESS_TEXTS } from './texts.ts'

const DAY_MS = 86_400_000

export function Keys() {
  const say = useTexts(ACCESS_TEXTS)
  const { can } = useSession()
  const read = useRead('apikeys.list', {})
  const [isMaking, setMaking] = useState(false)
  const revoke = useWrite('apikeys.revoke')
  return (
    <ListCard
      title={say('keys')}
      read={read}
      maker={
        can('apikeys:write') ? { label: say('makeKey'), onMake: () => setMaking(true) } : undefined
      }
      rowKey={({ id }) => id}
      empty={<Blank title={say('noKeys')} />}
      columns={[
        { key: 'name', label: say('name'), cell: ({ name }) => <strong>{name}</strong> },
        { key: 'roles', label: say('roles'), cell: ({ roles }) => <RoleNames roles={roles} /> },
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
      ]}
      actions={({ id, revokedAt }) =>
        revokedAt === null && can('apikeys:write') ? (
          <Button
            size="compact-sm"
            color="red"
            variant="subtle"
            onClick={() => revoke.mutate({ params: { id } })}
          >
            {say('revoke')}
          </Button>
        ) : null
      }
    >
      {isMaking ? <KeyDialog onClose={() => setMaking(false)} /> : null}
    </ListCard>
  )
}

function KeyDialog({ onClose }: { readonly onClose: () => void }) {
  const say = useTexts(ACCESS_TEXTS)
  const [name, setName] = useState('')
  const [chosen, setChosen] = useState<string[]>(['producer'])
  const [days, setDays] = useState('90')
  const create = useWrite('apikeys.create', { isQuiet: true })
  return (
    <FormDialog
      title={say('makeKey')}
      action={say('makeKey')}
      isBusy={create.isPending}
      error={create.error}
      onClose={onClose}
      onGo={() =>
        create.mutate({
          body: {
            name: name.trim(),
            roles: chosen as Role[],
            expiresAt: now() + Number(days) * DAY_MS,
          },
        })
      }
      done={
        create.data ? (
          <ShownOnce text={say('keyDone')} secret={create.data.text} onClose={onClose} />
        ) : undefined
      }
    >
      <TextInput
        label={say('name')}
        required
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <RolesInput value={chosen} onChange={setChosen} />
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
    </FormDialog>
  )
}
