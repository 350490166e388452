// What the keys do while no field is being typed into, and what is copied and pasted.
import { useEffect, useRef } from 'react'
import type { Direction } from './selection.ts'

export interface KeyActions {
  readonly insert: () => void
  readonly connect: () => void
  readonly remove: () => void
  readonly undo: () => void
  readonly redo: () => void
  readonly search: () => void
  readonly save: () => void
  readonly arrange: () => void
  readonly duplicate: () => void
  readonly group: () => void
  readonly note: () => void
  readonly tryStep: () => void
  readonly selectAll: () => void
  readonly clear: () => void
  /** Out of the field that is being typed into. */
  readonly leave: () => void
  readonly edit: () => void
  readonly zoom: (how: 'in' | 'out' | 'fit' | 'whole') => void
  /** @param how `one`: that step alone; `more`: it too; `all`: everything that way */
  readonly walk: (way: Direction, how: 'one' | 'more' | 'all') => void
  /** What is selected, as text; undefined where nothing is. */
  readonly copy: () => string | undefined
  /** @returns whether the text held steps */
  readonly paste: (text: string) => boolean
}

const ARROWS: Readonly<Record<string, Direction>> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
}
/** Where letters are letters. */
const TYPING =
  'input, textarea, select, .cm-editor, [role="listbox"], [role="dialog"], [role="menu"]'

/** @param isResting while a dialog is open its keys are its own */
export function useKeys(actions: KeyActions, isResting: boolean): void {
  const latest = useRef({ actions, isResting })
  latest.current = { actions, isResting }
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const { actions: now, isResting: rests } = latest.current
      if (rests || event.defaultPrevented) return
      const done = event.ctrlKey || event.metaKey ? withControl(event, now) : plain(event, now)
      if (!done) return
      event.preventDefault()
      event.stopPropagation()
    }
    const onClipboard = (event: ClipboardEvent): void => {
      const { actions: now, isResting: rests } = latest.current
      if (rests || event.defaultPrevented || isIn(event.target, TYPING)) return
      if (event.type === 'paste') {
        if (now.paste(event.clipboardData?.getData('text/plain') ?? '')) event.preventDefault()
        return
      }
      // Words that somebody has marked on the page are copied as ever.
      if (globalThis.getSelection()?.isCollapsed === false) return
      const text = now.copy()
      if (text === undefined) return
      event.clipboardData?.setData('text/plain', text)
      event.preventDefault()
      if (event.type === 'cut') now.remove()
    }
    // Before the page's own keys hear of it.
    document.addEventListener('keydown', onKey, true)
    for (const type of ['copy', 'cut', 'paste'] as const)
      document.addEventListener(type, onClipboard)
    return () => {
      document.removeEventListener('keydown', onKey, true)
      for (const type of ['copy', 'cut', 'paste'] as const)
        document.removeEventListener(type, onClipboard)
    }
  }, [])
}

function withControl(event: KeyboardEvent, now: KeyActions): boolean {
  const key = event.key.toLowerCase()
  if (key === 's') {
    now.save()
    return true
  }
  // The source has steps of its own while one types in it; a form's change is one of ours.
  if (isIn(event.target, '.cm-editor')) return false
  if (key === 'z') {
    if (event.shiftKey) now.redo()
    else now.undo()
    return true
  }
  if (key === 'y') {
    now.redo()
    return true
  }
  if (isIn(event.target, TYPING)) return false
  const does = { a: now.selectAll, d: now.duplicate, g: now.group }[key]
  does?.()
  return does !== undefined
}

function plain(event: KeyboardEvent, now: KeyActions): boolean {
  if (event.altKey) return false
  if (event.key === 'Escape') {
    if (isIn(event.target, '[role="listbox"], [role="dialog"], [role="menu"]')) return false
    if (isIn(event.target, TYPING)) now.leave()
    else now.clear()
    return true
  }
  if (isIn(event.target, TYPING)) return false
  const way = ARROWS[event.key]
  if (way) {
    if (isIn(event.target, '[role="tablist"], [role="radiogroup"], [data-outline]')) return false
    now.walk(way, event.shiftKey ? (way === 'left' || way === 'right' ? 'all' : 'more') : 'one')
    return true
  }
  const does = PLAIN[event.key]
  if (!does) return false
  // A button that has the focus is pressed with Enter.
  if (event.key === 'Enter' && isIn(event.target, 'button, a, summary')) return false
  does(now)
  return true
}

const PLAIN: Readonly<Record<string, (now: KeyActions) => void>> = {
  n: (now) => now.insert(),
  c: (now) => now.connect(),
  l: (now) => now.arrange(),
  m: (now) => now.note(),
  t: (now) => now.tryStep(),
  '/': (now) => now.search(),
  Enter: (now) => now.edit(),
  Delete: (now) => now.remove(),
  Backspace: (now) => now.remove(),
  '+': (now) => now.zoom('in'),
  '=': (now) => now.zoom('in'),
  '-': (now) => now.zoom('out'),
  '0': (now) => now.zoom('fit'),
  '1': (now) => now.zoom('whole'),
}

function isIn(target: EventTarget | null, what: string): boolean {
  return target instanceof Element && target.closest(what) !== null
}
