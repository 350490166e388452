// Where the things of the dependency map stand, and how the lines between them run: beside every box, behind none.
import { COLUMNS, type DependencyMap, type Leads, type Thing } from './links.ts'

export interface Place {
  readonly x: number
  readonly y: number
}

export interface Layout {
  readonly width: number
  readonly height: number
  /** How wide a box is. */
  readonly wide: number
  /** The columns that hold something, by their number. */
  readonly columns: readonly { readonly at: number; readonly x: number }[]
  readonly places: ReadonlyMap<string, Place>
  readonly lines: readonly (Leads & { readonly path: string })[]
}

export const BOX = 40
const ROW = 48
/** What a line needs that passes a column by. */
const LANE = 18
const HEAD = 30
const WIDE = { least: 150, most: 280 } as const
const GAP = { least: 40, most: 80 } as const
/** Of the width there is: lines that rise steeply are hard to follow. */
const GAP_SHARE = 0.06

/** A thing, or the way of the lines to what is named here through a column in between. */
type Entry = Pick<Thing, 'key' | 'name'> & { readonly thing?: Thing }

/** @param available the width there is; less than the boxes need is scrolled */
export function layOut(map: DependencyMap, available: number): Layout {
  const columns = entriesOf(map)
  const gaps = columns.length - 1
  const gap = gaps === 0 ? 0 : between(GAP, available * GAP_SHARE)
  const wide = between(WIDE, (available - gaps * gap) / columns.length)
  const places = new Map<string, Place>()
  const lanes = new Map<string, Place>()
  let height = 0
  for (const [n, { entries }] of columns.entries()) {
    const x = n * (wide + gap)
    let y = HEAD
    for (const { key, thing } of entries) {
      if (thing) places.set(key, { x, y })
      else lanes.set(key, { x, y: y + LANE / 2 })
      y += thing ? ROW : LANE
    }
    height = Math.max(height, y)
  }
  const lines = map.links.map(({ from, to }) => {
    const [a, b] = [places.get(from)!, places.get(to)!]
    const isSame = a.x === b.x
    const start = { x: a.x + wide, y: a.y + BOX / 2 }
    const end = { x: isSame ? b.x + wide : b.x, y: b.y + BOX / 2 }
    const lane = b.x - a.x > wide + gap ? lanes.get(to) : undefined
    const path = isSame
      ? curve(start, end, gap * 0.7, gap * 0.7)
      : lane
        ? `${curve(start, lane, gap / 2)} H${lane.x + wide} ${bow({ x: lane.x + wide, y: lane.y }, end, gap / 2)}`
        : curve(start, end, (end.x - start.x) / 2)
    return { from, to, path }
  })
  return {
    width: columns.length * wide + gaps * gap,
    height,
    wide,
    columns: columns.map(({ at }, n) => ({ at, x: n * (wide + gap) })),
    places,
    lines,
  }
}

function curve(from: Place, to: Place, bend: number, back = -bend): string {
  return `M${from.x} ${from.y} ${bow(from, to, bend, back)}`
}

function bow(from: Place, to: Place, bend: number, back = -bend): string {
  return `C${from.x + bend} ${from.y} ${to.x + back} ${to.y} ${to.x} ${to.y}`
}

function between({ least, most }: { readonly least: number; readonly most: number }, n: number) {
  return Math.floor(Math.min(most, Math.max(least, n)))
}

/** The columns that hold something, each thing as near as can be to what it leads to. */
function entriesOf({ things, links }: DependencyMap) {
  const kindOf = new Map(things.map(({ key, kind }) => [key, kind]))
  const columnOf = (key: string): number =>
    COLUMNS.findIndex((kinds) => kinds.includes(kindOf.get(key)!))
  const shown = COLUMNS.map((kinds) => things.some(({ kind }) => kinds.includes(kind)))
  // Queues first, by name; then each column to the left by the middle of what it leads to.
  const rows = new Map<string, number>()
  return COLUMNS.map((kinds, at) => ({ kinds, at }))
    .toReversed()
    .flatMap(({ kinds, at }) => {
      if (!shown[at]) return []
      const passing = new Set(
        links.flatMap(({ from, to }) => (columnOf(from) < at && columnOf(to) > at ? [to] : [])),
      )
      const entries: Entry[] = [
        ...things.filter(({ kind }) => kinds.includes(kind)).map((thing) => ({ ...thing, thing })),
        ...[...passing].map((key) => ({ key, name: key })),
      ]
      const middle = ({ key, thing }: Entry): number => {
        const ends = thing ? links.flatMap(({ from, to }) => (from === key ? [to] : [])) : [key]
        const found = ends.flatMap((end) => rows.get(end) ?? [])
        return found.length === 0
          ? Infinity
          : found.reduce((sum, row) => sum + row, 0) / found.length
      }
      const middles = new Map(entries.map((entry) => [entry, middle(entry)]))
      const rank = ({ thing }: Entry): number => (thing ? kinds.indexOf(thing.kind) : 0)
      const sorted = entries.toSorted(
        (a, b) =>
          rank(a) - rank(b) ||
          compare(middles.get(a)!, middles.get(b)!) ||
          a.name.localeCompare(b.name),
      )
      for (const [row, { key, thing }] of sorted.entries()) if (thing) rows.set(key, row)
      return [{ at, entries: sorted }]
    })
    .toReversed()
}

function compare(a: number, b: number): number {
  return a === b ? 0 : a < b ? -1 : 1
}
