// What a person can do to the document, whatever they do it with: keys, mouse, menus.
import type { DesignDocument, Place } from './document.ts'
import { removeNote, setNote } from './design.ts'
import { arrange, NODE_HEIGHT, NODE_WIDTH, placesOf } from './layout.ts'
import { copyPart, groupTogether, pastePart, readPart, removeNodes } from './many.ts'
import { addNode, connect, disconnect, freeName, place } from './model.ts'
import type { Choice } from './palette.tsx'
import { NOTHING, type Selection } from './selection.ts'

export interface Deeds {
  readonly add: (choice: Choice, where: { readonly after?: string; readonly at?: Place }) => void
  readonly remove: () => void
  readonly connect: (from: string, to: string) => void
  readonly move: (steps: ReadonlyMap<string, Place>, notes: ReadonlyMap<string, Place>) => void
  readonly tidy: () => void
  readonly note: (at: Place) => void
  readonly group: () => void
  readonly copy: () => string | undefined
  readonly paste: (text: string) => boolean
  readonly duplicate: () => void
}

export interface DeedsOptions {
  readonly document: DesignDocument
  readonly selection: Selection
  readonly apply: (document: DesignDocument, about?: string) => void
  readonly select: (selection: Selection) => void
  readonly groupTitle: string
}

export function deedsOn({ document, selection, apply, select, groupTitle }: DeedsOptions): Deeds {
  const paste = (text: string): boolean => {
    const part = readPart(text)
    if (!part) return false
    const pasted = pastePart(document, part)
    apply(pasted.document)
    select({ nodes: pasted.names })
    return true
  }
  const copy = (): string | undefined =>
    selection.nodes.length === 0
      ? undefined
      : JSON.stringify(copyPart(document, selection.nodes), null, 2)
  return {
    add({ type, job }, { after, at }) {
      // Once something has a place of its own, so has everything: else the rest would move.
      const placed = at ? place(document, placesOf(document)) : document
      const added = addNode(placed, type, {
        ...(job === undefined ? {} : { job }),
        ...(after === undefined ? {} : { after }),
        ...(at ? { at: { x: Math.round(at.x), y: Math.round(at.y) } } : {}),
      })
      apply(added.document)
      select({ nodes: [added.name] })
    },
    remove() {
      const { edge, note, nodes } = selection
      if (edge) apply(disconnect(document, edge.from, edge.to))
      else if (note !== undefined) apply(removeNote(document, note))
      else apply(removeNodes(document, nodes))
      select(NOTHING)
    },
    connect: (from, to) => apply(connect(document, from, to)),
    move(steps, notes) {
      const placed =
        steps.size === 0 ? document : place(document, new Map([...placesOf(document), ...steps]))
      apply(
        [...notes].reduce((next, [name, at]) => {
          const note = next.design?.notes?.[name]
          return note
            ? setNote(next, name, { ...note, at: { x: Math.round(at.x), y: Math.round(at.y) } })
            : next
        }, placed),
      )
    },
    tidy: () => apply(place(document, arrange(document))),
    note(middle) {
      const name = freeName(document.design?.notes ?? {}, 'note')
      const at = freeBelow(document, middle)
      apply(setNote(document, name, { text: '', at }))
      select({ nodes: [], note: name })
    },
    group() {
      if (selection.nodes.length > 0) apply(groupTogether(document, selection.nodes, groupTitle))
    },
    copy,
    paste,
    duplicate() {
      const text = copy()
      if (text !== undefined) paste(text)
    },
  }
}

/** The first place from there down that no step covers. */
function freeBelow(document: DesignDocument, { x, y }: Place): Place {
  const all = [...placesOf(document).values()]
  const left = Math.round(x - NODE_WIDTH / 2)
  let top = Math.round(y)
  while (
    all.some(
      (one) => Math.abs(one.x - left) < NODE_WIDTH && Math.abs(one.y - top) < NODE_HEIGHT + 10,
    )
  )
    top += NODE_HEIGHT
  return { x: left, y: top }
}
