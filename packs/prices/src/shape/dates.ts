// Owns dates as files write them, read to ISO days.

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

const ISO_DATE = /\b(\d{4})-(\d{1,2})-(\d{1,2})\b/
const US_DATE = /\b(\d{1,2})[/-](\d{1,2})[/-](\d{4}|\d{2})\b/
const LONG_DATE = /\b([A-Z][a-z]{2})[a-z]*\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})\b/i

/** The first whole date in a text; null when there is none or it is no day of the calendar. */
export function readDate(text: string): string | null {
  const iso = ISO_DATE.exec(text)
  if (iso !== null) return day(iso[1], iso[2], iso[3])
  const us = US_DATE.exec(text)
  if (us !== null) return day((us[3] ?? '').padStart(4, '20'), us[1], us[2])
  const long = LONG_DATE.exec(text)
  if (long === null) return null
  const month = MONTHS.indexOf((long[1] ?? '').toLowerCase()) + 1
  return month === 0 ? null : day(long[3], String(month), long[2])
}

function day(year = '', month = '', date = ''): string | null {
  const iso = `${year}-${month.padStart(2, '0')}-${date.padStart(2, '0')}`
  const time = Date.parse(`${iso}T00:00:00Z`)
  // Date.parse turns 31 February into March; the round trip shows it.
  return Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== iso ? null : iso
}

const DATED = /\b(updated?|effective|issued|posted|published|as of|revised|last)\b/i

/** The date of a file that says it in words above its table. */
export function dateOfPreamble(lines: Iterable<string>): string | null {
  for (const line of lines) {
    if (!DATED.test(line)) continue
    const date = readDate(line)
    if (date !== null) return date
  }
  return null
}
