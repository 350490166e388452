// Owns the three head rows of a CMS table: whether they are there, and what they say of the hospital.
import { readDate } from './dates.ts'
import { readList } from './draft.ts'
import { cmsHeader } from './header.ts'
import { isPayerColumn } from './cms-wide.ts'
import type { Hospital } from './row.ts'

export interface CmsHead {
  readonly layout: 'tall' | 'wide'
  /** Index of the row with the data headers. */
  readonly headerIndex: number
  readonly hospital: Hospital
}

/** Looks for the data headers; the two rows of metadata above them may be missing or spread out. */
export function findCmsHead(records: readonly (readonly string[])[]): CmsHead | null {
  const headerIndex = records.slice(0, 25).findIndex(isDataHeader)
  const header = records[headerIndex]
  if (header === undefined) return null
  const above = records.slice(0, headerIndex).filter((record) => record.some((cell) => cell !== ''))
  const names = above.findIndex((record) =>
    record.some((cell) => cmsHeader(cell) === 'hospital_name'),
  )
  return {
    layout: header.some(isPayerColumn) ? 'wide' : 'tall',
    headerIndex,
    hospital: readHospital(above[names] ?? [], above[names + 1] ?? []),
  }
}

function isDataHeader(record: readonly string[]): boolean {
  let description = false
  let charge = false
  for (const cell of record) {
    const name = cmsHeader(cell)
    if (name === 'description') description = true
    else if (name.startsWith('standard_charge|')) charge = true
  }
  return description && charge
}

function readHospital(names: readonly string[], values: readonly string[]): Hospital {
  const headers = names.map(cmsHeader)
  const value = (...wanted: string[]): string => {
    for (const name of wanted) {
      const index = headers.indexOf(name)
      if (index >= 0) return values[index] ?? ''
    }
    return ''
  }
  const licenseIndex = headers.findIndex((name) => name.startsWith('license_number'))
  const state = headers[licenseIndex]?.split('|')[1]?.toUpperCase() ?? ''
  // The statement is a header of its own; its wording changed between versions.
  const statement = headers.findIndex((name) => name.includes('best of its knowledge and belief'))
  const attested = statement < 0 ? '' : (values[statement] ?? '').toLowerCase()
  return {
    name: value('hospital_name') || null,
    addresses: readList(value('hospital_address')),
    locations: readList(value('location_name', 'hospital_location')),
    lastUpdatedOn: readDate(value('last_updated_on')),
    npi: readList(value('type_2_npi')),
    license:
      licenseIndex < 0
        ? null
        : { number: values[licenseIndex] || null, state: /^[A-Z]{2}$/.test(state) ? state : null },
    version: value('version').replace(/^v/i, '') || null,
    attested: attested === 'true' ? true : attested === 'false' ? false : null,
    attester: value('attester_name') || null,
  }
}
