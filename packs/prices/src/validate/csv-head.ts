// The three head rows of a CMS table: what must be there, and which column is which.
import { cmsHeader } from '../shape/header.ts'
import { codeTypesOf, isDate, isState, isStatement } from './cms-words.ts'
import { cellName, type Findings } from './findings.ts'
import { isAtLeast, type CmsVersion } from './rules.ts'

/** Columns of one payer and plan; the tall layout has one such group. -1: absent. */
export interface PayerGroup {
  readonly dollar: number
  readonly percent: number
  readonly algorithm: number
  readonly methodology: number
  readonly estimated: number
  readonly median: number
  readonly p10: number
  readonly p90: number
  readonly count: number
  /** Where an explanation is looked for. */
  readonly notes: number
}

export interface CsvColumns {
  readonly isTall: boolean
  readonly description: number
  readonly setting: number
  readonly gross: number
  readonly cash: number
  readonly min: number
  readonly max: number
  readonly notes: number
  readonly modifiers: number
  readonly drugUnit: number
  readonly drugType: number
  readonly payer: number
  readonly plan: number
  readonly codes: readonly { readonly code: number; readonly type: number }[]
  readonly groups: readonly PayerGroup[]
  readonly codeTypes: ReadonlySet<string>
}

const SHARED_HEAD = ['hospital_name', 'last_updated_on', 'version', 'hospital_address']

/** Rows 1 and 2. */
export function checkHead(
  headers: readonly string[],
  values: readonly string[],
  version: CmsVersion,
  findings: Findings,
): void {
  const isV3 = isAtLeast(version, '3.0.0')
  const wanted = new Set([
    ...SHARED_HEAD,
    ...(isV3 ? ['location_name', 'type_2_npi', 'attester_name'] : ['hospital_location']),
    'license_number',
    'statement',
  ])
  const found = new Map<string, number>()
  for (const [column, cell] of headers.entries()) {
    const name = headName(cell, column, version, findings)
    if (name === undefined || (!wanted.has(name) && !found.has(name))) continue
    if (found.has(name)) {
      findings.add('CMS.HEAD.DUPLICATE', cellName(0, column), 'This header is there already.')
      continue
    }
    wanted.delete(name)
    found.set(name, column)
  }
  for (const name of wanted)
    findings.add('CMS.HEAD.MISSING', 'row 1', `The header ${name} is missing from row 1.`)
  for (const [name, column] of found) {
    const value = values[column] ?? ''
    const cell = cellName(1, column)
    if (name === 'license_number') continue
    if (value === '') findings.add('CMS.HEAD.VALUE', cell, `The value of ${name} is missing.`)
    else if (name === 'last_updated_on' && !isDate(value, true))
      findings.add(
        'CMS.HEAD.DATE',
        cell,
        'This is no date that exists in one of the forms allowed.',
      )
    else if (name === 'statement' && !/^(true|false)$/i.test(value))
      findings.add('CMS.HEAD.STATEMENT', cell, 'The statement is neither true nor false.')
    else if (name === 'statement' && /^false$/i.test(value))
      findings.add('CMS.HEAD.STATEMENT_FALSE', cell, 'The hospital does not stand by its file.')
  }
}

function headName(
  cell: string,
  column: number,
  version: CmsVersion,
  findings: Findings,
): string | undefined {
  if (cell === '') return undefined
  const parts = cell.split('|').map((part) => part.trim())
  if (parts[0]!.toLowerCase() === 'license_number') {
    if (parts.length === 2 && isState(parts[1]!.toUpperCase(), false)) return 'license_number'
    findings.add('CMS.HEAD.STATE', cellName(0, column), 'The state beside license_number is none.')
    return undefined
  }
  // Spelling within the statement counts, and so do its spaces.
  if (cell.length > 200) return isStatement(cell, version) ? 'statement' : undefined
  return cmsHeader(cell)
}

const CHARGES = [
  'negotiated_dollar',
  'negotiated_percentage',
  'negotiated_algorithm',
  'methodology',
]

