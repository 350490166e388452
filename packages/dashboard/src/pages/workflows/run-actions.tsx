// What one may do with a run and its steps as they stand: each is asked for in a dialog of its own.
import { ActionIcon, Autocomplete, Button, JsonInput, Menu, Select } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useWrite } from '../../api/use.ts'
import { useSession } from '../../app/session.ts'
import { useTexts } from '../../app/texts.ts'
import {
  IconArrowRight,
  IconBan,
  IconChevronDown,
  IconPlayerPause,
  IconPlayerPlay,
  IconPoint,
  IconRepeat,
  IconRoute,
} from '../../look/icons.ts'
import { ReasonDialog } from '../../parts/reason-dialog.tsx'
import {
  canPause,
  canResume,
  canRetry,
  isOver,
  isSkippable,
  signalsOf,
  skippableSteps,
  type Run,
  type RunStep,
} from './run-rules.ts'
import { RUN_TEXTS } from './run-texts.ts'

type Dialog = 'pause' | 'resume' | 'retry' | 'skip' | 'fork' | 'signal' | 'cancel'

interface Asked {
  readonly dialog: Dialog
  /** The step it is about, where it was chosen with it. */
  readonly step?: string
}

export function RunActions({
  run,
  steps,
}: {
  readonly run: Run
  readonly steps: readonly string[]
}) {
  const say = useTexts(RUN_TEXTS)
  const { can } = useSession()
  const [asked, setAsked] = useState<Asked>()
  if (!can('workflows:run')) return null
  const ask = (dialog: Dialog) => (): void => setAsked({ dialog })
  return (
    <>
      {canPause(run) ? (
        <Button
          variant="default"
          leftSection={<IconPlayerPause size={16} aria-hidden />}
          onClick={ask('pause')}
        >
          {say('pause')}
        </Button>
      ) : null}
      {canResume(run) ? (
        <Button leftSection={<IconPlayerPlay size={16} aria-hidden />} onClick={ask('resume')}>
          {say('resume')}
        </Button>
      ) : null}
      {canRetry(run) ? (
        <Button leftSection={<IconRepeat size={16} aria-hidden />} onClick={ask('retry')}>
          {say('retry')}
        </Button>
      ) : null}
      <Menu position="bottom-end">
        <Menu.Target>
          <Button variant="default" rightSection={<IconChevronDown size={15} aria-hidden />}>
            {say('more')}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {isOver(run) ? null : (
            <Menu.Item leftSection={<IconPoint size={15} />} onClick={ask('signal')}>
              {say('signal')}
            </Menu.Item>
          )}
          {skippableSteps(run, steps).length === 0 ? null : (
            <Menu.Item leftSection={<IconArrowRight size={15} />} onClick={ask('skip')}>
              {say('skip')}
            </Menu.Item>
          )}
          <Menu.Item leftSection={<IconRoute size={15} />} onClick={ask('fork')}>
            {say('fork')}
          </Menu.Item>
          {isOver(run) ? null : (
            <Menu.Item color="red" leftSection={<IconBan size={15} />} onClick={ask('cancel')}>
              {say('cancel')}
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      {asked ? (
        <ActionDialog {...{ run, steps, asked }} onClose={() => setAsked(undefined)} />
      ) : null}
    </>
  )
}

/** What one may do with one step, at its row. */
export function StepActions({
  run,
  step,
  steps,
}: {
  readonly run: Run
  readonly step: RunStep
  readonly steps: readonly string[]
}) {
  const say = useTexts(RUN_TEXTS)
  const { can } = useSession()
  const [asked, setAsked] = useState<Asked>()
  if (!can('workflows:run')) return null
  const ask = (dialog: Dialog) => (): void => setAsked({ dialog, step: step.node })
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" aria-label={say('ofStep', { node: step.node })}>
            <IconChevronDown size={15} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {canRetry(run) && step.state === 'failed' ? (
            <Menu.Item leftSection={<IconRepeat size={15} />} onClick={ask('retry')}>
              {say('retryStep')}
            </Menu.Item>
          ) : null}
          {isSkippable(run, step) ? (
            <Menu.Item leftSection={<IconArrowRight size={15} />} onClick={ask('skip')}>
              {say('skip')}
            </Menu.Item>
          ) : null}
          {step.waitsFor?.startsWith('signal/') ? (
            <Menu.Item leftSection={<IconPoint size={15} />} onClick={ask('signal')}>
              {say('signal')}
            </Menu.Item>
          ) : null}
          <Menu.Item leftSection={<IconRoute size={15} />} onClick={ask('fork')}>
            {say('forkHere')}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {asked ? (
        <ActionDialog {...{ run, steps, asked }} onClose={() => setAsked(undefined)} />
      ) : null}
    </>
  )
}

interface DialogProps {
  readonly run: Run
  readonly steps: readonly string[]
  readonly asked: Asked
  readonly onClose: () => void
}

const RENEWS = ['workflows', 'jobs', 'overview', 'queues'] as const

function ActionDialog({ run, steps, asked, onClose }: DialogProps) {
  const say = useTexts(RUN_TEXTS)
  const navigate = useNavigate()
  const { dialog } = asked
  const params = { id: run.id }
  const [step, setStep] = useState<string | null>(asked.step ?? null)
  const options = { renews: RENEWS, isQuiet: true, onDone: onClose } as const
  const pause = useWrite('runs.pause', { ...options, done: say('paused') })
  const resume = useWrite('runs.resume', { ...options, done: say('resumed') })
  const retry = useWrite('runs.retry', { ...options, done: say('retried') })
  const skip = useWrite('runs.skip', { ...options, done: say('skipped') })
  const cancel = useWrite('runs.cancel', { ...options, done: say('cancelled') })
  const fork = useWrite('runs.fork', {
    ...options,
    done: say('forked'),
    onDone: ({ id }) => {
      onClose()
      void navigate({ to: '/runs/$id', params: { id } })
    },
  })
  if (dialog === 'signal') return <SignalDialog {...{ run, asked, onClose }} />
  const write = { pause, resume, retry, skip, cancel, fork }[dialog]
  const choices = dialog === 'skip' ? skippableSteps(run, steps) : steps
  const wantsStep = dialog === 'skip' || dialog === 'fork'
  const go = (reason: string): void => {
    if (dialog === 'pause') pause.mutate({ params, body: { reason } })
    else if (dialog === 'resume') resume.mutate({ params })
    else if (dialog === 'cancel') cancel.mutate({ params })
    else if (dialog === 'retry')
      retry.mutate({ params, ...(asked.step === undefined ? {} : { body: { node: asked.step } }) })
    else if (step !== null && dialog === 'skip')
      skip.mutate({ params, body: { node: step, reason } })
    else if (step !== null) fork.mutate({ params, body: { node: step, reason } })
  }
  const title = dialog === 'retry' && asked.step !== undefined ? say('retryStep') : say(dialog)
  return (
    <ReasonDialog
      title={title}
      action={title}
      isOpen
      isBusy={write.isPending}
      error={write.error}
      isDangerous={dialog === 'cancel'}
      isReasonNeeded={dialog === 'pause' || dialog === 'skip' || dialog === 'fork'}
      canGo={!wantsStep || step !== null}
      onClose={onClose}
      onGo={go}
    >
      <span className="quiet">{say(`${dialog}Text`)}</span>
      {wantsStep ? (
        <Select
          label={say('step')}
          required
          searchable
          data={[...choices]}
          value={step}
          onChange={setStep}
        />
      ) : asked.step === undefined ? null : (
        <strong>{asked.step}</strong>
      )}
    </ReasonDialog>
  )
}

function SignalDialog({ run, asked, onClose }: Omit<DialogProps, 'steps'>) {
  const say = useTexts(RUN_TEXTS)
  const waiting = signalsOf(run, asked.step)
  const [name, setName] = useState(waiting[0] ?? '')
  const [text, setText] = useState('')
  const value = readJson(text)
  const signal = useWrite('runs.signal', {
    renews: RENEWS,
    isQuiet: true,
    done: say('signalled'),
    onDone: onClose,
  })
  return (
    <ReasonDialog
      title={say('signal')}
      action={say('signalGo')}
      isOpen
      isBusy={signal.isPending}
      error={signal.error}
      isReasonNeeded={false}
      canGo={name.trim() !== '' && value !== undefined}
      onClose={onClose}
      onGo={() =>
        signal.mutate({
          params: { id: run.id },
          body: { name: name.trim(), ...(text.trim() === '' ? {} : { value: value?.json }) },
        })
      }
    >
      <span className="quiet">{say('signalText')}</span>
      <Autocomplete
        label={say('signalName')}
        required
        maxLength={200}
        data={[...waiting]}
        value={name}
        onChange={setName}
      />
      <JsonInput
        label={say('signalValue')}
        description={say('signalValueText')}
        validationError={say('notJson')}
        autosize
        minRows={3}
        maxRows={14}
        classNames={{ input: 'mono' }}
        value={text}
        onChange={setText}
      />
    </ReasonDialog>
  )
}

/** What was typed as JSON; undefined while it is not. */
function readJson(text: string): { readonly json: unknown } | undefined {
  if (text.trim() === '') return { json: null }
  try {
    return { json: JSON.parse(text) as unknown }
  } catch {
    return undefined
  }
}
