// US addresses in one spelling: taken apart where they come as one line, and abbreviated as the postal service does.

export interface Address {
  readonly street: string
  readonly city: string
  /** Two letters, or empty. */
  readonly state: string
  /** Five digits, or empty. */
  readonly zip: string
}

/** Suffixes, directions and units as USPS Publication 28 (appendices B and C) abbreviates them. */
const ABBREVIATED: ReadonlyMap<string, string> = new Map(
  (
    'ALLEY ALY|AVENUE AVE|AV AVE|BEACH BCH|BEND BND|BOULEVARD BLVD|BRIDGE BRG|BROOK BRK|BYPASS BYP|CANYON CYN|' +
    'CAUSEWAY CSWY|CENTER CTR|CENTRE CTR|CIRCLE CIR|COURT CT|COVE CV|CREEK CRK|CRESCENT CRES|CROSSING XING|' +
    'DRIVE DR|ESTATE EST|EXPRESSWAY EXPY|EXTENSION EXT|FREEWAY FWY|GARDEN GDN|GARDENS GDNS|GATEWAY GTWY|' +
    'GROVE GRV|HARBOR HBR|HEIGHTS HTS|HIGHWAY HWY|HILL HL|HILLS HLS|HOLLOW HOLW|ISLAND IS|JUNCTION JCT|LAKE LK|' +
    'LANDING LNDG|LANE LN|LODGE LDG|MANOR MNR|MEADOW MDW|MEADOWS MDWS|MOUNT MT|MOUNTAIN MTN|PARKWAY PKWY|' +
    'PKY PKWY|PLACE PL|PLAZA PLZ|POINT PT|PORT PRT|PRAIRIE PR|RANCH RNCH|RIDGE RDG|RIVER RIV|ROAD RD|ROUTE RTE|' +
    'SHORE SHR|SPRING SPG|SPRINGS SPGS|SQUARE SQ|STATION STA|STREET ST|STR ST|SUMMIT SMT|TERRACE TER|TRAIL TRL|' +
    'TURNPIKE TPKE|VALLEY VLY|VIEW VW|VILLAGE VLG|NORTH N|SOUTH S|EAST E|WEST W|NORTHEAST NE|NORTHWEST NW|' +
    'SOUTHEAST SE|SOUTHWEST SW|APARTMENT APT|BUILDING BLDG|DEPARTMENT DEPT|FLOOR FL|ROOM RM|SUITE STE'
  )
    .split('|')
    .map((pair) => pair.split(' ') as [string, string]),
)

/** A street in capitals, without full stops, its suffix and directions abbreviated. */
export function normaliseStreet(text: string): string {
  const words = text
    .toUpperCase()
    .replace(/[.,]/g, ' ')
    .replace(/\bP ?O BOX\b/g, 'PO BOX')
    .split(/\s+/)
    .filter((word) => word !== '')
  return words
    .map((word, at) => {
      const short = ABBREVIATED.get(word)
      // A word that is the whole name of a street stays one: 12 NORTH ST is abbreviated, 5 AVENUE is not.
      return short === undefined || (at === 0 && words.length === 1) ? word : short
    })
    .join(' ')
}

const LAST_PART = /^(?:(.*?)[\s,]+)?([A-Za-z]{2})\.?\s+(\d{5})(?:-\d{4})?$/

/** Reads `street, city, ST zip`; undefined when it is not of that form. */
export function parseAddress(line: string): Address | undefined {
  const parts = line
    .replace(/,?\s*(USA|United States)\.?\s*$/i, '')
    .split(',')
    .map((part) => part.trim().replace(/\s+/g, ' '))
    .filter((part) => part !== '')
  const last = LAST_PART.exec(parts.at(-1) ?? '')
  if (!last) return undefined
  const [, before = '', state = '', zip = ''] = last
  const others = parts.slice(0, -1)
  const city = before || others.pop()
  if (city === undefined || others.length === 0) return undefined
  return { street: normaliseStreet(others.join(' ')), city, state: state.toUpperCase(), zip }
}

/** Five digits of a ZIP code; spreadsheets lose the zero in front, and ZIP+4 says more than is needed. */
export function normaliseZip(text: string): string {
  const digits = /^(\d{3,5})(?:-?\d{4})?$/.exec(text.trim())?.[1]
  return digits === undefined ? '' : digits.padStart(5, '0')
}

/** Cities compared: `ST. PAUL` and `Saint Paul` are one. */
export function cityKey(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z ]/g, ' ')
    .replace(/\b(saint|sainte)\b/g, 'st')
    .replace(/\bfort\b/g, 'ft')
    .replace(/\bmount\b/g, 'mt')
    .replace(/\s+/g, ' ')
    .trim()
}
