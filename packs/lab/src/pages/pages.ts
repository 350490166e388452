// The pages of the pack on the dashboard. Nothing of a patient is on them in the clear.
import type { PackPage, PageBlock, PageValue } from 'orderly'
import type { Incident } from '../anomaly/detect.ts'
import { DAY_MS, dayNumber } from '../forecast/series.ts'
import type { KeptForecast } from '../handlers/ai.ts'
import type { LabRooms } from '../store/rooms.ts'

const ROWS = 100

export function labPages(rooms: LabRooms): PackPage[] {
  const { db } = rooms
  return [
    {
      id: 'orders',
      title: 'Orders',
      inRail: true,
      async load() {
        const [rows, counts] = await Promise.all([
          db.query
            .selectFrom('lab_orders')
            .innerJoin('lab_companies', 'lab_companies.company_id', 'lab_orders.company_id')
            .select(['order_id', 'number', 'name', 'status', 'status_at', 'due_on', 'created_at'])
            .orderBy('created_at', 'desc')
            .limit(ROWS)
            .execute(),
          db.query
            .selectFrom('lab_orders')
            .select(({ fn }) => ['status', fn.countAll<number>().as('n')])
            .where('status', 'in', ['pending', 'in_production', 'quality_check', 'on_hold'])
            .groupBy('status')
            .execute(),
        ])
        return [
          {
            block: 'facts',
            title: 'In work',
            facts: counts.map(({ status, n }) => ({
              label: status.replace('_', ' '),
              value: n,
              ...(status === 'on_hold' ? { tone: 'warning' as const } : {}),
            })),
          },
          {
            block: 'table',
            title: 'Newest orders',
            columns: [
              { key: 'number', label: 'Order' },
              { key: 'practice', label: 'Practice' },
              { key: 'status', label: 'Status', kind: 'state' },
              { key: 'since', label: 'Since', kind: 'time' },
              { key: 'due', label: 'Due' },
              { key: 'ordered', label: 'Ordered', kind: 'time' },
            ],
            rows: rows.map(({ order_id, number, name, status, status_at, due_on, created_at }) => ({
              number: { text: number, page: 'order', params: { id: order_id } },
              practice: name,
              status,
              since: status_at,
              due: due_on,
              ordered: created_at,
            })),
            empty: 'No order yet.',
          },
        ]
      },
    },
    {
      id: 'order',
      title: 'Order',
      inRail: false,
      params: ['id'],
      async load({ id = '' }) {
        const row = await db.query
          .selectFrom('lab_orders')
          .selectAll()
          .where('order_id', '=', id)
          .executeTakeFirst()
        if (!row) return [{ block: 'note', tone: 'warning', text: 'There is no such order.' }]
        return [
          {
            block: 'facts',
            title: row.number,
            facts: [
              { label: 'Status', value: row.status },
              { label: 'Ordered', value: row.ordered_on },
              { label: 'Due', value: row.due_on },
              { label: 'Carrier', value: row.carrier },
              {
                label: 'Made again',
                value: row.remakes,
                tone: row.remakes > 0 ? 'warning' : 'neutral',
              },
              {
                label: 'Patient and prescription',
                value: {
                  masked: '[masked]',
                  kind: 'text',
                  reveal: { record: id, field: 'details' },
                },
              },
            ],
          },
          await documentTable(rooms, id),
        ]
      },
    },
    {
      id: 'documents',
      title: 'Documents',
      inRail: true,
      load: async () => [await documentTable(rooms)],
    },
    {
      id: 'document',
      title: 'Document',
      inRail: false,
      params: ['id'],
      load: ({ id = '' }) => documentBlocks(rooms, id),
    },
    {
      id: 'outbox',
      title: 'Outbox',
      inRail: true,
      async load() {
        const rows = await db.query
          .selectFrom('lab_mails')
          .selectAll()
          .orderBy('at', 'desc')
          .limit(ROWS)
          .execute()
        const unsure = rows.filter(({ state }) => state === 'unsure').length
        const note: PageBlock = {
          block: 'note',
          tone: 'warning',
          text: `${unsure} mails may or may not have been sent; look whether they arrived.`,
        }
        return [
          ...(unsure > 0 ? [note] : []),
          table(
            'Mails',
            [
              ['kind', 'Mail'],
              ['company', 'Company'],
              ['user', 'To'],
              ['state', 'State', 'state'],
              ['reason', 'Why'],
              ['at', 'At', 'time'],
            ],
            rows.map(({ kind, company_id, user_id, state, reason, at }) => ({
              kind,
              company: company_id,
              user: user_id,
              state,
              reason,
              at,
            })),
            'No mail yet.',
          ),
        ]
      },
    },
    {
      id: 'inbox',
      title: 'Inbox',
      inRail: true,
      async load() {
        const rows = await db.query
          .selectFrom('lab_lims_news')
          .selectAll()
          .orderBy('at', 'desc')
          .limit(ROWS)
          .execute()
        return [
          table(
            'News of the LIMS',
            [
              ['job', 'Job'],
              ['lab', 'Laboratory'],
              ['state', 'What became of it', 'state'],
              ['reason', 'Why'],
              ['at', 'At', 'time'],
            ],
            rows.map(({ lims_job, company_id, state, reason, at }) => ({
              job: lims_job,
              lab: company_id,
              state,
              reason,
              at,
            })),
            'No news yet.',
          ),
        ]
      },
    },
    {
      id: 'forecast',
      title: 'Forecast',
      inRail: true,
      async load() {
        const rows = await newest(rooms, 'forecast', 12)
        if (rows.length === 0) return [{ block: 'note', tone: 'neutral', text: 'No forecast yet.' }]
        return rows.flatMap(({ subject, body }) => forecastBlocks(subject, body as KeptForecast))
      },
    },
    {
      id: 'anomalies',
      title: 'Anomalies',
      inRail: true,
      async load() {
        const rows = await newest(rooms, 'anomalies', 8)
        if (rows.length === 0)
          return [{ block: 'note', tone: 'neutral', text: 'Nothing was looked at yet.' }]
        return rows.flatMap(({ subject, body }) => anomalyBlocks(subject, body as KeptAnomalies))
      },
    },
  ]
}

