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
const SUFFIXES = pairs(
  'ALLEY ALY|AVENUE AVE|AV AVE|BEACH BCH|BEND BND|BOULEVARD BLVD|BRIDGE BRG|BROOK BRK|BYPASS BYP|CANYON CYN|' +
    'CAUSEWAY CSWY|CENTER CTR|CENTRE CTR|CIRCLE CIR|COURT CT|COVE CV|CREEK CRK|CRESCENT CRES|CROSSING XING|' +
    'DRIVE DR|ESTATE EST|EXPRESSWAY EXPY|EXTENSION EXT|FREEWAY FWY|GARDEN GDN|GARDENS GDNS|GATEWAY GTWY|' +
    'GROVE GRV|HARBOR HBR|HEIGHTS HTS|HIGHWAY HWY|HILL HL|HILLS HLS|HOLLOW HOLW|ISLAND IS|JUNCTION JCT|LAKE LK|' +
    'LANDING LNDG|LANE LN|LODGE LDG|MANOR MNR|MEADOW MDW|MEADOWS MDWS|MOUNTAIN MTN|PARKWAY PKWY|PKY PKWY|' +
    'PLACE PL|PLAZA PLZ|POINT PT|PRAIRIE PR|RANCH RNCH|RIDGE RDG|RIVER RIV|ROAD RD|ROUTE RTE|SHORE SHR|SPRING SPG|' +
    'SPRINGS SPGS|SQUARE SQ|STATION STA|STREET ST|STR ST|SUMMIT SMT|TERRACE TER|TRAIL TRL|TURNPIKE TPKE|VALLEY VLY|' +
    'VIEW VW|VILLAGE VLG',
)
const DIRECTIONS = pairs(
  'NORTH N|SOUTH S|EAST E|WEST W|NORTHEAST NE|NORTHWEST NW|SOUTHEAST SE|SOUTHWEST SW',
)
const UNITS = pairs(
  'APARTMENT APT|BUILDING BLDG|DEPARTMENT DEPT|FLOOR FL|ROOM RM|SUITE STE|UNIT UNIT',
)

/** Words and what stands for them, which stands for itself. */
function pairs(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split('|').flatMap((pair): [string, string][] => {
      const [word = '', short = ''] = pair.split(' ')
      return [
        [word, short],
        [short, short],
      ]
    }),
  )
}

/**
 * A street in capitals and without full stops. Only the suffix at its end and the directions around its name are
 * abbreviated: `80 Jesse Hill Jr. Drive SE` keeps its hill, and `205 North East Avenue` its east.
 */
export function normaliseStreet(text: string): string {
  const words = text
    .toUpperCase()
    .replace(/[.,]/g, ' ')
    .replace(/\bP ?O +BOX\b/g, 'PO BOX')
    .split(/\s+/)
    .filter((word) => word !== '')
  const unitAt = words.findIndex((word, at) => at > 1 && UNITS.has(word))
  const unit = unitAt < 0 ? [] : words.splice(unitAt)
  const number = /^\d/.test(words[0] ?? '') ? [words.shift()!] : []
  const after = words.length > 1 ? DIRECTIONS.get(words.at(-1)!) : undefined
  if (after !== undefined) words.pop()
  const last = words.length > 1 ? SUFFIXES.get(words.at(-1)!) : undefined
  if (last !== undefined) words.splice(-1, 1, last)
  // What is left of a name must be more than its direction: 12 N ST may be North Street.
  const before = words.length > (last === undefined ? 1 : 2) ? DIRECTIONS.get(words[0]!) : undefined
  if (before !== undefined) words[0] = before
  const short = unit.map((word) => UNITS.get(word) ?? word)
  return [...number, ...words, ...(after === undefined ? [] : [after]), ...short].join(' ')
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
