// The operations of one instance: those of every API, and the paths its packs add for jobs of theirs.
import { z } from 'zod'
import type { Trigger } from '../job/define-pack.ts'
import type { Orderly } from '../orderly.ts'
import { EXAMPLE_IDS, operation, type ApiOperation } from './contract.ts'
import { demandInput } from './new-job.ts'
import { OPERATIONS } from './operations/index.ts'
import { acceptedJob, showAccepted } from './operations/job-changes.ts'

export function operationsOf({ packs }: Pick<Orderly, 'packs'>): readonly ApiOperation[] {
  return [...OPERATIONS, ...packs.flatMap(({ triggers }) => triggers.map(triggerOperation))]
}

const MOST_TRIGGER_BYTES = 16 * 1_048_576

function triggerOperation({ path, job, mostBytes, prepare }: Trigger): ApiOperation {
  return operation({
    id: `triggers.${job.name}`,
    method: 'POST',
    path,
    summary: `Add a job of the kind ${job.name}`,
    description: 'The body is its input; without one it begins with an empty input.',
    permission: 'jobs:enqueue',
    audit: 'write',
    phi: true,
    status: 201,
    ...(mostBytes === undefined ? {} : { mostBytes: Math.min(mostBytes, MOST_TRIGGER_BYTES) }),
    request: { body: z.record(z.string(), z.unknown()).optional() },
    response: acceptedJob,
    examples: [
      { name: 'as it is', request: {}, response: { id: EXAMPLE_IDS.job, duplicate: false } },
    ],
    async run(context, { body = {} }) {
      context.demand(job.queue)
      await demandInput(job, body, 'body')
      const added = await context.orderly.enqueue(job, (await prepare?.(body)) ?? body)
      context.note({ job: added.id, type: job.name })
      return showAccepted(added)
    },
  })
}
