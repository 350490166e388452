import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  fileAnchor,
  keepCheckpoint,
  type Anchor,
} from '../../packages/orderly/src/ledger/anchor.ts'
import { parseCheckpoint } from '../../packages/orderly/src/ledger/note.ts'
import type { Ledger } from '../../packages/orderly/src/ledger/open.ts'
import { systemClock } from '../../packages/orderly/src/primitives/clock.ts'
import { fakeClock } from '../../packages/orderly/src/testing/fake-clock.ts'
import { PLACES, type Place } from '../record/databases.ts'
import { openLab, type LedgerLab } from './lab.ts'

/** A place for checkpoints that others share, and that may be away. */
class Shelf {
  readonly notes: string[] = []
  isAway = false
  /** A process's own way to it: what one remembers, another does not. */
  way(): Anchor {
    const refuse = (): void => {
      if (this.isAway) throw new Error('away')
    }
    return {
      name: 'shelf',
      publish: async (note) => {
        refuse()
        this.notes.push(note)
      },
      list: async () => {
        refuse()
        return this.notes
      },
    }
  }
}

const sizes = (notes: readonly string[]): number[] =>
  notes.map((note) => parseCheckpoint(note)!.size)

describe('an anchor of a ledger', () => {
  let place: Place
  let lab: LedgerLab
  let ledger: Ledger
  beforeAll(async () => {
    place = await PLACES.sqlite()
  })
  afterAll(() => place.stop())
  beforeEach(async () => {
    lab = await openLab(await place.fresh())
    ledger = lab.open()
  })
  afterEach(() => lab.close())

  const grow = (): Promise<unknown> => ledger.record({ op: 'queue.pause', action: 'U' })
  const keep = (...anchors: Anchor[]): Promise<void> =>
    keepCheckpoint(lab.database, anchors, systemClock)

  it('hears of each checkpoint, whichever process kept it', async () => {
    const [first, second] = [new Shelf(), new Shelf()]
    const [one, other] = [first.way(), second.way()]
    for (let n = 0; n < 3; n++) {
      await grow()
      await keep(one)
      await keep(other)
      await keep(one)
    }
    expect([sizes(first.notes), sizes(second.notes)]).toEqual([
      [1, 2, 3],
      [1, 2, 3],
    ])
  })

  it('gets what it lacks once it is back, from any process, and is told of meanwhile', async () => {
    const shelf = new Shelf()
    await grow()
    await keep(shelf.way())
    shelf.isAway = true
    const errors: string[] = []
    for (let n = 0; n < 2; n++) {
      await grow()
      await keepCheckpoint(lab.database, [shelf.way()], systemClock, (anchor, error) =>
        errors.push(`${anchor}: ${error.message}`),
      )
    }
    shelf.isAway = false
    await Promise.all([keep(), keep(shelf.way())])
    expect([sizes(shelf.notes), errors]).toEqual([
      [1, 2, 3],
      ['shelf: away', 'shelf: away'],
    ])
  })

  it('that never answers holds up no other', async () => {
    const clock = fakeClock()
    const shelf = new Shelf()
    const deaf: Anchor = {
      name: 'deaf',
      publish: () => new Promise(() => undefined),
      list: () => Promise.resolve([]),
    }
    await grow()
    const errors: string[] = []
    const kept = keepCheckpoint(lab.database, [deaf, shelf.way()], clock, (anchor) =>
      errors.push(anchor),
    )
    while (shelf.notes.length === 0) await systemClock.turn()
    clock.advance(60_000)
    await kept
    expect(errors).toEqual(['deaf'])
  })

  it('that is a file has each checkpoint once, and again when it was taken away', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'anchor-'))
    const file = join(folder, 'checkpoints.jsonl')
    for (let n = 0; n < 3; n++) {
      await grow()
      for (let process = 0; process < 3; process++) await keep(fileAnchor(file))
    }
    expect(sizes(await fileAnchor(file).list())).toEqual([1, 2, 3])
    const [line] = readFileSync(file, 'utf8').split('\n')
    writeFileSync(file, `${line}\n`)
    await keep(fileAnchor(file))
    expect(sizes(await fileAnchor(file).list())).toEqual([1, 2, 3])
    rmSync(file)
    await keep(fileAnchor(file))
    expect(sizes(await fileAnchor(file).list())).toEqual([1, 2, 3])
    rmSync(folder, { recursive: true })
  })

  it('that knows of more than there is hears what there is now, so that both are on it', async () => {
    const shelf = new Shelf()
    for (let n = 0; n < 3; n++) await grow()
    await keep(shelf.way())
    const shorter = await openLab(await place.fresh())
    await shorter.open().record({ op: 'queue.pause', action: 'U' })
    for (let n = 0; n < 2; n++) await keepCheckpoint(shorter.database, [shelf.way()], systemClock)
    await shorter.close()
    expect(sizes(shelf.notes)).toEqual([3, 1])
  })
})
