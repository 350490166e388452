// Asks for the reason of an action before it is done.
import { Textarea } from '@mantine/core'
import { useState } from 'react'
import { useTexts } from '../app/texts.ts'
import { FormDialog, type FormDialogProps } from './form-dialog.tsx'

const TEXTS = {
  reason: ['Reason', 'Motivo'],
  reasonText: ['It is kept in the audit log.', 'Queda en la auditoría.'],
} as const

export interface ReasonDialogProps extends Omit<FormDialogProps, 'onGo' | 'done'> {
  readonly isReasonNeeded?: boolean
  readonly onGo: (reason: string) => void
}

export function ReasonDialog({
  isReasonNeeded = true,
  canGo = true,
  children,
  onClose,
  onGo,
  ...dialog
}: ReasonDialogProps) {
  const say = useTexts(TEXTS)
  const [reason, setReason] = useState('')
  return (
    <FormDialog
      {...dialog}
      canGo={canGo && (!isReasonNeeded || reason.trim() !== '')}
      onClose={() => {
        setReason('')
        onClose()
      }}
      onGo={() => onGo(reason.trim())}
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
    </FormDialog>
  )
}
