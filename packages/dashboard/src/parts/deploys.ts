// Deploys as marks of a chart: when the release that workers are started with changed.
import { useMemo } from 'react'
import { useRead } from '../api/use.ts'
import type { ChartMark } from './chart.tsx'

const NONE: readonly ChartMark[] = []

/** @param last how far back, such as `24h` */
export function useDeployMarks(last: string): readonly ChartMark[] {
  const { data } = useRead('metrics.deploys', { query: { last } }, { every: 60_000 })
  return useMemo(
    () =>
      data?.data
        // What ran first of all is no change.
        .filter(({ before }) => before !== null)
        .map(({ at, release }) => ({ at, label: release })) ?? NONE,
    [data],
  )
}
