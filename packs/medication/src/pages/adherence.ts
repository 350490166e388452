// The page of adherence: the last day, weeks by the rule of the Quality Alliance, and ninety days as charts.
import type { PageBlock } from 'orderly'
import type { Metrics } from '../analytics/measure.ts'
import type { Store } from '../store/store.ts'

const DAYS_SHOWN = 90
/** From this share on a patient counts as adherent. */
const ADHERENT = 0.8
const UNKNOWN = 'not known'

export async function adherencePage({ db }: Store): Promise<PageBlock[]> {
  const newest = (range: string, limit: number) =>
    db.query
      .selectFrom('med_rollups')
      .select(['day', 'metrics'])
      .where('time_range', '=', range)
      .orderBy('day', 'desc')
      .limit(limit)
      .execute()
  const rows = await newest('daily', DAYS_SHOWN)
  const days = rows
    .toReversed()
    .map(({ day, metrics }) => ({ day, metrics: JSON.parse(metrics) as Metrics }))
  const last = days.at(-1)
  if (!last)
    return [
      { block: 'note', tone: 'neutral', text: 'No day has been summed up yet; it is each night.' },
    ]
  const [longer] = [...(await newest('monthly', 1)), ...(await newest('weekly', 1))]
  const x = { label: 'Day', kind: 'category' as const, values: days.map(({ day }) => day) }
  return [
    {
      block: 'facts',
      title: `Doses of ${last.day}`,
      facts: [
        shareFact('Taken of due', last.metrics.adherence.share),
        { label: 'Taken on time', value: last.metrics.adherence.onTime },
        { label: 'Taken late', value: last.metrics.adherence.late },
        { label: 'Skipped', value: last.metrics.adherence.skipped },
        { label: 'Missed', value: last.metrics.adherence.missed },
      ],
    },
    ...(longer ? [overYear(longer.day, JSON.parse(longer.metrics) as Metrics)] : []),
    {
      block: 'chart',
      title: 'Taken of due, by day',
      kind: 'line',
      x,
      series: [
        {
          label: 'Taken of due',
          unit: '%',
          values: days.map(({ metrics: { adherence } }) => percentOf(adherence.share)),
        },
      ],
    },
    {
      block: 'chart',
      title: 'What became of doses, by day',
      kind: 'bar',
      stacked: true,
      x,
      series: (
        [
          ['onTime', 'On time', 'good'],
          ['late', 'Late', 'warning'],
          ['skipped', 'Skipped', 'neutral'],
          ['missed', 'Missed', 'bad'],
        ] as const
      ).map(([name, label, tone]) => ({
        label,
        tone,
        values: days.map(({ metrics }) => metrics.adherence[name]),
      })),
    },
  ]
}

/** Figures by fills, not by doses: what a payer looks at. What was summed up by an earlier release lacks some of them. */
function overYear(
  day: string,
  { adherence }: { readonly adherence: Partial<Metrics['adherence']> },
): PageBlock {
  return {
    block: 'facts',
    title: `A year of fills, summed up for the time from ${day}`,
    facts: [
      shareFact('Days covered (PDC), mean', adherence.daysCovered ?? undefined),
      shareFact('Adherent patients (PDC 80 % and more)', adherence.adherent ?? undefined),
      shareFact('Possession ratio, mean', adherence.possession ?? undefined),
      { label: 'Treatments measured', value: adherence.treatments ?? UNKNOWN },
      { label: 'Patients the rule applies to', value: adherence.measured ?? UNKNOWN },
    ],
  }
}

function shareFact(label: string, share: number | undefined) {
  if (share === undefined) return { label, value: UNKNOWN }
  return {
    label,
    value: `${Math.round(share * 100)} %`,
    tone: share >= ADHERENT ? ('good' as const) : ('warning' as const),
  }
}

function percentOf(share: number | undefined | null): number | null {
  return share === undefined || share === null ? null : Math.round(share * 1_000) / 10
}
