// Saying that one is at an alert, with a note if one likes.
import { Textarea } from '@mantine/core'
import type { Alert } from 'orderly/api'
import { useState } from 'react'
import { useWrite } from '../../api/use.ts'
import { useTexts } from '../../app/texts.ts'
import { ReasonDialog } from '../../parts/reason-dialog.tsx'
import { ALERT_TEXTS } from './texts.ts'

export function AcknowledgeDialog({
  alert,
  onClose,
}: {
  readonly alert: Alert
  readonly onClose: () => void
}) {
  const say = useTexts(ALERT_TEXTS)
  const [note, setNote] = useState('')
  const write = useWrite('alerts.acknowledge', {
    isQuiet: true,
    done: say('acknowledged'),
    onDone: onClose,
  })
  return (
    <ReasonDialog
      title={say('acknowledgeTitle', { rule: alert.rule })}
      action={say('acknowledge')}
      isOpen
      isReasonNeeded={false}
      isBusy={write.isPending}
      error={write.error}
      onClose={onClose}
      onGo={() =>
        write.mutate({
          params: { id: alert.id },
          body: note.trim() === '' ? {} : { note: note.trim() },
        })
      }
    >
      <Textarea
        label={say('note')}
        description={say('noteText')}
        autosize
        minRows={2}
        maxLength={500}
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
      />
    </ReasonDialog>
  )
}
