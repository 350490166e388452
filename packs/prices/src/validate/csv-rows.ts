// The rules of one data row of a CMS table.
import type { RawCells } from '../shape/row.ts'
import { DRUG_TYPES, isCount, isNines, METHODOLOGIES, SETTINGS } from './cms-words.ts'
import type { CsvColumns, PayerGroup } from './csv-head.ts'
import { cellName, type Findings } from './findings.ts'
import { isAtLeast, type CmsVersion, type RuleId } from './rules.ts'

/** @returns a check for rows; `row` counts from 0 */
export function rowChecker(
  columns: CsvColumns,
  version: CmsVersion,
  findings: Findings,
): (cells: RawCells, row: number) => void {
  const since21 = isAtLeast(version, '2.1.0')
  const since22 = isAtLeast(version, '2.2.0')
  const is22 = version === '2.2.0'
  const since3 = isAtLeast(version, '3.0.0')
  const { groups, codes, isTall } = columns
  let cells: RawCells
  let row = 0

  const at = (column: number): string => (column < 0 ? '' : cells.text(column))
  const isEmpty = (column: number): boolean => cells.empty(column)
  const found = (rule: RuleId, column: number, detail: string): void =>
    findings.add(rule, cellName(row, column), detail)

  function checkNumber(column: number): void {
    if (!cells.empty(column) && !cells.positive(column))
      found('CMS.ROW.NUMBER', column, 'This is no positive number in plain digits.')
  }

  function checkCodes(): { hasCode: boolean; hasNdc: boolean } {
    let hasCode = false
    let hasNdc = false
    for (const pair of codes) {
      const isBare = isEmpty(pair.code)
      const type = at(pair.type)
      if (isBare && type === '') continue
      hasCode = true
      if (isBare) found('CMS.ROW.CODE_MISSING', pair.code, 'A type is given without a code.')
      else if (type === '') found('CMS.ROW.CODE_TYPE', pair.type, 'A code is given without a type.')
      else if (!columns.codeTypes.has(type) && !columns.codeTypes.has(type.toUpperCase()))
        found('CMS.ROW.CODE_TYPE', pair.type, 'This type of code is none of those allowed.')
      if (type === 'NDC' || type === 'ndc' || type.toUpperCase() === 'NDC') hasNdc = true
    }
    return { hasCode, hasNdc }
  }

  function checkDrug(hasNdc: boolean): void {
    const hasUnit = !isEmpty(columns.drugUnit)
    const type = at(columns.drugType)
    if (hasUnit || type !== '') {
      if (!cells.positive(columns.drugUnit))
        found('CMS.ROW.DRUG_PAIR', columns.drugUnit, 'The unit of a drug is a positive number.')
      if (!DRUG_TYPES.has(type.toUpperCase()))
        found('CMS.ROW.DRUG_PAIR', columns.drugType, 'The type of a drug is one of those allowed.')
    }
    if (hasNdc && (!hasUnit || type === ''))
      found(
        'CMS.ROW.NDC_DRUG',
        hasUnit ? columns.drugType : columns.drugUnit,
        'An NDC code needs the unit and type of its drug.',
      )
  }

  /** What is checked of a payer's cells whatever the row is. */
  function checkFigures(group: PayerGroup): void {
    checkNumber(group.dollar)
    checkNumber(group.percent)
    const methodology = at(group.methodology)
    if (
      methodology !== '' &&
      !METHODOLOGIES.has(methodology) &&
      !METHODOLOGIES.has(methodology.toLowerCase())
    )
      found('CMS.ROW.METHODOLOGY', group.methodology, 'This methodology is none of those allowed.')
    if (is22) checkNumber(group.estimated)
    if (since22 && isNines(at(group.estimated)))
      found('CMS.ROW.NINES', group.estimated, 'Leave the amount out and say why in the notes.')
    if (!since3) return
    for (const column of [group.median, group.p10, group.p90]) checkNumber(column)
    const count = at(group.count)
    if (count !== '' && !isCount(count))
      found(
        'CMS.ROW.COUNT',
        group.count,
        'A count is 0, "1 through 10", or a whole number from 11.',
      )
    for (const column of [group.count, group.median, group.p10, group.p90])
      if (!isEmpty(column) && isNines(at(column)))
        found('CMS.ROW.NINES', column, 'Leave the amount out and say why in the notes.')
  }

  /** @returns whether the payer has a charge */
  function checkCharge(group: PayerGroup): boolean {
    const hasDollar = !isEmpty(group.dollar)
    const isDerived = !isEmpty(group.percent) || !isEmpty(group.algorithm)
    const methodology = at(group.methodology)
    const hasCharge = hasDollar || isDerived
    if (since21 && hasCharge) {
      if (isTall && isEmpty(columns.payer))
        found('CMS.ROW.PAYER_MISSING', columns.payer, 'A negotiated charge names its payer.')
      if (isTall && isEmpty(columns.plan))
        found('CMS.ROW.PAYER_MISSING', columns.plan, 'A negotiated charge names its plan.')
      if (methodology === '')
        found(
          'CMS.ROW.PAYER_MISSING',
          group.methodology,
          'A negotiated charge names its methodology.',
        )
    }
    if (since21 && methodology.length === 5 && /^other$/i.test(methodology) && isEmpty(group.notes))
      found('CMS.ROW.OTHER_NOTES', group.notes, 'Methodology "other" is explained in the notes.')
    if (is22 && !hasDollar && isDerived && isEmpty(group.estimated))
      found('CMS.ROW.ESTIMATE', group.estimated, 'Give the estimated allowed amount.')
    if (since3) {
      const count = at(group.count)
      if (isDerived && count === '')
        found('CMS.ROW.COUNT_MISSING', group.count, 'Give the count of allowed amounts.')
      if (isDerived && count !== '0') {
        if (isEmpty(group.median)) found('CMS.ROW.MEDIAN', group.median, 'Give the median amount.')
        if (isEmpty(group.p10)) found('CMS.ROW.P10', group.p10, 'Give the 10th percentile.')
        if (isEmpty(group.p90)) found('CMS.ROW.P90', group.p90, 'Give the 90th percentile.')
      }
      if (count === '0' && isEmpty(group.notes))
        found(
          'CMS.ROW.ZERO_NOTES',
          group.notes,
          'Say in the notes why there are no allowed amounts.',
        )
    }
    return hasCharge
  }

  function checkItem(): void {
    const setting = at(columns.setting)
    if (!SETTINGS.has(setting) && !SETTINGS.has(setting.toLowerCase()))
      found('CMS.ROW.SETTING', columns.setting, 'The setting is inpatient, outpatient or both.')
    let hasDollar = false
    let hasCharge = !isEmpty(columns.gross) || !isEmpty(columns.cash)
    for (const group of groups) {
      if (checkCharge(group)) hasCharge = true
      if (!isEmpty(group.dollar)) hasDollar = true
    }
    if (since21 && !hasCharge)
      found('CMS.ROW.NO_CHARGE', columns.gross, 'An item has a charge of at least one kind.')
    if (since21 && hasDollar) {
      const missing = isEmpty(columns.min) ? columns.min : isEmpty(columns.max) ? columns.max : -1
      if (missing >= 0)
        found('CMS.ROW.MIN_MAX', missing, 'A negotiated dollar amount has a minimum and a maximum.')
    }
    const [only] = groups
    if (
      since3 &&
      isTall &&
      only !== undefined &&
      !isEmpty(columns.payer) &&
      !isEmpty(columns.plan) &&
      isEmpty(only.dollar) &&
      isEmpty(only.percent) &&
      isEmpty(only.algorithm)
    )
      /* prettier-ignore */
      found('CMS.ROW.PAYER_ALONE', columns.payer, 'A payer and plan have a negotiated charge.')
  }

  function checkModifier(): void {
    const says =
      !isEmpty(columns.notes) ||
      groups.some(
        (group) =>
          !isEmpty(group.dollar) ||
          !isEmpty(group.percent) ||
          !isEmpty(group.algorithm) ||
          !isEmpty(group.notes),
      )
    if (!says)
      found('CMS.ROW.MODIFIER_ALONE', columns.notes, 'Say what the modifier does to a charge.')
  }

  return (given, number) => {
    cells = given
    row = number
    if (isEmpty(columns.description))
      found('CMS.ROW.DESCRIPTION', columns.description, 'The description is missing.')
    const { hasCode, hasNdc } = checkCodes()
    for (const column of [columns.gross, columns.cash, columns.min, columns.max])
      checkNumber(column)
    for (const group of groups) checkFigures(group)
    if (since22) checkDrug(hasNdc)
    if (hasCode) return checkItem()
    if (since22 && !isEmpty(columns.modifiers)) return checkModifier()
    found('CMS.ROW.CODE_PAIR', -1, 'Give at least one code with its type.')
    checkItem()
  }
}
