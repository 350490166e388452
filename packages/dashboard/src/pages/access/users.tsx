// The users: inviting, changing roles, disabling.
import { Button, TextInput } from '@mantine/core'
import type { Role, User } from 'orderly/api'
import { useState } from 'react'
import { useRead, useWrite } from '../../api/use.ts'
import { BASE } from '../../app/place.ts'
import { useSession } from '../../app/session.ts'
import { useTexts } from '../../app/texts.ts'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { Instant } from '../../parts/instant.tsx'
import { ListCard } from '../../parts/list-card.tsx'
import { ShownOnce } from '../../parts/shown-once.tsx'
import { StateBadge } from '../../parts/state-badge.tsx'
import { RoleNames } from './role-names.tsx'
import { RolesInput } from './roles-input.tsx'
import { ACCESS_TEXTS } from './texts.ts'

export function Users() {
  const say = useTexts(ACCESS_TEXTS)
  const { can } = useSession()
  const read = useRead('users.list', {})
  const [chosen, setChosen] = useState<User | 'new'>()
  const change = useWrite('users.change', { done: say('saved') })
  return (
    <ListCard
      title={say('users')}
      read={read}
      maker={
        can('users:write') ? { label: say('invite'), onMake: () => setChosen('new') } : undefined
      }
      rowKey={({ id }) => id}
      empty={null}
      columns={[
        {
          key: 'name',
          label: say('name'),
          cell: ({ name, login }) => (
            <span>
              <strong>{name}</strong> <span className="quiet">{login}</span>
            </span>
          ),
        },
        { key: 'roles', label: say('roles'), cell: ({ roles }) => <RoleNames roles={roles} /> },
        {
          key: 'state',
          label: say('state'),
          cell: ({ disabledAt, hasPassword, issuer }) =>
            disabledAt !== null ? (
              <StateBadge state="cancelled" label={say('disabled')} />
            ) : hasPassword || issuer !== null ? (
              <StateBadge state="completed" label={say('active')} />
            ) : (
              <StateBadge state="delayed" label={say('invited')} />
            ),
        },
        {
          key: 'totp',
          label: say('totp'),
          cell: ({ hasTotp }) => say(hasTotp ? 'yes' : 'no'),
        },
        {
          key: 'seen',
          label: say('seen'),
          isNumber: true,
          cell: ({ signedInAt }) => <Instant at={signedInAt} />,
        },
      ]}
      actions={(user) =>
        can('users:write') ? (
          <>
            <Button size="compact-sm" variant="default" onClick={() => setChosen(user)}>
              {say('change')}
            </Button>
            <Button
              size="compact-sm"
              variant="subtle"
              color={user.disabledAt === null ? 'red' : undefined}
              onClick={() =>
                change.mutate({
                  params: { id: user.id },
                  body: { disabled: user.disabledAt === null, revision: user.revision },
                })
              }
            >
              {say(user.disabledAt === null ? 'disable' : 'enable')}
            </Button>
          </>
        ) : null
      }
    >
      {chosen ? (
        <UserDialog
          user={chosen === 'new' ? undefined : chosen}
          onClose={() => setChosen(undefined)}
        />
      ) : null}
    </ListCard>
  )
}

function UserDialog({
  user,
  onClose,
}: {
  readonly user: User | undefined
  readonly onClose: () => void
}) {
  const say = useTexts(ACCESS_TEXTS)
  const [login, setLogin] = useState('')
  const [name, setName] = useState('')
  const [chosen, setChosen] = useState<string[]>(user?.roles ?? ['viewer'])
  const [queues, setQueues] = useState(user?.queues.join(', ') ?? '*')
  const change = useWrite('users.change', { done: say('saved'), isQuiet: true, onDone: onClose })
  const create = useWrite('users.create', { isQuiet: true })
  const body = {
    roles: chosen as Role[],
    queues: queues
      .split(',')
      .map((each) => each.trim())
      .filter(Boolean),
  }
  const link = create.data
    ? `${location.origin}${BASE}/setup#token=${create.data.invite}`
    : undefined
  return (
    <FormDialog
      title={user ? user.name : say('invite')}
      action={say(user ? 'save' : 'inviteGo')}
      isBusy={create.isPending || change.isPending}
      error={create.error ?? change.error}
      onClose={onClose}
      onGo={() => {
        if (user)
          change.mutate({ params: { id: user.id }, body: { ...body, revision: user.revision } })
        else
          create.mutate({
            body: { ...body, login: login.trim(), name: name.trim() || login.trim() },
          })
      }}
      done={
        link === undefined ? undefined : (
          <ShownOnce text={say('inviteDone')} secret={link} onClose={onClose} />
        )
      }
    >
      {user ? null : (
        <>
          <TextInput
            label={say('login')}
            required
            value={login}
            onChange={(event) => setLogin(event.currentTarget.value)}
          />
          <TextInput
            label={say('name')}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
        </>
      )}
      <RolesInput value={chosen} onChange={setChosen} />
      <TextInput
        label={say('queues')}
        description={say('queuesText')}
        value={queues}
        onChange={(event) => setQueues(event.currentTarget.value)}
      />
    </FormDialog>
  )
}
