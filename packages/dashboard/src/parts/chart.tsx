// One chart: uPlot on canvas, with the same numbers as a table, and a cursor that the arrow keys move and a reader hears.
import 'uplot/dist/uPlot.min.css'
import { ActionIcon, Tooltip, useComputedColorScheme } from '@mantine/core'
import { useElementSize, useMergedRef } from '@mantine/hooks'
import { useEffect, useMemo, useRef, useState } from 'react'
import uPlot from 'uplot'
import { useFormats, type Formats } from '../app/format.ts'
import { usePreferences } from '../app/preferences.ts'
import { useTexts } from '../app/texts.ts'
import { zoneName } from '../app/format.ts'
import { CHART_COLOURS, type ChartColour } from '../look/chart-colours.ts'
import { IconChartLine, IconListDetails, IconRocket } from '../look/icons.ts'
import {
  MOST_NAMES,
  shortened,
  tickText,
  TIME_STEPS,
  WHOLE_STEPS,
  widthOfNames,
} from './chart-axes.ts'
import { aloneIn, barOf, boxOf } from './chart-paths.ts'
import { bandName, bandsOf, rangeOf, stacked } from './chart-series.ts'

const TEXTS = {
  asTable: ['Show as a table', 'Mostrar como tabla'],
  asChart: ['Show as a chart', 'Mostrar como gráfico'],
  help: ['Arrow keys read the values.', 'Las flechas leen los valores.'],
  empty: ['No values in this time', 'Sin valores en este tiempo'],
  time: ['Time', 'Hora'],
  name: ['Name', 'Nombre'],
  deploy: ['Code version {release} since {time}', 'Versión del código {release} desde {time}'],
  deploys: ['Deploys in this time', 'Despliegues en este periodo'],
} as const

export interface Series {
  readonly label: string
  readonly values: readonly (number | null)[]
  readonly colour?: ChartColour
  readonly kind?: 'line' | 'bar'
  /** Lower and upper edge of a band: what is between them is shaded. One of each. */
  readonly edge?: 'low' | 'high'
}

const ORDER: readonly ChartColour[] = ['teal', 'violet', 'amber', 'blue', 'red', 'green', 'slate']
/** Series differ by their dashes too, for who sees colours otherwise. */
const DASHES: readonly (readonly number[])[] = [[], [6, 3], [2, 3], [9, 3, 2, 3]]

export interface ChartMark {
  readonly at: number
  readonly label: string
}

export interface ChartProps {
  readonly label: string
  /** Milliseconds since 1970 UTC, or names. */
  readonly x: readonly number[] | readonly string[]
  readonly series: readonly Series[]
  /** An amount may have parts of one; half a job is none. */
  readonly unit?: 'count' | 'amount' | 'ms' | 'share' | 'bytes'
  readonly height?: number
  readonly marks?: readonly ChartMark[]
  /** Bars stand on each other, the first at the bottom. */
  readonly isStacked?: boolean
  /** The edges of a band are boxes, one for each name. */
  readonly areBoxes?: boolean
  /** The top of the scale, where values have one. */
  readonly most?: number
}

