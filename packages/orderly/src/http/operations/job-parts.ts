// Operations that look closer at one job: its attempts beside each other, its family, and the steps it recorded.
import { z } from 'zod'
import type { FoundJob } from '../../history/find.ts'
import { readAttempts } from '../../runtime/attempts.ts'
import { readFamily } from '../../runtime/family.ts'
import { readSteps } from '../../runtime/steps.ts'
import { OrderlyError } from '../../primitives/errors.ts'
import { EXAMPLE_IDS, operation, type ApiContext, type ApiOperation } from '../contract.ts'
import { idParams, time } from '../fields.ts'
import { jobFor } from '../find-page.ts'
import { jobRow, showRow, type JobView } from '../job-view.ts'

const attempt = z
  .object({
    number: z.number().describe('Counts how often the job was begun.'),
    startedAt: time,
    endedAt: time.nullable(),
    end: z.string().nullable().describe('The event that ended it; null while it runs.'),
    code: z.string().nullable(),
    fingerprint: z.string().nullable(),
    frames: z
      .array(z.string())
      .describe('Where the error was thrown, innermost first; nothing of what it said.'),
    libraryFrames: z
      .array(z.string())
      .describe('Places in packages it went through, of Orderly and others.'),
    message: z
      .string()
      .nullable()
      .describe(
        'What it threw: outside production, where neither its kind nor its queue holds PHI.',
      ),
    hasError: z
      .boolean()
      .describe(
        'Whether what it threw is kept under seal; `reveal.job` shows it to who may see it.',
      ),
    worker: z.string().nullable(),
    host: z.string().nullable(),
    release: z.string().nullable().describe('The release of the program that ran it.'),
  })
  .meta({ id: 'JobAttempt' })

const family = z
  .object({
    parent: jobRow.nullable(),
    children: z.array(jobRow).describe('The newest 200.'),
    set: z
      .object({
        id: z.string(),
        total: z.number(),
        completed: z.number(),
        failed: z.number(),
        jobs: z.array(jobRow).describe('The first 200.'),
      })
      .nullable()
      .describe('The jobs it was added with.'),
    run: z
      .object({
        id: z.string(),
        workflow: z.string(),
        version: z.number(),
        state: z.string(),
        node: z.string().nullable(),
        item: z.number().nullable().describe('Its place in the list of a for-each.'),
      })
      .nullable()
      .describe('The run of a workflow it is a step of.'),
    replayOf: jobRow.nullable().describe('The job it repeats.'),
  })
  .meta({ id: 'JobFamily' })

const step = z
  .object({
    name: z.string(),
    kind: z.enum(['step', 'sleep']),
    at: time.describe('When it was done. Milliseconds since 1970 UTC.'),
    run: z.number().describe('Which start of the job did it.'),
  })
  .meta({ id: 'JobStep' })

const within = ({ reaches }: ApiContext, jobs: readonly (FoundJob | null)[]): JobView[] =>
  jobs.filter((job) => job !== null && reaches(job.queue)).map((job) => showRow(job!))

export const jobParts: readonly ApiOperation[] = [
  operation({
    id: 'jobs.attempts',
    method: 'GET',
    path: '/api/v1/jobs/:id/attempts',
    summary: 'The attempts of a job: how each ended, where it was thrown, which release ran it',
    description: 'The last hundred, the first one first.',
    permission: 'jobs:read',
    audit: 'none',
    phi: false,
    request: { params: idParams },
    response: z.object({ data: z.array(attempt) }).meta({ id: 'JobAttempts' }),
    examples: [
      {
        name: 'one that failed',
        request: { params: { id: EXAMPLE_IDS.failedJob } },
        response: {
          data: [
            {
              number: 1,
              startedAt: 1_767_225_600_000,
              endedAt: 1_767_225_600_420,
              end: 'attempt-failed',
              code: 'ORDERLY_HANDLER_FAILED',
              fingerprint: '9f3a52c40d11',
              frames: ['at sendMail (mail/send.ts:42:11)'],
              libraryFrames: [],
              message: null,
              hasError: true,
              worker: '0199c5f0c2b07a4e8f05',
              host: 'worker-1',
              release: '1.4.2',
            },
          ],
        },
      },
    ],
    async run(context, { params }) {
      const job = await jobFor(context, params.id)
      const data = await readAttempts(context.rooms, job)
      return {
        data: data.map((each) => ({
          ...each,
          frames: [...each.frames],
          libraryFrames: [...each.libraryFrames],
        })),
      }
    },
  }),
  operation({
    id: 'jobs.family',
    method: 'GET',
    path: '/api/v1/jobs/:id/family',
    summary: 'What a job belongs to: parent, children, set, workflow run, the job it repeats',
    permission: 'jobs:read',
    audit: 'none',
    phi: false,
    request: { params: idParams },
    response: family,
    examples: [
      {
        name: 'a step of a run',
        request: { params: { id: EXAMPLE_IDS.job } },
        response: {
          parent: null,
          children: [],
          set: null,
          run: {
            id: EXAMPLE_IDS.run,
            workflow: EXAMPLE_IDS.workflow,
            version: 1,
            state: 'running',
            node: 'load',
            item: null,
          },
          replayOf: null,
        },
      },
    ],
    async run(context, { params }) {
      await jobFor(context, params.id)
      const found = await readFamily(context.rooms, params.id)
      if (!found) throw new OrderlyError('ORDERLY_NOT_FOUND', 'there is no job of this id')
      const { set, run } = found
      return {
        parent: within(context, [found.parent])[0] ?? null,
        children: within(context, found.children),
        set: set && { ...set, jobs: within(context, set.jobs) },
        run,
        replayOf: within(context, [found.replayOf])[0] ?? null,
      }
    },
  }),
  operation({
    id: 'jobs.steps',
    method: 'GET',
    path: '/api/v1/jobs/:id/steps',
    summary: 'What a job has done for good, step by step',
    description:
      'Their results stay sealed. `jobs.retry` with `afterStep` takes over those up to a step. None is left once the content of the job is over its time.',
    permission: 'jobs:read',
    audit: 'none',
    phi: false,
    request: { params: idParams },
    response: z.object({ data: z.array(step) }).meta({ id: 'JobSteps' }),
    examples: [
      {
        name: 'two steps',
        request: { params: { id: EXAMPLE_IDS.failedJob } },
        response: {
          data: [
            { name: 'render', kind: 'step', at: 1_767_225_600_100, run: 1 },
            { name: 'store', kind: 'step', at: 1_767_225_600_180, run: 1 },
          ],
        },
      },
    ],
    async run(context, { params }) {
      const job = await jobFor(context, params.id)
      return { data: await readSteps(context.rooms, job.id) }
    },
  }),
]
