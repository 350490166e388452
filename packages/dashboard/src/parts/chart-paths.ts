// How the series of a chart are drawn: bars beside or on each other, boxes with their middle, and points that stand alone.
import uPlot from 'uplot'
import type { Series } from './chart.tsx'

const BAR = { share: 0.7, most: 40 } as const

/** Two bars of one name stand side by side. */
export function barOf(index: number, count: number): uPlot.Series.PathBuilder {
  const { share, most } = BAR
  if (count !== 2) return uPlot.paths.bars!({ size: [share, most] })
  return uPlot.paths.bars!({ size: [share / 2, most], align: index === 0 ? -1 : 1 })
}

/** A value with none beside it is no line: it is drawn as a point. */
export function aloneIn(self: uPlot, series: number): number[] {
  const values = self.data[series] ?? []
  const isThere = (at: number): boolean => values[at] !== null && values[at] !== undefined
  return [...values.keys()].filter((at) => isThere(at) && !isThere(at - 1) && !isThere(at + 1))
}

/**
 * Of what has names instead of an order nothing leads from one to the next: the edges of a band are a box for each name,
 * and what lies between them is a line across it.
 */
export function boxOf(series: readonly Series[], edge: Series['edge']): uPlot.Series.PathBuilder {
  const low = series.findIndex((each) => each.edge === 'low') + 1
  return (self, index) => {
    const drawn = new Path2D()
    if (edge === 'low') return { stroke: drawn, fill: null }
    const half = halfOf(self)
    for (const [at, x] of self.data[0].entries()) {
      const value = self.data[index]?.[at]
      if (value === null || value === undefined) continue
      const middle = self.valToPos(x, 'x', true)
      const top = self.valToPos(value, 'y', true)
      if (edge !== 'high') {
        drawn.moveTo(middle - half, top)
        drawn.lineTo(middle + half, top)
        continue
      }
      const bottom = self.valToPos(self.data[low]?.[at] ?? value, 'y', true)
      drawn.rect(middle - half, top, 2 * half, bottom - top)
    }
    return { stroke: drawn, fill: edge === 'high' ? drawn : null }
  }
}

function halfOf(self: uPlot): number {
  const { min = 0, max = 1 } = self.scales['x'] ?? {}
  const place = self.bbox.width / Math.max(1, (max ?? 1) - (min ?? 0))
  return Math.min((place * BAR.share) / 2, (BAR.most * devicePixelRatio) / 2)
}
