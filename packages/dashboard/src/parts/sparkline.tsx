// A small line without axes, for a cell or a tile; a screen reader hears its first, highest and last value.
import { useFormats } from '../app/format.ts'
import { useTexts } from '../app/texts.ts'

const TEXTS = {
  about: [
    '{label}: {max} at most, {last} at the end',
    '{label}: {max} como máximo, {last} al final',
  ],
} as const

export interface SparklineProps {
  readonly label: string
  readonly values: readonly number[]
  readonly width?: number
  readonly height?: number
  readonly tone?: 'good' | 'bad' | 'warning'
}

export function Sparkline({ label, values, width = 96, height = 24, tone }: SparklineProps) {
  const say = useTexts(TEXTS)
  const format = useFormats()
  const top = Math.max(1e-9, ...values)
  const step = values.length > 1 ? width / (values.length - 1) : width
  const points = values.map((value, index) => [
    index * step,
    height - 2 - (value / top) * (height - 4),
  ])
  const line = points.map(([x, y]) => `${x!.toFixed(1)},${y!.toFixed(1)}`).join(' ')
  return (
    <svg
      className="spark"
      role="img"
      data-tone={tone}
      aria-label={say('about', {
        label,
        max: format.short(Math.max(0, ...values)),
        last: format.short(values.at(-1) ?? 0),
      })}
      viewBox={`0 0 ${width} ${height}`}
      width={width}
      height={height}
      preserveAspectRatio="none"
    >
      <polygon points={`0,${height} ${line} ${width},${height}`} className="spark-area" />
      <polyline points={line} className="spark-line" />
    </svg>
  )
}
