// A chart of a pack: its days written for the reader, its tones as colours, its bars on each other, its band shaded or in boxes.
import { useMemo } from 'react'
import type { PageBlock } from 'orderly/api'
import { usePreferences } from '../../app/preferences.ts'
import { Chart, type Series } from '../../parts/chart.tsx'
import { Card } from '../../parts/page.tsx'

type ChartBlock = Extract<PageBlock, { block: 'chart' }>

const COLOURS = { neutral: 'slate', good: 'green', warning: 'amber', bad: 'red' } as const
const DAY = /^\d{4}-\d{2}-\d{2}$/
/** With more days than this a name without the year would come twice. */
const DAYS_WITHOUT_YEAR = 300

export function PackChart({ block }: { readonly block: ChartBlock }) {
  const { language } = usePreferences()
  const isPercent = block.series.every(({ unit }) => unit === '%')
  const x = useMemo(() => namesOf(block.x, language), [block, language])
  const series = useMemo(() => seriesOf(block, isPercent), [block, isPercent])
  return (
    <Card title={block.title}>
      <Chart
        label={block.title}
        x={x}
        series={series}
        height={220}
        isStacked={block.kind === 'bar' && block.stacked === true}
        areBoxes={block.kind === 'band' && isUnordered(block.x)}
        unit={isPercent ? 'share' : isWhole(block) ? 'count' : 'amount'}
        {...(isPercent ? { most: topOf(series) } : {})}
      />
    </Card>
  )
}

/** Names that are no days come in no order. */
function isUnordered({ kind, values }: ChartBlock['x']): boolean {
  return kind === 'category' && !values.every((value) => DAY.test(String(value)))
}

function isWhole({ series }: ChartBlock): boolean {
  return series.every(({ values }) => values.every((each) => each === null || each % 1 === 0))
}

/** All of it, and more where something is more than all. */
function topOf(series: readonly Series[]): number {
  const values = series.flatMap((each) => each.values.map((value) => value ?? 0))
  const most = Math.max(...values)
  return most <= 1 ? 1 : most * 1.12
}

function seriesOf({ kind, series }: ChartBlock, isPercent: boolean): Series[] {
  return series.map(({ edge, label, tone, unit, values }) => ({
    label: unit === undefined || isPercent ? label : `${label} (${unit})`,
    values: isPercent ? values.map((value) => (value === null ? null : value / 100)) : values,
    kind: kind === 'bar' ? 'bar' : 'line',
    ...(tone === undefined ? {} : { colour: COLOURS[tone] }),
    ...(edge === undefined ? {} : { edge }),
  }))
}

/** A day of the calendar is no moment: it is written without a time zone. */
function namesOf({ kind, values }: ChartBlock['x'], language: string): number[] | string[] {
  if (kind === 'time') return values.map(Number)
  const format = new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : language, {
    timeZone: 'UTC',
    day: 'numeric',
    month: 'short',
    ...(values.length > DAYS_WITHOUT_YEAR ? { year: 'numeric' } : {}),
  })
  return values.map((value) =>
    DAY.test(String(value)) ? format.format(Date.parse(String(value))) : String(value),
  )
}
