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
import { advanceRuns } from '../../packages/orderly/src/runtime/advance-runs.ts'
import { freshName, onEachStore } from './stores.ts'

type Nodes = WorkflowDocument['nodes']

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

onEachStore(
  'a workflow run',
  ({ start }) => {
    let skew = 0
    const clock = { ...systemClock, now: () => systemClock.now() + skew }
    async function begin(
      workflows: WorkflowDocument[],
    ): Promise<{ orderly: Orderly; did: string[] }> {
      const did: string[] = []
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
        return null
      })
      return { orderly: await start({ jobs: [job], handlers: [handler], workflows, clock }), did }
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
      await sql`create trigger refusal before insert on orderly_run_nodes
        begin select raise(abort, 'refused'); end`.execute(query)
      await expect(orderly.startRun(bad.id, {})).rejects.toThrow('refused')
      await expect(orderly.startRun(good.id, {})).rejects.toThrow('refused')
      await sql`drop trigger refusal`.execute(query)
      await sql`create trigger refusal before insert on orderly_run_nodes when new.node = 'cursed'
        begin select raise(abort, 'refused'); end`.execute(query)
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

    it('that runs itself fails where it is 20 deep', async () => {
      const id = freshName('self')
      const self = { ...flow({ again: { type: 'sub-workflow', workflow: id } }), id }
      const { orderly } = await begin([self])
      const run = await orderly.startRun(id, {})
      await ends(orderly, run.id, 'failed')
      expect(await orderly.runs({ workflow: id, limit: 100 })).toHaveLength(20)
    })
  },
  ['sqlite'],
)
