// The rules a price file is checked by: one table, from which the reference is made.

export type Severity = 'error' | 'alert' | 'warning'
export type CmsVersion = '2.0.0' | '2.1.0' | '2.2.0' | '3.0.0'

export interface Rule {
  readonly severity: Severity
  /** The first version of the CMS layout it holds for. */
  readonly since: CmsVersion | null
  /** The last one. */
  readonly until?: CmsVersion
  readonly where: 'file' | 'head' | 'columns' | 'row' | 'price' | 'change'
  readonly title: string
}

/**
 * Errors make a file invalid by CMS's rules, alerts are what CMS tells and lets pass, warnings are our own doubts about
 * prices that are allowed.
 */
export const RULES = {
  'CMS.FILE.LAYOUT': rule('error', null, 'file', 'The file is in none of the CMS layouts.'),
  'CMS.FILE.AMBIGUOUS': rule('error', '2.0.0', 'columns', 'The columns are those of the tall and of the wide layout together, or of neither.'),
  'CMS.FILE.NO_ROWS': rule('error', '2.0.0', 'file', 'There is no row, or no item, below the headers.'),
  'CMS.FILE.JSON_BROKEN': rule('error', '2.0.0', 'file', 'The JSON ends early or is malformed.'),
  'CMS.HEAD.BLANK': rule('error', '2.0.0', 'head', 'Row 1 or row 3, which hold the headers, is empty.'),
  'CMS.HEAD.MISSING': rule('error', '2.0.0', 'head', 'A header of row 1, or a root attribute, is missing.'),
  'CMS.HEAD.DUPLICATE': rule('error', '2.0.0', 'head', 'A header of row 1 is there twice.'),
  'CMS.HEAD.STATE': rule('error', '2.0.0', 'head', 'The state of the license number is none.'),
  'CMS.HEAD.VALUE': rule('error', '2.0.0', 'head', 'A value under a header of row 1, or of a root attribute, is missing.'),
  'CMS.HEAD.DATE': rule('error', '2.0.0', 'head', 'last_updated_on is no date that exists, as YYYY-MM-DD or, in CSV, M/D/YYYY.'),
  'CMS.HEAD.STATEMENT': rule('error', '2.0.0', 'head', 'The attestation (v2: affirmation) is neither true nor false, or its text is not the one required.'),
  'CMS.HEAD.STATEMENT_FALSE': rule('alert', '2.0.0', 'head', 'The attestation (v2: affirmation) is false.'),
  'CMS.HEAD.VERSION': rule('alert', '2.1.0', 'head', 'The version the file gives is not the one it is checked by.'),
  'CMS.HEAD.OUTDATED': rule('warning', '2.0.0', 'head', 'The layout is older than the one enforced since 2026-04-01.'),
  'CMS.COLUMN.MISSING': rule('error', '2.0.0', 'columns', 'A data header that the layout requires is missing.'),
  'CMS.COLUMN.DUPLICATE': rule('error', '2.0.0', 'columns', 'A data header is there twice.'),
  'CMS.COLUMN.PLACEHOLDER': rule('error', '3.0.0', 'columns', 'A data header still has the placeholder of the template.'),
  'CMS.COLUMN.PLAN_MISSING': rule('error', '2.0.0', 'columns', 'A payer column names no plan.'),
  'CMS.COLUMN.ESTIMATED': rule('alert', '3.0.0', 'columns', 'estimated_amount is no part of version 3.'),
  'CMS.ROW.DESCRIPTION': rule('error', '2.0.0', 'row', 'The description is missing.'),
  'CMS.ROW.SETTING': rule('error', '2.0.0', 'row', 'The setting is none of inpatient, outpatient, both.'),
  'CMS.ROW.CODE_PAIR': rule('error', '2.0.0', 'row', 'There is neither a code nor, since 2.2.0, a modifier.'),
  'CMS.ROW.CODE_MISSING': rule('error', '2.0.0', 'row', 'A code type has no code.'),
  'CMS.ROW.CODE_TYPE': rule('error', '2.0.0', 'row', 'A code has no type, or one that the layout does not know.'),
  'CMS.ROW.NUMBER': rule('error', '2.0.0', 'row', 'An amount is no positive number in plain digits.'),
  'CMS.ROW.METHODOLOGY': rule('error', '2.0.0', 'row', 'The methodology is none of those allowed.'),
  'CMS.ROW.COUNT': rule('error', '3.0.0', 'row', 'The count is none of 0, "1 through 10", or a whole number from 11.'),
  'CMS.ROW.PAYER_MISSING': rule('error', '2.1.0', 'row', 'A negotiated charge has no payer, plan or methodology.'),
  'CMS.ROW.PAYER_ALONE': rule('error', '3.0.0', 'row', 'Payer and plan have no negotiated charge.'),
  'CMS.ROW.OTHER_NOTES': rule('error', '2.1.0', 'row', 'Methodology "other" has no explanation in the notes.'),
  'CMS.ROW.NO_CHARGE': rule('error', '2.1.0', 'row', 'The item has no charge of any kind.'),
  'CMS.ROW.MIN_MAX': rule('error', '2.1.0', 'row', 'A negotiated dollar amount has no minimum or maximum beside it.'),
  'CMS.ROW.ESTIMATE': rule('error', '2.2.0', 'row', 'A charge in percent or by algorithm alone has no estimated amount.', '2.2.0'),
  'CMS.ROW.COUNT_MISSING': rule('error', '3.0.0', 'row', 'A charge in percent or by algorithm has no count of allowed amounts.'),
  'CMS.ROW.MEDIAN': rule('error', '3.0.0', 'row', 'A charge in percent or by algorithm has no median amount, though its count is not 0.'),
  'CMS.ROW.P10': rule('error', '3.0.0', 'row', 'A charge in percent or by algorithm has no 10th percentile, though its count is not 0.'),
  'CMS.ROW.P90': rule('error', '3.0.0', 'row', 'A charge in percent or by algorithm has no 90th percentile, though its count is not 0.'),
  'CMS.ROW.ZERO_NOTES': rule('error', '3.0.0', 'row', 'A count of 0 has no explanation in the notes.'),
  'CMS.ROW.DRUG_PAIR': rule('error', '2.2.0', 'row', 'Unit and type of a drug come together, the unit a positive number, the type one of those allowed.'),
  'CMS.ROW.NDC_DRUG': rule('error', '2.2.0', 'row', 'An NDC code has no drug unit or type.'),
  'CMS.ROW.MODIFIER_ALONE': rule('error', '2.2.0', 'row', 'A modifier without an item says neither a charge nor a note.'),
  'CMS.ROW.NINES': rule('alert', '2.2.0', 'row', 'Nine nines stand for an amount that is not known.'),
  'CMS.ROW.SHAPE': rule('error', '2.0.0', 'row', 'An attribute of a JSON item is missing or of another kind than the schema says.'),
  'DATA.COMPLETE.CODE': rule('warning', null, 'price', 'Many items have no code of a national code system.'),
  'DATA.COMPLETE.DESCRIPTION': rule('warning', null, 'price', 'Many items have no description.'),
  'DATA.COMPLETE.ROWS': rule('warning', null, 'price', 'Many rows could not be read and were set aside.'),
  'DATA.FORMAT.CODE': rule('warning', null, 'price', 'A code has not the form of its code system.'),
  'DATA.RANGE.CASH_ABOVE_GROSS': rule('warning', null, 'price', 'The cash price is above the gross charge.'),
  'DATA.RANGE.OUTSIDE_MIN_MAX': rule('warning', null, 'price', 'A negotiated price lies outside the minimum and maximum of its item.'),
  'DATA.RANGE.ABOVE_GROSS': rule('warning', null, 'price', 'A negotiated price is more than three times the gross charge.'),
  'DATA.RANGE.PLACEHOLDER': rule('warning', null, 'price', 'An amount looks like a placeholder: $0.01, $1.00 or all nines.'),
  'DATA.RANGE.PERCENT': rule('warning', null, 'price', 'A percentage is above 100, or looks like a fraction.'),
  'DATA.OUTLIER': rule('warning', null, 'price', 'A price lies far from the others of its code (robust z above 3.5 on a log scale, 8 prices or more).'),
  'DATA.CONFLICT': rule('warning', null, 'price', 'One natural key has several amounts.'),
  'CHANGE.JUMP': rule('warning', null, 'change', 'A price is more than ten times, or less than a tenth of, what it was in the version before.'),
  'CHANGE.DROP': rule('warning', null, 'change', 'The version has over 30 % fewer prices than the one before.'),
} as const satisfies Record<string, Rule> // prettier-ignore

export type RuleId = keyof typeof RULES

function rule(
  severity: Severity,
  since: CmsVersion | null,
  where: Rule['where'],
  title: string,
  until?: CmsVersion,
): Rule {
  return { severity, since, where, title, ...(until && { until }) }
}

const ORDER: readonly CmsVersion[] = ['2.0.0', '2.1.0', '2.2.0', '3.0.0']

export function isAtLeast(version: CmsVersion, other: CmsVersion): boolean {
  return ORDER.indexOf(version) >= ORDER.indexOf(other)
}

/** The layout a version cell means: `v3.0`, `3.0.0`, `2.2.1`; undefined when there is none like it. */
export function cmsVersion(text: string | null): CmsVersion | undefined {
  const match = /^v?(\d+)(?:\.(\d+))?(?:\.\d+)?$/i.exec(text?.trim() ?? '')
  return match ? ORDER.find((each) => each.startsWith(`${match[1]}.${match[2] ?? 0}.`)) : undefined
}
