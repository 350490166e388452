import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { keepCheckpoint } from '../../packages/orderly/src/ledger/anchor.ts'
import { LEAST_KEPT_MS, pruneLedger } from '../../packages/orderly/src/ledger/dump.ts'
import { exportLedger, ledgerOf } from '../../packages/orderly/src/ledger/export.ts'
import { signNote } from '../../packages/orderly/src/ledger/note.ts'
import type { Ledger } from '../../packages/orderly/src/ledger/open.ts'
import { ledgerKey } from '../../packages/orderly/src/ledger/seal.ts'
import { leafHash } from '../../packages/orderly/src/ledger/tree.ts'
import {
  verifyLedger,
  type LedgerVerification,
  type VerifiableRow,
} from '../../packages/orderly/src/ledger/verify.ts'
import { fakeClock } from '../../packages/orderly/src/testing/fake-clock.ts'
import { PLACES, type Place } from '../record/databases.ts'
import { openLab, type LedgerLab } from './lab.ts'

const DAY = 86_400_000
const OLD = Date.UTC(2019, 0, 1)
const NEW = OLD + LEAST_KEPT_MS + 30 * DAY
/** The second day of what is not pruned. */
const RANGE = { from: NEW + DAY, to: NEW + 2 * DAY }

async function write(ledger: Ledger, count: number): Promise<void> {
  for (let at = 0; at < count; at++)
    await ledger.record({
      op: 'job.cancel',
      action: 'U',
      actor: { kind: 'user', id: 'u_ana', name: 'Ana' },
      resource: { kind: 'job', id: `job-${at}` },
    })
}

/** 10 entries that were pruned since, 5 of a day (0 to 14), 5 of the next, 5 of the third, and the one that pruned. */
async function fill(lab: LedgerLab): Promise<Ledger> {
  const clock = fakeClock(OLD)
  const ledger = lab.open(clock)
  await write(ledger, 10)
  clock.advance(NEW - OLD)
  for (let day = 0; day < 3; day++) {
    await write(ledger, 5)
    await keepCheckpoint(lab.database, [], clock)
    clock.advance(DAY)
  }
  await pruneLedger(ledger, OLD + DAY, clock.now())
  return ledger
}

