// One webhook: what was delivered, delivering again, a test, a new secret, pausing and ending it.
import { Button, Group } from '@mantine/core'
import type { Webhook } from 'orderly/api'
import { useState } from 'react'
import { useRead, useWrite } from '../../api/use.ts'
import { useFormats } from '../../app/format.ts'
import { useSession } from '../../app/session.ts'
import { useTexts } from '../../app/texts.ts'
import { Blank } from '../../parts/blank.tsx'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { Instant, Span } from '../../parts/instant.tsx'
import { Answered, List } from '../../parts/list.tsx'
import { ShownOnce } from '../../parts/shown-once.tsx'
import { StateBadge } from '../../parts/state-badge.tsx'
import { WEBHOOK_TEXTS } from './webhook-texts.ts'
import { SideDialog } from '../../parts/dialog.tsx'

const DELIVERY_STATES = { due: 'delayed', delivered: 'completed', dead: 'dead' } as const

export function WebhookDrawer({
  webhook,
  onClose,
}: {
  readonly webhook: Webhook
  readonly onClose: () => void
}) {
  const say = useTexts(WEBHOOK_TEXTS)
  const { can } = useSession()
  const [asked, setAsked] = useState<'rotate' | 'remove'>()
  const params = { id: webhook.id }
  const test = useWrite('webhooks.test', { done: say('tested') })
  const change = useWrite('webhooks.change')
  const redeliver = useWrite('webhooks.redeliver', {
    done: ({ count }) => say('redelivered', { n: count }),
  })
  return (
    <SideDialog opened onClose={onClose} position="right" size="xl" title={webhook.name}>
      <div className="stack">
        <span className="mono" style={{ overflowWrap: 'anywhere' }}>
          {webhook.url}
        </span>
        {webhook.reason === null ? null : <span>{webhook.reason}</span>}
        {can('webhooks:write') ? (
          <Group gap="xs">
            <Button
              size="compact-md"
              loading={test.isPending}
              onClick={() => test.mutate({ params })}
            >
              {say('test')}
            </Button>
            <Button
              size="compact-md"
              variant="default"
              loading={redeliver.isPending}
              onClick={() => redeliver.mutate({ params, body: { delivery: 'dead' } })}
            >
              {say('allDead')}
            </Button>
            <Button
              size="compact-md"
              variant="default"
              loading={change.isPending}
              onClick={() =>
                change.mutate({
                  params,
                  body: { state: webhook.state === 'active' ? 'paused' : 'active' },
                })
              }
            >
              {say(webhook.state === 'active' ? 'pause' : 'resume')}
            </Button>
            <Button size="compact-md" variant="default" onClick={() => setAsked('rotate')}>
              {say('rotate')}
            </Button>
            <Button
              size="compact-md"
              variant="subtle"
              color="red"
              onClick={() => setAsked('remove')}
            >
              {say('remove')}
            </Button>
          </Group>
        ) : null}
        <Deliveries
          webhook={webhook.id}
          onAgain={(delivery) => redeliver.mutate({ params, body: { delivery } })}
        />
      </div>
      {asked === 'rotate' ? (
        <RotateDialog webhook={webhook} onClose={() => setAsked(undefined)} />
      ) : null}
      {asked === 'remove' ? (
        <RemoveDialog webhook={webhook} onClose={() => setAsked(undefined)} onDone={onClose} />
      ) : null}
    </SideDialog>
  )
}

function Deliveries({
  webhook,
  onAgain,
}: {
  readonly webhook: string
  readonly onAgain: (delivery: string) => void
}) {
  const say = useTexts(WEBHOOK_TEXTS)
  const { can } = useSession()
  const read = useRead('webhooks.deliveries', { params: { id: webhook } }, { every: 5_000 })
  return (
    <section className="card flush">
      <Answered read={read}>
        {({ data }) => (
          <List
            label={say('deliveries')}
            rows={data}
            rowKey={({ id }) => id}
            empty={<Blank title={say('noDeliveries')} />}
            columns={[
              { key: 'event', label: say('event'), cell: ({ type }) => <strong>{type}</strong> },
              {
                key: 'state',
                label: say('state'),
                cell: ({ state }) => (
                  <StateBadge state={DELIVERY_STATES[state]} label={say(state)} />
                ),
              },
              {
                key: 'status',
                label: say('status'),
                cell: ({ status, error }) => (
                  <span className="quiet">{error ?? status ?? '–'}</span>
                ),
              },
              {
                key: 'attempts',
                label: say('attempts'),
                isNumber: true,
                cell: ({ attempts }) => attempts,
              },
              {
                key: 'took',
                label: say('took'),
                isNumber: true,
                cell: ({ took }) => <Span ms={took} />,
              },
              {
                key: 'when',
                label: say('when'),
                isNumber: true,
                cell: ({ createdAt }) => <Instant at={createdAt} />,
              },
            ]}
            actions={({ id, state }) =>
              state !== 'due' && can('webhooks:write') ? (
                <Button size="compact-sm" variant="default" onClick={() => onAgain(id)}>
                  {say('again')}
                </Button>
              ) : null
            }
          />
        )}
      </Answered>
    </section>
  )
}

function RotateDialog({
  webhook,
  onClose,
}: {
  readonly webhook: Webhook
  readonly onClose: () => void
}) {
  const say = useTexts(WEBHOOK_TEXTS)
  const format = useFormats()
  const rotate = useWrite('webhooks.rotateSecret', { isQuiet: true })
  return (
    <FormDialog
      title={say('rotateTitle', { name: webhook.name })}
      action={say('rotate')}
      isBusy={rotate.isPending}
      error={rotate.error}
      onClose={onClose}
      onGo={() => rotate.mutate({ params: { id: webhook.id }, body: {} })}
      done={
        rotate.data ? (
          <ShownOnce
            text={`${say('secret')} ${say('secretUntil', { time: format.fullTime(rotate.data.oldUntil) })}`}
            secret={rotate.data.secret}
            onClose={onClose}
          />
        ) : undefined
      }
    >
      <span>{say('rotateText')}</span>
    </FormDialog>
  )
}

function RemoveDialog({
  webhook,
  onClose,
  onDone,
}: {
  readonly webhook: Webhook
  readonly onClose: () => void
  readonly onDone: () => void
}) {
  const say = useTexts(WEBHOOK_TEXTS)
  const remove = useWrite('webhooks.remove', {
    isQuiet: true,
    done: say('removed', { name: webhook.name }),
    onDone,
  })
  return (
    <FormDialog
      title={say('removeTitle', { name: webhook.name })}
      action={say('remove')}
      isDangerous
      isBusy={remove.isPending}
      error={remove.error}
      onClose={onClose}
      onGo={() => remove.mutate({ params: { id: webhook.id } })}
    >
      <span>{say('removeText')}</span>
    </FormDialog>
  )
}
