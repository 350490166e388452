// Collects and stores the evidence of a run: what was checked, and keyed digests of what went in and came out.
import type { Check, EvidenceCollector, RunEvidence } from '../job/evidence.ts'
import type { Outcome } from '../job/outcome.ts'
import { recordIdOf } from '../job/record-id.ts'
import { OrderlyError } from '../primitives/errors.ts'
import { writeEvidence } from '../state/evidence.ts'
import { evidencePlace } from '../state/sealed-values.ts'
import type { AttemptEnd } from './attempt-end.ts'
import type { Attempt } from './attempt.ts'
import type { Rooms } from './rooms.ts'

export interface Collected extends EvidenceCollector {
  readonly checks: readonly Check[]
  readonly values: ReadonlyMap<string, unknown>
}

const MOST_CHECKS = 1_000
const NAME = /^[\p{L}\p{N}][\p{L}\p{N} ._:/-]{0,119}$/u

export function collectEvidence(end: AttemptEnd): Collected {
  const checks: Check[] = []
  const values = new Map<string, unknown>()
  return {
    checks,
    values,
    check(name, passed) {
      end.refuse()
      checkName(name)
      if (checks.length >= MOST_CHECKS)
        throw new OrderlyError(
          'ORDERLY_PAYLOAD_TOO_LARGE',
          `a run notes ${MOST_CHECKS} checks at most; note one for many things of a kind`,
        )
      checks.push({ name, passed })
    },
    attach(name, value) {
      end.refuse()
      checkName(name)
      values.set(name, value)
    },
  }
}

function checkName(name: string): void {
  if (NAME.test(name)) return
  throw new OrderlyError(
    'ORDERLY_DEFINITION_INVALID',
    'a check or an attachment is named by letters, digits, blanks and . _ : / - (120 at most); it is stored in the clear and holds nothing of the input',
  )
}

/**
 * Stores what a run left as evidence, and fails the run where its job must leave some and it did not.
 *
 * @param startedAt milliseconds since 1970 UTC
 */
export async function keepEvidence(
  outcome: Outcome,
  collected: Collected,
  attempt: Attempt,
  startedAt: number,
  rooms: Rooms,
): Promise<Outcome> {
  const { job } = attempt
  const { checks, values } = collected
  const hasSome = checks.length > 0 || values.size > 0
  const verdict = requireEvidence(outcome, hasSome, attempt)
  if (!hasSome && !job.options.critical && job.options.evidence !== 'required') return verdict
  if (verdict.type === 'fenced' || verdict.type === 'interrupted' || verdict.type === 'snoozed')
    return verdict
  const at = rooms.clock.now()
  const jobId = recordIdOf(job.queue, attempt.id)
  const commit = (what: string, value: unknown): Promise<string> =>
    rooms.vault.blindIndex(`evidence/${what}/${jobId}`, JSON.stringify(value) ?? 'null')
  const body: RunEvidence = {
    job_id: jobId,
    job: job.name,
    job_type: job.type,
    run: attempt.run,
    attempt: attempt.number,
    outcome: verdict.type,
    started_at: new Date(startedAt).toISOString(),
    ended_at: new Date(at).toISOString(),
    checks,
    attached: [...values.keys()],
    input_commitment: await commit('input', attempt.input),
    output_commitment:
      verdict.type === 'completed' ? await commit('output', verdict.output ?? null) : null,
    input_version: attempt.version,
    code_version: rooms.release,
    validation_status: {
      is_valid: verdict.type === 'completed' && checks.every(({ passed }) => passed),
      timestamp: new Date(at).toISOString(),
    },
    path: `/evidence/jobs/${job.type}/`,
  }
  const place = evidencePlace(job.queue, jobId, attempt.run)
  const attached =
    values.size === 0
      ? null
      : await rooms.vault.seal(
          JSON.stringify(Object.fromEntries(values)),
          place,
          rooms.classes.suiteOf(job.queue),
        )
  await writeEvidence(rooms.state, {
    job_id: jobId,
    queue: job.queue,
    run: attempt.run,
    type: job.type,
    at,
    body: JSON.stringify(body),
    attached,
  })
  return verdict
}

function requireEvidence(outcome: Outcome, hasSome: boolean, { job }: Attempt): Outcome {
  if (outcome.type !== 'completed' || hasSome || job.options.evidence !== 'required') return outcome
  return {
    type: 'failed',
    error: new OrderlyError(
      'ORDERLY_EVIDENCE_MISSING',
      `job "${job.name}" must leave evidence; call ctx.evidence.check or ctx.evidence.attach in its handler`,
    ),
  }
}
