import { expect, it } from 'vitest'
import { z } from 'zod'
import {
  defineJob,
  fixed,
  handleIn,
  type ChildOptions,
  type JobDefinition,
  type JobSpec,
  type Orderly,
} from '../../packages/orderly/src/index.ts'
import { freshName, onEachStore } from './stores.ts'

const asked = z.looseObject({ do: z.string() })
type Asked = typeof asked
type Work = JobDefinition<Asked, z.ZodAny>

const SURGERY = new URL('./fixtures/surgery.mjs', import.meta.url)

for (const isolation of ['thread', 'process'] as const)
  onEachStore(
    `a handler in a ${isolation}`,
    ({ start, log }) => {
      const work = (more: Partial<JobSpec<Asked, z.ZodAny, string>> = {}): Work =>
        defineJob({
          name: freshName('surgery'),
          input: asked,
          output: z.any(),
          isolation,
          retry: { attempts: 2, backoff: fixed('1ms') },
          ...more,
        })
      const open = (job: Work, options: ChildOptions = {}): Promise<Orderly> =>
        start({ jobs: [job], handlers: [handleIn(job, SURGERY, options)], grace: '50ms' })
      /** Runs one job to its end. */
      const run = async (input: { do: string }, job = work(), options: ChildOptions = {}) => {
        const orderly = await open(job, options)
        const ended = await orderly
          .enqueueAndWait(job, input, { timeout: '20s' })
          .then((output: unknown) => ({ output }))
          .catch((error: Error) => ({ error }))
        const [found] = await orderly.findJobs({ name: job.name })
        return { orderly, job, found: found!, life: await orderly.inspectJob(found!.id), ...ended }
      }

      it('runs apart from its worker', async () => {
        const ended = await run({ do: 'where' })
        console.error(ended)
      })
    },
    ['sqlite'],
  )
