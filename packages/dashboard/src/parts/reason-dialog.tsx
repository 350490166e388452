// Asks for the reason of an action before it is done, and says what went wrong without losing what was typed.
import { Button, Group, Modal, Textarea } from '@mantine/core'
import { useState, type ReactNode } from 'react'
import { useTexts } from '../app/texts.ts'
import { Failure } from './blank.tsx'

const TEXTS = {
  reason: ['Reason', 'Motivo'],
  reasonText: ['It is kept in the audit log.', 'Queda en la auditoría.'],
  cancel: ['Not now', 'Ahora no'],
} as const

export interface ReasonDialogProps {
  readonly title: string
  readonly action: string
  readonly isOpen: boolean
  readonly isBusy?: boolean
  readonly isDangerous?: boolean
  readonly isReasonNeeded?: boolean
  readonly error?: unknown
  readonly children?: ReactNode
  readonly canGo?: boolean
  readonly size?: string
  readonly onClose: () => void
  readonly onGo: (reason: string) => void
}

export function ReasonDialog(props: ReasonDialogProps) {
  const { title, action, isOpen, isBusy = false, isDangerous = false, error, children } = props
  const { isReasonNeeded = true, canGo = true, size = 'md' } = props
  const say = useTexts(TEXTS)
  const [reason, setReason] = useState('')
  const isReady = canGo && (!isReasonNeeded || reason.trim() !== '')
  const close = (): void => {
    setReason('')
    props.onClose()
  }
  return (
    <Modal opened={isOpen} onClose={close} title={title} size={size}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault()
          if (isReady) props.onGo(reason.trim())
        }}
      >
        {children}
        {isReasonNeeded ? (
          <Textarea
            label={say('reason')}
            description={say('reasonText')}
            required
            autosize
            minRows={2}
            maxLength={500}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
        ) : null}
        {error ? <Failure error={error} /> : null}
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            {say('cancel')}
          </Button>
          <Button
            type="submit"
            color={isDangerous ? 'red' : undefined}
            loading={isBusy}
            disabled={!isReady}
          >
            {action}
          </Button>
        </Group>
      </form>
    </Modal>
  )
}
