// Webhooks: who outside is told of what, and making one with its secret shown once.
import { Button, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useRead, useWrite } from '../../api/use.ts'
import { useSession } from '../../app/session.ts'
import { useTexts } from '../../app/texts.ts'
import { useUrlState } from '../../app/url-state.ts'
import { Blank } from '../../parts/blank.tsx'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { ListCard } from '../../parts/list-card.tsx'
import { ShownOnce } from '../../parts/shown-once.tsx'
import { StateBadge } from '../../parts/state-badge.tsx'
import { splitNames } from './names.ts'
import { WEBHOOK_TEXTS } from './webhook-texts.ts'
import { WebhookDrawer } from './webhook.tsx'

const WEBHOOK_STATES = { active: 'completed', paused: 'paused', gone: 'dead' } as const
const DEFAULTS = { webhook: '' }

export function Webhooks() {
  const say = useTexts(WEBHOOK_TEXTS)
  const { can } = useSession()
  const read = useRead('webhooks.list', {}, { every: 15_000 })
  const [isMaking, setMaking] = useState(false)
  const [url, setUrl] = useUrlState(DEFAULTS)
  const chosen = read.data?.data.find(({ id }) => id === url.webhook)
  return (
    <ListCard
      title={say('webhooks')}
      read={read}
      maker={
        can('webhooks:write') ? { label: say('make'), onMake: () => setMaking(true) } : undefined
      }
      rowKey={({ id }) => id}
      empty={<Blank title={say('none')}>{say('noneText')}</Blank>}
      columns={[
        { key: 'name', label: say('name'), cell: ({ name }) => <strong>{name}</strong> },
        {
          key: 'url',
          label: say('url'),
          isClipped: true,
          cell: (each) => <span className="mono">{each.url}</span>,
        },
        {
          key: 'types',
          label: say('types'),
          cell: ({ filter }) => filter.types.join(', '),
        },
        {
          key: 'state',
          label: say('state'),
          cell: ({ state }) => <StateBadge state={WEBHOOK_STATES[state]} label={say(state)} />,
        },
      ]}
      actions={({ id }) => (
        <Button size="compact-sm" variant="default" onClick={() => setUrl({ webhook: id })}>
          {say('open')}
        </Button>
      )}
    >
      {isMaking ? <WebhookDialog onClose={() => setMaking(false)} /> : null}
      {chosen ? <WebhookDrawer webhook={chosen} onClose={() => setUrl({ webhook: '' })} /> : null}
    </ListCard>
  )
}

function WebhookDialog({ onClose }: { readonly onClose: () => void }) {
  const say = useTexts(WEBHOOK_TEXTS)
  const [name, setName] = useState('')
  const [url, setUrl] = useState('https://')
  const [types, setTypes] = useState('job.failed, alert.*')
  const [queues, setQueues] = useState('')
  const create = useWrite('webhooks.create', { isQuiet: true })
  return (
    <FormDialog
      title={say('make')}
      action={say('make')}
      isBusy={create.isPending}
      error={create.error}
      onClose={onClose}
      onGo={() =>
        create.mutate({
          body: {
            name: name.trim(),
            url: url.trim(),
            filter: {
              types: splitNames(types),
              ...(splitNames(queues).length === 0 ? {} : { queues: splitNames(queues) }),
            },
          },
        })
      }
      done={
        create.data ? (
          <ShownOnce text={say('secret')} secret={create.data.secret} onClose={onClose} />
        ) : undefined
      }
    >
      <TextInput
        label={say('name')}
        required
        maxLength={100}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <TextInput
        label={say('url')}
        type="url"
        required
        value={url}
        onChange={(event) => setUrl(event.currentTarget.value)}
      />
      <TextInput
        label={say('types')}
        description={say('typesText')}
        required
        value={types}
        onChange={(event) => setTypes(event.currentTarget.value)}
      />
      <TextInput
        label={say('queues')}
        description={say('queuesText')}
        value={queues}
        onChange={(event) => setQueues(event.currentTarget.value)}
      />
    </FormDialog>
  )
}
