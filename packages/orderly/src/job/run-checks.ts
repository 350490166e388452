// The checks of a handler, before and after it runs: each is noted as evidence, and one that fails ends the job.
import type { JobContext } from './context.ts'
import type { JobDefinition } from './define-job.ts'
import type { Check } from './evidence.ts'
import { OrderlyError } from '../primitives/errors.ts'

/** @throws OrderlyError `ORDERLY_CHECK_FAILED` naming the checks that did not hold */
export async function runChecks(
  job: JobDefinition,
  when: 'before' | 'after',
  look: () => readonly Check[] | Promise<readonly Check[]> | undefined,
  { evidence }: JobContext,
): Promise<void> {
  const checks = (await look()) ?? []
  for (const { name, passed } of checks) evidence.check(name, passed)
  const failed = checks.filter(({ passed }) => !passed).map(({ name }) => name)
  if (failed.length === 0) return
  throw new OrderlyError(
    'ORDERLY_CHECK_FAILED',
    `job "${job.name}" did not pass ${failed.join(', ')} ${when === 'before' ? 'before it ran' : 'after it ran'}; correct its input or the state it needs, then replay it`,
  )
}
