// Pausing a schedule: with a reason, and a time after which it goes on by itself.
import { useState } from 'react'
import { useWrite } from '../../api/use.ts'
import { useTexts } from '../../app/texts.ts'
import { PauseFor } from '../../parts/pause-for.tsx'
import { ReasonDialog } from '../../parts/reason-dialog.tsx'
import { SCHEDULE_TEXTS } from './texts.ts'

export function PauseDialog({
  id,
  isOpen,
  onClose,
}: {
  readonly id: string
  readonly isOpen: boolean
  readonly onClose: () => void
}) {
  const say = useTexts(SCHEDULE_TEXTS)
  const [span, setSpan] = useState('')
  const pause = useWrite('schedules.pause', { isQuiet: true, onDone: onClose })
  return (
    <ReasonDialog
      title={`${say('pause')}: ${id}`}
      action={say('pause')}
      isOpen={isOpen}
      isBusy={pause.isPending}
      error={pause.error}
      onClose={onClose}
      onGo={(reason) =>
        pause.mutate({ params: { id }, body: { reason, ...(span === '' ? {} : { for: span }) } })
      }
    >
      <PauseFor value={span} onChange={setSpan} />
    </ReasonDialog>
  )
}
