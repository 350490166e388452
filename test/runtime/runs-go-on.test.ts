// What must not hold up workflow runs or lead them astray: odd times, a store that refuses one, undone work, clocks that differ.
import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { z } from 'zod'
import {
  defineJob,
  handle,
  type Orderly,
  type WorkflowDocument,
} from '../../packages/orderly/src/index.ts'
import { roomsOf } from '../../packages/orderly/src/orderly.ts'
import { systemClock } from '../../packages/orderly/src/primitives/clock.ts'
import { blankRow } from '../../packages/orderly/src/runtime/cancel-run.ts'
import { keysOfEvent } from '../../packages/orderly/src/runtime/event-keys.ts'
import { findWaitingRuns } from '../../packages/orderly/src/state/inbound-events.ts'
import type { InboundEventRow } from '../../packages/orderly/src/state/flow-tables.ts'
import { insertRuns, moveRun } from '../../packages/orderly/src/state/move-runs.ts'
import { eventPlace } from '../../packages/orderly/src/state/sealed-values.ts'
import type { RunRow } from '../../packages/orderly/src/state/run-tables.ts'
import { findRun } from '../../packages/orderly/src/state/runs.ts'
import { advanceRuns } from '../../packages/orderly/src/runtime/advance-runs.ts'
import type { StateDatabase } from '../../packages/orderly/src/state/tables.ts'
import { freshName, onEachStore, RECORDS, type StoreName } from './stores.ts'

type Nodes = Record<string, WorkflowDocument['nodes'][string]>

/** A chain of the nodes that are joined by `edges`. */
function flow(nodes: Nodes, edges: readonly (readonly [string, string])[] = []): WorkflowDocument {
  return {
    format: 'orderly.workflow/1',
    id: freshName('flow'),
    version: 1,
    start: Object.keys(nodes)[0]!,
    nodes,
    edges: edges.map(([from, to]) => ({ from, to })),
  }
}

type Query = StateDatabase['query']

/** Lets the store refuse some rows of nodes. */
async function refuse(query: Query, store: StoreName, when: string): Promise<void> {
  if (store === 'sqlite')
    await sql`create trigger refusal before insert on orderly_run_nodes when ${sql.raw(when)}
      begin select raise(abort, 'refused'); end`.execute(query)
  else {
    await sql`create or replace function refuse() returns trigger language plpgsql as
      $$ begin raise exception 'refused'; end $$`.execute(query)
    await sql`create trigger refusal before insert on orderly_run_nodes for each row
      when (${sql.raw(when)}) execute function refuse()`.execute(query)
  }
}

async function accept(query: Query, store: StoreName): Promise<void> {
  const on = store === 'sqlite' ? sql`` : sql` on orderly_run_nodes`
  await sql`drop trigger refusal${on}`.execute(query)
}

