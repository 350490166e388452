// A job that begins a run of a workflow: with it schedules, and whatever else adds jobs, begin runs.
import { z } from 'zod'
import { defineJob, type JobDefinition } from '../job/define-job.ts'
import { handle, type Handler } from '../job/handler.ts'
import { clear, phi } from '../vault/phi.ts'
import type { Rooms } from './rooms.ts'
import { startRun } from './runs.ts'

/** Which workflow, and what its run takes. */
export interface WorkflowStart {
  readonly workflow: string
  /** The latest unless told. */
  readonly version?: number | undefined
  readonly input?: Readonly<Record<string, unknown>> | undefined
}

const input: z.ZodType<WorkflowStart> = z.object({
  workflow: clear(z.string().min(1).max(100)),
  version: clear(z.int().min(1)).optional(),
  input: phi.of('text', z.record(z.string(), z.unknown())).optional(),
})
const output: z.ZodType<{ readonly run: string }> = z.object({ run: clear(z.string()) })

/**
 * Begins a run of a workflow. Register it among the `jobs` of an instance, and schedules can begin workflows:
 * `orderly.schedule({ id: 'nightly', job: startWorkflow, input: { workflow: 'prices.publish' }, spec: { cron: '0 2 * * *' } })`.
 * The instance brings its handler. A job that is run twice begins one run.
 */
export const startWorkflow: JobDefinition<typeof input, typeof output> = defineJob({
  name: 'workflows.start',
  queue: 'workflows',
  input,
  output,
  retry: { attempts: 5 },
})

export function handleStartWorkflow(rooms: () => Rooms): Handler {
  return handle(startWorkflow, async ({ input: asked, jobId }) => {
    const { workflow, version, input: given = {} } = asked
    const options = { id: jobId, by: startWorkflow.name, ...(version ? { version } : {}) }
    return { run: (await startRun(rooms(), workflow, given, options)).id }
  })
}
