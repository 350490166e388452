// What a hand does on the canvas: dragging steps and notes, and drawing a frame around steps to choose them.
import type { NodeChange } from '@xyflow/react'
import { useRef, useState } from 'react'
import type { Place } from './document.ts'
import { thingOf, type Drawn } from './drawing.ts'
import type { Selection } from './selection.ts'

/** Steps and notes by their names, where they were put. */
export type OnMove = (steps: ReadonlyMap<string, Place>, notes: ReadonlyMap<string, Place>) => void

export interface Hand {
  /** Where what is dragged now is, by its drawn id. */
  readonly dragged: ReadonlyMap<string, Place> | undefined
  readonly onNodesChange: (changes: NodeChange<Drawn>[]) => void
  readonly onNodeDragStop: () => void
  readonly onSelectionDragStop: () => void
  readonly onSelectionStart: () => void
  readonly onSelectionEnd: () => void
}

export function useHand(
  selection: Selection,
  onSelect: (selection: Selection) => void,
  onMove: OnMove,
): Hand {
  // While somebody drags, only the drawing moves: the document changes once, when they let go.
  const [dragged, setDragged] = useState<ReadonlyMap<string, Place>>()
  const isFraming = useRef(false)
  const letGo = (): void => {
    if (!dragged) return
    const steps = new Map<string, Place>()
    const notes = new Map<string, Place>()
    for (const [id, at] of dragged) {
      const { kind, name } = thingOf(id)
      if (kind === 'step') steps.set(name, at)
      else if (kind === 'note') notes.set(name, at)
    }
    onMove(steps, notes)
    setDragged(undefined)
  }
  return {
    dragged,
    onNodesChange(changes) {
      const moved = changes.flatMap((change) =>
        change.type === 'position' && change.position
          ? [[change.id, change.position] as const]
          : [],
      )
      if (moved.length > 0) setDragged((before) => new Map([...(before ?? []), ...moved]))
      const chosen = changes.filter((change) => change.type === 'select')
      // A frame drawn around steps chooses them; clicks are told apart by the canvas.
      if (chosen.length > 1 || (chosen.length === 1 && isFraming.current)) {
        const names = new Set(selection.nodes)
        for (const { id, selected } of chosen)
          if (thingOf(id).kind === 'step') {
            if (selected) names.add(id)
            else names.delete(id)
          }
        onSelect({ nodes: [...names] })
      }
    },
    onNodeDragStop: letGo,
    onSelectionDragStop: letGo,
    onSelectionStart() {
      isFraming.current = true
      onSelect({ nodes: [] })
    },
    onSelectionEnd() {
      isFraming.current = false
    },
  }
}
