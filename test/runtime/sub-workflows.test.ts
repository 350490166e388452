// Workflows as nodes of workflows: what becomes of one when the other fails, is cancelled, or has a new version.
import { expect, it } from 'vitest'
import { z } from 'zod'
import {
  defineJob,
  handle,
  type Orderly,
  type WorkflowDocument,
} from '../../packages/orderly/src/index.ts'
import { freshName, onEachStore } from './stores.ts'

const job = defineJob({
  name: 'part',
  input: z.object({ what: z.string() }),
  output: z.string(),
  retry: { attempts: 1 },
})
const part = (what: string) => ({ type: 'job', job: 'part', input: { what } }) as const

function flow(
  id: string,
  document: Pick<WorkflowDocument, 'start' | 'nodes' | 'edges' | 'output'>,
  version = 1,
): WorkflowDocument {
  return { format: 'orderly.workflow/1', id, version, ...document }
}

/** A workflow that calls another one, and then does something. */
function caller(
  inner: string,
  more: { readonly onFailure?: 'continue'; readonly retry?: { readonly times: number } } = {},
): WorkflowDocument {
  return flow(freshName('outer'), {
    start: 'call',
    nodes: {
      call: { type: 'sub-workflow', workflow: inner, input: { what: 'input.what' }, ...more },
      after: part('"after"'),
    },
    edges: [{ from: 'call', to: 'after' }],
  })
}

