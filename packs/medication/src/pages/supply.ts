// The page of supply: what runs out first, and what no figure is known of.
import type { PageBlock } from 'orderly'
import type { Supply } from '../services/ports.ts'
import type { Store } from '../store/store.ts'
import {
  badge,
  count,
  LEVELS,
  maskedMedicine,
  patientLink,
  refillBadge,
  UNKNOWN_WORDS,
} from './words.ts'

const MOST_READ = 1_000
const MOST_LISTED = 200
const OUTLASTS = Infinity

export async function supplyPage({ db, vault }: Store): Promise<PageBlock[]> {
  const rows = await db.query
    .selectFrom('med_supply')
    .innerJoin('med_orders', 'med_orders.order_id', 'med_supply.order_id')
    .select([
      'med_supply.order_id',
      'med_supply.patient_id',
      'med_supply.detail',
      'med_supply.checked_at',
    ])
    .where('med_supply.detail', 'is not', null)
    .where('med_orders.status', '=', 'active')
    // What was told as critical or low comes first, should there be more than are read.
    .orderBy(({ eb }) => eb.case().when('alerted', 'is not', null).then(0).else(1).end())
    .orderBy('checked_at', 'desc')
    .limit(MOST_READ)
    .execute()
  const opened = await Promise.all(
    rows.map(async (row) => ({
      row,
      figures: await vault.open<Supply>(row.detail!, {
        table: 'med_supply',
        column: 'detail',
        row: row.order_id,
      }),
    })),
  )
  if (opened.length === 0)
    return [{ block: 'note', tone: 'neutral', text: 'No supply has been checked yet.' }]
  const tracked = opened.filter(({ figures }) => figures.level !== 'unknown')
  const leftOf = ({ figures }: (typeof opened)[number]): number =>
    figures.monitor?.days_remaining ?? OUTLASTS
  const withLevel = (level: Supply['level']): number =>
    opened.filter(({ figures }) => figures.level === level).length
  return [
    {
      block: 'facts',
      facts: [
        count('Critical', withLevel('critical'), 'bad'),
        count('Low', withLevel('low'), 'warning'),
        { label: 'Enough', value: withLevel('ok') },
        ...Object.entries(UNKNOWN_WORDS).flatMap(([why, words]) => {
          const n = opened.filter(({ figures }) => figures.unknown === why).length
          return n === 0 ? [] : [{ label: `Not known: ${words}`, value: n }]
        }),
      ],
    },
    {
      block: 'table',
      title: 'What runs out first',
      columns: [
        { key: 'level', label: 'Supply', kind: 'state' },
        { key: 'left', label: 'Days left', kind: 'number' },
        { key: 'patient', label: 'Patient' },
        { key: 'medicine', label: 'Medicine' },
        { key: 'refill', label: 'Refill', kind: 'state' },
        { key: 'checked', label: 'Checked', kind: 'time' },
      ],
      rows: tracked
        .toSorted((a, b) => leftOf(a) - leftOf(b))
        .slice(0, MOST_LISTED)
        .map(({ figures, row }) => ({
          level: badge(LEVELS[figures.level]),
          left: figures.monitor?.days_remaining ?? null,
          patient: patientLink(row.patient_id),
          medicine: maskedMedicine(row.order_id),
          refill: refillBadge(figures.refill),
          checked: row.checked_at,
        })),
      empty: 'No medicine has a fill or a count yet, so nothing is known of what is left.',
    },
  ]
}
