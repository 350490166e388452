// Lists that are read page by page, each page from where the last one ended: on both databases, with rows of one moment.
import { beforeEach, describe, expect, it } from 'vitest'
import {
  findJobs,
  type Condition,
  type FoundJob,
  type JobQuery,
  type Order,
} from '../../packages/orderly/src/history/find.ts'
import { append } from '../../packages/orderly/src/history/record.ts'
import { findBulks } from '../../packages/orderly/src/state/bulk.ts'
import type { BulkRow } from '../../packages/orderly/src/state/bulk-tables.ts'
import { listEvidence } from '../../packages/orderly/src/state/evidence.ts'
import { findEvents } from '../../packages/orderly/src/state/inbound-events.ts'
import type { RunRow } from '../../packages/orderly/src/state/run-tables.ts'
import { findRuns } from '../../packages/orderly/src/state/runs.ts'
import type { StateDatabase } from '../../packages/orderly/src/state/tables.ts'
import { accepted, entry, happening, record, RETENTION } from './events.ts'
import { onEachRecord } from './record-lab.ts'

const PAGE = 5

/** All pages of a list, one after the other. */
async function pages<Row>(read: (last: Row | undefined) => Promise<Row[]>): Promise<Row[]> {
  const seen: Row[] = []
  for (let last: Row | undefined; ; last = seen.at(-1)) {
    const page = await read(last)
    if (page.length === 0) return seen
    expect(page.length).toBeLessThanOrEqual(PAGE)
    seen.push(...page)
  }
}

