// What one may do with a job as it stands: run again, with another input, cancel, let it run now, delete.
import type { JobDetail } from 'orderly/api'
import { Button, Menu } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useRead, useWrite } from '../../api/use.ts'
import { useTexts } from '../../app/texts.ts'
import {
  IconBan,
  IconChevronDown,
  IconPencil,
  IconPlayerPlay,
  IconRepeat,
  IconRoute,
  IconTrash,
} from '../../look/icons.ts'
import { ReasonDialog } from '../../parts/reason-dialog.tsx'
import { RetryEdited } from './retry-edited.tsx'
import { RetryFromStep } from './retry-from-step.tsx'
import { JOB_TEXTS } from './texts.ts'

const RENEWS = ['jobs', 'queues', 'overview', 'failures'] as const
export type JobDialog = 'retry' | 'edited' | 'step' | 'cancel' | 'delete'

export function JobActions({
  job,
  dialog,
  setDialog,
}: {
  readonly job: JobDetail
  /** Which dialog is open. */
  readonly dialog: JobDialog | undefined
  readonly setDialog: (dialog: JobDialog | undefined) => void
}) {
  const say = useTexts(JOB_TEXTS)
  const navigate = useNavigate()
  const close = (): void => setDialog(undefined)
  const params = { id: job.id }
  const open = (id: string): void => {
    close()
    void navigate({ to: '/jobs/$id', params: { id } })
  }
  const retry = useWrite('jobs.retry', {
    renews: RENEWS,
    done: say('retried'),
    isQuiet: true,
    onDone: ({ id }) => open(id),
  })
  const cancel = useWrite('jobs.cancel', {
    renews: RENEWS,
    done: ({ outcome }) =>
      say(
        outcome === 'cancelled'
          ? 'cancelDone'
          : outcome === 'cancelling'
            ? 'cancelling'
            : 'cancelLate',
      ),
    isQuiet: true,
    onDone: close,
  })
  const promote = useWrite('jobs.promote', { renews: RENEWS, done: say('promoted') })
  const remove = useWrite('jobs.delete', {
    renews: RENEWS,
    done: say('deleted'),
    isQuiet: true,
    onDone: close,
  })
  const may = (action: string): boolean => job.actions.some((each) => each === action)
  const steps = useRead('jobs.steps', { params }, { enabled: may('retry') })
  const hasSteps = steps.data?.data.some(({ kind }) => kind === 'step') ?? false
  return (
    <>
      {may('promote') ? (
        <Button
          leftSection={<IconPlayerPlay size={16} aria-hidden />}
          loading={promote.isPending}
          onClick={() => promote.mutate({ params })}
        >
          {say('promote')}
        </Button>
      ) : null}
      {may('retry') ? (
        <Button.Group>
          <Button
            leftSection={<IconRepeat size={16} aria-hidden />}
            onClick={() => setDialog('retry')}
          >
            {say('retry')}
          </Button>
          <Menu position="bottom-end">
            <Menu.Target>
              <Button px="xs" aria-label={say('moreWays')}>
                <IconChevronDown size={15} />
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item leftSection={<IconPencil size={15} />} onClick={() => setDialog('edited')}>
                {say('retryEdited')}
              </Menu.Item>
              {hasSteps ? (
                <Menu.Item leftSection={<IconRoute size={15} />} onClick={() => setDialog('step')}>
                  {say('fromStep')}
                </Menu.Item>
              ) : null}
              {may('delete') ? (
                <Menu.Item
                  color="red"
                  leftSection={<IconTrash size={15} />}
                  onClick={() => setDialog('delete')}
                >
                  {say('delete')}
                </Menu.Item>
              ) : null}
            </Menu.Dropdown>
          </Menu>
        </Button.Group>
      ) : null}
      {may('cancel') ? (
        <Button
          variant="default"
          leftSection={<IconBan size={16} aria-hidden />}
          onClick={() => setDialog('cancel')}
        >
          {say('cancel')}
        </Button>
      ) : null}
      <ReasonDialog
        title={say('retryTitle')}
        action={say('retry')}
        isOpen={dialog === 'retry'}
        isBusy={retry.isPending}
        error={retry.error}
        onClose={close}
        onGo={(reason) => retry.mutate({ params, body: { reason } })}
      >
        <span className="quiet">{say('retryText')}</span>
      </ReasonDialog>
      <ReasonDialog
        title={say('cancelTitle')}
        action={say('cancelTitle')}
        isOpen={dialog === 'cancel'}
        isBusy={cancel.isPending}
        error={cancel.error}
        isDangerous
        onClose={close}
        onGo={(reason) => cancel.mutate({ params, body: { reason } })}
      >
        <span className="quiet">{say('cancelText')}</span>
      </ReasonDialog>
      <ReasonDialog
        title={say('deleteTitle')}
        action={say('delete')}
        isOpen={dialog === 'delete'}
        isBusy={remove.isPending}
        error={remove.error}
        isDangerous
        isReasonNeeded={false}
        onClose={close}
        onGo={() => remove.mutate({ params })}
      >
        <span className="quiet">{say('deleteText')}</span>
      </ReasonDialog>
      {dialog === 'edited' ? <RetryEdited job={job} onClose={close} onRetried={open} /> : null}
      {dialog === 'step' ? <RetryFromStep job={job} onClose={close} onRetried={open} /> : null}
    </>
  )
}
