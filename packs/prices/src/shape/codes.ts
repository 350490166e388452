// Owns billing codes: the names of their types, and what a code cell turns into.
import type { Code } from './row.ts'

const TYPES: ReadonlyMap<string, string> = new Map(
  [
    'CPT',
    'NDC',
    'HCPCS',
    'RC',
    'ICD',
    'DRG',
    'MS-DRG',
    'R-DRG',
    'S-DRG',
    'APS-DRG',
    'AP-DRG',
    'APR-DRG',
    'APC',
    'LOCAL',
    'EAPG',
    'HIPPS',
    'CDT',
    'CDM',
    'TRIS-DRG',
    'CMG',
    'MS-LTC-DRG',
  ].flatMap((type): [string, string][] => [
    [type, type],
    [type.replaceAll('-', ''), type],
    [type.replaceAll('-', ' '), type],
  ]),
)

/** Stands for a column that mixes both; each code then shows which of the two it is. */
export const CPT_OR_HCPCS = 'CPT/HCPCS'

/** The canonical spelling of a type cell; an unknown type is kept, in capitals. */
export function codeType(text: string): string {
  const known = TYPES.get(text)
  if (known !== undefined) return known
  const capital = text.trim().toUpperCase()
  if (/^(CPT|HCPCS?)[\s/&-]*(OR|AND)?[\s/&-]*(CPT|HCPCS?)$/.test(capital)) return CPT_OR_HCPCS
  if (/^(REV|REVENUE)\b/.test(capital)) return 'RC'
  return TYPES.get(capital) ?? capital
}

/** CPT: five digits, or four and F, T, U or M. HCPCS level II: a letter and four digits. */
export function isCpt(code: string): boolean {
  return /^\d{4}[\dFTUMftum]$/.test(code)
}
export function isHcpcs(code: string): boolean {
  return /^[A-Va-v]\d{4}$/.test(code)
}

/** `1-Jan`, `Jan-01`, `2/1/2019`: what is left of a code such as 1-1 after a spreadsheet. */
export function looksLikeDate(code: string): boolean {
  return /^(\d{1,2}-[A-Z][a-z]{2}(-\d{2,4})?|[A-Z][a-z]{2}-\d{2,4}|\d{1,2}\/\d{1,2}\/\d{2,4})$/.test(
    code,
  )
}

export interface CodeReading {
  readonly code: Code
  /** Text that followed the code in its cell: `003 - ECMO OR TRACH` leaves the procedure. */
  readonly rest: string
}

const DRG_TYPES = new Set(['DRG', 'MS-DRG'])

/** Reads one code cell of a column whose header gave the type. */
export function readCode(type: string, text: string): CodeReading {
  const match = DRG_TYPES.has(type) ? DRG_TEXT.exec(text) : null
  if (match === null) return { code: { type, code: text }, rest: '' }
  const [, prefix, digits = '', rest = ''] = match
  return { code: { type: prefix === undefined ? type : 'MS-DRG', code: digits }, rest }
}

const DRG_TEXT = /^(MS[-\s]?)?(?:DRG\s*)?(\d{1,3})(?:\s*[-–:]\s*(\S.*))?$/i

/** Modifiers that ride on a code (`77067-26`, `77067TC`), beside it or after a separator. */
const WITH_MODIFIERS =
  /^([A-Z0-9]{5})(?:[-\s:.,]((?:[A-Z0-9]{2})(?:[-\s:.,][A-Z0-9]{2})*)|(26|TC|LT|RT))$/
/** A number that a spreadsheet has written as one with decimals. */
const SPREADSHEET_NUMBER = /^(\d+)\.0+$/

/** One form for each code, whoever writes it, and the modifiers that stood with it. */
export interface CanonicalCode {
  readonly type: string
  readonly code: string
  readonly modifiers?: readonly string[]
}

