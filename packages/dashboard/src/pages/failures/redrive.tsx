// Putting dead letters back in their queues: how many, at what pace, and why.
import { NumberInput } from '@mantine/core'
import { useState } from 'react'
import { useWrite } from '../../api/use.ts'
import { useTexts } from '../../app/texts.ts'
import { ReasonDialog } from '../../parts/reason-dialog.tsx'
import type { FailureGroup } from './groups.tsx'
import { FAILURE_TEXTS } from './texts.ts'

export function RedriveDialog({
  group,
  onClose,
}: {
  readonly group: FailureGroup
  readonly onClose: () => void
}) {
  const say = useTexts(FAILURE_TEXTS)
  const [pace, setPace] = useState<number | string>(10)
  const write = useWrite('deadLetters.redrive', {
    renews: ['failures', 'jobs', 'queues', 'overview'],
    isQuiet: true,
    done: ({ redriven, skipped }) => say('redriven', { n: redriven, skipped }),
    onDone: onClose,
  })
  return (
    <ReasonDialog
      title={say('redriveTitle', { n: group.count })}
      action={say('redriveGo')}
      isOpen
      isBusy={write.isPending}
      error={write.error}
      canGo={typeof pace === 'number' && pace >= 1}
      onClose={onClose}
      onGo={(reason) =>
        write.mutate({
          body: {
            type: group.type,
            queue: group.queue,
            ...(group.fingerprint === null ? {} : { fingerprint: group.fingerprint }),
            ...(group.fingerprint === null && group.errorCode !== null
              ? { errorCode: group.errorCode }
              : {}),
            reason,
            perSecond: Number(pace),
          },
        })
      }
    >
      <span className="quiet">{say('redriveText', { queue: group.queue })}</span>
      <NumberInput
        label={say('pace')}
        min={1}
        max={1_000}
        value={pace}
        onChange={setPace}
        required
      />
    </ReasonDialog>
  )
}
