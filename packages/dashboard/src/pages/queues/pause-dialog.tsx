// Pausing a queue: with a reason, and a time after which it goes on by itself.
import { Select } from '@mantine/core'
import { useState } from 'react'
import { useWrite } from '../../api/use.ts'
import { useFormats } from '../../app/format.ts'
import { useTexts } from '../../app/texts.ts'
import { ReasonDialog } from '../../parts/reason-dialog.tsx'
import { spanOptions } from './span-options.ts'
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
  const format = useFormats()
  const [span, setSpan] = useState('')
  const write = useWrite('queues.pause', {
    renews: ['queues', 'overview', 'jobs'],
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
      <Select
        label={say('pauseFor')}
        value={span}
        onChange={(value) => setSpan(value ?? '')}
        allowDeselect={false}
        data={[
          { value: '', label: say('untilResumed') },
          ...spanOptions(format).map(({ value, label }) => ({
            value,
            label: say('after', { time: label }),
          })),
        ]}
      />
    </ReasonDialog>
  )
}
