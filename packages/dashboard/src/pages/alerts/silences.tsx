// What nobody is told of: until when and why, and how to silence more.
import { Button, Select, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useRead, useWrite } from '../../api/use.ts'
import { useFormats } from '../../app/format.ts'
import { useSession } from '../../app/session.ts'
import { useTexts } from '../../app/texts.ts'
import { Blank } from '../../parts/blank.tsx'
import { Instant } from '../../parts/instant.tsx'
import { ListCard } from '../../parts/list-card.tsx'
import { ReasonDialog } from '../../parts/reason-dialog.tsx'
import { spanOptions } from '../../parts/span-options.ts'
import { ALERT_TEXTS } from './texts.ts'

export function Silences() {
  const say = useTexts(ALERT_TEXTS)
  const { can } = useSession()
  const read = useRead('alertSilences.list', {}, { every: 15_000 })
  const end = useWrite('alertSilences.end', { renews: ['alerts'], done: say('ended') })
  const [isMaking, setMaking] = useState(false)
  return (
    <ListCard
      title={say('silences')}
      read={read}
      maker={
        can('alerts:write')
          ? { label: say('makeSilence'), onMake: () => setMaking(true) }
          : undefined
      }
      rowKey={({ id }) => id}
      empty={<Blank title={say('noSilences')}>{say('noSilencesText')}</Blank>}
      columns={[
        { key: 'rule', label: say('rule'), cell: ({ rule }) => <strong>{rule}</strong> },
        {
          key: 'subject',
          label: say('subject'),
          isClipped: true,
          cell: ({ subject }) =>
            subject === '*' ? say('anything') : <span className="mono">{subject}</span>,
        },
        { key: 'reason', label: say('reason'), cell: ({ reason }) => reason },
        { key: 'by', label: say('by'), cell: ({ by }) => by },
        {
          key: 'until',
          label: say('until'),
          isNumber: true,
          cell: ({ until }) => <Instant at={until} />,
        },
      ]}
      actions={({ id }) =>
        can('alerts:write') ? (
          <Button
            size="compact-sm"
            variant="default"
            loading={end.isPending && end.variables.params.id === id}
            onClick={() => end.mutate({ params: { id } })}
          >
            {say('end')}
          </Button>
        ) : null
      }
    >
      {isMaking ? <SilenceDialog onClose={() => setMaking(false)} /> : null}
    </ListCard>
  )
}

export function SilenceDialog({
  rule: given = '',
  subject: about = '',
  onClose,
}: {
  readonly rule?: string
  readonly subject?: string
  readonly onClose: () => void
}) {
  const say = useTexts(ALERT_TEXTS)
  const format = useFormats()
  const [rule, setRule] = useState(given)
  const [subject, setSubject] = useState(about)
  const [span, setSpan] = useState('1h')
  const write = useWrite('alertSilences.create', {
    renews: ['alerts'],
    isQuiet: true,
    done: (made) => say('silenceDone', { rule: made.rule }),
    onDone: onClose,
  })
  return (
    <ReasonDialog
      title={say('makeSilence')}
      action={say('silence')}
      isOpen
      isBusy={write.isPending}
      error={write.error}
      canGo={rule.trim() !== ''}
      onClose={onClose}
      onGo={(reason) =>
        write.mutate({
          body: {
            rule: rule.trim(),
            for: span,
            reason,
            ...(subject.trim() === '' ? {} : { subject: subject.trim() }),
          },
        })
      }
    >
      <span className="quiet">{say('silenceText')}</span>
      <TextInput
        label={say('silenceRule')}
        description={say('silenceRuleText')}
        required
        value={rule}
        onChange={(event) => setRule(event.currentTarget.value)}
      />
      <TextInput
        label={say('silenceSubject')}
        placeholder={say('anything')}
        value={subject}
        onChange={(event) => setSubject(event.currentTarget.value)}
      />
      <Select
        label={say('silenceFor')}
        value={span}
        allowDeselect={false}
        onChange={(value) => setSpan(value ?? '1h')}
        data={spanOptions(format).map(({ value, label }) => ({ value, label }))}
      />
    </ReasonDialog>
  )
}
