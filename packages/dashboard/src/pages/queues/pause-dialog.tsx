// Pausing a queue: with a reason, and a time after which it goes on by itself.
import { useState } from 'react'
import { useWrite } from '../../api/use.ts'
import { useTexts } from '../../app/texts.ts'
import { PauseFor } from '../../parts/pause-for.tsx'
import { ReasonDialog } from '../../parts/reason-dialog.tsx'
import { QUEUE_TEXTS } from './texts.ts'

export function PauseDialog({
  name,
  isOpen,
  onClose,
}: {
  readonly name: string
  readonly isOpen: boolean
  readonly onClose: () => void
}) {
  const say = useTexts(QUEUE_TEXTS)
  const [span, setSpan] = useState('')
  const write = useWrite('queues.pause', {
    renews: ['queues', 'overview', 'jobs', 'audit'],
    done: say('pausedDone', { name }),
    isQuiet: true,
    onDone: onClose,
  })
  return (
    <ReasonDialog
      title={say('pauseTitle', { name })}
      action={say('pause')}
      isOpen={isOpen}
      isBusy={write.isPending}
      error={write.error}
      onClose={onClose}
      onGo={(reason) =>
        write.mutate({
          params: { name },
          body: { reason, ...(span === '' ? {} : { for: span }) },
        })
      }
    >
      <span className="quiet">{say('pauseText')}</span>
      <PauseFor value={span} onChange={setSpan} />
    </ReasonDialog>
  )
}
