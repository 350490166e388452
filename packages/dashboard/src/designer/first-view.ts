// What of a drawing is seen first: all of it where that can be made out, else where runs begin, large enough to read.
import type { Viewport } from '@xyflow/react'
import type { Place } from './document.ts'
import { NODE_HEIGHT, NODE_WIDTH } from './layout.ts'

/** Below this the names of steps are mere lines. */
const LEAST_ZOOM = 0.5
const READ_ZOOM = 0.75
const MARGIN = 16

/** The names and places of what is drawn, the name of the first step, and the size of the screen in pixels. */
export function firstView(
  places: readonly (readonly [string, Place])[],
  start: string,
  { width, height }: { readonly width: number; readonly height: number },
): Viewport {
  const xs = places.map(([, { x }]) => x)
  const ys = places.map(([, { y }]) => y)
  const [left, top] = [Math.min(...xs), Math.min(...ys)]
  const wide = Math.max(...xs) + NODE_WIDTH - left
  const high = Math.max(...ys) + NODE_HEIGHT - top
  const fits = Math.min((width - 2 * MARGIN) / wide, (height - 2 * MARGIN) / high)
  if (fits >= LEAST_ZOOM) {
    const zoom = Math.min(1, fits)
    return {
      x: width / 2 - (left + wide / 2) * zoom,
      y: height / 2 - (top + high / 2) * zoom,
      zoom,
    }
  }
  const zoom = READ_ZOOM
  const at = places.find(([name]) => name === start)?.[1] ?? { x: left, y: top }
  return { x: MARGIN - at.x * zoom, y: height / 2 - (at.y + NODE_HEIGHT / 2) * zoom, zoom }
}
