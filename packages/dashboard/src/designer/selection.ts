// What is selected, and how the arrow keys walk from step to step.
import type { DesignDocument } from './document.ts'
import { placesOf } from './layout.ts'

export interface Selection {
  readonly node?: string
  readonly edge?: { readonly from: string; readonly to: string }
}

export type Direction = 'left' | 'right' | 'up' | 'down'

/** The step that an arrow key leads to: along the edges left and right, by place up and down. */
export function walk(
  document: DesignDocument,
  from: string | undefined,
  way: Direction,
): string | undefined {
  const names = Object.keys(document.nodes)
  if (from === undefined || !Object.hasOwn(document.nodes, from))
    return Object.hasOwn(document.nodes, document.start) ? document.start : names[0]
  if (way === 'right') return document.edges.find((edge) => edge.from === from)?.to ?? from
  if (way === 'left') return document.edges.find((edge) => edge.to === from)?.from ?? from
  const places = placesOf(document)
  const here = places.get(from)!
  const sign = way === 'down' ? 1 : -1
  const [next] = names
    .filter((name) => (places.get(name)!.y - here.y) * sign > 1)
    .toSorted((a, b) => far(a) - far(b))
  return next ?? from

  function far(name: string): number {
    const { x, y } = places.get(name)!
    return Math.abs(y - here.y) + 2 * Math.abs(x - here.x)
  }
}
