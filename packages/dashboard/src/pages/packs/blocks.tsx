// The blocks a pack's page is made of: facts, table, chart, document, note, search.
import { Alert, Anchor } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useMemo } from 'react'
import type { PageBlock } from 'orderly/api'
import { call } from '../../api/call.ts'
import { useFormats } from '../../app/format.ts'
import { BASE } from '../../app/place.ts'
import { useTexts } from '../../app/texts.ts'
import { Blank } from '../../parts/blank.tsx'
import { Chart } from '../../parts/chart.tsx'
import { Instant } from '../../parts/instant.tsx'
import { List } from '../../parts/list.tsx'
import { MaskedValue, type Why } from '../../parts/masked.tsx'
import { Card } from '../../parts/page.tsx'
import { StateBadge } from '../../parts/state-badge.tsx'
import { Search } from './search.tsx'
import { DocumentFrame, RevealedDocument } from './document.tsx'
import { PACK_TEXTS } from './texts.ts'

type PageValue = Extract<PageBlock, { block: 'facts' }>['facts'][number]['value']
type BlockOf<Kind extends PageBlock['block']> = Extract<PageBlock, { block: Kind }>

export function Block({ block, pack }: { readonly block: PageBlock; readonly pack: string }) {
  switch (block.block) {
    case 'facts':
      return <Facts block={block} pack={pack} />
    case 'table':
      return <Table block={block} pack={pack} />
    case 'chart':
      return <PackChart block={block} />
    case 'document':
      return <Document block={block} />
    case 'note':
      return <Note block={block} />
    case 'search':
      return <Search block={block} />
    default:
      return null
  }
}

function Facts({ block, pack }: { readonly block: BlockOf<'facts'>; readonly pack: string }) {
  return (
    <Card title={block.title}>
      <dl className="facts">
        {block.facts.map(({ label, value, tone }) => (
          <div key={label} style={{ display: 'contents' }}>
            <dt>{label}</dt>
            <dd
              data-tone={tone}
              style={tone && tone !== 'neutral' ? { color: 'var(--tone)', fontWeight: 600 } : {}}
            >
              <Value value={value} pack={pack} />
            </dd>
          </div>
        ))}
      </dl>
    </Card>
  )
}

function Table({ block, pack }: { readonly block: BlockOf<'table'>; readonly pack: string }) {
  return (
    <Card title={block.title} isFlush>
      <List
        label={block.title}
        rows={block.rows.map((row, index) => ({ row, index }))}
        rowKey={({ index }) => String(index)}
        empty={<Blank title={block.empty} />}
        columns={block.columns.map(({ key, label, kind }) => ({
          key,
          label,
          isNumber: kind === 'number' || kind === 'money',
          cell: ({ row }: { row: Readonly<Record<string, PageValue>> }) => (
            <Value value={row[key] ?? null} kind={kind} pack={pack} />
          ),
        }))}
      />
    </Card>
  )
}

function PackChart({ block }: { readonly block: BlockOf<'chart'> }) {
  const series = useMemo(
    () =>
      block.series.map(({ label, unit, values }) => ({
        label: unit ? `${label} (${unit})` : label,
        values,
        kind: block.kind === 'bar' ? ('bar' as const) : ('line' as const),
      })),
    [block],
  )
  return (
    <Card title={block.title}>
      <Chart
        label={block.title}
        x={block.x.values as readonly number[] | readonly string[]}
        series={series}
        height={220}
      />
    </Card>
  )
}

function Document({ block }: { readonly block: BlockOf<'document'> }) {
  const say = useTexts(PACK_TEXTS)
  return (
    <Card
      title={block.title}
      actions={
        <Anchor href={`${BASE}${block.href}`} target="_blank" rel="noreferrer" size="sm">
          {say('open')}
        </Anchor>
      }
    >
      {block.contentType.startsWith('image/') ? (
        <img src={block.href} alt={block.title} style={{ maxWidth: '100%' }} />
      ) : (
        <DocumentFrame title={block.title} url={`${BASE}${block.href}`} />
      )}
    </Card>
  )
}

/** A masked value of a record: whoever may see it asks the pack for it, with a purpose. */
function RecordValue({
  value,
  pack,
}: {
  readonly value: Extract<PageValue, { masked: string }>
  readonly pack: string
}) {
  const { masked, kind, reveal: place } = value
  if (place === undefined) return <MaskedValue mask={masked} kind={kind} />
  const reveal = async (why: Why): Promise<unknown> =>
    (await call('reveal.pack', { params: { pack }, body: { ...place, ...why } })).value
  return kind === 'document' ? (
    <RevealedDocument mask={masked} name={place.record} reveal={reveal} />
  ) : (
    <MaskedValue mask={masked} kind={kind} field={place.field} reveal={reveal} />
  )
}

const NOTE_COLOURS = { neutral: 'gray', good: 'green', warning: 'yellow', bad: 'red' } as const

function Note({ block }: { readonly block: BlockOf<'note'> }) {
  const say = useTexts(PACK_TEXTS)
  const { tone } = block
  return (
    <Alert color={NOTE_COLOURS[tone]} {...(tone === 'neutral' ? {} : { title: say(tone) })}>
      {block.text}
    </Alert>
  )
}

export function Value({
  value,
  kind,
  pack,
}: {
  readonly value: PageValue
  readonly kind?: string | undefined
  readonly pack: string
}) {
  const say = useTexts(PACK_TEXTS)
  const format = useFormats()
  if (value === null) return <span className="quiet">–</span>
  if (typeof value === 'boolean') return say(value ? 'yes' : 'no')
  if (typeof value === 'number')
    return kind === 'time' ? <Instant at={value} /> : format.number(value)
  if (typeof value === 'string') return kind === 'state' ? <StateBadge state={value} /> : value
  if ('masked' in value) return <RecordValue value={value} pack={pack} />
  if (value.tone !== undefined)
    return (
      <span className="toned" data-tone={value.tone}>
        <Value value={{ ...value, tone: undefined }} pack={pack} />
      </span>
    )
  if (value.job !== undefined)
    return (
      <Link to="/jobs/$id" params={{ id: value.job }}>
        {value.text}
      </Link>
    )
  if (value.page !== undefined)
    return (
      <Link to="/packs/$pack/$page" params={{ pack, page: value.page }} search={value.params ?? {}}>
        {value.text}
      </Link>
    )
  return value.text
}