describe('an export', () => {
  let place: Place
  let lab: LedgerLab
  let ledger: Ledger
  let lines: string[]
  beforeAll(async () => {
    place = await PLACES.sqlite()
    lab = await openLab(await place.fresh())
    ledger = await fill(lab)
    lines = await exported(ledger, RANGE)
  })
  afterAll(async () => {
    await lab.close()
    await place.stop()
  })

  async function exported(
    from: Ledger,
    range: { readonly from?: number; readonly to?: number },
  ): Promise<string[]> {
    const written: string[] = []
    await exportLedger(from, range, NEW, async (line) => void written.push(line.trimEnd()))
    return written
  }
  async function check(given: readonly string[], of = lab): Promise<LedgerVerification> {
    async function* each(): AsyncGenerator<string> {
      yield* given
    }
    return verifyLedger(await ledgerOf(each(), [], await of.trusted()))
  }
  const faults = async (given: readonly string[]): Promise<string[]> => [
    ...new Set((await check(given)).findings.map(({ fault }) => fault)),
  ]
  /** The lines with the one of entry `i` in other words. */
  const edited = (i: number, change: (row: VerifiableRow) => object): string[] =>
    lines.with(i + 1, JSON.stringify(change(JSON.parse(lines[i + 1]!) as VerifiableRow)))

  it.each([
    ['all of it', {}, { pruned: 10, leftOut: 0 }],
    ['a day', RANGE, { pruned: 10, leftOut: 10 }],
    ['what was before the texts were dropped', { to: NEW + DAY }, { pruned: 10, leftOut: 10 }],
    ['what came after', { from: NEW }, { pruned: 10, leftOut: 0 }],
    ['a time of which nothing is left', { to: OLD + DAY }, { pruned: 10, leftOut: 15 }],
  ])('of %s has honest gaps alone', async (_what, range, gaps) => {
    const found = await check(await exported(ledger, range))
    expect(found).toMatchObject({ entries: 26, findings: [], ...gaps })
  })

  it('shows a text that was taken out of it by hand, however that is dressed up', async () => {
    expect(await faults(lines)).toEqual([])
    const bare = (row: VerifiableRow): object => ({ ...row, body: null })
    expect(await faults(edited(17, bare))).toEqual(['pruned', 'signature'])
    expect(await faults(edited(17, (row) => ({ ...bare(row), out: 1 })))).toEqual([
      'withheld',
      'signature',
    ])
    const moved = edited(17, (row) => ({ ...bare(row), out: 1, at: NEW }))
    expect(await faults(moved)).toEqual(['signature'])
    const narrowed = lines.map((line) =>
      line.replace(`"from":${RANGE.from}`, `"from":${RANGE.to - 1}`),
    )
    expect(await faults(narrowed)).toEqual(['signature'])
    // The entry that accounts for what was pruned is there in every range, and cannot be left out.
    expect(await faults(edited(25, (row) => ({ ...bare(row), out: 1 })))).toEqual([
      'pruned',
      'signature',
    ])
  })

  it('shows a deleted and a moved entry, and an edited one (attacks 13 and 14)', async () => {
    expect(await faults(lines.toSpliced(13, 1))).toEqual(['missing', 'signature'])
    const swapped = lines.with(13, lines[14]!).with(14, lines[13]!)
    expect(await faults(swapped)).toEqual(expect.arrayContaining(['missing', 'signature']))
    const other = (row: VerifiableRow): VerifiableRow => {
      const body = row.body!.replace('Ana', 'Bob')
      return { ...row, body, leaf: leafHash(body).toString('base64') }
    }
    expect(await faults(edited(17, (row) => ({ ...other(row), leaf: row.leaf })))).toEqual([
      'edited',
      'signature',
    ])
    expect(await faults(edited(17, other))).toEqual(['chain', 'root', 'signature'])
    expect(await faults(edited(17, (row) => ({ ...row, at: row.at + 1 })))).toEqual([
      'columns',
      'signature',
    ])
  })

  it('shows an end that was cut off and signed by somebody else (attack 15)', async () => {
    const stranger = await openLab(await place.fresh())
    await write(stranger.open(), 1)
    const { signer } = await ledgerKey(stranger.keys)
    await stranger.close()
    const resigned = JSON.stringify({
      kind: 'orderly-ledger-end',
      note: signNote(
        (JSON.parse(lines.at(-1)!) as { note: string }).note.split('\n\n')[0]!,
        signer,
      ),
    })
    expect(await faults(lines.slice(0, -1))).toEqual(['signature'])
    expect(await faults(lines.with(lines.length - 1, resigned))).toEqual(['signature'])
    expect(await faults(lines.toSpliced(-4, 3))).toEqual(['truncated', 'pruned', 'signature'])
    // An earlier checkpoint is signed too, and says that there were no more entries: the whole still is not.
    const manifest = JSON.parse(lines[0]!) as { checkpoint: string; checkpoints: string[] }
    const earlier = { ...manifest, checkpoint: manifest.checkpoints[0]!, checkpoints: [] }
    expect(await faults([JSON.stringify(earlier), ...lines.slice(1, 16), lines.at(-1)!])).toEqual([
      'pruned',
      'signature',
    ])
    // Nothing can be put behind the signature, and no signature of a checkpoint passes for one of an export.
    expect(await faults([...lines, lines.at(-2)!])).toContain('signature')
    const note = JSON.stringify({ kind: 'orderly-ledger-end', note: manifest.checkpoint })
    expect(await faults(lines.with(lines.length - 1, note))).toEqual(['signature'])
  })

  it('leaves out no text that its owner changed before it was made', async () => {
    const other = await openLab(await place.fresh())
    const theirs = await fill(other)
    await other.tamper(
      // Entries of the second day that say now that they are of the first, one of them without its text.
      `update orderly_ledger set at = ${NEW} where i in (17, 18)`,
      'update orderly_ledger set body = null where i = 18',
      "update orderly_ledger set body = replace(body, 'Ana', 'Bob') where i = 12",
    )
    const found = await check(await exported(theirs, RANGE), other)
    expect(found.findings.map(({ fault, index }) => [fault, index])).toEqual([
      ['edited', 12],
      ['columns', 17],
      ['pruned', 18],
    ])
    await other.close()
  })

  it('is made though somebody put in what cannot be read, and shows it', async () => {
    const other = await openLab(await place.fresh())
    const theirs = await fill(other)
    const leaf = leafHash('{}').toString('base64')
    await other.tamper(`update orderly_ledger set body = '{}', leaf = '${leaf}' where i >= 24`)
    for (const range of [RANGE, { to: NEW + DAY }, { from: NEW + DAY }])
      expect((await check(await exported(theirs, range), other)).findings).toContainEqual(
        expect.objectContaining({ fault: 'edited', index: 24 }),
      )
    await other.close()
  })

  it('shows a text that was taken away from between those that were pruned', async () => {
    const other = await openLab(await place.fresh())
    const clock = fakeClock(OLD)
    const theirs = other.open(clock)
    const behind = other.open(fakeClock(OLD - DAY))
    await write(behind, 1)
    await write(theirs, 1)
    await write(behind, 1)
    clock.advance(NEW - OLD)
    await pruneLedger(theirs, OLD, clock.now())
    expect((await check(await exported(theirs, {}), other)).findings).toEqual([])
    await other.tamper('update orderly_ledger set body = null where i = 1')
    expect((await check(await exported(theirs, {}), other)).findings).toHaveLength(1)
    await other.close()
  })

  it.each([
    ['nothing', ''],
    ['something else', '{"kind":"another"}'],
    ['no text', '[[['],
    ['checkpoints that are none', '{"v":1,"kind":"orderly-ledger","from":null,"to":null}'],
  ])('is refused as one where it is %s', async (_what, line) => {
    await expect(check([line])).rejects.toMatchObject({ code: 'ORDERLY_INPUT_INVALID' })
  })

  it('is refused where a line of it is no entry', async () => {
    for (const line of ['{}', '7', '{"i":26}', '{'])
      await expect(check(lines.with(lines.length - 1, line))).rejects.toMatchObject({
        code: 'ORDERLY_INPUT_INVALID',
      })
  })
})
