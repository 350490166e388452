import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { keepCheckpoint } from '../../packages/orderly/src/ledger/anchor.ts'
import { ledgerIn, LEAST_KEPT_MS, pruneLedger } from '../../packages/orderly/src/ledger/dump.ts'
import { exportLedger, ledgerOf } from '../../packages/orderly/src/ledger/export.ts'
import {
  openNote,
  parseCheckpoint,
  parseProof,
  signNote,
} from '../../packages/orderly/src/ledger/note.ts'
import type { Ledger } from '../../packages/orderly/src/ledger/open.ts'
import {
  findEntries,
  proveConsistency,
  proveEntry,
  readHead,
} from '../../packages/orderly/src/ledger/read.ts'
import { ledgerKey, openLedgerText } from '../../packages/orderly/src/ledger/seal.ts'
import {
  EMPTY,
  grow,
  includes,
  isPrefix,
  leafHash,
} from '../../packages/orderly/src/ledger/tree.ts'
import { verifyLedger } from '../../packages/orderly/src/ledger/verify.ts'
import { systemClock } from '../../packages/orderly/src/primitives/clock.ts'
import { fakeClock } from '../../packages/orderly/src/testing/fake-clock.ts'
import { PLACES, type Place } from '../record/databases.ts'
import { openLab, type LedgerLab } from './lab.ts'

const DAY = 86_400_000
const actor = { kind: 'user', id: 'u_ana', name: 'Ana' } as const

async function write(ledger: Ledger, count: number): Promise<void> {
  await Promise.all(
    Array.from({ length: count }, (_, at) =>
      ledger.record({
        op: at % 3 === 0 ? 'queue.pause' : 'job.cancel',
        action: 'U',
        actor,
        resource: { kind: 'job', id: `job-${at}`, queue: 'mail' },
      }),
    ),
  )
}