onEachStore(
  'a workflow run',
  ({ start, store }) => {
    let skew = 0
    const clock = { ...systemClock, now: () => systemClock.now() + skew }
    async function begin(
      workflows: WorkflowDocument[],
    ): Promise<{ orderly: Orderly; did: string[]; release: () => void }> {
      const did: string[] = []
      let release = (): void => undefined
      const gate = new Promise<void>((resolve) => {
        release = resolve
      })
      skew = 0
      const job = defineJob({
        name: 'node',
        input: z.looseObject({ what: z.string() }),
        output: z.any(),
        retry: { attempts: 1 },
      })
      const handler = handle(job, async ({ input: { what } }) => {
        did.push(what)
        if (what === 'b') skew -= 60_000
        if (what === 'fail') throw new Error('no')
        if (what === 'slow') await gate
        return null
      })
      return {
        orderly: await start({ jobs: [job], handlers: [handler], workflows, clock }),
        did,
        release,
      }
    }
    const work = (what: string) =>
      ({ type: 'job', job: 'node', input: { what: `"${what}"` } }) as const
    const ends = async (orderly: Orderly, id: string, state: string): Promise<void> => {
      await expect.poll(async () => (await orderly.run(id))?.state, { timeout: 20_000 }).toBe(state)
    }

    it('waits until a whole millisecond, and fails at a time that no date can hold', async () => {
      const wait = flow({ wait: { type: 'wait', until: { time: 'input.at' } } })
      const { orderly } = await begin([wait])
      const { id } = await orderly.startRun(wait.id, { at: 4_000_000_000_000.5 })
      const { rows } = await sql<{ due_at: number }>`select due_at from orderly_run_nodes
        where run_id = ${id}`.execute(roomsOf(orderly).state.query)
      expect(rows).toEqual([{ due_at: 4_000_000_000_001 }])
      const odd = await orderly.startRun(wait.id, { at: 1e20 })
      await ends(orderly, odd.id, 'failed')
      expect((await orderly.run(odd.id))!.nodes[0]!.error).toBe('ORDERLY_INPUT_INVALID')
    })

    it('goes on though the store refuses another that is moved with it', async () => {
      const good = flow({ hold: { type: 'wait', until: { signal: 'go' } } })
      const bad = flow({ cursed: { type: 'wait', until: { signal: 'go' } } })
      const { orderly } = await begin([good, bad])
      const { query } = roomsOf(orderly).state
      await refuse(query, store, 'true')
      await expect(orderly.startRun(bad.id, {})).rejects.toThrow('refused')
      await expect(orderly.startRun(good.id, {})).rejects.toThrow('refused')
      await accept(query, store)
      await refuse(query, store, "new.node = 'cursed'")
      const ids = (await orderly.runs()).map(({ id }) => id)
      // The chores may have moved the good one on before, and the other alone is refused.
      await advanceRuns(roomsOf(orderly), ids).catch(() => undefined)
      const nodes = await Promise.all(ids.map(async (id) => (await orderly.run(id))!.nodes))
      expect(nodes.flat().map(({ node, state }) => `${node} ${state}`)).toEqual(['hold running'])
    })

    it('that has undone its work goes on by no skip, and its fork does that work anew', async () => {
      const order = flow(
        {
          a: work('a'),
          b: { ...work('fail'), onFailure: 'compensate' },
          c: work('c'),
          undo: { ...work('undo a'), type: 'compensate', undoes: 'a' },
        },
        [
          ['a', 'b'],
          ['b', 'c'],
        ],
      )
      const { orderly, did } = await begin([order])
      const { id } = await orderly.startRun(order.id, {})
      await ends(orderly, id, 'failed')
      await expect(orderly.skipNode(id, 'b', { reason: 'go on' })).rejects.toMatchObject({
        code: 'ORDERLY_RUN_STATE',
      })
      const fork = await orderly.forkRun(id, { from: 'c' })
      await ends(orderly, fork.id, 'failed')
      expect(did).toEqual(['a', 'fail', 'undo a', 'a', 'fail', 'undo a'])
    })

    it('keeps the order in which its nodes ended where a clock goes back', async () => {
      const order = flow({ z: work('a'), y: work('b'), x: work('c') }, [
        ['z', 'y'],
        ['y', 'x'],
      ])
      const { orderly } = await begin([order])
      const { id } = await orderly.startRun(order.id, {})
      await ends(orderly, id, 'completed')
      expect((await orderly.run(id))!.nodes.map(({ node }) => node)).toEqual(['z', 'y', 'x'])
    })

    it('goes on with an event behind a thousand others of its name, and with one that came while it rested', async () => {
      const wait = flow(
        {
          wait: { type: 'wait', until: { event: 'result', where: 'event.order == input.order' } },
          more: { type: 'wait', until: { event: 'result', where: 'event.n > 0 && event.late' } },
        },
        [['wait', 'more']],
      )
      const { orderly } = await begin([wait])
      const { id } = await orderly.startRun(wait.id, { order: 7 })
      const { state, vault, clock: time } = roomsOf(orderly)
      const others = Array.from({ length: 1_000 }, async (_, n): Promise<InboundEventRow> => {
        const other = `${wait.id}-${n}`
        const payload = await vault.seal(`{"order":${n + 100}}`, eventPlace(other), 'encrypted')
        return { id: other, name: 'result', at: time.now(), payload, settled: 1, n: time.now() }
      })
      const rows = await Promise.all(others)
      for (let at = 0; at < rows.length; at += 500)
        await state.query
          .insertInto('orderly_inbound_events')
          .values(rows.slice(at, at + 500))
          .execute()
      const mine = await orderly.deliverEvent('result', { order: 7 }, { id: `${wait.id}-mine` })
      expect(mine).toEqual({ accepted: true, runs: [id] })
      await orderly.pauseRun(id, { reason: 'a break' })
      const late = { id: `${wait.id}-late` }
      expect(await orderly.deliverEvent('result', { n: 1, late: true }, late)).toMatchObject({
        runs: [],
      })
      await orderly.resumeRun(id)
      await ends(orderly, id, 'completed')
    })

    it('goes on with the event that came after it began, though the clocks that saw them differ', async () => {
      const nodes: Nodes = {
        go: { type: 'wait', until: { signal: 'go' } },
        wait: { type: 'wait', until: { event: 'weighed' } },
      }
      const wait = { ...flow(nodes, [['go', 'wait']]), output: 'steps.wait.output' }
      const { orderly } = await begin([wait])
      const weighed = (n: number) =>
        orderly.deliverEvent('weighed', { n }, { id: `${wait.id}-${n}` })
      skew = 60_000
      await weighed(1)
      skew = 0
      const { id } = await orderly.startRun(wait.id, {})
      skew = -60_000
      await weighed(2)
      skew = 0
      await orderly.signalRun(id, 'go')
      await ends(orderly, id, 'completed')
      expect(await orderly.runOutput(id)).toEqual({ n: 2 })
    })

    it('asks only those about an event that wait for what it holds', async () => {
      const wait = flow({
        wait: { type: 'wait', until: { event: 'scan', where: 'event.of["order"] == input.order' } },
      })
      const { orderly } = await begin([wait])
      for (let order = 0; order < 20; order++) await orderly.startRun(wait.id, { order })
      const { state } = roomsOf(orderly)
      const asks = async (payload: unknown): Promise<number> => {
        const keys = await keysOfEvent(roomsOf(orderly), { id: '', name: 'scan', payload })
        return (await findWaitingRuns(state, 'event/scan', keys)).length
      }
      expect(await asks({ of: { order: 3 } })).toBe(1)
      expect(await asks({ of: { order: '3' } })).toBe(0)
      // Too much to look up: everybody is asked.
      expect(
        await asks({
          of: { order: 3 },
          lines: Object.fromEntries([...Array(1_000).keys()].entries()),
        }),
      ).toBe(20)
    })

    it('looks for its event when the process that was to look is gone', async () => {
      const wait = flow(
        {
          go: { type: 'wait', until: { signal: 'go' } },
          wait: { type: 'wait', until: { event: 'result' } },
        },
        [['go', 'wait']],
      )
      const { orderly } = await begin([wait])
      const { id } = await orderly.startRun(wait.id, {})
      await orderly.deliverEvent('result', {}, { id: `${wait.id}-early` })
      const { state, clock: time } = roomsOf(orderly)
      const run = (await findRun(state, id))!
      const now = time.now()
      // What the transition leaves that begins to wait, and nobody who goes on from there.
      const nodes = [
        { ...blankRow(id, 'go', now), state: 'completed' as const, ended_at: now },
        { ...blankRow(id, 'wait', now), state: 'running' as const, waits_for: 'event/result' },
      ]
      await moveRun(state, run, { nodes, jobs: [], children: [], log: [], look: true }, now)
      await ends(orderly, id, 'completed')
    })

    it.each([
      ['waits for a person', 'a'],
      ['works', 'slow'],
    ])('ends beside a sub-workflow that %s, and lets what works in it end', async (_how, what) => {
      const inner = flow(
        { work: work(what), ask: { type: 'approval', who: ['x'], question: 'ok?' } },
        [['work', 'ask']],
      )
      const outer = flow(
        {
          all: { type: 'parallel' },
          call: { type: 'sub-workflow', workflow: inner.id },
          hold: { type: 'wait', until: { signal: 'go' } },
          fail: work('fail'),
          both: { type: 'join', wait: 'all' },
        },
        [
          ['all', 'call'],
          ['all', 'hold'],
          ['hold', 'fail'],
          ['call', 'both'],
          ['fail', 'both'],
        ],
      )
      const { orderly, did, release } = await begin([inner, outer])
      const { id } = await orderly.startRun(outer.id, {})
      if (what === 'a') await expect.poll(() => orderly.waitingApprovals()).toHaveLength(1)
      else await expect.poll(() => did).toEqual(['slow'])
      await orderly.signalRun(id, 'go')
      if (what === 'slow') {
        const failed = async () =>
          (await orderly.run(id))!.nodes.some(({ state }) => state === 'failed')
        await expect.poll(failed).toBe(true)
        expect((await orderly.run(id))!.state).toBe('running')
        release()
      }
      await ends(orderly, id, 'failed')
      const [child] = await orderly.runs({ parent: id })
      expect(child!.state).toBe('cancelled')
      expect(did).toEqual([what, 'fail'])
      expect((await orderly.run(child!.id))!.nodes[0]).toMatchObject({
        node: 'work',
        state: 'completed',
      })
      expect((await orderly.run(id))!.nodes).toContainEqual(
        expect.objectContaining({ node: 'call', state: 'skipped', error: 'ORDERLY_CANCELLED' }),
      )
      for (const run of [id, child!.id]) expect((await orderly.replayRun(run)).agrees).toBe(true)
    })

    it('that runs itself fails where it is 20 deep', async () => {
      const id = freshName('self')
      const self = { ...flow({ again: { type: 'sub-workflow', workflow: id } }), id }
      const { orderly } = await begin([self])
      const run = await orderly.startRun(id, {})
      await ends(orderly, run.id, 'failed')
      expect(await orderly.runs({ workflow: id, limit: 100 })).toHaveLength(20)
      expect((await orderly.runs({ workflow: id, limit: 1 }))[0]!.state).toBe('failed')
    })

    it('has a million items at most in all its lists', async () => {
      const each = { type: 'for-each', items: '["i"]', job: 'node' } as const
      const nodes: Nodes = {
        first: { ...each, input: { what: 'item' } },
        hold: { type: 'wait', until: { signal: 'go' } },
        last: { ...each, input: { what: 'item' } },
        over: { ...each, input: { what: 'item' } },
      }
      const all = flow(nodes, [
        ['first', 'hold'],
        ['hold', 'last'],
        ['last', 'over'],
      ])
      const { orderly } = await begin([all])
      const { id } = await orderly.startRun(all.id, {})
      const held = async () => (await orderly.run(id))!.nodes.find(({ node }) => node === 'hold')
      await expect.poll(async () => (await held())?.state).toBe('running')
      await orderly.pauseRun(id, { reason: 'a break' })
      // As if its first list had been of so many.
      await sql`update orderly_run_nodes set total = 999999 where run_id = ${id} and node = 'first'
        and item = -1`.execute(roomsOf(orderly).state.query)
      await orderly.resumeRun(id)
      await orderly.signalRun(id, 'go')
      await ends(orderly, id, 'failed')
      const errors = (await orderly.run(id))!.nodes.map(({ node, error }) => [node, error])
      expect(errors).toEqual([
        ['first', null],
        ['hold', null],
        ['last', null],
        ['over', 'ORDERLY_RUN_TOO_LARGE'],
      ])
    })

    it('has ten thousand runs within it at most', async () => {
      const leaf = flow({ hold: { type: 'wait', until: { signal: 'go' } } })
      const call = { type: 'sub-workflow', workflow: leaf.id, onFailure: 'continue' } as const
      const wide = flow({ all: { type: 'parallel' }, a: call, b: call, c: call }, [
        ['all', 'a'],
        ['all', 'b'],
        ['all', 'c'],
      ])
      const { orderly } = await begin([leaf, wide])
      const id = freshName('wide')
      const some = await orderly.startRun(leaf.id, {})
      await orderly.cancelRun(some.id)
      const { state } = roomsOf(orderly)
      const row = (await findRun(state, some.id))!
      const within = (n: number): RunRow => ({ ...row, id: `${id}-${n}`, root: id })
      await insertRuns(
        state,
        Array.from({ length: 9_998 }, (_, n) => within(n)),
      )
      await orderly.startRun(wide.id, {}, { id })
      await expect.poll(async () => (await orderly.run(id))!.nodes.length).toBe(4)
      expect(
        Object.fromEntries((await orderly.run(id))!.nodes.map(({ node, error }) => [node, error])),
      ).toEqual({
        all: null,
        a: null,
        b: null,
        c: 'ORDERLY_RUN_TOO_LARGE',
      })
      await orderly.cancelRun(id)
    })
  },
  RECORDS,
)