async function newest({ db }: LabRooms, kind: 'forecast' | 'anomalies', limit: number) {
  const rows = await db.query
    .selectFrom('lab_findings')
    .select(['subject', 'body'])
    .where('kind', '=', kind)
    .orderBy('made_at', 'desc')
    .limit(limit)
    .execute()
  return rows.map(({ subject, body }) => ({ subject, body: JSON.parse(body) as unknown }))
}

async function documentTable({ db }: LabRooms, subject?: string): Promise<PageBlock> {
  let query = db.query.selectFrom('lab_documents').selectAll()
  if (subject !== undefined) query = query.where('subject', '=', subject)
  const rows = await query.orderBy('made_at', 'desc').limit(ROWS).execute()
  return table(
    'Documents',
    [
      ['document', 'Document'],
      ['kind', 'Kind'],
      ['company', 'Company'],
      ['bytes', 'Bytes', 'number'],
      ['sealed', 'Sealed'],
      ['digest', 'SHA-256'],
      ['at', 'Made', 'time'],
    ],
    rows.map(({ document_id, kind, company_id, bytes, sealed, sha256, made_at }) => ({
      document: { text: document_id, page: 'document', params: { id: document_id } },
      kind,
      company: company_id,
      bytes,
      sealed: sealed === 1,
      digest: sha256.slice(0, 16),
      at: made_at,
    })),
    'No document yet.',
  )
}

