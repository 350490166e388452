// What the keys do while no field is being typed into.
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
  readonly walk: (way: Direction) => void
}

const ARROWS: Readonly<Record<string, Direction>> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
}

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
    // Before the page's own keys hear of it.
    document.addEventListener('keydown', onKey, true)
    return () => document.removeEventListener('keydown', onKey, true)
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
  if (key !== 'y') return false
  now.redo()
  return true
}

function plain(event: KeyboardEvent, now: KeyActions): boolean {
  if (
    event.altKey ||
    isIn(event.target, 'input, textarea, select, .cm-editor, [role="listbox"], [role="dialog"]')
  )
    return false
  const way = ARROWS[event.key]
  if (way) {
    if (isIn(event.target, '[role="tablist"]')) return false
    now.walk(way)
    return true
  }
  switch (event.key) {
    case 'n':
      now.insert()
      return true
    case 'c':
      now.connect()
      return true
    case 'l':
      now.arrange()
      return true
    case '/':
      now.search()
      return true
    case 'Delete':
    case 'Backspace':
      now.remove()
      return true
    default:
      return false
  }
}

function isIn(target: EventTarget | null, what: string): boolean {
  return target instanceof Element && target.closest(what) !== null
}