describe.each(['sqlite', 'postgres'] as const)('the ledger on %s', (name) => {
  let place: Place
  let lab: LedgerLab
  let ledger: Ledger
  beforeAll(async () => {
    place = await PLACES[name]()
  })
  afterAll(() => place.stop())
  beforeEach(async () => {
    lab = await openLab(await place.fresh())
    ledger = lab.open()
  })
  afterEach(() => lab.close())
  const faults = async (anchored: readonly string[] = []): Promise<string[]> => [
    ...new Set((await lab.verify(anchored)).findings.map(({ fault }) => fault)),
  ]

  it('takes entries down so that they verify, are found, and keep what a person wrote under seal', async () => {
    await write(ledger, 30)
    const { id } = await ledger.as({ actor, source: { ip: '127.0.0.1', request: 'r1' } }, () =>
      ledger.record({
        op: 'phi.reveal',
        action: 'R',
        resource: { kind: 'job', id: 'j1', queue: 'mail', fields: ['/patient'] },
        why: { purpose: 'TREAT', text: 'Jane Roe called about her refill' },
      }),
    )
    const found = await findEntries(lab.database, { op: 'phi.*' })
    expect(found).toMatchObject([
      {
        id,
        index: 30,
        actor,
        source: { ip: '127.0.0.1' },
        outcome: 'ok',
        why: { purpose: 'TREAT' },
      },
    ])
    expect(JSON.stringify(found)).not.toContain('Jane')
    expect(await openLedgerText(lab.keys, found[0]!.why!.text!, id)).toContain('Jane Roe')
    expect(await findEntries(lab.database, { actor: 'u_ana', before: 5, limit: 2 })).toHaveLength(2)
    const { findings, entries } = await lab.verify()
    expect([findings, entries]).toEqual([[], 31])
  })

  it('writes an entry with what it is about, or neither', async () => {
    await write(ledger, 2)
    const both = lab.database.transaction(async (tx) => {
      await ledger.recordIn(tx, { op: 'user.create', action: 'C', actor })
      throw new Error('the rest fails')
    })
    await expect(both).rejects.toThrow('the rest fails')
    await write(ledger, 2)
    expect(await lab.verify()).toMatchObject({ entries: 4, findings: [] })
  })

  it('loses and doubles nothing of 32 writers at once', async () => {
    const per = Number(process.env['ORDERLY_TEST_LEDGER_ENTRIES'] ?? 20)
    const writers = Array.from({ length: 32 }, () => lab.openApart())
    try {
      await Promise.all(writers.map(({ ledger: each }) => write(each, per)))
    } finally {
      await Promise.all(writers.map(({ close }) => close()))
    }
    const { findings, entries, size } = await lab.verify()
    expect([findings, entries, size]).toEqual([[], 32 * per, 32 * per])
    const { rows } = await sql<{
      n: number
      m: number
    }>`select count(distinct id) as n, count(distinct writer) as m from orderly_ledger`.execute(
      lab.database.query,
    )
    expect([rows[0]!.n, rows[0]!.m]).toEqual([32 * per, 32])
  })

  it('is guarded by the database against a change of any entry', async () => {
    await write(ledger, 3)
    for (const statement of [
      'delete from orderly_ledger where i = 1',
      "update orderly_ledger set body = '{}' where i = 1",
      "update orderly_ledger set leaf = 'x', body = null where i = 1",
    ])
      await expect(sql.raw(statement).execute(lab.database.query)).rejects.toThrow(/append-only/)
  })

  it('is whole while others write to it, however often it is looked at', async () => {
    const { ledger: writer, close } = lab.openApart()
    await write(writer, 40)
    let isOver = false
    const writing = (async () => {
      while (!isOver) {
        await write(writer, 1)
        await systemClock.turn()
      }
    })()
    const found = []
    for (let n = 0; n < 10; n++)
      found.push(
        ...(await verifyLedger(await ledgerIn(lab.database, [], await lab.trusted(), 7))).findings,
      )
    isOver = true
    await writing
    await close()
    expect(found).toEqual([])
  })

  it('begins once where many begin it at the same moment', async () => {
    const many = Array.from({ length: 8 }, () => lab.openApart())
    await Promise.all(many.map(({ ledger: each }) => each.ready()))
    await Promise.all(many.map(({ close }) => close()))
    expect((await lab.verify()).findings).toEqual([])
  })

  describe('whose guards somebody lifts', () => {
    beforeEach(() => write(ledger, 40))

    it('finds a deleted entry (attack 13)', async () => {
      await lab.tamper('delete from orderly_ledger where i = 17')
      expect((await lab.verify()).findings[0]).toMatchObject({ fault: 'missing', index: 17 })
    })

    it('finds a deleted entry although the others were moved up', async () => {
      await lab.tamper(
        'delete from orderly_ledger where i = 17',
        'update orderly_ledger set i = -i - 1 where i > 17',
        'update orderly_ledger set i = -i - 2 where i < 0',
      )
      expect((await lab.verify()).findings).toContainEqual(
        expect.objectContaining({ fault: 'missing', index: 17 }),
      )
    })

    it('finds an edited text, and an edited column (attack 14)', async () => {
      await lab.tamper(
        "update orderly_ledger set body = replace(body, 'Ana', 'Bob') where i = 8",
        "update orderly_ledger set actor = 'u_bob' where i = 9",
      )
      expect((await lab.verify()).findings).toEqual([
        expect.objectContaining({ fault: 'edited', index: 8 }),
        expect.objectContaining({ fault: 'columns', index: 9 }),
      ])
    })

    it('finds an edited text whose hash was worked out anew', async () => {
      const rows = await lab.database.query
        .selectFrom('orderly_ledger')
        .select('body')
        .where('i', '=', 8)
        .execute()
      const body = rows[0]!.body!.replace('Ana', 'Bob')
      await lab.tamper(
        `update orderly_ledger set body = '${body}', leaf = '${leafHash(body).toString('base64')}' where i = 8`,
      )
      expect((await lab.verify()).findings.map(({ fault, index }) => [fault, index])).toEqual([
        ['chain', 9],
        ['root', 40],
      ])
    })

    it('finds entries in another order', async () => {
      await lab.tamper(
        'update orderly_ledger set i = -1 where i = 5',
        'update orderly_ledger set i = 5 where i = 6',
        'update orderly_ledger set i = 6 where i = -1',
      )
      expect(await faults()).toEqual(expect.arrayContaining(['reordered', 'root']))
    })

    it('finds an end that was cut off (attack 15)', async () => {
      await lab.tamper('delete from orderly_ledger where i >= 30')
      expect(await faults()).toEqual(['truncated'])
    })

    it('finds an end that was cut off and signed anew: by another key, or by the stolen one', async () => {
      const notes: string[] = []
      const anchor = {
        name: 'elsewhere',
        publish: async (note: string) => void notes.push(note),
        list: async () => notes,
      }
      await keepCheckpoint(lab.database, [anchor], systemClock)
      const other = await openLab(await place.fresh())
      const copied = other.open()
      await write(copied, 30)
      const shorter = (await readHead(other.database))!
      const leaves = await lab.database.query
        .selectFrom('orderly_ledger')
        .select('leaf')
        .where('i', '<', 30)
        .orderBy('i')
        .execute()
      const roots = leaves
        .reduce((tree, { leaf }) => grow(tree, Buffer.from(leaf, 'base64')), EMPTY)
        .roots.map((root) => root.toString('base64'))
      // The thief of the database alone has a key of their own.
      await lab.tamper(
        'delete from orderly_ledger where i >= 30',
        'delete from orderly_ledger_checkpoints',
        `update orderly_ledger_head set note = '${shorter.note}', size = 30, roots = '${JSON.stringify(roots)}'`,
      )
      expect(await faults()).toEqual(expect.arrayContaining(['signature']))
      // The thief of the keyring too signs what is left as it is: only what was said elsewhere tells.
      const { signer } = await ledgerKey(lab.keys)
      const { root } = await lab.verify()
      const forged = signNote(`orderly/ledger/x\n30\n${root}\n`, signer)
      await lab.tamper(`update orderly_ledger_head set note = '${forged}'`)
      expect(await lab.verify()).toMatchObject({ findings: [], anchored: 0 })
      expect(await faults(notes)).toEqual(['anchor'])
      await other.close()
    })

    it('finds what proofs and the next entry are made of edited, taken away or planted', async () => {
      await write(ledger, 260)
      const [first] = await lab.database.query
        .selectFrom('orderly_ledger_nodes')
        .selectAll()
        .execute()
      const head = await lab.database.query
        .selectFrom('orderly_ledger_head')
        .selectAll()
        .executeTakeFirstOrThrow()
      const other = leafHash('other').toString('base64')
      const put = (column: string, value: string) =>
        `update orderly_ledger_${column === 'hash' ? 'nodes' : 'head'} set ${column} = '${value}'`
      const plant = (i: number) =>
        `insert into orderly_ledger_nodes (level, i, hash) values (8, ${i}, '${other}')`
      for (const [done, index, undone] of [
        [put('hash', other), 0, put('hash', first!.hash)],
        ['delete from orderly_ledger_nodes', 0, plant(0).replace(other, first!.hash)],
        [plant(1), 256, 'delete from orderly_ledger_nodes where i = 1'],
        [put('roots', JSON.stringify([other])), 300, put('roots', head.roots)],
        [put('size', '299'), 300, put('size', '300')],
      ] as const) {
        await lab.tamper(done)
        expect((await lab.verify()).findings).toMatchObject([{ fault: 'derived', index }])
        await lab.tamper(undone)
        expect((await lab.verify()).findings).toEqual([])
      }
    })

    it('does not go on where entries were taken from its end', async () => {
      await lab.tamper('update orderly_ledger_head set size = 30')
      await expect(write(lab.open(), 1)).rejects.toMatchObject({
        code: 'ORDERLY_LEDGER_UNAVAILABLE',
      })
    })
  })

  it('proves an entry and its past to whoever has the public key alone', async () => {
    await write(ledger, 300)
    const early = (await readHead(lab.database))!
    await write(ledger, 300)
    const entry = (await findEntries(lab.database, { resource: 'job-7' })).at(-1)!
    const { proof, body, index } = (await proveEntry(lab.database, entry.id))!
    const read = parseProof(proof)!
    const said = parseCheckpoint(openNote(read.checkpoint, await lab.trusted())!)!
    expect(index).toBe(read.index)
    expect(includes(leafHash(body!), read.index, said.size, read.path, said.root)).toBe(true)
    expect(includes(leafHash(`${body} `), read.index, said.size, read.path, said.root)).toBe(false)
    const past = (await proveConsistency(lab.database, early.size))!
    expect(
      isPrefix(
        early.size,
        early.root,
        said.size,
        said.root,
        past.hashes.map((hash) => Buffer.from(hash, 'base64')),
      ),
    ).toBe(true)
    expect(await proveEntry(lab.database, 'nobody')).toBeUndefined()
  })

  it('verifies from an export alone, also of a part, and finds what was changed in it', async () => {
    const clock = fakeClock(Date.UTC(2026, 0, 1))
    const dated = lab.open(clock)
    await write(dated, 20)
    clock.advance(DAY)
    await write(dated, 20)
    await keepCheckpoint(lab.database, [], clock)
    const lines: string[] = []
    const count = await exportLedger(
      ledger,
      { from: Date.UTC(2026, 0, 2) },
      clock.now(),
      async (line) => void lines.push(line.trimEnd()),
    )
    const check = async (given: readonly string[]) =>
      verifyLedger(await ledgerOf(each(given), [], await lab.trusted()))
    expect(count).toBe(20)
    expect(await check(lines)).toMatchObject({ entries: 40, findings: [], checkpoints: 2 })
    expect((await check(lines.toSpliced(10, 1))).findings[0]).toMatchObject({ fault: 'missing' })
    const changed = lines.map((line) => line.replace(/u_ana/g, 'u_bob'))
    expect((await check(changed)).findings).toHaveLength(21)
  })

  it('drops the text of what is six years old, says so, and still verifies', async () => {
    const clock = fakeClock(Date.UTC(2019, 0, 1))
    const dated = lab.open(clock)
    await write(dated, 12)
    const dropped = clock.now() + DAY
    clock.advance(LEAST_KEPT_MS + 30 * DAY)
    await write(dated, 3)
    await expect(pruneLedger(dated, clock.now() - DAY, clock.now())).rejects.toMatchObject({
      code: 'ORDERLY_INPUT_INVALID',
    })
    expect(await pruneLedger(dated, dropped, clock.now())).toEqual({ from: 0, to: 12, count: 12 })
    expect(await lab.verify()).toMatchObject({ entries: 16, pruned: 12, findings: [] })
    expect(await findEntries(lab.database)).toHaveLength(4)
    // What says so is never dropped itself, however old it is.
    const pruned = clock.now()
    clock.advance(LEAST_KEPT_MS + 30 * DAY)
    expect(await pruneLedger(dated, pruned + DAY, clock.now())).toMatchObject({ count: 3 })
    expect(await lab.verify()).toMatchObject({ entries: 17, pruned: 15, findings: [] })
    // Nobody else may drop a text.
    await lab.tamper('update orderly_ledger set body = null where i = 16')
    expect(await faults()).toEqual(['pruned'])
  })

  it('refuses, as one error, while it cannot be written', async () => {
    await write(ledger, 1)
    await lab.tamper('alter table orderly_ledger_head rename to away')
    await expect(ledger.record({ op: 'x.y', action: 'R' })).rejects.toMatchObject({
      code: 'ORDERLY_LEDGER_UNAVAILABLE',
    })
    await lab.tamper('alter table away rename to orderly_ledger_head')
    await write(ledger, 1)
    expect(await lab.verify()).toMatchObject({ entries: 2, findings: [] })
  })
})

async function* each(lines: readonly string[]): AsyncGenerator<string> {
  yield* lines
}
