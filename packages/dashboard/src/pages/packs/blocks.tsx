// The blocks a pack's page is made of: facts, table, chart, document, note, search.
import { Alert, Anchor } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { PageBlock } from 'orderly/api'
import { call } from '../../api/call.ts'
import { useFormats } from '../../app/format.ts'
import { BASE } from '../../app/place.ts'
import { useTexts } from '../../app/texts.ts'
import { Blank } from '../../parts/blank.tsx'
import { Instant } from '../../parts/instant.tsx'
import { List } from '../../parts/list.tsx'
import { MaskedValue, type Why } from '../../parts/masked.tsx'
import { kindWord, PHI_KIND_TEXTS } from '../../parts/phi-kinds.ts'
import { Card } from '../../parts/page.tsx'
import { StateBadge } from '../../parts/state-badge.tsx'
import { Acts } from './acts.tsx'
import { PackChart } from './chart.tsx'
import { DocumentFrame, RevealedDocument } from './document.tsx'
import { Search } from './search.tsx'
import { PACK_TEXTS } from './texts.ts'
import { Toned } from './toned.tsx'

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
      <dl className="fact-tiles">
        {block.facts.map(({ label, value, tone }, index) => (
          <div
            key={`${label} ${index}`}
            data-figure={isFigure(value) || undefined}
            data-long={isLong(value) || undefined}
          >
            <dt>{label}</dt>
            <dd>
              <Toned tone={tone}>
                <Value value={value} pack={pack} />
              </Toned>
            </dd>
          </div>
        ))}
      </dl>
    </Card>
  )
}

const MOST_IN_TILE = 24

/** An address or a sum of a file, which one tile would break into many lines. */
function isLong(value: PageValue): boolean {
  const text = typeof value === 'object' && value !== null && 'text' in value ? value.text : value
  return typeof text === 'string' && text.length > MOST_IN_TILE && !text.includes(' ')
}

function isFigure(value: PageValue): boolean {
  return typeof value === 'number' || (typeof value === 'string' && /^[\d.,]+ %$/.test(value))
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
  // The names that records have for their fields are no words of a reader.
  const field = kindWord(kind, useTexts(PHI_KIND_TEXTS))
  if (place === undefined) return <MaskedValue mask={masked} kind={kind} />
  const reveal = async (why: Why): Promise<unknown> =>
    (await call('reveal.pack', { params: { pack }, body: { ...place, ...why } })).value
  return kind === 'document' ? (
    <RevealedDocument mask={masked} name={place.record} reveal={reveal} />
  ) : (
    <MaskedValue mask={masked} kind={kind} field={field} reveal={reveal} />
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
  // The word is the pack's own: what is set aside by a pack is no dead letter of a queue.
  if (typeof value === 'string')
    return kind === 'state' ? (
      <StateBadge state={value} label={value.replaceAll(/[-_]/g, ' ')} />
    ) : (
      whole(value)
    )
  if ('acts' in value) return <Acts acts={value.acts} pack={pack} />
  if ('masked' in value) return <RecordValue value={value} pack={pack} />
  return (
    <Toned tone={value.tone} isBadge={kind === 'state'}>
      <Linked value={value} pack={pack} />
    </Toned>
  )
}

function Linked({
  value: { job, page, params, text },
  pack,
}: {
  readonly value: Extract<PageValue, { text: string }>
  readonly pack: string
}) {
  if (job !== undefined)
    return (
      <Link to="/jobs/$id" params={{ id: job }}>
        {whole(text)}
      </Link>
    )
  if (page !== undefined)
    return (
      <Link to="/packs/$pack/$page" params={{ pack, page }} search={params ?? {}}>
        {whole(text)}
      </Link>
    )
  return whole(text)
}

const MOST_WHOLE = 18
const LEAST_ROOMY = 40

/** A code such as `MS-DRG` is not broken at its hyphen, nor a short name; a sentence has room for some words in a line. */
function whole(text: string): ReactNode {
  if (text.length >= LEAST_ROOMY && text.includes(' ')) return <div className="roomy">{text}</div>
  return text.length <= MOST_WHOLE && /[\s-]/.test(text) ? (
    <span className="whole">{text}</span>
  ) : (
    text
  )
}
