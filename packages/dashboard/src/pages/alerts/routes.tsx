// Where notices go: notifications, mail, chat programs, webhooks.
import { Button, Select, TextInput } from '@mantine/core'
import type { AlertRoute } from 'orderly/api'
import { useState } from 'react'
import { useRead, useWrite } from '../../api/use.ts'
import { useSession } from '../../app/session.ts'
import { useTexts } from '../../app/texts.ts'
import { Blank } from '../../parts/blank.tsx'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { ListCard } from '../../parts/list-card.tsx'
import { DropDialog } from './drop-dialog.tsx'
import { splitNames } from './names.ts'
import { ALERT_TEXTS } from './texts.ts'

const KINDS = ['mail', 'slack', 'webhook', 'in-app'] as const
/** The route that is always there. */
const IN_APP = 'in-app'

export function Routes() {
  const say = useTexts(ALERT_TEXTS)
  const { can } = useSession()
  const read = useRead('alertRoutes.list', {})
  const [isMaking, setMaking] = useState(false)
  const [tested, setTested] = useState('')
  const test = useWrite('alertRoutes.test', {
    renews: ['alerts'],
    done: () => say('tested', { name: tested }),
  })
  const [dropped, setDropped] = useState<string>()
  const leadsTo = ({ kind, to, webhook }: AlertRoute): string =>
    kind === 'slack'
      ? say('sealed')
      : kind === 'webhook'
        ? (webhook ?? '')
        : (to?.join(', ') ?? say('operators'))
  return (
    <ListCard
      title={say('routes')}
      read={read}
      maker={
        can('alerts:write') ? { label: say('makeRoute'), onMake: () => setMaking(true) } : undefined
      }
      rowKey={({ name }) => name}
      empty={<Blank title={say('noRoutes')} />}
      columns={[
        { key: 'name', label: say('routeName'), cell: ({ name }) => <strong>{name}</strong> },
        { key: 'kind', label: say('kind'), cell: ({ kind }) => say(kind) },
        { key: 'to', label: say('to'), isClipped: true, cell: leadsTo },
      ]}
      actions={({ name, to }) =>
        can('alerts:write') ? (
          <>
            {name === IN_APP && to === undefined ? null : (
              <Button
                size="compact-sm"
                variant="subtle"
                color="red"
                onClick={() => setDropped(name)}
              >
                {say('drop')}
              </Button>
            )}
            <Button
              size="compact-sm"
              variant="default"
              loading={test.isPending && test.variables.params.name === name}
              onClick={() => {
                setTested(name)
                test.mutate({ params: { name } })
              }}
            >
              {say('test')}
            </Button>
          </>
        ) : null
      }
    >
      {isMaking ? <RouteDialog onClose={() => setMaking(false)} /> : null}
      {dropped === undefined ? null : (
        <DropDialog what="route" name={dropped} onClose={() => setDropped(undefined)} />
      )}
    </ListCard>
  )
}

function RouteDialog({ onClose }: { readonly onClose: () => void }) {
  const say = useTexts(ALERT_TEXTS)
  const { can } = useSession()
  const [name, setName] = useState('')
  const [kind, setKind] = useState<AlertRoute['kind']>('mail')
  const [to, setTo] = useState('')
  const [url, setUrl] = useState('')
  const [webhook, setWebhook] = useState<string | null>(null)
  const webhooks = useRead(
    'webhooks.list',
    {},
    { enabled: kind === 'webhook' && can('webhooks:read') },
  )
  const write = useWrite('alertRoutes.put', {
    isQuiet: true,
    done: say('routeSaved', { name: name.trim() }),
    onDone: onClose,
  })
  const isToNamed = kind === 'mail' || kind === 'in-app'
  const target = isToNamed ? to.trim() : kind === 'slack' ? url.trim() : (webhook ?? '')
  return (
    <FormDialog
      title={say('makeRoute')}
      action={say('saveRoute')}
      isBusy={write.isPending}
      error={write.error}
      canGo={name.trim() !== '' && target !== ''}
      onClose={onClose}
      onGo={() =>
        write.mutate({
          params: { name: name.trim() },
          body: {
            kind,
            ...(isToNamed
              ? { to: splitNames(to) }
              : kind === 'slack'
                ? { url: target }
                : { webhook: target }),
          },
        })
      }
    >
      <TextInput
        label={say('routeName')}
        description={say('ruleNameText')}
        required
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Select
        label={say('kind')}
        value={kind}
        allowDeselect={false}
        onChange={(value) => setKind(value ?? 'mail')}
        data={KINDS.map((value) => ({ value, label: say(value) }))}
      />
      {isToNamed ? (
        <TextInput
          label={say('to')}
          description={say(kind === 'mail' ? 'addresses' : 'recipients')}
          required
          value={to}
          onChange={(event) => setTo(event.currentTarget.value)}
        />
      ) : kind === 'slack' ? (
        <TextInput
          label={say('url')}
          description={say('urlText')}
          type="url"
          required
          autoComplete="off"
          value={url}
          onChange={(event) => setUrl(event.currentTarget.value)}
        />
      ) : (
        <Select
          label={say('webhook')}
          required
          value={webhook}
          onChange={setWebhook}
          data={(webhooks.data?.data ?? []).map((each) => ({ value: each.id, label: each.name }))}
        />
      )}
    </FormDialog>
  )
}
