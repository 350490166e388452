import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { defineJob, fixed, handle, phi } from '../../packages/orderly/src/index.ts'
import { listKeys, reencryptKey, verifyKeys } from '../../packages/orderly/src/maintenance.ts'
import { freshName, onEachStore } from './stores.ts'

const SECRET = 'Zaphod-Beeblebrox-4711'

onEachStore(
  'what steps, checkpoints, effects, evidence and requests keep',
  ({ open, place }) => {
    it('is sealed, follows its data key, and proves genuine', async () => {
      const visit = defineJob({
        name: freshName('visit'),
        input: z.object({ patient: phi.text() }),
        output: z.object({ done: z.boolean() }),
        retry: { attempts: 2, backoff: fixed('1h') },
      })
      const after = defineJob({
        name: freshName('after'),
        input: z.object({ patient: phi.text() }),
      })
      const orderly = await open({
        jobs: [visit, after],
        handlers: [
          handle(after, async () => undefined),
          handle(visit, async ({ input, step, once, checkpoint, evidence }) => {
            await step('look up', async () => ({ found: input.patient }))
            await once(['mail', input.patient], async () => input.patient)
            await checkpoint({ at: input.patient })
            evidence.attach('who', input.patient)
            throw new Error(`no ${input.patient}`)
          }),
        ],
      })
      const set = await orderly.enqueueSet(visit, [{ input: { patient: SECRET } }], {
        callback: { job: after, input: { patient: SECRET } },
      })
      await orderly.start()
      await expect.poll(async () => (await orderly.inspectJob(set.jobs[0]!))?.state).toBe('delayed')
      await orderly.close()

      const { home } = place()
      const bytes = readdirSync(home)
        .filter((name) => name.includes('.db'))
        .map((name) => readFileSync(join(home, name)).toString('latin1'))
      expect(bytes.length).toBeGreaterThan(1)
      expect(bytes.some((text) => text.includes(SECRET))).toBe(false)

      const before = await verifyKeys({ home })
      expect(before.broken).toEqual([])
      const epoch = (await listKeys({ home })).dataKeys.find(({ scope }) =>
        scope.startsWith('epoch/'),
      )!
      const done = await reencryptKey({ home }, epoch.id)
      // The trace of the error stands in its queue's row until the job ends; the key is kept for that alone.
      expect(done).toMatchObject({ left: 1, destroyed: false })
      // Input, two errors, a step, an effect, a checkpoint, two pieces of evidence at most, and what follows the set.
      expect(done.values).toBeGreaterThanOrEqual(7)
      expect((await verifyKeys({ home })).broken).toEqual([])
    })
  },
  ['sqlite'],
)
