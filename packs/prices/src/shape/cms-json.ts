// Owns the CMS JSON layout: each entry of an item's standard charges becomes one row.
import { codeType } from './codes.ts'
import { readDate } from './dates.ts'
import { Draft, orNull, readBillingClass } from './draft.ts'
import type { Code, Hospital, Lineage, RowSink } from './row.ts'

type Fields = Readonly<Record<string, unknown>>

/** Reads one item; answers the number of charges in it, each of which is a data row. */
export type ItemShaper = (
  item: unknown,
  at: { readonly sheet: string | null; readonly row: number; readonly byte: number },
  sink: RowSink,
) => number

export function shapeCmsJson(): ItemShaper {
  const draft = new Draft(true)

  function readPayer(payer: Fields): void {
    const name = orNull(text(payer['payer_name']))
    const plan = orNull(text(payer['plan_name']))
    const methodology = orNull(text(payer['methodology'] ?? payer['standard_charge_methodology']))
    const before = draft.amounts.length
    // The first draft of the layout called the dollar amount plain "standard_charge".
    const dollar = text(payer['standard_charge_dollar'] ?? payer['standard_charge'])
    draft.amount(dollar, 'negotiated', 'standard_charge_dollar', name, plan, methodology)
    const percent = draft.percent(
      text(payer['standard_charge_percentage'] ?? payer['standard_charge_percent']),
    )
    const algorithm = orNull(
      text(payer['standard_charge_algorithm'] ?? payer['contracting_algorithm']),
    )
    const estimated = draft.figure(text(payer['estimated_amount']), 'estimated_amount')
    const median = draft.figure(text(payer['median_amount']), 'median_amount')
    const p10 = draft.figure(text(payer['10th_percentile']), '10th_percentile')
    const p90 = draft.figure(text(payer['90th_percentile']), '90th_percentile')
    const count = draft.count(text(payer['count']))
    const notes = orNull(text(payer['additional_payer_notes']))
    const silent =
      percent === null &&
      algorithm === null &&
      estimated === null &&
      median === null &&
      p10 === null &&
      p90 === null &&
      count === null &&
      notes === null
    if (silent && draft.amounts.length > before) return
    if (silent && name === null && plan === null) return
    draft.term({
      payer: name,
      plan,
      methodology,
      percent,
      algorithm,
      estimated,
      median,
      p10,
      p90,
      count,
      notes,
    })
  }

  function readCharge(
    charge: Fields,
    item: {
      description: string
      codes: readonly Code[]
      drug: { unit: string; type: string } | null
    },
    lineage: Lineage,
    sink: RowSink,
  ): void {
    draft.begin()
    for (const { type, code } of item.codes) draft.code(type, code)
    draft.amount(text(charge['gross_charge']), 'gross', 'gross_charge', null, null, null)
    draft.amount(text(charge['discounted_cash']), 'cash', 'discounted_cash', null, null, null)
    draft.amount(text(charge['minimum']), 'min', 'minimum', null, null, null)
    draft.amount(text(charge['maximum']), 'max', 'maximum', null, null, null)
    for (const [index, payer] of objects(charge['payers_information']).entries()) {
      draft.within = `payers_information[${index}]`
      readPayer(payer)
    }
    draft.within = null
    draft.finish(
      {
        lineage,
        description: item.description,
        setting: draft.setting(text(charge['setting'])),
        billingClass: readBillingClass(text(charge['billing_class'])),
        facility: null,
        modifiers: texts(charge['modifier_code'] ?? charge['modifiers']),
        drug: item.drug,
        notes: orNull(text(charge['additional_generic_notes'])),
      },
      sink,
    )
  }

  return (item, at, sink) => {
    const fields = object(item)
    if (fields === null) {
      sink.rejected.push({
        lineage: at,
        code: 'ITEM_UNREADABLE',
        reason: 'The item is not a JSON object that can be read.',
      })
      return 1
    }
    const drug = object(fields['drug_information'])
    const shared = {
      description: text(fields['description']),
      codes: objects(fields['code_information'] ?? fields['billing_code_information']).flatMap(
        (code): Code[] => {
          const value = text(code['code'])
          return value === '' ? [] : [{ type: codeType(text(code['type'])), code: value }]
        },
      ),
      drug:
        drug === null ? null : { unit: text(drug['unit']), type: text(drug['type']).toUpperCase() },
    }
    const charges = objects(fields['standard_charges'])
    // An item without charges is a row all the same, and says so by its flag.
    if (charges.length === 0) charges.push({})
    charges.forEach((charge, index) =>
      readCharge(charge, shared, { sheet: at.sheet, row: at.row + index, byte: at.byte }, sink),
    )
    return charges.length
  }
}

/** What the root members say of the hospital. */
export function hospitalOfJson(root: ReadonlyMap<string, unknown>): Hospital {
  const license = object(root.get('license_information'))
  const attestation = object(root.get('attestation') ?? root.get('affirmation'))
  const confirmed = attestation?.['confirm_attestation'] ?? attestation?.['confirm_affirmation']
  return {
    name: orNull(text(root.get('hospital_name'))),
    addresses: texts(root.get('hospital_address')),
    locations: texts(root.get('location_name') ?? root.get('hospital_location')),
    lastUpdatedOn: readDate(text(root.get('last_updated_on'))),
    npi: texts(root.get('type_2_npi')),
    license:
      license === null
        ? null
        : {
            number: orNull(text(license['license_number'])),
            state: orNull(text(license['state'])),
          },
    version: orNull(text(root.get('version'))),
    attested: typeof confirmed === 'boolean' ? confirmed : null,
    attester: orNull(text(attestation?.['attester_name'])),
  }
}

/**
 * A number's shortest spelling is the text it was written as, up to fifteen digits; what is longer is
 * below a ten-thousandth or above the largest amount, and is rounded or refused like any text.
 */
function text(value: unknown): string {
  if (typeof value === 'string') return value.trim()
  return typeof value === 'number' ? String(value) : ''
}

function texts(value: unknown): readonly string[] {
  const list = Array.isArray(value) ? value : [value]
  return list.map(text).filter((part) => part !== '')
}

function object(value: unknown): Fields | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Fields)
    : null
}

function objects(value: unknown): Fields[] {
  return Array.isArray(value) ? value.map(object).filter((entry) => entry !== null) : []
}
