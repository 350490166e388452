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
  if (DRG_TYPES.has(type)) return readDrg(type, text)
  if (type === CPT_OR_HCPCS) {
    // A modifier may ride on the code (`77067-26`); the code is what comes before it.
    const base = /^([A-Za-z0-9]{5})[-\s]([A-Za-z0-9]{2})$/.exec(text)?.[1] ?? text
    if (isCpt(base)) return plain('CPT', text)
    return plain(isHcpcs(base) ? 'HCPCS' : 'LOCAL', text)
  }
  return plain(type, text)
}

function readDrg(type: string, text: string): CodeReading {
  const match = /^(MS[-\s]?)?(?:DRG\s*)?(\d{1,3})(?:\s*[-–:]\s*(\S.*))?$/i.exec(text)
  if (match === null) return plain(type, text)
  const [, prefix, digits = '', rest = ''] = match
  // DRGs have three digits; a spreadsheet that lost the zeros is put right.
  return {
    code: { type: prefix === undefined ? type : 'MS-DRG', code: digits.padStart(3, '0') },
    rest,
  }
}

function plain(type: string, code: string): CodeReading {
  return { code: { type, code }, rest: '' }
}
