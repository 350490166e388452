// The page of one file's normal form: what became of each of its columns, and the first of its items as they were read.
import type { Database, PageBlock } from 'orderly'
import type { ColumnUse } from '../shape/column-uses.ts'
import type { PriceTables } from '../store/tables.ts'
import { isOf } from '../store/visible.ts'
import { dollarsOf, fileNameOf, MOST_ROWS, more } from './parts.ts'

type Db = Database<PriceTables>

const FIRST_ITEMS = 20
/** Of one item on the page; a wide file has hundreds. */
const MOST_PRICES = 4

export async function formPage(db: Db, id: string): Promise<readonly PageBlock[]> {
  const found = await db.query
    .selectFrom('sources')
    .innerJoin('versions', 'versions.version_id', 'sources.current_version')
    .select(['name', 'sources.source_id', 'version_id', 'details', 'valid_from'])
    .where('sources.source_id', '=', /^\d{1,16}$/.test(id) ? Number(id) : -1)
    .executeTakeFirst()
  if (!found) return [{ block: 'note', tone: 'bad', text: 'No such file is loaded.' }]
  const { columns = [] } = JSON.parse(found.details) as { columns?: readonly ColumnUse[] }
  const isInSheets = columns.some(({ sheet }) => sheet !== null)
  const unread = columns.filter(({ field }) => field === null).length
  const items = await itemsOf(db, found.source_id, found.version_id)
  return [
    {
      block: 'facts',
      title: fileNameOf(found.name),
      facts: [
        { label: 'Columns', value: columns.length },
        { label: 'Not part of the normal form', value: unread },
        { label: 'Dated', value: found.valid_from },
        {
          label: 'File',
          value: { text: fileNameOf(found.name), page: 'file', params: { id: String(found.source_id) } },
        },
      ],
    },
    {
      block: 'note',
      tone: 'neutral',
      text: 'Whatever its layout, a file is read into the same fields. What they mean stands in the guide: docs/guides/normal-form.md.',
    },
    {
      block: 'table',
      title: 'What becomes of each column',
      columns: [
        ...(isInSheets ? [{ key: 'sheet', label: 'Sheet', kind: 'text' as const }] : []),
        { key: 'column', label: 'Column of the file', kind: 'text' },
        { key: 'field', label: 'Field of the normal form' },
        { key: 'adds', label: 'What its name adds' },
      ],
      rows: columns.slice(0, MOST_ROWS).map(({ sheet, column, field, adds }) => ({
        ...(isInSheets && { sheet }),
        column,
        field: field ?? { text: 'not read', tone: 'neutral' as const },
        adds,
      })),
      empty: 'This version was loaded before columns were kept: scan with forceRefresh.',
    },
    ...more(Math.min(columns.length, MOST_ROWS)),
    {
      block: 'table',
      title: 'The first items, as they were read',
      columns: [
        { key: 'row', label: 'Row', kind: 'number' },
        { key: 'codes', label: 'Codes', kind: 'text' },
        { key: 'description', label: 'Description', kind: 'text' },
        { key: 'sets', label: 'Setting, class, modifiers, drug' },
        { key: 'prices', label: 'Amounts' },
      ],
      rows: items,
      empty: 'The version holds no item.',
    },
  ] // prettier-ignore
}

async function itemsOf(db: Db, source: number, version: number) {
  const items = await db.query
    .selectFrom('items')
    .selectAll()
    .where('source_id', '=', source)
    .orderBy('item_id')
    .limit(FIRST_ITEMS)
    .execute()
  if (items.length === 0) return []
  const prices = await db.query
    .selectFrom('prices')
    .leftJoin('contracts', (join) =>
      join
        .onRef('contracts.source_id', '=', 'prices.source_id')
        .onRef('contracts.contract_id', '=', 'prices.contract_id'),
    )
    .select(['item_id', 'kind', 'amount', 'payer', 'plan'])
    .where('prices.source_id', '=', source)
    .where('item_id', '<=', items.at(-1)!.item_id)
    .where(isOf(source, version))
    .execute()
  return items.map((item) => {
    const own = prices.filter(({ item_id: id }) => id === item.item_id)
    const told = own
      .slice(0, MOST_PRICES)
      .map(({ kind, amount, payer, plan }) =>
        [kind, dollarsOf(amount), payer && `(${[payer, plan].filter(Boolean).join(', ')})`].filter(Boolean).join(' '),
      ) // prettier-ignore
    const rest = own.length - told.length
    const { setting, billing_class, modifiers, drug_unit, drug_type } = item
    return {
      row: item.row_no,
      codes: item.codes.replaceAll('|', ', '),
      description: item.description.slice(0, 120),
      sets: [setting, billing_class, modifiers, `${drug_unit} ${drug_type}`.trim()].filter(Boolean).join(', '), // prettier-ignore
      prices: [...told, ...(rest > 0 ? [`and ${rest} more`] : [])].join('; '),
    }
  })
}
