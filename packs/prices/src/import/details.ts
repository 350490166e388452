// What a directory says of a hospital, put in order and checked against itself: address, place, numbers.
import { cityKey, normaliseStreet, normaliseZip, parseAddress } from '../shape/address.ts'
import { isCcn, isNpi, stateOfCcn } from '../shape/provider-numbers.ts'
import type { Gazetteer } from './gazetteer.ts'

export interface Said {
  readonly address: string | null
  readonly city: string | null
  readonly state: string | null
  readonly zip: string | null
  readonly ccn: string | null
  readonly npi: string | null
  readonly listed_latitude: number | null
  readonly listed_longitude: number | null
}

export type AddressState = 'valid' | 'corrected' | 'doubtful' | 'unknown'

export interface Details {
  readonly street: string | null
  readonly place: string | null
  readonly state: string | null
  readonly zip: string | null
  readonly county: string | null
  readonly countyFips: string | null
  readonly latitude: number | null
  readonly longitude: number | null
  readonly addressState: AddressState
  /** What does not fit, as sentences. */
  readonly problems: readonly string[]
}

/** Farther from the middle of its ZIP code than this, a place is somewhere else. */
const FAR_KM = 80

/** Works out details. What contradicts itself is said, never silently chosen: only what is missing is filled in. */
export function detailsOf(said: Said, gazetteer: Gazetteer): Details {
  const problems: string[] = []
  if (said.npi !== null && !isNpi(said.npi)) problems.push('The NPI fails its check digit.')
  if (said.ccn !== null && !isCcn(said.ccn))
    problems.push('The CCN is not six characters that begin with two digits.')
  const parsed = parseAddress(said.address ?? '')
  const street = parsed?.street ?? (said.address ? normaliseStreet(said.address) : null)
  const city = said.city ?? parsed?.city ?? null
  let state = said.state?.toUpperCase() ?? parsed?.state ?? null
  let zip = normaliseZip(said.zip ?? '') || parsed?.zip || null
  let addressState: AddressState = 'valid'
  const byZip = zip === null ? undefined : gazetteer.ofZip(zip)
  let place = byZip
  if (zip !== null && !byZip) {
    problems.push('There is no such ZIP code.')
    addressState = 'doubtful'
  }
  if (!place && city !== null && state !== null) {
    place = gazetteer.ofCity(city, state)
    if (place && zip === null) {
      zip = place.zip
      addressState = 'corrected'
    }
  }
  if (byZip && state === null) {
    state = byZip.state
    addressState = 'corrected'
  } else if (byZip && state !== byZip.state) {
    problems.push('The ZIP code is in another state than the address.')
    addressState = 'doubtful'
  }
  if (byZip && city !== null && cityKey(city) !== cityKey(byZip.city)) {
    // One ZIP code serves several places; they share a county.
    const named = gazetteer.ofCity(city, byZip.state)
    if (named?.countyFips !== byZip.countyFips) {
      problems.push('The ZIP code belongs to another place than the city.')
      addressState = 'doubtful'
    }
  }
  const ccnState = said.ccn !== null && isCcn(said.ccn) ? stateOfCcn(said.ccn) : undefined
  if (ccnState !== undefined && state !== null && ccnState !== state)
    problems.push('The CCN was given in another state than the address.')
  if (!place) addressState = zip === null ? 'unknown' : 'doubtful'
  const { listed_latitude: latitude, listed_longitude: longitude } = said
  const isListed = latitude !== null && longitude !== null && isOnEarth(latitude, longitude)
  const isFar = isListed && place !== undefined && distanceKm(latitude, longitude, place) > FAR_KM
  if (isFar)
    problems.push('The coordinates lie far from the ZIP code; those of the ZIP code are used.')
  const useListed = isListed && !isFar
  return {
    street,
    place: city ?? place?.city ?? null,
    state: state ?? place?.state ?? null,
    zip,
    county: place?.county ?? null,
    countyFips: place?.countyFips ?? null,
    latitude: useListed ? latitude : (place?.latitude ?? null),
    longitude: useListed ? longitude : (place?.longitude ?? null),
    addressState,
    problems,
  }
}

/** 0, 0 is what programs write that do not know. */
function isOnEarth(latitude: number, longitude: number): boolean {
  return (
    Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180 && !(latitude === 0 && longitude === 0)
  )
}

/** By the haversine formula. */
function distanceKm(
  latitude: number,
  longitude: number,
  to: { readonly latitude: number; readonly longitude: number },
): number {
  const radians = (degrees: number): number => (degrees * Math.PI) / 180
  const a =
    Math.sin(radians(to.latitude - latitude) / 2) ** 2 +
    Math.cos(radians(latitude)) *
      Math.cos(radians(to.latitude)) *
      Math.sin(radians(to.longitude - longitude) / 2) ** 2
  return 2 * 6_371 * Math.asin(Math.sqrt(a))
}