onEachRecord('pages', (lab) => {
  const state = (): StateDatabase => lab.db.withTables()
  const numbered = (count: number) => Array.from({ length: count }, (_, n) => n)
  const idOf = (n: number) => `01job${String(n).padStart(3, '0')}`

  describe('of jobs', () => {
    const COUNT = 24
    beforeEach(async () => {
      const all = numbered(COUNT)
      await append(
        lab.db,
        all.map((n) =>
          entry(accepted(idOf(n), 1_000 + Math.floor(n / 4), { name: `n${n % 3}_x` }), [
            ['#tag', n % 2 ? 'odd' : 'even'],
          ]),
        ),
        RETENTION,
      )
      const begun = all.filter((n) => n % 3 > 0)
      const starts = begun.map((n) => happening(idOf(n), 2_000, { type: 'started', attempt: 1 }))
      await record(lab.db, ...starts)
      // Three at a time take as long as each other.
      const ends = begun.map((n) => {
        const at = 2_000 + Math.floor(n / 5)
        const reason = `ORDERLY_HANDLER_FAILED#00000000000${n % 2}`
        return n % 3 === 1
          ? happening(idOf(n), at, { type: 'completed', output: null })
          : happening(idOf(n), at, { type: 'failed', reason })
      })
      await record(lab.db, ...ends)
      await state()
        .query.insertInto('orderly_runs')
        .values(runRow(0, { workflow: 'admit' }))
        .execute()
      const node = { item: -1, state: 'completed' as const, started_at: 1 }
      const nodes = [3, 4].map((n) => ({
        ...node,
        run_id: runId(0),
        node: `${n}`,
        job_id: idOf(n),
      }))
      await state()
        .query.insertInto('orderly_run_nodes')
        .values(nodes as never)
        .execute()
    })

    const ORDERS: readonly Order[] = (['created', 'duration'] as const).flatMap((by) => [
      { by, ascending: false },
      { by, ascending: true },
    ])
    const ADDED: readonly (readonly [Condition, (n: number) => boolean])[] = [
      [{ column: 'name', values: ['n1_', 'n2_'], prefix: true }, (n) => n % 3 > 0],
      // No pattern, and no other letters than those that are written.
      [{ column: 'name', values: ['n_', '%', ''], prefix: true, not: true }, () => false],
      [{ column: 'name', values: ['n_', '%1', 'N1'], prefix: true }, () => false],
      [{ column: 'name', values: ['n1_x'], not: true }, (n) => n % 3 !== 1],
      // One without any error has not that one.
      [{ column: 'error_code', values: ['ORDERLY_HANDLER_FAILED'], not: true }, (n) => n % 3 !== 2],
      [{ column: 'attempts', operator: '=', value: 0 }, (n) => n % 3 === 0],
      [{ column: 'created_at', operator: '>', value: 1_003 }, (n) => n >= 16],
      [{ field: '#tag', terms: ['odd', 'none'] }, (n) => n % 2 === 1],
      [{ field: '#tag', terms: ['odd'], not: true }, (n) => n % 2 === 0],
      [{ idParts: ['01job01'] }, (n) => n >= 10 && n < 20],
      [{ idParts: ['job007', 'JOB008', 'b009', 'an id that is longer than any'] }, (n) => n === 7],
      [{ idParts: ['01job00', '01job01'], not: true }, (n) => n >= 20],
      [{ workflows: ['admit', 'other'] }, (n) => n === 3 || n === 4],
      [{ workflows: ['admit'], not: true }, (n) => n !== 3 && n !== 4],
    ]

    it('hold each job once, in every order and with everything a search adds', async () => {
      for (const order of ORDERS)
        for (const terms of [[], [['#tag', 'odd']]] as const) {
          const value = (n: number) =>
            order.by === 'created' ? 1_000 + Math.floor(n / 4) : Math.floor(n / 5)
          const expected = numbered(COUNT)
            .filter((n) => order.by === 'created' || n % 3 > 0)
            .filter((n) => terms.length === 0 || n % 2 === 1)
            .toSorted((a, b) => (order.ascending ? 1 : -1) * (value(a) - value(b) || a - b))
          expect([order, terms, await found({ order, terms })]).toEqual([
            order,
            terms,
            expected.map(idOf),
          ])
        }
      for (const [condition, fits] of ADDED)
        expect([condition, await found({ also: [condition] })]).toEqual([
          condition,
          numbered(COUNT).filter(fits).toReversed().map(idOf),
        ])
    })

    async function found(query: JobQuery): Promise<string[]> {
      const seen = await pages<FoundJob>((last) => {
        const end = query.order?.by === 'duration' ? last?.duration : last?.created_at
        return findJobs(lab.db, {
          ...query,
          limit: PAGE,
          ...(last ? { before: { id: last.id, createdAt: end! } } : {}),
        })
      })
      return seen.map(({ id }) => id)
    }
  })

  it('of runs, bulks, evidence and events from outside hold each once', async () => {
    const workflow = (n: number) => (n % 3 ? 'admit' : 'bill')
    const rows = numbered(23).map((n) => runRow(n, { workflow: workflow(n) }))
    await state().query.insertInto('orderly_runs').values(rows).execute()
    for (const filter of [{}, { workflow: 'admit' }, { state: 'running' as const }]) {
      const seen = await pages<RunRow>((before) =>
        findRuns(state(), { ...filter, before, limit: PAGE }),
      )
      expect(seen.map(({ id }) => id)).toEqual(
        numbered(23)
          .filter((n) => !('workflow' in filter) || n % 3 > 0)
          .toReversed()
          .map(runId),
      )
    }
    const bulks = numbered(12).map((n) => ({
      id: idOf(n),
      action: 'retry' as const,
      search: '',
      state: 'planned' as const,
      total: 1,
      plan: '{}',
      pace: 1,
      reason: 'test',
      owner: 'u_1',
      who: 'Ana',
      created_at: Math.floor(n / 4),
      expires_at: 9,
    }))
    await state()
      .query.insertInto('orderly_bulk')
      .values(bulks as never)
      .execute()
    const planned = await pages<BulkRow>((before) =>
      findBulks(state(), { before, limit: PAGE, state: 'planned' }),
    )
    expect(planned.map(({ id }) => id)).toEqual(numbered(12).toReversed().map(idOf))
    const proofs = numbered(12).map((n) => ({
      job_id: idOf(n),
      queue: n % 2 ? 'lab' : 'pharmacy',
      run: 1,
      type: 'check',
      at: 5 - Math.floor(n / 4),
      body: String(n),
    }))
    await state()
      .query.insertInto('orderly_evidence')
      .values(proofs as never)
      .execute()
    const kept = await pages<Awaited<ReturnType<typeof listEvidence>>[number]>((before) =>
      listEvidence(
        state(),
        { from: 0, to: 9, type: 'check', queues: ['lab'] },
        { before, limit: PAGE },
      ),
    )
    expect(kept.map(({ body }) => Number(body))).toEqual([3, 1, 7, 5, 11, 9])
    // As many as three reads, and pairs across the ends of each.
    const ids = numbered(1_003).map((n) => `01event${String(n).padStart(4, '0')}`)
    const events = ids.map((id, n) => ({
      id,
      name: 'arrived',
      at: 1,
      payload: '',
      settled: 0,
      n: 10 + Math.ceil(n / 2),
    }))
    await state().query.insertInto('orderly_inbound_events').values(events).execute()
    const told: string[] = []
    for await (const { id } of findEvents(state(), 'arrived', runId(0))) told.push(id)
    expect(told).toEqual(ids)
  })
})

function runId(n: number): string {
  return `01run${String(n).padStart(3, '0')}`
}

function runRow(n: number, more: { readonly workflow?: string }) {
  return {
    id: runId(n),
    workflow: 'admit',
    version: 1,
    document: 'd',
    input: '',
    output: null,
    state: 'running' as const,
    who: 'Ana',
    revision: 0,
    created_at: Math.floor(n / 4),
    finished_at: null,
    parent: null,
    forked_from: null,
    forked_at: null,
    root: null,
    look: 0,
    ending: 0,
    ...more,
  }
}
