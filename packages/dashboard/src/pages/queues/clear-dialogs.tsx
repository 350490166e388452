// Clearing a queue: finished jobs by age, or everything that waits, with the number one has to type.
import { Checkbox, NumberInput, Select } from '@mantine/core'
import { useEffect, useState } from 'react'
import { useWrite } from '../../api/use.ts'
import { useFormats } from '../../app/format.ts'
import { useTexts } from '../../app/texts.ts'
import { ReasonDialog } from '../../parts/reason-dialog.tsx'
import { spanOptions } from '../../parts/span-options.ts'
import { QUEUE_TEXTS } from './texts.ts'

const RENEWS = ['queues', 'jobs', 'overview', 'audit'] as const

export interface ClearDialogProps {
  readonly name: string
  readonly onClose: () => void
}

export function CleanDialog({
  name,
  isOpen,
  onClose,
}: ClearDialogProps & { readonly isOpen: boolean }) {
  const say = useTexts(QUEUE_TEXTS)
  const format = useFormats()
  const [state, setState] = useState<'completed' | 'failed'>('completed')
  const [age, setAge] = useState('24h')
  const write = useWrite('queues.clean', {
    renews: RENEWS,
    isQuiet: true,
    done: ({ cleaned }) => say('cleaned', { n: cleaned }),
    onDone: onClose,
  })
  return (
    <ReasonDialog
      title={`${say('clean')}: ${name}`}
      action={say('clean')}
      isOpen={isOpen}
      isBusy={write.isPending}
      error={write.error}
      isDangerous
      onClose={onClose}
      onGo={(reason) =>
        write.mutate({
          params: { name },
          body: { state, olderThan: age === '' ? '0ms' : age, reason },
        })
      }
    >
      <span className="quiet">{say('cleanText')}</span>
      <Select
        label={say('cleanState')}
        value={state}
        allowDeselect={false}
        onChange={(next) => setState(next === 'failed' ? next : 'completed')}
        data={[
          { value: 'completed', label: say('completed') },
          { value: 'failed', label: say('failed') },
        ]}
      />
      <Select
        label={say('cleanAge')}
        value={age}
        allowDeselect={false}
        onChange={(next) => setAge(next ?? '')}
        data={[
          { value: '', label: say('anyAge') },
          ...spanOptions(format).map(({ value, label }) => ({ value, label })),
        ]}
      />
    </ReasonDialog>
  )
}

export function DrainDialog({ name, onClose }: ClearDialogProps) {
  const say = useTexts(QUEUE_TEXTS)
  const [withDelayed, setDelayed] = useState(false)
  const [typed, setTyped] = useState<number | string>('')
  const plan = useWrite('queues.drain', { isQuiet: true })
  const write = useWrite('queues.drain', {
    renews: RENEWS,
    isQuiet: true,
    done: ({ drained }) => say('drained', { n: drained }),
    onDone: onClose,
  })
  const { mutate } = plan
  useEffect(
    () => mutate({ params: { name }, body: { reason: 'plan', delayed: withDelayed, plan: true } }),
    [mutate, name, withDelayed],
  )
  const planned = plan.data?.planned
  return (
    <ReasonDialog
      title={`${say('drain')}: ${name}`}
      action={say('drain')}
      isOpen
      isBusy={write.isPending}
      error={write.error ?? plan.error}
      isDangerous
      canGo={planned !== undefined && typed === planned}
      onClose={onClose}
      onGo={(reason) =>
        write.mutate({ params: { name }, body: { reason, delayed: withDelayed, plan: false } })
      }
    >
      <span>{say('drainText')}</span>
      <Checkbox
        label={say('drainDelayed')}
        checked={withDelayed}
        onChange={(event) => setDelayed(event.currentTarget.checked)}
      />
      {planned === undefined ? null : <strong>{say('drainPlan', { n: planned })}</strong>}
      <NumberInput
        label={say('drainType')}
        value={typed}
        onChange={setTyped}
        required
        hideControls
      />
    </ReasonDialog>
  )
}
