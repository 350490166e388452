/** Owns the cases about parents and children. */
import { expect } from 'vitest'
import type { JobsOptions } from 'bullmq'
import type { Bench, Check } from '../bench.ts'
import * as m from '../moves.ts'

interface Family {
  parents: m.Backend
  children: m.Backend
  parent: { id: string; queue: string }
  kids: string[]
}

/** A parent in one queue with children in another. */
async function family(
  bench: Bench,
  count = 1,
  opts: JobsOptions = {},
  parentOpts: m.AddOptions = {},
): Promise<Family> {
  const parents = await bench.backend()
  const children = await bench.backend({}, bench.named('children'))
  const parent = await m.addParent(parents, parentOpts)
  const kids: string[] = []
  for (let n = 0; n < count; n++) kids.push(await m.add(children, { ...(opts as object), parent }))
  return { parents, children, parent, kids }
}

const keyOf = (backend: m.Backend, id: string | undefined): string => backend.toKey(id ?? '')

export function flowCases(check: Check): void {
  check('keeps a parent waiting while a child is left', async (bench) => {
    const { parents, children, parent } = await family(bench, 2)
    await m.claim(children)
    await m.complete(children, '1')
    expect(await parents.getState(parent.id)).toBe('waiting-children')
  })

  check('releases a parent with its last child', async (bench) => {
    const { parents, children, parent } = await family(bench, 2)
    await m.drainAll(children)
    expect(await parents.getState(parent.id)).toBe('waiting')
    expect(await m.claim(parents)).toBe(parent.id)
  })

  check('releases a parent once', async (bench) => {
    const { parents, children } = await family(bench, 3)
    await m.drainAll(children)
    expect(await parents.getCounts(['wait', 'waiting-children'])).toEqual([1, 0])
    expect(await m.drainAll(parents)).toHaveLength(1)
  })

  check('tells listeners that a parent waits, and that it is released', async (bench) => {
    const { parents, children, parent } = await family(bench)
    await m.drainAll(children)
    const events = await m.eventsOf(parents)
    expect(events).toContainEqual({ event: 'waiting-children', jobId: parent.id })
    expect(events).toContainEqual({
      event: 'waiting',
      jobId: parent.id,
      prev: 'waiting-children',
    })
  })

  check('releases a parent with a priority to its place', async (bench) => {
    const { parents, children, parent } = await family(bench, 1, {}, { priority: 5 })
    await m.drainAll(children)
    expect(await parents.getState(parent.id)).toBe('prioritized')
  })

  check('releases a parent with a delay into delayed', async (bench) => {
    const { parents, children, parent } = await family(bench, 1, {}, { delay: 3_600_000 })
    await m.drainAll(children)
    expect(await parents.getState(parent.id)).toBe('delayed')
  })

  check('hands the results of children to the parent', async (bench) => {
    const { parents, children, parent, kids } = await family(bench)
    await m.claim(children)
    await m.complete(children, kids[0] ?? '', { value: { n: 1 } })
    const values = await parents.getProcessedChildrenValues(parent.id)
    expect(Object.keys(values)).toEqual([keyOf(children, kids[0])])
    const all = await parents.getDependencies(parent.id, {})
    expect(all.processed).toEqual({ [keyOf(children, kids[0])]: { n: 1 } })
    expect(all.unprocessed).toEqual([])
  })

  check('hands the results of children to the parent as text', async (bench) => {
    const { parents, children, parent, kids } = await family(bench)
    await m.claim(children)
    await m.complete(children, kids[0] ?? '', { value: { n: 1 } })
    const values = await parents.getProcessedChildrenValues(parent.id)
    expect(values).toEqual({ [keyOf(children, kids[0])]: '{"n":1}' })
  })

  check('lists and counts children that have not run', async (bench) => {
    const { parents, children, parent, kids } = await family(bench, 2)
    const keys = kids.map((id) => keyOf(children, id))
    const { unprocessed = [] } = await parents.getDependencies(parent.id, {})
    expect(unprocessed.toSorted()).toEqual(keys)
    expect(await parents.getDependencyCounts(parent.id, ['unprocessed', 'processed'])).toEqual([
      2, 0,
    ])
  })

  check('names the parent in the child', async (bench) => {
    const { children, parent, kids } = await family(bench)
    const json = await m.jsonOf(children, kids[0] ?? '')
    expect(json.parentKey).toBe(`${parent.queue}:${parent.id}`)
    expect(json.parent).toMatchObject({ id: parent.id, queueKey: parent.queue })
  })

  check('leaves a parent alone when a child fails for now', async (bench) => {
    const { parents, children, parent, kids } = await family(bench)
    await m.claim(children)
    await m.fail(children, kids[0] ?? '')
    expect(await parents.getState(parent.id)).toBe('waiting-children')
    expect(await parents.getDependencyCounts(parent.id, ['unprocessed'])).toEqual([1])
  })

  check('fails a parent with a child when asked', async (bench) => {
    const { parents, children, parent, kids } = await family(bench, 2, {
      failParentOnFailure: true,
    })
    await m.claim(children)
    await m.fail(children, kids[0] ?? '')
    expect(await parents.getState(parent.id)).toBe('waiting')
    expect((await m.jsonOf(parents, parent.id)).deferredFailure).toContain('failed')
    const { failed } = await parents.getDependencies(parent.id, {})
    expect(failed).toEqual([keyOf(children, kids[0])])
    expect(await parents.getDependencyCounts(parent.id, ['failed'])).toEqual([1])
  })

  check('names the child that failed its parent', async (bench) => {
    const { parents, children, parent, kids } = await family(bench, 1, {
      failParentOnFailure: true,
    })
    await m.claim(children)
    await m.fail(children, kids[0] ?? '')
    const json = await m.jsonOf(parents, parent.id)
    expect(json.deferredFailure).toBe(`child ${keyOf(children, kids[0])} failed`)
  })

  check('does not complete a parent that has a failed child', async (bench) => {
    const { parents, children, parent, kids } = await family(bench, 1, {
      failParentOnFailure: true,
    })
    await m.claim(children)
    await m.fail(children, kids[0] ?? '')
    await m.claim(parents)
    await m.refused(m.complete(parents, parent.id), -9, 'has at least one failed child')
    await m.fail(parents, parent.id)
    expect(await parents.getState(parent.id)).toBe('failed')
  })

  check('starts a parent early when a child fails and the rest may wait', async (bench) => {
    const options = { continueParentOnFailure: true }
    const { parents, children, parent, kids } = await family(bench, 2, options)
    await m.claim(children)
    await m.fail(children, kids[0] ?? '', { reason: 'no paint' })
    expect(await parents.getState(parent.id)).toBe('waiting')
    expect(await parents.getIgnoredChildrenFailures(parent.id)).toEqual({
      [keyOf(children, kids[0])]: 'no paint',
    })
  })

  check('goes on without a failed child when asked to ignore it', async (bench) => {
    const options = { ignoreDependencyOnFailure: true }
    const { parents, children, parent, kids } = await family(bench, 1, options)
    await m.claim(children)
    await m.fail(children, kids[0] ?? '', { reason: 'no paint' })
    expect(await parents.getState(parent.id)).toBe('waiting')
    const { ignored } = await parents.getDependencies(parent.id, {})
    expect(ignored).toEqual({ [keyOf(children, kids[0])]: 'no paint' })
    expect(await parents.getDependencyCounts(parent.id, ['ignored'])).toEqual([1])
  })

  check('waits for the others when it ignores a failed child', async (bench) => {
    const options = { ignoreDependencyOnFailure: true }
    const { parents, children, parent, kids } = await family(bench, 2, options)
    await m.claim(children)
    await m.fail(children, kids[0] ?? '')
    expect(await parents.getState(parent.id)).toBe('waiting-children')
  })

  check('forgets a failed child when asked to', async (bench) => {
    const options = { removeDependencyOnFailure: true }
    const { parents, children, parent, kids } = await family(bench, 1, options)
    await m.claim(children)
    await m.fail(children, kids[0] ?? '')
    expect(await parents.getState(parent.id)).toBe('waiting')
    const counts = ['failed', 'ignored', 'processed', 'unprocessed']
    expect(await parents.getDependencyCounts(parent.id, counts)).toEqual([0, 0, 0, 0])
  })

  check('waits again for a failed child that is retried', async (bench) => {
    const { parents, children, parent, kids } = await family(bench, 1, {
      failParentOnFailure: true,
    })
    await m.claim(children)
    await m.fail(children, kids[0] ?? '')
    await children.retryFinishedJob(m.ref(kids[0] ?? ''), 'failed')
    const counts = await parents.getDependencyCounts(parent.id, ['failed', 'unprocessed'])
    expect(counts).toEqual([0, 1])
  })

  check('lets a running job wait for children it has added', async (bench) => {
    const { parents, children } = await family(bench)
    const id = await m.running(parents)
    const parent = { id, queue: parents.qualifiedName }
    const kid = await m.add(children, { parent })
    expect(await parents.moveToWaitingChildren(id, m.TOKEN)).toBe(true)
    expect(await parents.getState(id)).toBe('waiting-children')
    expect(await m.eventsOf(parents)).toContainEqual({
      event: 'waiting-children',
      jobId: id,
      prev: 'active',
    })
    expect(await children.getState(kid)).toBe('waiting')
    await m.drainAll(children)
    expect(await parents.getState(id)).toBe('waiting')
  })

  check('tells a running job that it has no children to wait for', async (bench) => {
    const backend = await bench.backend()
    const id = await m.running(backend)
    expect(await backend.moveToWaitingChildren(id, m.TOKEN)).toBe(false)
    expect(await backend.getState(id)).toBe('active')
  })

  check('waits for one named child only', async (bench) => {
    const { parents, children } = await family(bench)
    const id = await m.running(parents)
    const kid = await m.add(children, { parent: { id, queue: parents.qualifiedName } })
    const queue = children.qualifiedName
    const no = await parents.moveToWaitingChildren(id, m.TOKEN, { child: { id: 'x', queue } })
    expect(no).toBe(false)
    const yes = await parents.moveToWaitingChildren(id, m.TOKEN, { child: { id: kid, queue } })
    expect(yes).toBe(true)
  })

  const withChild = async (backend: m.Backend, id: string): Promise<void> => {
    await m.add(backend, { parent: { id, queue: backend.qualifiedName } })
  }

  check('refuses to wait for children of a missing job', async (bench) => {
    const backend = await bench.backend()
    const text = 'Missing key for job x. moveToWaitingChildren'
    await m.refused(backend.moveToWaitingChildren('x', m.TOKEN), -1, text)
  })

  check('refuses to wait for children with another token', async (bench) => {
    const backend = await bench.backend()
    const id = await m.running(backend)
    await withChild(backend, id)
    await m.refused(backend.moveToWaitingChildren(id, m.OTHER), -6, 'Lock mismatch')
  })

  check('refuses to wait for children without a lock', async (bench) => {
    const backend = await bench.backend()
    const id = await m.add(backend)
    await withChild(backend, id)
    await m.refused(backend.moveToWaitingChildren(id, m.TOKEN), -2, 'Missing lock')
  })

  check('refuses to wait for children of a job that does not run', async (bench) => {
    const backend = await bench.backend()
    const id = await m.add(backend)
    await withChild(backend, id)
    await m.refused(backend.moveToWaitingChildren(id, '0'), -3, 'is not in the active state')
  })

  check('refuses to wait after a child has failed the parent', async (bench) => {
    const backend = await bench.backend()
    const children = await bench.backend({}, bench.named('children'))
    const id = await m.running(backend)
    const parent = { id, queue: backend.qualifiedName }
    const kid = await m.running(children, { parent, failParentOnFailure: true })
    await m.fail(children, kid)
    await m.refused(backend.moveToWaitingChildren(id, m.TOKEN), -9, 'at least one failed child')
  })

  for (const state of ['active', 'failed'] as const) {
    check(
      `leaves a parent in ${state} where it is when its last child completes`,
      async (bench) => {
        const backend = await bench.backend()
        const children = await bench.backend({}, bench.named('children'))
        const id = await m.running(backend)
        const kid = await m.running(children, { parent: { id, queue: backend.qualifiedName } })
        if (state === 'failed') await m.fail(backend, id)
        await m.complete(children, kid)
        expect(await backend.getState(id)).toBe(state)
        expect(await backend.getCounts(['wait', state])).toEqual([0, 1])
        expect(await backend.getDependencyCounts(id, ['processed'])).toEqual([1])
      },
    )
  }

  check('lets go of a child', async (bench) => {
    const { parents, children, parent, kids } = await family(bench)
    const key = `${parent.queue}:${parent.id}`
    expect(await children.removeChildDependency(kids[0] ?? '', key)).toBe(true)
    expect(await parents.getState(parent.id)).toBe('waiting')
    expect((await m.jsonOf(children, kids[0] ?? '')).parentKey).toBeUndefined()
  })

  check('has no child to let go of twice', async (bench) => {
    const { children, parent, kids } = await family(bench, 2)
    const key = `${parent.queue}:${parent.id}`
    await children.removeChildDependency(kids[0] ?? '', key)
    expect(await children.removeChildDependency(kids[0] ?? '', key)).toBe(false)
  })

  check('refuses to let go of a missing child', async (bench) => {
    const { children, parent } = await family(bench)
    const key = `${parent.queue}:${parent.id}`
    const text = 'Missing key for job x. removeChildDependency'
    await m.refused(children.removeChildDependency('x', key), -1, text)
  })

  check('refuses to let go of the child of a missing parent', async (bench) => {
    const { children, parent, kids } = await family(bench)
    const key = `${parent.queue}:nobody`
    const text = `Missing key for parent job ${key}. removeChildDependency`
    await m.refused(children.removeChildDependency(kids[0] ?? '', key), -5, text)
  })

  check('takes a job that exists for a child', async (bench) => {
    const { parents, children, parent } = await family(bench)
    await m.add(children, { jobId: 'kid' })
    await m.add(children, { jobId: 'kid', parent })
    expect(await parents.getDependencyCounts(parent.id, ['unprocessed'])).toEqual([2])
    await m.drainAll(children)
    expect(await parents.getState(parent.id)).toBe('waiting')
  })

  check('takes the result of a job that has completed for a child', async (bench) => {
    const { parents, children, parent, kids } = await family(bench)
    await m.claim(children)
    await m.complete(children, kids[0] ?? '')
    await m.claim(parents)
    const kid = await m.completed(children, { jobId: 'kid' })
    const second = await m.addParent(parents)
    await m.add(children, { jobId: kid, parent: second })
    expect(await parents.getState(second.id)).toBe('waiting')
    expect(await parents.getDependencyCounts(second.id, ['processed'])).toEqual([1])
    expect(await parents.getState(parent.id)).toBe('active')
  })

  check('does not take away the child of another parent', async (bench) => {
    const { parents, children, parent } = await family(bench)
    await m.add(children, { jobId: 'kid', parent })
    const second = await m.addParent(parents)
    const text = 'cannot be replaced. addJob'
    await m.refused(m.add(children, { jobId: 'kid', parent: second }), -7, text)
  })
}