/**
 * The one form of a code, so that prices of the same thing meet:
 *
 * | type | form |
 * | --- | --- |
 * | CPT, HCPCS, CDT | the type that the code shows by its form, in capitals, its modifiers apart |
 * | NDC | eleven digits (5-4-2) without dashes; ten digits without dashes do not say where the zero belongs and stay |
 * | RC, APC | four digits |
 * | MS-DRG, DRG, MS-LTC-DRG | three digits |
 * | APR-DRG | three digits and, if there, the severity: `194-1` |
 * | ICD | capitals without point |
 * | HIPPS, CMG, EAPG | capitals |
 *
 * A code that has not the form of its type, and a hospital's own, stays as it is.
 */
export function canonicalCode(type: string, text: string): CanonicalCode {
  switch (type) {
    case 'CPT':
    case 'HCPCS':
    case 'CDT':
    case CPT_OR_HCPCS:
      return procedure(type, capitals(text))
    case 'NDC':
      return { type, code: ndc(text) }
    case 'RC':
    case 'APC':
      return { type, code: padded(text.replace(/^(?:REV(?:ENUE)?(?:\s*CODE)?|RC|APC)[\s#:]*/i, ''), 3, 4) ?? text } // prettier-ignore
    case 'MS-DRG':
    case 'DRG':
    case 'MS-LTC-DRG':
      return { type, code: padded(text.replace(/^(?:MS[-\s]?)?(?:LTC[-\s]?)?(?:DRG)?[\s#:]*/i, ''), 1, 3) ?? text } // prettier-ignore
    case 'APR-DRG': {
      const match = /^(?:APR[-\s]?)?(?:DRG)?\s*(\d{3})[-\s.]?([1-4])?$/i.exec(text)
      return { type, code: match ? match.slice(1).filter(Boolean).join('-') : text }
    }
    case 'ICD':
      return { type, code: capitals(text).replace(/^([A-Z0-9]{3})\.(?=[A-Z0-9]{1,4}$)/, '$1') }
    case 'HIPPS':
    case 'CMG':
    case 'EAPG':
      return { type, code: capitals(text) }
    default:
      return { type, code: text }
  }
}

function procedure(type: string, text: string): CanonicalCode {
  const match = isCpt(text) || isHcpcs(text) ? null : WITH_MODIFIERS.exec(text)
  const base = match?.[1] ?? SPREADSHEET_NUMBER.exec(text)?.[1] ?? text
  const modifiers = match && (match[2] ?? match[3] ?? '').split(/[-\s:.,]/)
  const shown = isCpt(base)
    ? 'CPT'
    : isHcpcs(base)
      ? base.startsWith('D') ? 'CDT' : 'HCPCS'
      : null // prettier-ignore
  if (shown === null) return { type: type === CPT_OR_HCPCS ? 'LOCAL' : type, code: text }
  return { type: shown, code: base, ...(modifiers && { modifiers }) }
}

function ndc(text: string): string {
  if (/^\d{11}$/.test(text)) return text
  const bare = text.replace(/^N4\s*/i, '')
  const [, labeler = '', product = '', pack = ''] = /^(\d{4,5})[-\s*](\d{3,4})[-\s*](\d{1,2})$/.exec(bare) ?? [] // prettier-ignore
  // Ten digits leave out one zero, eleven none: fewer are no NDC.
  if (labeler.length + product.length + pack.length < 10) return /^\d{11}$/.test(bare) ? bare : text
  return labeler.padStart(5, '0') + product.padStart(4, '0') + pack.padStart(2, '0')
}

/** Digits with the zeros that a spreadsheet has left out; null for what are no such digits. */
function padded(text: string, least: number, length: number): string | null {
  const digits = SPREADSHEET_NUMBER.exec(text)?.[1] ?? text
  return /^\d+$/.test(digits) && digits.length >= least && digits.length <= length
    ? digits.padStart(length, '0')
    : null
}

function capitals(text: string): string {
  return /[a-z]/.test(text) ? text.toUpperCase() : text
}
