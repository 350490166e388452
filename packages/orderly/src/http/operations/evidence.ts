// Operations on evidence: what runs left behind to prove that they did what they should.
import { z } from 'zod'
import { reachesAll } from '../../access/can.ts'
import type { RunEvidence } from '../../job/evidence.ts'
import {
  countEvidence,
  listEvidence,
  type EvidenceEnd,
  type EvidenceFilter,
} from '../../state/evidence.ts'
import { EXAMPLE_IDS, operation, type ApiContext, type ApiOperation } from '../contract.ts'
import { readCursor, writeCursor } from '../cursor.ts'
import { idParams, time } from '../fields.ts'
import { jobFor } from '../find-page.ts'
import { pageOf, pageQuery } from '../page.ts'

const evidence = z
  .object({
    jobId: z.string(),
    job: z.string(),
    type: z.string().describe('The type of evidence, as the definition names it.'),
    run: z.number(),
    attempt: z.number(),
    outcome: z.string(),
    startedAt: time,
    endedAt: time,
    checks: z.array(z.object({ name: z.string(), passed: z.boolean() })),
    attached: z.array(z.string()).describe('Names of what is kept sealed beside it.'),
    inputCommitment: z.string().describe('A keyed digest of the input.'),
    outputCommitment: z.string().nullable(),
    inputVersion: z.number(),
    release: z.string().describe('The release of the program that ran it.'),
    isValid: z.boolean().describe('It completed, and every check held.'),
  })
  .meta({ id: 'Evidence' })

const period = {
  type: z.string().max(200).optional(),
  from: z.coerce.number().int().min(0).describe('Milliseconds since 1970 UTC.').optional(),
  to: z.coerce.number().int().min(0).describe('Not part of the period.').optional(),
}

const EXAMPLE = {
  jobId: EXAMPLE_IDS.job,
  job: 'mail.send',
  type: 'mail.send',
  run: 1,
  attempt: 1,
  outcome: 'completed',
  startedAt: 1_767_225_600_000,
  endedAt: 1_767_225_600_840,
  checks: [{ name: 'the address was checked', passed: true }],
  attached: [],
  inputCommitment: 'b1:kq3T…',
  outputCommitment: null,
  inputVersion: 1,
  release: '4.2.1',
  isValid: true,
}

function show(row: RunEvidence): z.input<typeof evidence> {
  return {
    jobId: row.job_id,
    job: row.job,
    type: row.job_type,
    run: row.run,
    attempt: row.attempt,
    outcome: row.outcome,
    startedAt: Date.parse(row.started_at),
    endedAt: Date.parse(row.ended_at),
    checks: row.checks.map(({ name, passed }) => ({ name, passed })),
    attached: [...row.attached],
    inputCommitment: row.input_commitment,
    outputCommitment: row.output_commitment,
    inputVersion: row.input_version,
    release: row.code_version,
    isValid: row.validation_status.is_valid,
  }
}

const EVER = Number.MAX_SAFE_INTEGER

function filterFor(
  { actor, rooms, reaches }: ApiContext,
  query: {
    readonly type?: string | undefined
    readonly from?: number | undefined
    readonly to?: number | undefined
  },
): EvidenceFilter {
  return {
    type: query.type,
    from: query.from ?? 0,
    to: query.to ?? EVER,
    queues: reachesAll(actor) ? undefined : [...rooms.registry.queues.keys()].filter(reaches),
  }
}

export const evidenceOperations: readonly ApiOperation[] = [
  operation({
    id: 'evidence.list',
    method: 'GET',
    path: '/api/v1/evidence',
    summary: 'What runs of a period left as evidence, newest first',
    description: 'Nothing of it is PHI: what a handler attached stays sealed, only its name shows.',
    permission: 'evidence:read',
    audit: 'read',
    phi: false,
    request: { query: z.object({ ...period, ...pageQuery }) },
    response: pageOf(evidence, 'EvidencePage'),
    examples: [
      {
        name: 'of one type',
        request: { query: { type: 'mail.send', from: '1767225600000' } },
        response: { data: [EXAMPLE], page: { next: null } },
      },
    ],
    async run(context, { query }) {
      const { rooms, actor } = context
      const filter = filterFor(context, query)
      const list = `evidence/${actor.tenant}/${actor.queues.join(',')}/${query.type ?? ''}/${filter.from}/${filter.to}`
      const before =
        query.cursor === undefined
          ? undefined
          : ((await readCursor(rooms, list, query.cursor)) as EvidenceEnd)
      const rows = await listEvidence(rooms.state, filter, { limit: query.limit, before })
      const last = rows.length === query.limit ? rows.at(-1) : undefined
      return {
        data: rows.map(({ body }) => show(JSON.parse(body) as RunEvidence)),
        page: {
          next: last ? await writeCursor(rooms, list, { at: last.at, n: last.n }) : null,
        },
      }
    },
  }),
  operation({
    id: 'evidence.types',
    method: 'GET',
    path: '/api/v1/evidence/types',
    summary: 'How much evidence each type of job left in a period',
    permission: 'evidence:read',
    audit: 'none',
    phi: false,
    request: { query: z.object(period) },
    response: z
      .object({
        data: z.array(
          z
            .object({
              type: z.string(),
              runs: z.number(),
              jobs: z.number(),
              first: time,
              last: time,
            })
            .meta({ id: 'EvidenceCount' }),
        ),
      })
      .meta({ id: 'EvidenceCounts' }),
    examples: [
      {
        name: 'since a day',
        request: { query: { from: '1767225600000' } },
        response: {
          data: [
            {
              type: 'mail.send',
              runs: 2,
              jobs: 1,
              first: 1_767_225_600_840,
              last: 1_767_225_660_840,
            },
          ],
        },
      },
    ],
    run: async (context, { query }) => ({
      data: await countEvidence(context.rooms.state, filterFor(context, query)),
    }),
  }),
  operation({
    id: 'evidence.job',
    method: 'GET',
    path: '/api/v1/jobs/:id/evidence',
    summary: 'What the runs of one job left as evidence, the first run first',
    permission: 'evidence:read',
    audit: 'read',
    phi: false,
    request: { params: idParams },
    response: z.object({ data: z.array(evidence) }).meta({ id: 'JobEvidence' }),
    examples: [
      {
        name: 'a job',
        request: { params: { id: EXAMPLE_IDS.failedJob } },
        response: { data: [{ ...EXAMPLE, jobId: EXAMPLE_IDS.failedJob, outcome: 'failed' }] },
      },
    ],
    async run(context, { params }) {
      const job = await jobFor(context, params.id)
      return { data: (await context.orderly.evidence(job.id)).map(show) }
    },
  }),
]
