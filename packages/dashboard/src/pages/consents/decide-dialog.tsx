// The decision of a second person, with the words of who asks before their eyes.
import { SegmentedControl, Textarea } from '@mantine/core'
import { useState } from 'react'
import { useRead, useWrite } from '../../api/use.ts'
import { useTexts } from '../../app/texts.ts'
import { Failure, Loading } from '../../parts/blank.tsx'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { StepUp } from '../../parts/step-up.tsx'
import type { Consent } from './page.tsx'
import { CONSENT_TEXTS } from './texts.ts'

export function DecideDialog({
  consent,
  onClose,
}: {
  readonly consent: Consent
  readonly onClose: () => void
}) {
  const say = useTexts(CONSENT_TEXTS)
  const params = { id: consent.id }
  const read = useRead('approvals.get', { params })
  const [verdict, setVerdict] = useState<'consent' | 'refuse'>('consent')
  const [note, setNote] = useState('')
  const write = useWrite('approvals.decide', {
    isQuiet: true,
    done: say('decided'),
    onDone: onClose,
  })
  const decide = (): void =>
    write.mutate({
      params,
      body: {
        approve: verdict === 'consent',
        ...(note.trim() === '' ? {} : { text: note.trim() }),
      },
    })
  const mustReadAnew = read.error?.code === 'ORDERLY_STEP_UP_NEEDED'
  const mustDecideAnew = write.error?.code === 'ORDERLY_STEP_UP_NEEDED'
  return (
    <FormDialog
      title={say('decideTitle')}
      action={say(verdict)}
      isDangerous={verdict === 'refuse'}
      isBusy={write.isPending}
      canGo={read.data !== undefined}
      error={mustDecideAnew ? undefined : write.error}
      onClose={onClose}
      onGo={decide}
    >
      <span className="quiet">{say('decideText')}</span>
      {mustReadAnew ? (
        <StepUp onDone={() => void read.refetch()} />
      ) : read.error ? (
        <Failure error={read.error} />
      ) : read.data ? (
        <div>
          <strong>{say('why')}</strong>
          <div style={{ overflowWrap: 'anywhere' }}>{read.data.text}</div>
        </div>
      ) : (
        <Loading lines={2} />
      )}
      <SegmentedControl
        aria-label={say('verdict')}
        value={verdict}
        onChange={(next) => setVerdict(next)}
        data={[
          { value: 'consent', label: say('consent') },
          { value: 'refuse', label: say('refuse') },
        ]}
      />
      <Textarea
        label={say('note')}
        autosize
        minRows={2}
        maxLength={500}
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
      />
      {mustDecideAnew ? <StepUp onDone={decide} /> : null}
    </FormDialog>
  )
}
