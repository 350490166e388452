// Owns the price columns of a table of a hospital's own making: what kind of price each holds, for
// which setting, facility or payer.
import { plainHeader } from './header.ts'
import { namesPayer } from './payers.ts'
import type { AmountKind, Setting } from './row.ts'

export interface PriceColumn {
  readonly index: number
  readonly name: string
  readonly kind: AmountKind
  readonly setting: Setting | null
  readonly facility: string | null
  readonly payer: string | null
}

/** Price columns that describe one and the same row of the normal form. */
export interface PriceGroup {
  readonly setting: Setting | null
  readonly facility: string | null
  readonly columns: readonly PriceColumn[]
}

const SETTING_WORDS = /\b(inpatient|outpatient|in-patient|out-patient|ip|op|er|ed)\b/g

// Words of a price header that name neither a place nor a payer.
const PRICE_WORDS =
  /\b(price|prices|pricing|charge|charges|amount|amt|rate|rates|fee|fees|cost|costs|gross|cash|self|pay|payment|discount|discounted|standard|list|unit|base|total|average|avg|mean|median|per|stay|case|visit|day|default|patient|current|new|effective|negotiated|allowed|minimum|maximum|min|max|de-identified|deidentified|highest|lowest|usd|for|of|the|and|in|by|cdm|fy\d*|cy\d*|(?:19|20)\d\d|jan\w*|feb\w*|mar\w*|apr\w*|may|june?|july?|aug\w*|sep\w*|oct\w*|nov\w*|dec\w*|hospital|item|service|retail|as)\b/g

export function priceColumn(index: number, name: string, facilityColumn: boolean): PriceColumn {
  const header = plainHeader(name)
  const label = name
    .replace(/[*:"]+/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
  if (facilityColumn) {
    const payer = namesPayer(header) ? label : null
    return {
      index,
      name: label,
      kind: payer === null ? 'gross' : 'negotiated',
      setting: settingOf(header),
      facility: payer === null ? label : null,
      payer,
    }
  }
  const remainder = header
    .replace(/\([^)]*\)|\[[^\]]*\]/g, ' ')
    .replace(PRICE_WORDS, ' ')
    .replace(/[^a-z&'. ]+/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
  const named = remainder.replace(SETTING_WORDS, ' ').trim() !== ''
  const payer = named && namesPayer(remainder) ? stripPriceWords(label) : null
  return {
    index,
    name: label,
    kind: payer === null ? kindOf(header) : 'negotiated',
    setting: settingOf(header),
    facility: named && payer === null ? stripPriceWords(label) : null,
    payer,
  }
}

function stripPriceWords(label: string): string {
  return label
    .replace(/\([^)]*\)|\[[^\]]*\]/g, ' ')
    .replace(new RegExp(PRICE_WORDS.source, 'gi'), ' ')
    .replace(/^[\s/,-]+|[\s/,-]+$/g, '')
    .replace(/\s+/g, ' ')
}

function kindOf(header: string): AmountKind {
  if (/\b(min|minimum|lowest)\b/.test(header)) return 'min'
  if (/\b(max|maximum|highest)\b/.test(header)) return 'max'
  if (/\b(cash|self[- ]?pay|discount|discounted|uninsured)\b/.test(header)) return 'cash'
  if (/\b(negotiated|contracted|payer[- ]specific)\b/.test(header)) return 'negotiated'
  return 'gross'
}

function settingOf(header: string): Setting | null {
  const inpatient = /\b(inpatient|in-patient|ip)\b/.test(header)
  const outpatient = /\b(outpatient|out-patient|op)\b/.test(header)
  if (inpatient && outpatient) return 'both'
  return inpatient ? 'inpatient' : outpatient ? 'outpatient' : null
}

/**
 * A sum over many cases beside an average per case is not a price, and a single price column needs
 * no name: what its header says beside "price" is then the hospital's way of speaking.
 */
export function pricedColumns(columns: readonly PriceColumn[]): PriceColumn[] {
  const averaged = columns.some((column) => /\b(avg|average|mean|median)\b/i.test(column.name))
  const kept = averaged
    ? columns.filter(
        (column) => !/\btotal\b/i.test(column.name) || /\b(avg|average)\b/i.test(column.name),
      )
    : [...columns]
  const places = new Set(kept.map((column) => column.facility ?? ''))
  return places.size > 1 ? kept : kept.map((column) => ({ ...column, facility: null }))
}

export function groupColumns(columns: readonly PriceColumn[]): PriceGroup[] {
  const groups = new Map<
    string,
    { setting: Setting | null; facility: string | null; columns: PriceColumn[] }
  >()
  for (const column of columns) {
    const key = `${column.facility ?? ''}|${column.setting ?? ''}`
    const group = groups.get(key)
    if (group !== undefined) group.columns.push(column)
    else groups.set(key, { setting: column.setting, facility: column.facility, columns: [column] })
  }
  return [...groups.values()]
}