/** Row 3. @returns nothing when the rows below cannot be judged */
export function checkColumns(
  headers: readonly string[],
  version: CmsVersion,
  findings: Findings,
): CsvColumns | undefined {
  const before = findings.count('error')
  const names = headers.map(cmsHeader)
  const isV3 = isAtLeast(version, '3.0.0')
  const figures = isV3
    ? ['median_amount', '10th_percentile', '90th_percentile', 'count']
    : version === '2.2.0'
      ? ['estimated_amount']
      : []
  const perPlan = [...figures, 'additional_payer_notes']
  const plans = payerPlans(names, perPlan, isV3, findings)
  const isTall = names.includes('payer_name') && names.includes('plan_name')
  if (isV3)
    for (const [column, name] of names.entries())
      if (/^code\|\[i\](\|type)?$/.test(name))
        findings.add('CMS.COLUMN.PLACEHOLDER', cellName(2, column), 'Write a number for [i].')
  if (isTall === plans.length > 0) {
    findings.add(
      'CMS.FILE.AMBIGUOUS',
      'row 3',
      'The columns are neither those of the tall layout alone nor those of the wide one alone.',
    )
    return undefined
  }
  const codes = Math.max(
    1,
    ...names.map((name) => Number(/^code\|(\d{1,4})(\|type)?$/.exec(name)?.[1] ?? 0)),
  )
  const required = [
    'description', 'setting', 'standard_charge|gross', 'standard_charge|discounted_cash', 'standard_charge|min',
    'standard_charge|max', 'additional_generic_notes',
    ...Array.from({ length: codes }, (_, at) => [`code|${at + 1}`, `code|${at + 1}|type`]).flat(),
    ...(isAtLeast(version, '2.2.0') ? ['drug_unit_of_measurement', 'drug_type_of_measurement', 'modifiers'] : []),
    ...(isTall
      ? ['payer_name', 'plan_name', ...CHARGES.map((name) => `standard_charge|${name}`), ...figures]
      : plans.flatMap((plan) => [
          ...CHARGES.map((name) => `standard_charge|${plan}|${name}`),
          ...perPlan.map((name) => `${name}|${plan}`),
        ])),
  ] // prettier-ignore
  const at = new Map<string, number>()
  for (const [column, name] of names.entries()) {
    if (name === '') continue
    if (at.has(name))
      findings.add('CMS.COLUMN.DUPLICATE', cellName(2, column), 'This header is there already.')
    else at.set(name, column)
  }
  for (const name of required)
    if (!at.has(name))
      findings.add('CMS.COLUMN.MISSING', 'row 3', `The column ${shown(name)} is missing.`)
  if (findings.count('error') > before) return undefined
  const of = (name: string): number => at.get(name) ?? -1
  for (const [name, column] of at)
    if (isV3 && (name === 'estimated_amount' || name.startsWith('estimated_amount|')))
      findings.add(
        'CMS.COLUMN.ESTIMATED',
        cellName(2, column),
        'Version 3 has no estimated amount.',
      )
  return {
    isTall,
    description: of('description'),
    setting: of('setting'),
    gross: of('standard_charge|gross'),
    cash: of('standard_charge|discounted_cash'),
    min: of('standard_charge|min'),
    max: of('standard_charge|max'),
    notes: of('additional_generic_notes'),
    modifiers: of('modifiers'),
    drugUnit: of('drug_unit_of_measurement'),
    drugType: of('drug_type_of_measurement'),
    payer: of('payer_name'),
    plan: of('plan_name'),
    codes: Array.from({ length: codes }, (_, index) => ({
      code: of(`code|${index + 1}`),
      type: of(`code|${index + 1}|type`),
    })),
    groups: (isTall ? [''] : plans.map((plan) => `|${plan}`)).map((plan) => ({
      dollar: of(`standard_charge${plan}|negotiated_dollar`),
      percent: of(`standard_charge${plan}|negotiated_percentage`),
      algorithm: of(`standard_charge${plan}|negotiated_algorithm`),
      methodology: of(`standard_charge${plan}|methodology`),
      estimated: of(`estimated_amount${plan}`),
      median: of(`median_amount${plan}`),
      p10: of(`10th_percentile${plan}`),
      p90: of(`90th_percentile${plan}`),
      count: of(`count${plan}`),
      notes: isTall ? of('additional_generic_notes') : of(`additional_payer_notes${plan}`),
    })),
    codeTypes: codeTypesOf(version),
  }
}

/** Every `payer|plan` that a column names. Naming it once makes all of its columns required. */
function payerPlans(
  names: readonly string[],
  perPlan: readonly string[],
  isV3: boolean,
  findings: Findings,
): string[] {
  const plans = new Set<string>()
  for (const [column, name] of names.entries()) {
    const parts = name.split('|')
    const isCharge =
      parts[0] === 'standard_charge' && parts.length >= 3 && CHARGES.includes(parts.at(-1)!)
    const isFigure = perPlan.includes(parts[0]!) && parts.length >= 2
    if (!isCharge && !isFigure) continue
    const named = isCharge ? parts.slice(1, -1) : parts.slice(1)
    if (isV3 && (named[0] === '[payer_name]' || named[1] === '[plan_name]')) {
      findings.add(
        'CMS.COLUMN.PLACEHOLDER',
        cellName(2, column),
        'Write the names of payer and plan.',
      )
      continue
    }
    if (named.length !== 2 || named.includes('')) {
      // The layout has a place for each; with one of them gone nobody can tell whose price it is.
      findings.add(
        'CMS.COLUMN.PLAN_MISSING',
        cellName(2, column),
        'A payer column names one payer and one plan, with a bar between them.',
      )
      continue
    }
    plans.add(named.join('|'))
  }
  return [...plans]
}

/** A name of a payer is the file's own; what is said of a column leaves it out. */
function shown(name: string): string {
  const parts = name.split('|')
  return parts.length > 3 || (parts.length === 3 && parts[0] !== 'code')
    ? `${parts[0]} of one payer${parts.length > 3 ? ` (${parts.at(-1)})` : ''}`
    : name
}
