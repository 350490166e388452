// A block of a pack's page in another language: its words, and those among its values.
import type { PageBlock } from 'orderly/api'
import type { Translate } from '../../app/translate.ts'
import type { JsonSchema } from '../../parts/json-schema.ts'

type PageValue = Extract<PageBlock, { block: 'facts' }>['facts'][number]['value']

export function blockSaid(block: PageBlock, tell: Translate): PageBlock {
  const asWritten = new Set(
    block.block === 'table'
      ? block.columns.filter(({ kind }) => kind === 'text').map(({ key }) => key)
      : [],
  )
  switch (block.block) {
    case 'facts':
      return {
        ...block,
        ...(block.title === undefined ? {} : { title: tell(block.title) }),
        facts: block.facts.map((fact) => ({
          ...fact,
          label: tell(fact.label),
          value: valueSaid(fact.value, tell),
        })),
      }
    case 'table':
      return {
        ...block,
        title: tell(block.title),
        empty: tell(block.empty),
        columns: block.columns.map((column) => ({ ...column, label: tell(column.label) })),
        rows: block.rows.map((row) =>
          Object.fromEntries(
            Object.entries(row).map(([key, value]) => [
              key,
              asWritten.has(key) ? value : valueSaid(value, tell),
            ]),
          ),
        ),
      }
    case 'chart':
      return {
        ...block,
        title: tell(block.title),
        x: {
          ...block.x,
          label: tell(block.x.label),
          values: block.x.values.map((value) => (typeof value === 'string' ? tell(value) : value)),
        },
        series: block.series.map((series) => ({ ...series, label: tell(series.label) })),
      }
    case 'document':
      return { ...block, title: tell(block.title) }
    case 'note':
      return { ...block, text: tell(block.text) }
    case 'search':
      return { ...block, label: tell(block.label) }
  }
}

function valueSaid(value: PageValue, tell: Translate): PageValue {
  if (typeof value === 'string') return tell(value)
  if (value === null || typeof value !== 'object') return value
  if ('masked' in value) return { ...value, masked: tell(value.masked) }
  return 'text' in value ? { ...value, text: tell(value.text) } : value
}

/** The titles and descriptions of a form, in another language. */
export function schemaSaid(schema: JsonSchema, tell: Translate): JsonSchema {
  return JSON.parse(
    JSON.stringify(schema, (key, value: unknown) =>
      (key === 'title' || key === 'description') && typeof value === 'string' ? tell(value) : value,
    ),
  ) as JsonSchema
}
