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

/** What opened the menu that was open last: its items are gone once they are chosen. */
let menuOpener: Element | undefined
document.addEventListener('focusin', ({ target }) => {
  if (!(target instanceof Element) || target.closest('[role="menu"]')) return
  menuOpener = target.getAttribute('aria-haspopup') === 'menu' ? target : undefined
})

function openerOf(at: Element | null): Element | null | undefined {
  return at === null || at === document.body || at.closest('[role="menu"]') ? menuOpener : at
}

const ANY = 'button, input, select, textarea, a[href], [tabindex="0"]'
/** Where one writes at once: no list that opens, nothing that is pressed. */
const WRITTEN =
  'textarea, input:not([type="radio"], [type="checkbox"], [aria-haspopup], [readonly], [disabled])'

/**
 * Mantine moves the keys in a moment after the dialog shows, so that what is pressed in between goes to the page behind
 * it; and it does not give them back where the dialog is taken away rather than shut. In a form the keys are where one
 * writes first, but not on a screen that is touched, which would bring up its keyboard.
 */
function KeysInside() {
  // Asked before anything of the dialog takes the focus.
  const [opener] = useState(() => openerOf(document.activeElement))
  const mark = useRef<HTMLSpanElement>(null)
  useLayoutEffect(() => {
    const dialog = mark.current?.closest('[role="dialog"]')
    const field = dialog?.querySelector('form :is(input, textarea, select)')
    const isWritten = field?.matches(WRITTEN) === true && !matchMedia('(pointer: coarse)').matches
    // Mantine looks for the mark when its moment comes.
    if (isWritten && !dialog?.querySelector('[data-autofocus]'))
      field.setAttribute('data-autofocus', '')
    const first = dialog?.querySelector('[data-autofocus]') ?? dialog?.querySelector(ANY)
    if (first instanceof HTMLElement) first.focus({ preventScroll: true })
    return () => {
      const { activeElement: at, body } = document
      if (at !== null && at !== body && !dialog?.contains(at)) return
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus({ preventScroll: true })
    }
  }, [opener])
  return <span ref={mark} hidden />
}
