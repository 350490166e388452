// Running a job again with another input: the form of its kind, what changes, and what the server says of it.
import type { JobDetail, PhiField } from 'orderly/api'
import { Alert } from '@mantine/core'
import { useMemo, useState } from 'react'
import { useRead, useWrite } from '../../api/use.ts'
import { useTexts } from '../../app/texts.ts'
import { Loading } from '../../parts/blank.tsx'
import { ReasonDialog } from '../../parts/reason-dialog.tsx'
import { SchemaForm } from '../../parts/schema-form.tsx'
import { changesOf, withoutMasked } from './edit.ts'
import { JOB_TEXTS } from './texts.ts'

export function RetryEdited({
  job,
  onClose,
  onRetried,
}: {
  readonly job: JobDetail
  readonly onClose: () => void
  readonly onRetried: (id: string) => void
}) {
  const say = useTexts(JOB_TEXTS)
  const type = useRead('types.get', { params: { name: job.type } })
  const before = useMemo(() => withoutMasked(job.input, job.inputFields), [job])
  const [value, setValue] = useState<unknown>(before)
  const write = useWrite('jobs.retry', {
    renews: ['jobs', 'queues', 'failures'],
    done: say('retried'),
    isQuiet: true,
    onDone: ({ id }) => onRetried(id),
  })
  const changes = changesOf(before, value)
  return (
    <ReasonDialog
      title={say('retryTitle')}
      action={say('retry')}
      size="lg"
      isOpen
      isBusy={write.isPending}
      error={write.error}
      onClose={onClose}
      onGo={(reason) =>
        write.mutate({
          params: { id: job.id },
          body: { input: value, reason },
        })
      }
    >
      {hasMasked(job.inputFields) ? <Alert color="violet">{say('maskedInput')}</Alert> : null}
      {type.isLoading ? (
        <Loading />
      ) : (
        <SchemaForm
          schema={type.data?.inputSchema ?? {}}
          value={value}
          onChange={setValue}
          phi={job.inputFields}
          misfits={write.error?.misfits ?? []}
        />
      )}
      <section aria-label={say('diff')}>
        <strong>{say('diff')}</strong>
        {changes.length === 0 ? (
          <p className="quiet">{say('noDiff')}</p>
        ) : (
          <ul className="diff mono">
            {changes.map(({ path, from, to }) => (
              <li key={path}>
                {path}: <del>{from}</del> <ins>{to}</ins>
              </li>
            ))}
          </ul>
        )}
      </section>
    </ReasonDialog>
  )
}

function hasMasked(fields: readonly PhiField[]): boolean {
  return fields.some(({ kind }) => kind !== 'clear')
}
