// The rules of CMS's JSON layout: its root attributes, and one item at a time.
import {
  codeTypesOf,
  DRUG_TYPES,
  isCount,
  isDate,
  isNines,
  isState,
  isStatement,
  METHODOLOGIES,
  SETTINGS,
} from './cms-words.ts'
import { textOf } from '../directory/directory.ts'
import type { Findings } from './findings.ts'
import { isAtLeast, type CmsVersion, type RuleId } from './rules.ts'

type Members = Readonly<Record<string, unknown>>

export interface JsonChecker {
  root(members: ReadonlyMap<string, unknown>, hasItems: boolean): void
  /** @param index of the item, from 0 */
  item(value: unknown, index: number): void
}

export function jsonChecker(version: CmsVersion, findings: Findings): JsonChecker {
  const since21 = isAtLeast(version, '2.1.0')
  const since22 = isAtLeast(version, '2.2.0')
  const since3 = isAtLeast(version, '3.0.0')
  const types = codeTypesOf(version)
  const figures = [
    ...(since22 ? ['estimated_amount'] : []),
    ...(since3 ? ['median_amount', '10th_percentile', '90th_percentile', 'count'] : []),
  ]
  /** Members and indexes that lead to what is looked at; nearly every value is right, and needs no path of its own. */
  const trail: (string | number)[] = []
  const add = (rule: RuleId, name: string, detail: string): void =>
    findings.add(rule, ['', ...trail, ...(name === '' ? [] : [name])].join('/'), detail)
  /** Text where the layout wants some; empty text was allowed in notes before version 3. */
  const isText = (value: unknown, mayBeEmpty = false): boolean =>
    typeof value === 'string' && (mayBeEmpty || value !== '')
  const isAmount = (value: unknown): boolean => typeof value === 'number' && value > 0

  function need(owner: Members, name: string, rule: RuleId): boolean {
    if (isText(owner[name])) return true
    add(rule, name, `${name} is missing, or is no text.`)
    return false
  }

  function checkAmount(owner: Members, name: string): void {
    const value = owner[name]
    if (value !== undefined && !isAmount(value))
      add('CMS.ROW.NUMBER', name, `${name} is no number above zero.`)
  }

  function checkText(owner: Members, name: string): void {
    const value = owner[name]
    if (value !== undefined && !isText(value, !since3))
      add('CMS.ROW.SHAPE', name, `${name} is no text.`)
  }

  function eachOf(
    owner: Members,
    name: string,
    isRequired: boolean,
    check: (value: Members) => void,
  ): void {
    const list = owner[name]
    if (list === undefined && !isRequired) return
    if (!Array.isArray(list) || list.length === 0) {
      add('CMS.ROW.SHAPE', name, `${name} is a list with at least one member.`)
      return
    }
    trail.push(name, 0)
    for (let index = 0; index < list.length; index++) {
      const value: unknown = list[index]
      trail[trail.length - 1] = index
      if (isMembers(value)) check(value)
      else add('CMS.ROW.SHAPE', '', 'This is no object.')
    }
    trail.length -= 2
  }

  function checkCode(code: Members): void {
    need(code, 'code', 'CMS.ROW.CODE_MISSING')
    if (typeof code['type'] !== 'string' || !types.has(code['type']))
      add('CMS.ROW.CODE_TYPE', 'type', 'This type of code is missing, or none of those allowed.')
  }

  function checkDrug(item: Members): void {
    const drug = item['drug_information']
    if (drug === undefined) {
      const codes = Array.isArray(item['code_information'])
        ? (item['code_information'] as unknown[])
        : []
      if (codes.some((code) => isMembers(code) && code['type'] === 'NDC'))
        add('CMS.ROW.NDC_DRUG', '', 'An NDC code needs drug_information.')
      return
    }
    const { unit, type } = isMembers(drug) ? drug : {}
    const isUnit = since3 ? isAmount(unit) : isText(unit)
    if (!isUnit || typeof type !== 'string' || !DRUG_TYPES.has(type))
      add(
        'CMS.ROW.DRUG_PAIR',
        'drug_information',
        'Unit or type of the drug is missing, or none of those allowed.',
      )
  }

  function checkPayer(payer: Members): void {
    need(payer, 'payer_name', 'CMS.ROW.PAYER_MISSING')
    need(payer, 'plan_name', 'CMS.ROW.PAYER_MISSING')
    const { methodology, count, additional_payer_notes: notes } = payer
    if (methodology === undefined)
      add('CMS.ROW.PAYER_MISSING', 'methodology', 'methodology is missing.')
    else if (typeof methodology !== 'string' || !METHODOLOGIES.has(methodology))
      add('CMS.ROW.METHODOLOGY', 'methodology', 'This methodology is none of those allowed.')
    checkAmount(payer, 'standard_charge_dollar')
    checkAmount(payer, 'standard_charge_percentage')
    checkText(payer, 'standard_charge_algorithm')
    checkText(payer, 'additional_payer_notes')
    const isDerived =
      payer['standard_charge_percentage'] !== undefined ||
      payer['standard_charge_algorithm'] !== undefined
    const hasDollar = payer['standard_charge_dollar'] !== undefined
    if (since21 && methodology === 'other' && !(since3 ? notes !== undefined : isText(notes)))
      add('CMS.ROW.OTHER_NOTES', '', 'Methodology "other" is explained in additional_payer_notes.')
    if (version === '2.0.0' || version === '2.2.0') checkAmount(payer, 'estimated_amount')
    if (version === '2.2.0' && isDerived && !hasDollar && payer['estimated_amount'] === undefined)
      add('CMS.ROW.ESTIMATE', '', 'Give the estimated allowed amount.')
    for (const name of figures)
      if (payer[name] !== undefined && isNines(textOf(payer[name]) ?? ''))
        add('CMS.ROW.NINES', name, 'Leave the amount out and say why in the notes.')
    if (!since3) return
    checkAmount(payer, 'median_amount')
    checkAmount(payer, '10th_percentile')
    checkAmount(payer, '90th_percentile')
    if (
      count !== undefined &&
      !(typeof count === 'string' && isCount(count) && !/[A-Z]/.test(count))
    )
      add(
        'CMS.ROW.COUNT',
        'count',
        'A count is the text 0, "1 through 10", or a whole number from 11.',
      )
    if (!hasDollar && !isDerived)
      add('CMS.ROW.PAYER_ALONE', '', 'A payer and plan have a negotiated charge.')
    if (isDerived && count === undefined)
      add('CMS.ROW.COUNT_MISSING', '', 'Give the count of allowed amounts.')
    if (isDerived && count !== '0')
      for (const [name, rule] of PERCENTILES)
        if (payer[name] === undefined) add(rule, '', `Give ${name}.`)
    if (count === '0' && notes === undefined)
      add(
        'CMS.ROW.ZERO_NOTES',
        '',
        'Say in additional_payer_notes why there are no allowed amounts.',
      )
  }

  function checkCharge(charge: Members): void {
    for (const name of ['minimum', 'maximum', 'gross_charge', 'discounted_cash'])
      checkAmount(charge, name)
    if (typeof charge['setting'] !== 'string' || !SETTINGS.has(charge['setting']))
      add('CMS.ROW.SETTING', 'setting', 'The setting is inpatient, outpatient or both.')
    checkText(charge, 'additional_generic_notes')
    const modifiers = charge['modifier_code']
    if (since3 && modifiers !== undefined && !isTextList(modifiers))
      add('CMS.ROW.SHAPE', 'modifier_code', 'modifier_code is a list of texts.')
    eachOf(charge, 'payers_information', false, checkPayer)
    if (!since21) return
    const payers = Array.isArray(charge['payers_information'])
      ? (charge['payers_information'] as unknown[]).filter(isMembers)
      : []
    const hasPrice =
      charge['gross_charge'] !== undefined ||
      charge['discounted_cash'] !== undefined ||
      (payers.length > 0 && payers.every(hasCharge))
    if (!hasPrice) add('CMS.ROW.NO_CHARGE', '', 'An item has a charge of at least one kind.')
    if (
      payers.some((payer) => payer['standard_charge_dollar'] !== undefined) &&
      (charge['minimum'] === undefined || charge['maximum'] === undefined)
    )
      add('CMS.ROW.MIN_MAX', '', 'A negotiated dollar amount has a minimum and a maximum.')
  }

  return {
    item(value, index) {
      trail.splice(0, trail.length, 'standard_charge_information', index)
      if (!isMembers(value)) return add('CMS.ROW.SHAPE', '', 'This item is no object.')
      need(value, 'description', 'CMS.ROW.DESCRIPTION')
      eachOf(value, 'code_information', true, checkCode)
      if (since22) checkDrug(value)
      eachOf(value, 'standard_charges', true, checkCharge)
    },
    root(members, hasItems) {
      trail.length = 0
      const root = Object.fromEntries(members) as Members
      for (const name of ['hospital_name', 'version']) need(root, name, 'CMS.HEAD.MISSING')
      const lists = since3
        ? ['location_name', 'hospital_address', 'type_2_npi']
        : ['hospital_location', 'hospital_address']
      for (const name of lists)
        if (!isTextList(root[name], !since3))
          add('CMS.HEAD.MISSING', name, `${name} is a list of texts.`)
      const date = root['last_updated_on']
      if (typeof date !== 'string')
        add('CMS.HEAD.MISSING', 'last_updated_on', 'last_updated_on is missing.')
      else if (!isDate(date, false))
        add('CMS.HEAD.DATE', 'last_updated_on', 'This is no date that exists, as YYYY-MM-DD.')
      checkLicense(root)
      checkStatement(root)
      if (!hasItems) add('CMS.FILE.NO_ROWS', 'standard_charge_information', 'There is no item.')
      const modifiers = root['modifier_information']
      const isNone = Array.isArray(modifiers) && modifiers.length === 0
      if (since22 && (since3 || !isNone)) eachOf(root, 'modifier_information', false, checkModifier)
    },
  }

  function checkLicense(root: Members): void {
    const license = root['license_information']
    if (!isMembers(license))
      return add('CMS.HEAD.MISSING', 'license_information', 'license_information is missing.')
    const { state, license_number: number } = license
    if (typeof state !== 'string' || !isState(state, true))
      add('CMS.HEAD.STATE', 'license_information/state', 'The state is missing, or none.')
    if (number !== undefined && !isText(number))
      add('CMS.HEAD.VALUE', 'license_information/license_number', 'license_number is no text.')
  }

  function checkStatement(root: Members): void {
    const name = since3 ? 'attestation' : 'affirmation'
    const statement = root[name]
    if (!isMembers(statement)) return add('CMS.HEAD.MISSING', name, `${name} is missing.`)
    const confirmed = statement[`confirm_${name}`]
    const text = statement[name]
    if (typeof text !== 'string' || !isStatement(text, version) || typeof confirmed !== 'boolean')
      add(
        'CMS.HEAD.STATEMENT',
        name,
        'Its text is not the one required, or it is neither true nor false.',
      )
    if (confirmed === false)
      add('CMS.HEAD.STATEMENT_FALSE', name, 'The hospital does not stand by its file.')
    if (!since3) return
    trail.push(name)
    need(statement, 'attester_name', 'CMS.HEAD.VALUE')
    trail.pop()
  }

  function checkModifier(modifier: Members): void {
    need(modifier, 'description', 'CMS.ROW.SHAPE')
    need(modifier, 'code', 'CMS.ROW.SHAPE')
    const { setting } = modifier
    if (since3 && setting !== undefined && !(typeof setting === 'string' && SETTINGS.has(setting)))
      add('CMS.ROW.SETTING', 'setting', 'The setting is inpatient, outpatient or both.')
    eachOf(modifier, 'modifier_payer_information', true, (payer) => {
      for (const name of ['payer_name', 'plan_name', 'description'])
        need(payer, name, 'CMS.ROW.SHAPE')
    })
  }
}

const PERCENTILES = [
  ['median_amount', 'CMS.ROW.MEDIAN'],
  ['10th_percentile', 'CMS.ROW.P10'],
  ['90th_percentile', 'CMS.ROW.P90'],
] as const

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isTextList(value: unknown, mayBeEmpty = false): boolean {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((each) => typeof each === 'string' && (mayBeEmpty || each !== ''))
  )
}

function hasCharge(payer: Members): boolean {
  return ['standard_charge_dollar', 'standard_charge_algorithm', 'standard_charge_percentage'].some(
    (name) => payer[name] !== undefined,
  )
}
