// The limits of a queue and its kinds of job: what holds, what code says, who set another one and why.
import type { Limit } from 'orderly/api'
import { Button, NumberInput, Select } from '@mantine/core'
import { useState } from 'react'
import { useWrite } from '../../api/use.ts'
import { useFormats } from '../../app/format.ts'
import { useNow } from '../../app/now.ts'
import { useSession } from '../../app/session.ts'
import { useTexts } from '../../app/texts.ts'
import { Blank } from '../../parts/blank.tsx'
import { List } from '../../parts/list.tsx'
import { Card } from '../../parts/page.tsx'
import { ReasonDialog } from '../../parts/reason-dialog.tsx'
import { spanOptions } from '../../parts/span-options.ts'
import { QUEUE_TEXTS } from './texts.ts'

/** The limit every queue can be given, whatever its code says. */
function openLimit(queue: string): Limit {
  return {
    kind: 'queue',
    name: queue,
    limit: 'concurrency',
    value: 10,
    code: null,
    per: null,
    override: null,
  }
}

export function LimitsCard({
  queue,
  limits,
  chosen,
  onChoose: setChosen,
}: {
  readonly queue: string
  readonly limits: readonly Limit[]
  /** The limit that is to be changed. */
  readonly chosen: Limit | undefined
  readonly onChoose: (limit: Limit | undefined) => void
}) {
  const say = useTexts(QUEUE_TEXTS)
  const format = useFormats()
  const now = useNow()
  const { can } = useSession()
  const reset = useWrite('limits.reset', { renews: ['queues', 'audit'], done: say('resetDone') })
  const written = ({ per }: Limit, value: number | null): string =>
    value === null
      ? say('noLimit')
      : per === null
        ? format.number(value)
        : say('perTime', { value, time: format.span(per) })
  return (
    <Card
      title={say('limits')}
      isFlush
      actions={
        can('queues:control') &&
        !limits.some(({ kind, limit }) => kind === 'queue' && limit === 'concurrency') ? (
          <Button size="compact-md" variant="default" onClick={() => setChosen(openLimit(queue))}>
            {say('setLimit')}
          </Button>
        ) : null
      }
    >
      <List
        label={say('limits')}
        rows={limits}
        rowKey={({ kind, name, limit }) => `${kind} ${name} ${limit}`}
        empty={<Blank title={say('noLimits')}>{say('noLimitsText')}</Blank>}
        columns={[
          { key: 'of', label: say('limitOf'), cell: ({ name }) => <strong>{name}</strong> },
          { key: 'limit', label: say('limit'), cell: ({ limit }) => say(limit) },
          {
            key: 'value',
            label: say('inForce'),
            isNumber: true,
            cell: (each) => written(each, each.value),
          },
          {
            key: 'code',
            label: say('inCode'),
            isNumber: true,
            cell: (each) => written(each, each.code),
          },
          {
            key: 'why',
            label: <span className="only-read">{say('why')}</span>,
            cell: ({ override }) =>
              override ? (
                <span>
                  {say('setBy', {
                    who: override.by,
                    when: format.relative(override.at, now),
                    reason: override.reason,
                  })}
                </span>
              ) : null,
          },
          {
            key: 'actions',
            label: <span className="only-read">{say('more')}</span>,
            isNumber: true,
            cell: (each) =>
              can('queues:control') ? (
                <span style={{ display: 'inline-flex', gap: '0.4rem' }}>
                  {each.override ? (
                    <Button
                      size="compact-sm"
                      variant="subtle"
                      onClick={() =>
                        reset.mutate({
                          body: { kind: each.kind, name: each.name, limit: each.limit },
                        })
                      }
                    >
                      {say('reset')}
                    </Button>
                  ) : null}
                  <Button size="compact-sm" variant="default" onClick={() => setChosen(each)}>
                    {say('override')}
                  </Button>
                </span>
              ) : null,
          },
        ]}
      />
      {chosen ? <OverrideDialog limit={chosen} onClose={() => setChosen(undefined)} /> : null}
    </Card>
  )
}

function OverrideDialog({
  limit,
  onClose,
}: {
  readonly limit: Limit
  readonly onClose: () => void
}) {
  const say = useTexts(QUEUE_TEXTS)
  const format = useFormats()
  const [value, setValue] = useState<number | string>(limit.value)
  const [span, setSpan] = useState('1h')
  const write = useWrite('limits.override', {
    renews: ['queues', 'audit'],
    isQuiet: true,
    done: (set) => say('overrideDone', { value: set.value }),
    onDone: onClose,
  })
  return (
    <ReasonDialog
      title={say('overrideTitle', { name: limit.name })}
      action={say('override')}
      isOpen
      isBusy={write.isPending}
      error={write.error}
      canGo={typeof value === 'number' && value >= 1}
      onClose={onClose}
      onGo={(reason) =>
        write.mutate({
          body: {
            kind: limit.kind,
            name: limit.name,
            limit: limit.limit,
            value: Number(value),
            reason,
            ...(span === '' ? {} : { for: span }),
          },
        })
      }
    >
      <NumberInput
        label={`${say('newValue')} (${say(limit.limit)})`}
        min={1}
        allowDecimal={false}
        value={value}
        onChange={setValue}
        required
      />
      <Select
        label={say('holdsFor')}
        value={span}
        allowDeselect={false}
        onChange={(next) => setSpan(next ?? '')}
        data={[
          ...spanOptions(format).map(({ value, label }) => ({ value, label })),
          { value: '', label: say('untilReset') },
        ]}
      />
    </ReasonDialog>
  )
}
