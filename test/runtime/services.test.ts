import { expect, it } from 'vitest'
import { z } from 'zod'
import {
  BadInputError,
  defineJob,
  fixed,
  handle,
  servicesOf,
} from '../../packages/orderly/src/index.ts'
import { freshName, onEachStore } from './stores.ts'

onEachStore('the services of an application', ({ start, log }) => {
  it('register, execute, monitor, collect evidence, watch and recover', async () => {
    const reminder = defineJob({
      name: freshName('reminder'),
      type: freshName('medication_reminder').replaceAll('-', '_'),
      input: z.object({ dose: z.number() }),
      output: z.object({ sent: z.boolean() }),
      priority: 'high',
      retry: { attempts: 3, backoff: fixed('300s') },
      evidence: 'required',
    })
    let broken = true
    const orderly = await start({
      jobs: [reminder],
      handlers: [
        handle(reminder, async ({ input, evidence }) => {
          if (broken && input.dose === 0) throw new BadInputError('no dose')
          evidence.check('sent', true)
          return { sent: true }
        }),
      ],
    })
    const { queue, processor, monitoring, errors, logging, orchestrator } = servicesOf(orderly)

    expect(orchestrator.registered()).toMatchObject([
      { job_type: reminder.type, priority: 'high', retry_policy: { max_attempts: 3, delay: 300 } },
    ])
    expect(processor.handled()).toEqual([reminder.type])
    expect(await processor.process(reminder.type, { dose: 1 })).toEqual({ sent: true })
    const { id } = await orchestrator.execute(reminder.type, { dose: 2 })
    await orderly.whenIdle()
    expect(await orchestrator.monitor(id)).toMatchObject({ state: 'completed' })
    expect(await orchestrator.evidence(id)).toMatchObject([{ checks: [{ name: 'sent' }] }])

    await queue.add(reminder.type, { dose: 0 })
    await orderly.whenIdle()
    const [failure] = await errors.list()
    expect(await monitoring.errors()).toEqual([failure])
    expect(errors.assess(reminder.type, new BadInputError('x'), 1)).toEqual({
      kind: 'bad-input',
      retry: false,
      delay: undefined,
    })
    expect(errors.assess(reminder.type, new Error('x'), 1)).toEqual({
      kind: 'internal',
      retry: true,
      delay: 300_000,
    })
    broken = false
    await errors.recover(failure!.fingerprint!, { reason: 'mended' })
    await orderly.whenIdle()
    expect(await errors.list()).toEqual([])

    expect(await monitoring.jobMetrics(reminder.type)).toMatchObject({ retry_count: 0 })
    expect((await monitoring.performance()).length).toBeGreaterThan(0)
    const stats = (await queue.stats()).find(({ name }) => name === reminder.queue)
    expect(stats?.counts).toMatchObject({ completed: 3, failed: 0 })
    await queue.pause(reminder.queue, { reason: 'maintenance' })
    expect(await queue.resume(reminder.queue)).toBe(true)
    logging.audit({ who: 'ann' }, 'looked at the queue')
    expect(log).toContainEqual({
      level: 'info',
      fields: { channel: 'audit', who: 'ann' },
      text: 'looked at the queue',
    })
    await expect(processor.process('nobody', {})).rejects.toMatchObject({
      code: 'ORDERLY_JOB_UNKNOWN',
    })
  })
})