export function Chart(props: ChartProps) {
  const { label, x, series, unit = 'count', height = 190, marks = NO_MARKS } = props
  const { isStacked = false, areBoxes = false } = props
  const say = useTexts(TEXTS)
  const format = useFormats()
  const [isTable, setTable] = useState(false)
  const [read, setRead] = useState<number>()
  const write = useMemo(() => writer(format, unit), [format, unit])
  const name = (at: number): string => {
    const value = x[at]
    return typeof value === 'number' ? format.fullTime(value) : (value ?? '')
  }
  const sentence = (at: number): string =>
    `${name(at)}: ${series.map(({ label, values }) => `${label} ${write(values[at])}`).join(', ')}`
  const isEmpty = series.every(({ values }) => values.every((value) => value === null))
  return (
    <figure className="chart">
      <figcaption>
        <ul className="legend">
          {series.map((each, index) =>
            each.edge === 'low' ? null : (
              <li key={each.label} data-colour={colourOf(each, index)}>
                <Swatch index={areBoxes ? 0 : index} area={each.edge ? 0.35 : isStacked ? 1 : 0} />
                {each.edge === 'high' ? bandName(series) : each.label}
              </li>
            ),
          )}
        </ul>
        <Tooltip label={say(isTable ? 'asChart' : 'asTable')}>
          <ActionIcon
            variant="subtle"
            color="gray"
            onClick={() => setTable(!isTable)}
            aria-label={`${label}: ${say(isTable ? 'asChart' : 'asTable')}`}
          >
            {isTable ? <IconChartLine size={16} /> : <IconListDetails size={16} />}
          </ActionIcon>
        </Tooltip>
      </figcaption>
      {isTable ? (
        <section
          className="table-box"
          style={{ maxHeight: height + 40 }}
          tabIndex={0}
          aria-label={label}
        >
          <table className="list">
            <thead>
              <tr>
                <th scope="col">{say(typeof x[0] === 'string' ? 'name' : 'time')}</th>
                {series.map((each) => (
                  <th scope="col" className="end" key={each.label}>
                    {each.label}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {x.map((_, at) => (
                <tr key={name(at)}>
                  <th scope="row">{name(at)}</th>
                  {series.map((each) => (
                    <td className="end" key={each.label}>
                      {write(each.values[at])}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      ) : isEmpty ? (
        <div className="blank" style={{ minHeight: height }}>
          {say('empty')}
        </div>
      ) : (
        <div
          className="plot"
          role="application"
          tabIndex={0}
          aria-label={`${label}. ${say('help')}`}
          onKeyDown={(event) => {
            const step = { ArrowLeft: -1, ArrowRight: 1, Home: -x.length, End: x.length }[event.key]
            if (step === undefined) return
            event.preventDefault()
            setRead(Math.min(x.length - 1, Math.max(0, (read ?? x.length - 1) + step)))
          }}
          onBlur={() => setRead(undefined)}
        >
          <Plot {...props} read={read} />
          <span className="only-read" aria-live="polite">
            {read === undefined ? '' : sentence(read)}
          </span>
        </div>
      )}
      {marks.length > 0 && !isEmpty ? (
        <ul className="marks" aria-label={say('deploys')}>
          {marks.slice(-MOST_MARKS_TOLD).map(({ at, label: release }) => (
            <li key={at}>
              <IconRocket size={13} aria-hidden />
              {say('deploy', { release, time: format.fullTime(at) })}
            </li>
          ))}
        </ul>
      ) : null}
    </figure>
  )
}

/** What a chart marks is said in words too, the latest few. */
const MOST_MARKS_TOLD = 3
const NO_MARKS: readonly ChartMark[] = []

/** @param area how opaque the area of the series is; 0 for a line */
function Swatch({ index, area }: { readonly index: number; readonly area: number }) {
  if (area > 0)
    return (
      <svg width="18" height="10" aria-hidden>
        <rect width="18" height="10" rx="2" fill="currentColor" fillOpacity={area} />
      </svg>
    )
  return (
    <svg width="18" height="8" aria-hidden>
      <line
        x1="0"
        x2="18"
        y1="4"
        y2="4"
        stroke="currentColor"
        strokeWidth="2.5"
        strokeDasharray={DASHES[index % DASHES.length]!.join(' ')}
      />
    </svg>
  )
}

function Plot({
  x,
  series,
  unit = 'count',
  height = 190,
  marks = NO_MARKS,
  isStacked = false,
  areBoxes = false,
  most,
  read,
}: ChartProps & { readonly read: number | undefined }) {
  const format = useFormats()
  const { zone } = usePreferences()
  const scheme = useComputedColorScheme('light')
  const { ref, width } = useElementSize<HTMLDivElement>()
  const box = useRef<HTMLDivElement>(null)
  const place = useMergedRef(ref, box)
  const plot = useRef<uPlot>(undefined)
  const isTime = typeof x[0] === 'number'
  useEffect(() => {
    if (!box.current || width === 0) return undefined
    const write = writer(format, unit)
    const spanOfTime = isTime ? Number(x.at(-1)) - Number(x[0]) : 0
    const ink = scheme === 'dark' ? '#9dabb8' : '#55626e'
    const grid = { stroke: scheme === 'dark' ? '#2b3540' : '#e4e9ed', width: 1 }
    const drawn = isStacked ? stacked(series) : series.map((each, index) => ({ each, index }))
    const step =
      x.length <= MOST_NAMES
        ? 1
        : Math.max(1, Math.ceil((widthOfNames(x) * x.length) / Math.max(1, width - AXIS_WIDTH)))
    const bands = (areBoxes ? [] : bandsOf(series)).map((edges) => ({
      series: edges,
      fill: `${CHART_COLOURS.slate[scheme]}2e`,
    }))
    const made = new uPlot(
      {
        width,
        height,
        tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1_000), zoneName(zone)),
        legend: { show: false },
        cursor: { points: { size: 6 }, drag: { x: false, y: false } },
        scales: {
          x: { time: isTime, ...rangeOf(x, isStacked || series.some(isBar)) },
          y: { range: (_, __, top) => [0, most ?? (top > 0 ? top * 1.12 : 1)] },
        },
        bands,
        axes: [
          {
            stroke: ink,
            grid: { show: false },
            ticks: { show: false },
            size: 26,
            font: '11px system-ui',
            ...(isTime ? {} : { splits: () => [...x.keys()].filter((at) => at % step === 0) }),
            // The clock there has no seconds: no two of its marks may read alike.
            ...(isTime ? { incrs: TIME_STEPS } : {}),
            values: (_, ticks) =>
              isTime
                ? ticks.map((tick) => tickText(format, tick * 1_000, spanOfTime))
                : ticks.map((at) =>
                    shortened(String(x[at]), (step * (width - AXIS_WIDTH)) / x.length),
                  ),
          },
          {
            stroke: ink,
            grid,
            ticks: { show: false },
            size: AXIS_WIDTH,
            font: '11px system-ui',
            values: (_, ticks) => ticks.map((tick) => write(tick)),
            // Nobody completes half a job.
            ...(unit === 'count' ? { incrs: WHOLE_STEPS } : {}),
          },
        ],
        series: [
          {},
          ...drawn.map(({ each, index }) => {
            const stroke = CHART_COLOURS[colourOf(each, index)][scheme]
            if (isStacked)
              return {
                label: each.label,
                fill: stroke,
                width: 0,
                points: { show: false },
                paths: uPlot.paths.bars!({ size: [0.7, 40] }),
              }
            if (areBoxes)
              return {
                label: each.label,
                stroke,
                fill: `${stroke}2e`,
                width: each.edge ? 1 : 3,
                points: { show: false },
                paths: boxOf(series, each.edge),
              }
            if (each.edge)
              return {
                label: each.label,
                stroke: `${stroke}77`,
                width: 1,
                points: { show: false },
                spanGaps: false,
              }
            return {
              label: each.label,
              stroke,
              width: 2,
              dash: [...DASHES[index % DASHES.length]!],
              fill: series.length === 1 ? `${stroke}22` : undefined,
              points: { size: 5, show: true, filter: aloneIn },
              // Where nothing ran there is nothing to draw, least of all a line.
              spanGaps: false,
              ...(isBar(each) ? { fill: `${stroke}44`, paths: barOf(index, series.length) } : {}),
            }
          }),
        ],
        hooks: { draw: [(self) => drawMarks(self, marks, ink)] },
      },
      [
        isTime ? (x as readonly number[]).map((at) => at / 1_000) : x.map((_, index) => index),
        ...drawn.map(({ each }) => [...each.values]),
      ],
      box.current,
    )
    plot.current = made
    return () => made.destroy()
  }, [
    x,
    series,
    unit,
    height,
    width,
    scheme,
    format,
    zone,
    isTime,
    marks,
    isStacked,
    areBoxes,
    most,
  ])
  useEffect(() => {
    const self = plot.current
    if (!self || read === undefined) return
    const at = self.data[0][read]
    if (at !== undefined) self.setCursor({ left: self.valToPos(at, 'x'), top: 10 })
  }, [read])
  return <div ref={place} aria-hidden style={{ minHeight: height }} />
}

const isBar = ({ kind }: Series): boolean => kind === 'bar'
const AXIS_WIDTH = 54
function drawMarks(self: uPlot, marks: readonly ChartMark[], ink: string): void {
  const { ctx, bbox } = self
  ctx.save()
  ctx.strokeStyle = ink
  ctx.fillStyle = ink
  ctx.setLineDash([3, 3])
  ctx.font = `${11 * devicePixelRatio}px system-ui`
  for (const { at, label } of marks) {
    const left = self.valToPos(at / 1_000, 'x', true)
    if (left < bbox.left || left > bbox.left + bbox.width) continue
    ctx.beginPath()
    ctx.moveTo(left, bbox.top)
    ctx.lineTo(left, bbox.top + bbox.height)
    ctx.stroke()
    const isAtEnd = left + 4 + ctx.measureText(label).width > bbox.left + bbox.width
    ctx.textAlign = isAtEnd ? 'right' : 'left'
    ctx.fillText(label, left + (isAtEnd ? -4 : 4), bbox.top + 12 * devicePixelRatio)
  }
  ctx.restore()
}

function colourOf(series: Series, index: number): ChartColour {
  return series.colour ?? (series.edge ? 'slate' : ORDER[index % ORDER.length]!)
}

function writer(format: Formats, unit: string): (value: number | null | undefined) => string {
  return (value) => {
    if (value === null || value === undefined) return '–'
    if (unit === 'ms') return format.span(value)
    if (unit === 'share') return format.percent(value)
    if (unit === 'bytes') return format.bytes(value)
    if (unit === 'amount' && Math.abs(value) < 1_000) return format.number(value)
    return format.short(value)
  }
}