onEachStore(
  'a workflow that runs as a node',
  ({ open, start }) => {
    const did: string[] = []
    const begin = (workflows: readonly WorkflowDocument[]): Promise<Orderly> => {
      did.length = 0
      let failures = 1
      return start({
        jobs: [job],
        workflows: [...workflows],
        handlers: [
          handle(job, async ({ input: { what } }) => {
            if (what === 'fail' || (what === 'fail once' && failures-- > 0)) throw new Error('no')
            did.push(what)
            return what
          }),
        ],
      })
    }
    const ends = async (orderly: Orderly, id: string, state: string): Promise<void> => {
      await expect.poll(async () => (await orderly.run(id))?.state, { timeout: 20_000 }).toBe(state)
    }
    const inner = (): WorkflowDocument =>
      flow(freshName('inner'), {
        start: 'work',
        nodes: { work: part('input.what') },
        edges: [],
        output: 'steps.work.output',
      })
    const childOf = async (orderly: Orderly, id: string): Promise<string> =>
      (await orderly.runs({ parent: id }))[0]!.id

    it('fails the run it belongs to when it fails', async () => {
      const own = inner()
      const outer = caller(own.id)
      const orderly = await begin([own, outer])
      const { id } = await orderly.startRun(outer.id, { what: 'fail' })
      await ends(orderly, id, 'failed')
      expect((await orderly.run(id))!.nodes).toMatchObject([
        { node: 'call', state: 'failed', error: 'ORDERLY_JOB_FAILED' },
      ])
      expect(did).toEqual([])
    })

    it('lets the run go on without it where its failure may be', async () => {
      const own = inner()
      const outer = caller(own.id, { onFailure: 'continue' })
      const orderly = await begin([own, outer])
      const { id } = await orderly.startRun(outer.id, { what: 'fail' })
      await ends(orderly, id, 'completed')
      expect(did).toEqual(['after'])
    })

    it('begins anew as often as its node says, as a run of its own each time', async () => {
      const own = inner()
      const outer = caller(own.id, { retry: { times: 2 } })
      const orderly = await begin([own, outer])
      const { id } = await orderly.startRun(outer.id, { what: 'fail once' })
      await ends(orderly, id, 'completed')
      const runs = await orderly.runs({ parent: id })
      expect(runs.map(({ state }) => state).toSorted()).toEqual(['completed', 'failed'])
      expect(did).toEqual(['fail once', 'after'])
    })

    it('lets what was done before it be undone', async () => {
      const own = inner()
      const outer = flow(freshName('outer'), {
        start: 'first',
        nodes: {
          first: part('"first"'),
          call: {
            type: 'sub-workflow',
            workflow: own.id,
            input: { what: 'input.what' },
            onFailure: 'compensate',
          },
          undo: { type: 'compensate', undoes: 'first', ...undo },
        },
        edges: [{ from: 'first', to: 'call' }],
      })
      const orderly = await begin([own, outer])
      const { id } = await orderly.startRun(outer.id, { what: 'fail' })
      await ends(orderly, id, 'failed')
      expect(did).toEqual(['first', 'undo first'])
    })

    it('is cancelled with the run it belongs to, and that ends when it is cancelled alone', async () => {
      const own = flow(freshName('inner'), {
        start: 'wait',
        nodes: { wait: { type: 'wait', until: { signal: 'never' } }, work: part('"work"') },
        edges: [{ from: 'wait', to: 'work' }],
      })
      const outer = caller(own.id)
      const orderly = await begin([own, outer])
      const above = await orderly.startRun(outer.id, { what: 'x' })
      await expect.poll(async () => (await orderly.runs({ parent: above.id })).length).toBe(1)
      expect(await orderly.cancelRun(above.id, 'ann')).toBe(true)
      await ends(orderly, await childOf(orderly, above.id), 'cancelled')

      const below = await orderly.startRun(outer.id, { what: 'x' })
      await expect.poll(async () => (await orderly.runs({ parent: below.id })).length).toBe(1)
      expect(await orderly.cancelRun(await childOf(orderly, below.id), 'ann')).toBe(true)
      // No parent waits for ever.
      await ends(orderly, below.id, 'failed')
      expect(did).toEqual([])
    })

    it('keeps its version when a newer one is deployed, and is of the version that its node names', async () => {
      const id = freshName('inner')
      const shape = (says: string): Parameters<typeof flow>[1] => ({
        start: 'wait',
        nodes: { wait: { type: 'wait', until: { signal: 'go' } }, work: part(`"${says}"`) },
        edges: [{ from: 'wait', to: 'work' }],
        output: 'steps.work.output',
      })
      const pinned = flow(freshName('pinned'), {
        start: 'call',
        nodes: { call: { type: 'sub-workflow', workflow: id, version: 1 } },
        edges: [],
        output: 'steps.call.output',
      })
      const latest = flow(freshName('latest'), {
        start: 'call',
        nodes: { call: { type: 'sub-workflow', workflow: id } },
        edges: [],
        output: 'steps.call.output',
      })
      const orderly = await begin([flow(id, shape('old')), pinned, latest])
      const before = await orderly.startRun(latest.id, {})
      await expect.poll(async () => (await orderly.runs({ parent: before.id })).length).toBe(1)
      await orderly.saveDraft(flow(id, shape('new')), { by: 'ann' })
      expect(await orderly.deployWorkflow(id, { by: 'ann' })).toEqual({ version: 2 })
      const after = await orderly.startRun(latest.id, {})
      const named = await orderly.startRun(pinned.id, {})
      for (const run of [before, after, named]) {
        await expect.poll(async () => (await orderly.runs({ parent: run.id })).length).toBe(1)
        await orderly.signalRun(await childOf(orderly, run.id), 'go')
        await ends(orderly, run.id, 'completed')
      }
      expect(await orderly.runOutput(before.id)).toBe('old')
      expect(await orderly.runOutput(after.id)).toBe('new')
      expect(await orderly.runOutput(named.id)).toBe('old')
    })

    it('goes on where it was when the process that began it is gone', async () => {
      const own = flow(freshName('inner'), {
        start: 'wait',
        nodes: { wait: { type: 'wait', until: { signal: 'go' } }, work: part('"work"') },
        edges: [{ from: 'wait', to: 'work' }],
      })
      const outer = caller(own.id)
      const first = await open({ jobs: [job], workflows: [own, outer] })
      const { id } = await first.startRun(outer.id, { what: 'x' })
      await expect.poll(async () => (await first.runs({ parent: id })).length).toBe(1)
      await first.close()
      const second = await begin([own, outer])
      await second.signalRun(await childOf(second, id), 'go')
      await ends(second, id, 'completed')
      expect(did).toEqual(['work', 'after'])
    })
  },
  ['sqlite', 'postgres'],
)

const undo = { job: 'part', input: { what: '"undo first"' } } as const
