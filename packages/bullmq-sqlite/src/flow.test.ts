/** Parents and children. */
import { describe, expect, it } from 'vitest'
import { claimId, held, lab } from './testing/lab.ts'

async function family(childOpts: object = {}) {
  const { backend, flows, queue } = lab()
  const parents = backend('parents')
  const children = backend('children')
  const tree = await flows().add({
    name: 'parent',
    queueName: 'parents',
    data: {},
    opts: { jobId: 'mother' },
    children: ['ann', 'bob'].map((jobId) => ({
      name: jobId,
      queueName: 'children',
      data: {},
      opts: { jobId, ...childOpts },
    })),
  })
  return { parents, children, tree, flows, queue }
}

describe('a flow', () => {
  it('runs the parent when all children have completed, with their values', async () => {
    const { parents, children, tree } = await family()
    expect(await parents.getState('mother')).toBe('waiting-children')
    expect(await claimId(children, 't')).toBe('ann')
    await children.moveToCompleted(held('ann'), { n: 1 }, false, 't', true)
    expect(await parents.getState('mother')).toBe('waiting-children')
    await children.moveToCompleted(held('bob'), { n: 2 }, false, 't', false)
    expect(await parents.getState('mother')).toBe('waiting')
    expect(await tree.job.getChildrenValues()).toEqual({
      'bull:children:ann': { n: 1 },
      'bull:children:bob': { n: 2 },
    })
  })

  it('may not complete while children are pending', async () => {
    const { parents, queue } = await family()
    const job = await queue('parents').add('late', {}, { jobId: 'late' })
    await claimId(parents, 't')
    await queue('children').add(
      'kid',
      {},
      { parent: { id: job.id!, queue: 'bull:parents' }, jobId: 'kid' },
    )
    await expect(parents.moveToCompleted(held('late'), 1, false, 't', false)).rejects.toMatchObject(
      { code: -4, message: /pending dependencies/ },
    )
    expect(await parents.moveToWaitingChildren('late', 't')).toBe(true)
    expect(await parents.getState('late')).toBe('waiting-children')
  })

  it('is not added under a parent that does not exist', async () => {
    const { flows, queue } = lab()
    await expect(
      flows().add({
        name: 'parent',
        queueName: 'parents',
        opts: { parent: { id: 'nobody', queue: 'bull:parents' } },
        data: {},
      }),
    ).rejects.toMatchObject({ code: -5 })
    expect(await queue('parents').count()).toBe(0)
  })

  it('can be read back as a tree', async () => {
    const { children, flows } = await family()
    await claimId(children, 't')
    await children.moveToCompleted(held('ann'), 1, false, 't', false)
    const tree = await flows().getFlow({ id: 'mother', queueName: 'parents' })
    expect(tree.children?.map(({ job }) => job.id).sort()).toEqual(['ann', 'bob'])
  })

  it('pages through children', async () => {
    const { children, queue } = await family()
    await claimId(children, 't')
    await children.moveToCompleted(held('ann'), { n: 1 }, false, 't', false)
    const jobs = queue('parents')
    expect(await jobs.getDependencies('mother', 'processed', 0, -1)).toMatchObject({
      items: [{ id: 'bull:children:ann', v: { n: 1 } }],
      jobs: [{ name: 'ann' }],
      total: 1,
    })
    expect(await jobs.getDependencies('mother', 'pending', 0, 9)).toMatchObject({
      items: [{ id: 'bull:children:bob' }],
      total: 1,
    })
  })

  it('removes children with their parent, unless one of them is running', async () => {
    const { parents, children } = await family()
    await claimId(children, 't')
    expect(await parents.remove('mother', true)).toBe(0)
    await children.moveToCompleted(held('ann'), 1, false, 't', false)
    expect(await parents.remove('mother', true)).toBe(1)
    expect(await children.getCounts(['wait', 'completed'])).toEqual([0, 0])
    expect(await parents.getCounts(['waiting-children'])).toEqual([0])
  })

  it('lets a parent go on when its last child is removed', async () => {
    const { parents, children } = await family()
    await children.remove('ann', false)
    await children.remove('bob', false)
    expect(await parents.getState('mother')).toBe('waiting')
  })

  it('lets a child live on its own', async () => {
    const { parents, children } = await family()
    expect(await children.removeChildDependency('ann', 'bull:parents:mother')).toBe(true)
    expect(await children.removeChildDependency('ann', 'bull:parents:mother')).toBe(false)
    await expect(children.removeChildDependency('ann', 'bull:parents:no')).rejects.toMatchObject({
      code: -5,
    })
    expect((await children.getJobData('ann'))?.parentKey).toBeUndefined()
    expect(await parents.getDependencyCounts('mother', ['unprocessed'])).toEqual([1])
  })
})

describe('a failed child', () => {
  const fail = async (opts: object) => {
    const made = await family(opts)
    await claimId(made.children, 't')
    await made.children.moveToFailed(held('ann'), 'why', false, 't', false)
    return made
  }

  it('leaves its parent waiting if nothing was said', async () => {
    const { parents } = await fail({})
    expect(await parents.getState('mother')).toBe('waiting-children')
    expect(await parents.getDependencyCounts('mother', ['unprocessed'])).toEqual([2])
  })

  it('fails its parent as soon as a worker picks that up', async () => {
    const { parents } = await fail({ failParentOnFailure: true })
    const [job] = await parents.moveToActive('p')
    expect(job).toMatchObject({ deferredFailure: 'child bull:children:ann failed' })
    await expect(
      parents.moveToCompleted(held('mother'), 1, false, 'p', false),
    ).rejects.toMatchObject({ code: -4 })
  })

  it('lets its parent continue at once', async () => {
    const { parents, tree } = await fail({ continueParentOnFailure: true })
    expect(await parents.getState('mother')).toBe('waiting')
    expect(await tree.job.getFailedChildrenValues()).toEqual({ 'bull:children:ann': 'why' })
  })

  it('is ignored, and its reason kept', async () => {
    const { parents, children, tree } = await fail({ ignoreDependencyOnFailure: true })
    expect(await parents.getState('mother')).toBe('waiting-children')
    await claimId(children, 't')
    await children.moveToCompleted(held('bob'), 1, false, 't', false)
    expect(await parents.getState('mother')).toBe('waiting')
    expect(await tree.job.getIgnoredChildrenFailures()).toEqual({ 'bull:children:ann': 'why' })
  })

  it('is dropped without a trace', async () => {
    const { parents } = await fail({ removeDependencyOnFailure: true })
    const kinds = ['processed', 'unprocessed', 'ignored', 'failed']
    expect(await parents.getDependencyCounts('mother', kinds)).toEqual([0, 1, 0, 0])
  })

  it('is waited for again when it is retried', async () => {
    const { parents, children } = await fail({ ignoreDependencyOnFailure: true })
    await children.retryFinishedJob(held('ann'), 'failed')
    expect(await parents.getDependencyCounts('mother', ['unprocessed', 'ignored'])).toEqual([2, 0])
  })
})
