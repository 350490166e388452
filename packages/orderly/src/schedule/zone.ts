// Time zones: what the clock on the wall shows at an instant, and when it shows a given time.
import { OrderlyError } from '../primitives/errors.ts'

export interface Zone {
  readonly name: string
  /** Milliseconds that its clocks are ahead of UTC at `instant`. */
  offsetAt(instant: number): number
  /**
   * Milliseconds since 1970 UTC when its clocks show `wall`, itself written as if it were UTC.
   *
   * Where clocks are put forward some times are never shown: then `instant` is the first one after the gap. Where they
   * are put back some are shown twice: then it is the first, and `again` the second.
   */
  instantOf(wall: number): Shown
  /**
   * Milliseconds that its clocks are ahead of UTC all day long, on the day that begins when they show `midnight`;
   * undefined on a day on which that changes.
   */
  offsetOfDay(midnight: number): number | undefined
}

export interface Shown {
  readonly instant: number
  readonly kind: 'once' | 'gap' | 'twice'
  readonly again?: number
}

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** No zone is further from UTC than this. */
const FURTHEST_MS = 16 * HOUR_MS

interface Change {
  /** The first instant of the new offset. */
  readonly at: number
  readonly before: number
  readonly after: number
}

const zones = new Map<string, Zone>()

/**
 * The zone of an IANA name, such as `Europe/Berlin`.
 *
 * @throws OrderlyError `ORDERLY_DEFINITION_INVALID` when there is none
 */
export function zoneOf(name: string): Zone {
  let zone = zones.get(name)
  if (!zone) zones.set(name, (zone = openZone(name)))
  return zone
}

function openZone(name: string): Zone {
  const format = formatOf(name)
  const read = (instant: number): number => {
    const parts = format.formatToParts(instant)
    const part = (type: string): number => Number(parts.find((one) => one.type === type)!.value)
    const shown = Date.UTC(
      part('year'),
      part('month') - 1,
      part('day'),
      part('hour'),
      part('minute'),
      part('second'),
    )
    return shown - Math.floor(instant / 1_000) * 1_000
  }
  const years = new Map<number, Change[]>()
  /** The changes of a year and a bit around it: local years begin before and after those of UTC. */
  const changesOf = (year: number): Change[] => {
    let changes = years.get(year)
    if (!changes) years.set(year, (changes = findChanges(read, year)))
    return changes
  }
  const changesNear = (instant: number): Change[] => {
    const year = new Date(instant).getUTCFullYear()
    return changesOf(year)
  }
  const offsetAt = (instant: number): number => {
    const changes = changesNear(instant)
    let offset = changes[0]?.before
    if (offset === undefined) return steady(read, instant, years)
    for (const change of changes) if (instant >= change.at) offset = change.after
    return offset
  }
  return {
    name,
    offsetAt,
    offsetOfDay(midnight) {
      const noon = midnight + DAY_MS / 2
      const offset = offsetAt(noon - offsetAt(noon))
      const start = midnight - offset
      const changes = changesNear(midnight).some(
        ({ at }) => at > start - FURTHEST_MS && at < start + DAY_MS + FURTHEST_MS,
      )
      return changes ? undefined : offset
    },
    instantOf(wall) {
      for (const { at, before, after } of changesNear(wall)) {
        if (after > before && wall >= at + before && wall < at + after)
          return { instant: at, kind: 'gap' }
        if (after < before && wall >= at + after && wall < at + before)
          return { instant: wall - before, kind: 'twice', again: wall - after }
      }
      const guess = wall - offsetAt(wall)
      return { instant: wall - offsetAt(guess), kind: 'once' }
    },
  }
}

const steadies = new WeakMap<object, Map<number, number>>()

/** The offset of a year without changes, asked for once. */
function steady(
  read: (instant: number) => number,
  instant: number,
  years: Map<number, Change[]>,
): number {
  const year = new Date(instant).getUTCFullYear()
  let known = steadies.get(years)
  if (!known) steadies.set(years, (known = new Map()))
  let offset = known.get(year)
  if (offset === undefined) known.set(year, (offset = read(instant)))
  return offset
}

/** Looks at every day of the year, and finds the second at which a day's offset changed. */
function findChanges(read: (instant: number) => number, year: number): Change[] {
  const changes: Change[] = []
  const end = Date.UTC(year + 1, 0, 1) + 2 * FURTHEST_MS
  let from = Date.UTC(year, 0, 1) - 2 * FURTHEST_MS
  let before = read(from)
  while (from < end) {
    const to = from + DAY_MS
    const after = read(to)
    if (after !== before) {
      let [low, high] = [from, to]
      while (high - low > 1_000) {
        const middle = low + Math.floor((high - low) / 2_000) * 1_000
        if (read(middle) === before) low = middle
        else high = middle
      }
      changes.push({ at: high, before, after })
    }
    ;[from, before] = [to, after]
  }
  return changes
}

function formatOf(name: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
  } catch {
    throw new OrderlyError(
      'ORDERLY_DEFINITION_INVALID',
      'the zone is no IANA name that this machine knows; an example is Europe/Berlin',
    )
  }
}