/** One that is clinical is shown to who says why; the others stand open to who sees the pages. */
async function documentBlocks({ db }: LabRooms, id: string): Promise<PageBlock[]> {
  const row = await db.query
    .selectFrom('lab_documents')
    .selectAll()
    .where('document_id', '=', id)
    .executeTakeFirst()
  if (!row) return [{ block: 'note', tone: 'warning', text: 'There is no such document.' }]
  const isClinical = row.sealed === 1
  const facts: PageBlock = {
    block: 'facts',
    title: id,
    facts: [
      { label: 'Kind', value: row.kind },
      { label: 'Company', value: row.company_id },
      { label: 'Bytes', value: row.bytes },
      { label: 'SHA-256', value: row.sha256 },
      ...(isClinical
        ? [
            {
              label: 'Document',
              value: {
                masked: '[PDF of a patient]',
                kind: 'document',
                reveal: { record: id, field: 'document' },
              },
            },
          ]
        : []),
    ],
  }
  if (isClinical) return [facts]
  const href = `/api/v1/packs/lab/documents/${encodeURIComponent(id)}`
  return [facts, { block: 'document', title: row.kind, contentType: 'application/pdf', href }]
}

function table(
  title: string,
  columns: readonly (readonly [key: string, label: string, kind?: 'number' | 'time' | 'state'])[],
  rows: readonly Readonly<Record<string, PageValue>>[],
  empty: string,
): PageBlock {
  return {
    block: 'table',
    title,
    columns: columns.map(([key, label, kind]) => ({ key, label, ...(kind ? { kind } : {}) })),
    rows,
    empty,
  }
}

function forecastBlocks(sku: string, kept: KeptForecast): PageBlock[] {
  const first = dayNumber(kept.firstDay) * DAY_MS
  const days = kept.past.length + kept.values.length
  const start = first - kept.past.length * DAY_MS
  const empty = kept.past.map(() => null)
  const ahead = kept.values.map(() => null)
  return [
    {
      block: 'chart',
      title: `${sku}: ${kept.method}`,
      kind: 'band',
      x: {
        label: 'Day',
        kind: 'time',
        values: Array.from({ length: days }, (_, at) => start + at * DAY_MS),
      },
      series: [
        { label: 'Sold', values: [...kept.past, ...ahead] },
        { label: 'Expected', values: [...empty, ...kept.values] },
        { label: 'At least', values: [...empty, ...kept.low] },
        { label: 'At most', values: [...empty, ...kept.high] },
      ],
    },
    ...(kept.advice
      ? [
          {
            block: 'facts' as const,
            facts: [
              {
                label: 'Days left',
                value: kept.advice.daysLeft,
                tone: kept.advice.isLate ? ('bad' as const) : ('neutral' as const),
              },
              { label: 'Order at', value: Math.ceil(kept.advice.reorderPoint) },
              { label: 'Order now', value: kept.advice.orderQuantity },
            ],
          },
        ]
      : []),
  ]
}

interface KeptAnomalies {
  readonly firstDay: string
  readonly values: readonly number[]
  readonly low: readonly number[]
  readonly high: readonly number[]
  readonly incidents: readonly Incident[]
}

function anomalyBlocks(subject: string, kept: KeptAnomalies): PageBlock[] {
  const start = dayNumber(kept.firstDay) * DAY_MS
  return [
    {
      block: 'chart',
      title: subject,
      kind: 'band',
      x: { label: 'Day', kind: 'time', values: kept.values.map((_, at) => start + at * DAY_MS) },
      series: [
        { label: 'Value', values: kept.values },
        { label: 'At least', values: kept.low },
        { label: 'At most', values: kept.high },
      ],
    },
    table(
      'Incidents',
      [
        ['kind', 'Kind'],
        ['severity', 'Severity', 'state'],
        ['from', 'From'],
        ['to', 'To'],
        ['explanation', 'What'],
      ],
      kept.incidents.map(({ kind, severity, from, to, explanation }) => ({
        kind,
        severity,
        from,
        to,
        explanation,
      })),
      'Nothing unusual.',
    ),
  ]
}
