// Running a job again from one of its steps on: what it recorded before is taken over and not done again.
import type { JobDetail } from 'orderly/api'
import { Radio, Stack } from '@mantine/core'
import { useState } from 'react'
import { useRead, useWrite } from '../../api/use.ts'
import { useTexts } from '../../app/texts.ts'
import { Instant } from '../../parts/instant.tsx'
import { Answered } from '../../parts/list.tsx'
import { ReasonDialog } from '../../parts/reason-dialog.tsx'
import { JOB_TEXTS } from './texts.ts'

export function RetryFromStep({
  job,
  onClose,
  onRetried,
}: {
  readonly job: JobDetail
  readonly onClose: () => void
  readonly onRetried: (id: string) => void
}) {
  const say = useTexts(JOB_TEXTS)
  const read = useRead('jobs.steps', { params: { id: job.id } })
  const [chosen, setChosen] = useState('')
  const write = useWrite('jobs.retry', {
    renews: ['jobs', 'queues', 'failures'],
    done: say('retried'),
    isQuiet: true,
    onDone: ({ id }) => onRetried(id),
  })
  const steps = read.data?.data.filter(({ kind }) => kind === 'step') ?? []
  // Where it stopped: that is what one mostly wants.
  const after = chosen === '' ? (steps.at(-1)?.name ?? '') : chosen
  return (
    <ReasonDialog
      title={say('fromStepTitle')}
      action={say('retry')}
      size="lg"
      isOpen
      isBusy={write.isPending}
      error={write.error}
      canGo={after !== ''}
      onClose={onClose}
      onGo={(reason) =>
        write.mutate({ params: { id: job.id }, body: { afterStep: after, reason } })
      }
    >
      <span className="quiet">{say('fromStepText')}</span>
      <Answered read={read} lines={3}>
        {() => (
          <Radio.Group label={say('takeOver')} value={after} onChange={setChosen}>
            <Stack gap="xs" mt="xs">
              {steps.map(({ name, at }, index) => {
                const next = steps[index + 1]?.name
                return (
                  <Radio
                    key={name}
                    value={name}
                    label={
                      next === undefined
                        ? say('fromWhereItStopped', { step: name })
                        : say('fromNext', { step: name, next })
                    }
                    description={
                      <>
                        {say('stepDone')} <Instant at={at} as="full" />
                      </>
                    }
                  />
                )
              })}
            </Stack>
          </Radio.Group>
        )}
      </Answered>
    </ReasonDialog>
  )
}
