// Times of a wall in some time zone as an input of the browser holds them, and the moments they mean.

/** `2026-03-08T02:30`: what the wall of `zone` shows at that moment. Seconds are not shown. */
export function wallText(at: number, zone: string): string {
  return new Date(at + offsetOf(at, zone)).toISOString().slice(0, 16)
}

/**
 * The moment at which the wall of `zone` shows `text`; the first of two where clocks go back, and where they go forward
 * the one that an unchanged clock would mean. Null where it is no time.
 */
export function momentOf(text: string, zone: string): number | null {
  const wall = Date.parse(`${text}Z`)
  if (Number.isNaN(wall)) return null
  const moments = [wall - DAY_MS, wall + DAY_MS].map((near) => wall - offsetOf(near, zone))
  const shown = moments.filter((at) => at + offsetOf(at, zone) === wall)
  return Math.min(...(shown.length > 0 ? shown : moments.slice(0, 1)))
}

const DAY_MS = 86_400_000

/** How far the wall of `zone` is ahead of UTC, in milliseconds. */
function offsetOf(at: number, zone: string): number {
  const parts = Object.fromEntries(
    new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
      .formatToParts(at)
      .map(({ type, value }) => [type, Number(value)]),
  )
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / 1_000) * 1_000
}
