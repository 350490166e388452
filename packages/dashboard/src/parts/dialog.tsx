// A dialog in the middle or at the side: the keys are in it as soon as it shows, and where they were once it is gone.
import { Drawer, Modal, type DrawerProps, type ModalProps } from '@mantine/core'
import { useLayoutEffect, useRef, useState } from 'react'

export function Dialog({ children, ...props }: ModalProps) {
  return (
    <Modal {...props}>
      <KeysInside />
      {children}
    </Modal>
  )
}

export function SideDialog({ children, ...props }: DrawerProps) {
  return (
    <Drawer {...props}>
      <KeysInside />
      {children}
    </Drawer>
  )
}

const FIELDS = 'button, input, select, textarea, a[href], [tabindex="0"]'

/**
 * Mantine moves the keys in a moment after the dialog shows, so that what is pressed in between goes to the page behind
 * it; and it does not give them back where the dialog is taken away rather than shut.
 */
function KeysInside() {
  // Asked before anything of the dialog takes the focus.
  const [opener] = useState(() => document.activeElement)
  const mark = useRef<HTMLSpanElement>(null)
  useLayoutEffect(() => {
    const dialog = mark.current?.closest('[role="dialog"]')
    const first = dialog?.querySelector('[data-autofocus]') ?? dialog?.querySelector(FIELDS)
    if (first instanceof HTMLElement) first.focus({ preventScroll: true })
    return () => {
      const { activeElement: at, body } = document
      if (at !== null && at !== body && !dialog?.contains(at)) return
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus({ preventScroll: true })
    }
  }, [opener])
  return <span ref={mark} hidden />
}
