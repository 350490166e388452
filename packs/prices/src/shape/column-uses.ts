// What becomes of each column of a file: the field of the normal form it is read into.
import { cmsHeader } from './header.ts'
import type { ColumnPlan } from './columns.ts'

export interface ColumnUse {
  /** Sheet or archive entry; null where the file is one plain table. */
  readonly sheet: string | null
  /** As the file writes it; the place of a column that has no header. */
  readonly column: string
  /** `amounts.gross`, `codes.CPT`, `terms.percent`; null for a column that says nothing about a price. */
  readonly field: string | null
  /** What the header itself adds: a payer and plan, a setting, a facility. */
  readonly adds: string | null
}

/** A wide file has thousands of columns, which repeat themselves payer by payer. */
const MOST_COLUMNS = 400

const CMS_FIELDS: Readonly<Record<string, string>> = {
  description: 'description',
  modifiers: 'modifiers',
  setting: 'setting',
  billing_class: 'billingClass',
  drug_unit_of_measurement: 'drug.unit',
  drug_type_of_measurement: 'drug.type',
  'standard_charge|gross': 'amounts.gross',
  'standard_charge|discounted_cash': 'amounts.cash',
  'standard_charge|min': 'amounts.min',
  'standard_charge|max': 'amounts.max',
  payer_name: 'payer',
  plan_name: 'plan',
  additional_generic_notes: 'notes',
}
const PAYER_FIELDS: Readonly<Record<string, string>> = {
  negotiated_dollar: 'amounts.negotiated',
  negotiated_percentage: 'terms.percent',
  negotiated_algorithm: 'terms.algorithm',
  methodology: 'methodology',
  estimated_amount: 'terms.estimated',
  median_amount: 'terms.median',
  '10th_percentile': 'terms.p10',
  '90th_percentile': 'terms.p90',
  count: 'terms.count',
  additional_payer_notes: 'terms.notes',
}

/** Of a table in a layout of CMS, by its data headers. */
export function usesOfCms(header: readonly string[]): readonly ColumnUse[] {
  return header.slice(0, MOST_COLUMNS).map((column) => {
    const parts = cmsHeader(column).split('|')
    const said = column.split('|').map((part) => part.trim())
    const isCharge = parts[0] === 'standard_charge'
    const code = /^code\|[^|]+(\|type)?$/.exec(cmsHeader(column))
    const field = code
      ? code[1] === undefined ? 'codes.code' : 'codes.type'
      : (CMS_FIELDS[cmsHeader(column)] ?? PAYER_FIELDS[(isCharge ? parts.at(-1) : parts[0]) ?? ''] ?? null) // prettier-ignore
    const named = isCharge ? said.slice(1, -1) : said.slice(1)
    const isPayers = field !== null && code === null && named.length === 2
    return { sheet: null, column, field, adds: isPayers ? `payer ${named[0]}, plan ${named[1]}` : null }
  }) // prettier-ignore
}

/** Of a table of a hospital's own making, by the plan that was made of it. */
export function usesOfPlan(plan: ColumnPlan): readonly ColumnUse[] {
  const fields = new Map<number, { field: string; adds: string | null }>()
  const put = (index: number, field: string, adds: string | null = null): void => {
    if (index >= 0 && !fields.has(index)) fields.set(index, { field, adds })
  }
  put(plan.description, 'description')
  for (const { index, type } of plan.codes) put(index, `codes.${type}`)
  for (const { index, kind, payer, setting, facility } of plan.prices)
    put(index, `amounts.${kind}`, [payer && `payer ${payer}`, setting, facility && `facility ${facility}`].filter(Boolean).join(', ') || null) // prettier-ignore
  for (const name of ['codeType', 'modifiers', 'setting', 'billingClass', 'facility', 'payer', 'plan', 'methodology', 'quantity', 'unit', 'notes'] as const)
    put(plan[name], OWN_FIELDS[name] ?? name) // prettier-ignore
  return Array.from({ length: Math.min(plan.width, MOST_COLUMNS) }, (_, index) => {
    const use = fields.get(index)
    const column = plan.header?.[index] || `column ${index + 1}`
    return { sheet: null, column, field: use?.field ?? null, adds: use?.adds ?? null }
  })
}

const OWN_FIELDS: Readonly<Record<string, string>> = {
  codeType: 'codes.type',
  quantity: 'drug.unit',
  unit: 'drug.type',
}

/** Of CMS's JSON: its attributes are the same in every file. */
export const USES_OF_JSON: readonly ColumnUse[] = (
  [
    ['description', 'description'],
    ['code_information[].code', 'codes.code'],
    ['code_information[].type', 'codes.type'],
    ['drug_information.unit', 'drug.unit'],
    ['drug_information.type', 'drug.type'],
    ['standard_charges[].setting', 'setting'],
    ['standard_charges[].modifier_code[]', 'modifiers'],
    ['standard_charges[].gross_charge', 'amounts.gross'],
    ['standard_charges[].discounted_cash', 'amounts.cash'],
    ['standard_charges[].minimum', 'amounts.min'],
    ['standard_charges[].maximum', 'amounts.max'],
    ['standard_charges[].additional_generic_notes', 'notes'],
    ['payers_information[].payer_name', 'payer'],
    ['payers_information[].plan_name', 'plan'],
    ['payers_information[].methodology', 'methodology'],
    ['payers_information[].standard_charge_dollar', 'amounts.negotiated'],
    ['payers_information[].standard_charge_percentage', 'terms.percent'],
    ['payers_information[].standard_charge_algorithm', 'terms.algorithm'],
    ['payers_information[].estimated_amount', 'terms.estimated'],
    ['payers_information[].median_amount', 'terms.median'],
    ['payers_information[].10th_percentile', 'terms.p10'],
    ['payers_information[].90th_percentile', 'terms.p90'],
    ['payers_information[].count', 'terms.count'],
    ['payers_information[].additional_payer_notes', 'terms.notes'],
  ] as const
).map(([column, field]) => ({ sheet: null, column, field, adds: null }))
