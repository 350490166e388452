// Series of a chart as they are drawn: bars on each other, the two edges of a band, and how far the scale reaches.
import type { ChartProps, Series } from './chart.tsx'

/** Each series with all below it added, the highest first: a lower one is drawn over it. */
export function stacked(series: readonly Series[]): { each: Series; index: number }[] {
  const sums: number[] = []
  return series
    .map((each, index) => {
      const values = each.values.map((value, at) => (sums[at] = (sums[at] ?? 0) + (value ?? 0)))
      return { each: { ...each, values }, index }
    })
    .toReversed()
}

/** The places of a band's upper and lower edge among the series that are drawn, which begin at 1. */
export function bandsOf(series: readonly Series[]): [number, number][] {
  const [low, high] = (['low', 'high'] as const).map((edge) =>
    series.findIndex((each) => each.edge === edge),
  ) as [number, number]
  return low < 0 || high < 0 ? [] : [[high + 1, low + 1]]
}

export function bandName(series: readonly Series[]): string {
  const named = (edge: Series['edge']): string =>
    series.find((each) => each.edge === edge)?.label ?? ''
  return `${named('low')} – ${named('high')}`
}

/** Half a place on each side of bars; a line goes from edge to edge. */
export function rangeOf(x: ChartProps['x'], hasBars: boolean): { range?: [number, number] } {
  const [first, second] = x
  if (typeof first !== 'number') return { range: [-0.6, x.length - 0.4] }
  if (!hasBars || typeof second !== 'number') return {}
  const half = (second - first) * 0.6
  return { range: [(first - half) / 1_000, (Number(x.at(-1)) + half) / 1_000] }
}
