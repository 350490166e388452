// The words CMS's layouts allow.
import { createHash } from 'node:crypto'
import { isAtLeast, type CmsVersion } from './rules.ts'

export const SETTINGS: ReadonlySet<string> = new Set(['inpatient', 'outpatient', 'both'])
export const METHODOLOGIES: ReadonlySet<string> = new Set([
  'case rate',
  'fee schedule',
  'percent of total billed charges',
  'per diem',
  'other',
])
export const DRUG_TYPES: ReadonlySet<string> = new Set(['GR', 'ME', 'ML', 'UN', 'F2', 'EA', 'GM'])

const CODE_TYPES =
  'CPT HCPCS ICD DRG MS-DRG R-DRG S-DRG APS-DRG AP-DRG APR-DRG APC NDC HIPPS LOCAL EAPG CDT RC CDM TRIS-DRG'
const TYPES_V2: ReadonlySet<string> = new Set(CODE_TYPES.split(' '))
const TYPES_V3: ReadonlySet<string> = new Set([...TYPES_V2, 'CMG', 'MS-LTC-DRG'])

export function codeTypesOf(version: CmsVersion): ReadonlySet<string> {
  return isAtLeast(version, '3.0.0') ? TYPES_V3 : TYPES_V2
}

const STATES: ReadonlySet<string> = new Set(
  (
    'AL AK AS AZ AR CA CO CT DE DC FL GA GU HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND ' +
    'MP OH OK OR PA PR RI SC SD TN TX UT VT VI VA WA WV WI WY'
  ).split(' '),
)
/** The JSON schemas know three more than the CSV layouts. */
const JSON_STATES: ReadonlySet<string> = new Set(['FM', 'MH', 'PW'])

export function isState(text: string, inJson: boolean): boolean {
  return STATES.has(text) || (inJson && JSON_STATES.has(text))
}

/** Digests of the texts of 45 CFR 180.50(a)(3), in capitals: of version 3 ("… this hospital has included …") and 2. */
const ATTESTATION = '8b67fa6fee5efc287dac2ab5944d45af01887ef6ffa9d4b492c35ac114203aa7'
const AFFIRMATION = 'd4eb1cc60ca29f7990c47f09dc804c3190e56d3def84da62f81b0959c5fe7dad'

export function isStatement(text: string, version: CmsVersion): boolean {
  const digest = createHash('sha256').update(text.toUpperCase()).digest('hex')
  return digest === (isAtLeast(version, '3.0.0') ? ATTESTATION : AFFIRMATION)
}

export function isCount(text: string): boolean {
  return (
    text === '0' || /^1 through 10$/i.test(text) || /^(1[1-9]|[2-9]\d+|[1-9]\d{2,})$/.test(text)
  )
}

export function isNines(text: string): boolean {
  return text.length >= 9 && Number(text) === 999_999_999
}

/** A date that exists. @param slashed allow M/D/YYYY, as CSV does */
export function isDate(text: string, slashed: boolean): boolean {
  const iso = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text)
  const us = slashed ? /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/.exec(text) : null
  const [year, month, day] = iso
    ? [iso[1], iso[2], iso[3]].map(Number)
    : us
      ? [us[3], us[1], us[2]].map(Number)
      : []
  if (year === undefined || month === undefined || day === undefined) return false
  const date = new Date(Date.UTC(year, month - 1, day))
  return (
    date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day
  )
}
