// The page of anomalies: what was unusual lately, and each figure with what was to be expected.
import type { PageBlock, PageValue } from 'orderly'
import type { Incident } from '../anomaly/detect.ts'
import { dayNumber, dayText } from '../forecast/series.ts'
import type { LabRooms } from '../store/rooms.ts'
import { companyNames, table } from './blocks.ts'
import { newestFindings } from './findings.ts'
import { said } from './words.ts'

const MOST_FIGURES = 24
const MOST_INCIDENTS = 100
/** The end of a history is what somebody can still act on. */
const VALUES_SHOWN = 120

interface KeptAnomalies {
  readonly firstDay: string
  /** Days a value is the sum of. */
  readonly span?: number
  readonly values: readonly number[]
  readonly low: readonly number[]
  readonly high: readonly number[]
  readonly incidents: readonly Incident[]
}

export async function anomalyPage(rooms: LabRooms): Promise<PageBlock[]> {
  const [kept, nameOf] = await Promise.all([
    newestFindings(rooms, 'anomalies', MOST_FIGURES),
    companyNames(rooms),
  ])
  if (kept.length === 0)
    return [{ block: 'note', tone: 'neutral', text: 'No figure was looked at yet.' }]
  const figures = kept.map(({ body, company, subject }) => ({
    title: `${titleOf(subject)}, ${nameOf(company)}`,
    found: body as KeptAnomalies,
  }))
  const incidents = figures
    .flatMap(({ found, title }) => found.incidents.map((incident) => ({ ...incident, title })))
    .toSorted((a, b) => (a.to < b.to ? 1 : -1))
    .slice(0, MOST_INCIDENTS)
  return [
    table(
      'What was unusual',
      [
        ['severity', 'How bad', 'state'],
        ['figure', 'Figure'],
        ['kind', 'What'],
        ['days', 'When'],
        ['explanation', 'Beside what was expected'],
      ],
      incidents.map(
        ({ explanation, from, kind, severity, title, to }): Record<string, PageValue> => ({
          severity: { text: severity, tone: severity === 'critical' ? 'bad' : 'warning' },
          figure: title,
          kind: said(kind),
          days: from === to ? from : `${from} – ${to}`,
          explanation,
        }),
      ),
      'Nothing was unusual.',
    ),
    ...figures.map(({ found, title }) => chart(title, found)),
  ]
}

/** `orders/daily` is `Orders a day`. */
function titleOf(subject: string): string {
  const [metric = '', period = ''] = subject.split('/')
  const name = said(metric)
  if (period === 'daily') return `${name} a day`
  if (period === 'weekly') return `${name} a week`
  return period === 'monthly' ? `${name} in 30 days` : `${name} ${period}`
}

function chart(title: string, { firstDay, high, low, span = 1, values }: KeptAnomalies): PageBlock {
  const first = dayNumber(firstDay)
  const days = values.map((_, at) => dayText(first + at * span))
  const end = <T>(list: readonly T[]): readonly T[] => list.slice(-VALUES_SHOWN)
  return {
    block: 'chart',
    title,
    kind: 'band',
    x: { label: 'Day', kind: 'category', values: end(days) },
    series: [
      { label: 'Was', values: end(values) },
      { label: 'Expected at least', edge: 'low', values: end(low) },
      { label: 'at most', edge: 'high', values: end(high) },
    ],
  }
}
