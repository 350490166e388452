// Joining steps by hand: whoever lets an arrow go anywhere on a step means that step.
import type { Connection, OnConnectEnd } from '@xyflow/react'
import { useRef } from 'react'
import { thingOf } from './drawing.ts'

/** How near to the end of a step an arrow may be let go beside it, in pixels of the drawing: less than lies between steps. */
export const REACH = 40

export interface Joining {
  readonly onConnect: (connection: Connection) => void
  readonly onConnectStart: () => void
  readonly onConnectEnd: OnConnectEnd
}

/** @param join is told both steps in the order they run; it looks itself whether they may be joined */
export function useJoining(join: (from: string, to: string) => void): Joining {
  const isDragging = useRef(false)
  const near = useRef<Connection>(undefined)
  return {
    // Two handles clicked one after the other join at once; a drag joins when it ends, where what is under it counts first.
    onConnect(connection) {
      if (isDragging.current) near.current = connection
      else join(connection.source, connection.target)
    },
    onConnectStart() {
      isDragging.current = true
      near.current = undefined
    },
    onConnectEnd(event, { fromHandle }) {
      isDragging.current = false
      const own = fromHandle?.nodeId
      const under = stepUnder(event)
      const { current: close } = near
      if (under === undefined) {
        if (close) join(close.source, close.target)
      } else if (own !== undefined && fromHandle?.type === 'target') join(under, own)
      else if (own !== undefined) join(own, under)
    },
  }
}

/** The step that is seen where a hand or a finger let go. */
function stepUnder(event: MouseEvent | TouchEvent): string | undefined {
  const at = 'changedTouches' in event ? event.changedTouches[0] : event
  if (!at) return undefined
  const node = document.elementFromPoint(at.clientX, at.clientY)?.closest('.react-flow__node')
  const id = node?.getAttribute('data-id')
  if (id === null || id === undefined) return undefined
  const { kind, name } = thingOf(id)
  return kind === 'step' ? name : undefined
}
