// A form in a dialog: its fields, what went wrong without losing what was typed, and the way out.
import { Button, Group } from '@mantine/core'
import type { ReactNode } from 'react'
import { useTexts } from '../app/texts.ts'
import { Failure } from './blank.tsx'
import { Dialog } from './dialog.tsx'

const TEXTS = { cancel: ['Not now', 'Ahora no'] } as const

export interface FormDialogProps {
  readonly title: string
  /** What the button says that does it. */
  readonly action: string
  readonly isOpen?: boolean
  readonly isBusy?: boolean
  readonly isDangerous?: boolean
  readonly canGo?: boolean
  readonly error?: unknown
  readonly size?: string
  /** Stands in place of the form once it is done: what is shown only now. */
  readonly done?: ReactNode
  readonly children?: ReactNode
  readonly onClose: () => void
  readonly onGo: () => void
}

export function FormDialog(props: FormDialogProps) {
  const { title, action, isOpen = true, isBusy = false, isDangerous = false, error } = props
  const { canGo = true, size = 'md', done, children, onClose, onGo } = props
  const say = useTexts(TEXTS)
  return (
    <Dialog opened={isOpen} onClose={onClose} title={title} size={size}>
      {done ?? (
        <form
          className="stack"
          onSubmit={(event) => {
            event.preventDefault()
            if (canGo) onGo()
          }}
        >
          {children}
          {error ? <Failure error={error} /> : null}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {say('cancel')}
            </Button>
            <Button
              type="submit"
              color={isDangerous ? 'red' : undefined}
              loading={isBusy}
              disabled={!canGo}
            >
              {action}
            </Button>
          </Group>
        </form>
      )}
    </Dialog>
  )
}
