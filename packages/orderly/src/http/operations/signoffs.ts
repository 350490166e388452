// Operations by which people answer for evidence: sign-offs, whether what was signed is as it was, and signed bundles.
import { z } from 'zod'
import { reachesAll } from '../../access/can.ts'
import { bundleOf } from '../../evidence-maintenance.ts'
import { OrderlyError } from '../../primitives/errors.ts'
import { checkSignoff, signOff } from '../../runtime/signoffs.ts'
import { listSignoffs } from '../../state/signoffs.ts'
import type { SignoffRow } from '../../state/signoff-tables.ts'
import { operation, type ApiContext, type ApiOperation } from '../contract.ts'
import { idParams, reason, time } from '../fields.ts'

const kind = z.enum(['technical', 'security', 'compliance', 'qa'])
const moment = z.number().int().min(0).describe('Milliseconds since 1970 UTC.')

const signoff = z
  .object({
    id: z.string(),
    kind,
    type: z.string().nullable().describe('The type of evidence; all of them where it is null.'),
    from: time,
    to: time.describe('Not part of the period.'),
    runs: z.number(),
    digest: z.string().describe('SHA-256 over the evidence as it was signed.'),
    statement: z.string(),
    by: z.string(),
    at: time,
    entry: z.string().describe('The entry of the audit log.'),
  })
  .meta({ id: 'Signoff' })

const EXAMPLE = {
  id: '0199c5f0c2b07a4e8f0c',
  kind: 'technical' as const,
  type: null,
  from: 1_767_225_600_000,
  to: 1_767_312_000_000,
  runs: 42,
  digest: '9f3a52c40d11…',
  statement: 'Every run of the day was looked at.',
  by: 'Ana Ruiz',
  at: 1_767_312_600_000,
  entry: '0199c5f0c2b07a4e8f0d',
}

function show(row: SignoffRow): z.input<typeof signoff> {
  const { id, type, runs, digest, statement, who, at, entry } = row
  return {
    id,
    kind: row.kind,
    type,
    from: row.from_at,
    to: row.to_at,
    runs,
    digest,
    statement,
    by: who,
    at,
    entry,
  }
}

/** Evidence of a period is of every queue. */
function demandAll({ actor }: ApiContext): void {
  if (!reachesAll(actor))
    throw new OrderlyError(
      'ORDERLY_FORBIDDEN',
      'a period holds evidence of every queue; this needs somebody who reaches all of them',
    )
}

export const signoffOperations: readonly ApiOperation[] = [
  operation({
    id: 'signoffs.list',
    method: 'GET',
    path: '/api/v1/evidence/signoffs',
    summary: 'What people have signed off, newest first',
    permission: 'evidence:read',
    audit: 'none',
    phi: false,
    request: {},
    response: z.object({ data: z.array(signoff) }).meta({ id: 'Signoffs' }),
    examples: [{ name: 'one', request: {}, response: { data: [EXAMPLE] } }],
    run: async ({ rooms }) => ({ data: (await listSignoffs(rooms.state)).map(show) }),
  }),
  operation({
    id: 'signoffs.create',
    method: 'POST',
    path: '/api/v1/evidence/signoffs',
    summary: 'Sign the evidence of a period off, as it is now',
    description: 'Asks for a sign-in within the last five minutes. The audit log says so first.',
    permission: 'evidence:signoff',
    audit: 'write',
    phi: false,
    forgetful: true,
    status: 201,
    request: {
      body: z.object({
        kind,
        type: z.string().min(1).max(200).optional(),
        from: moment,
        to: moment,
        statement: reason,
      }),
    },
    response: signoff,
    examples: [
      {
        name: 'a day',
        request: {
          body: {
            kind: 'technical',
            from: 1_767_225_600_000,
            to: 1_767_312_000_000,
            statement: 'Every run of the day was looked at.',
          },
        },
        response: EXAMPLE,
      },
    ],
    async run(context, { body }) {
      demandAll(context)
      const { rooms, actor, address: ip, requestId: request } = context
      return show(await signOff(rooms, actor, body, { ip, request }))
    },
  }),
  operation({
    id: 'signoffs.check',
    method: 'GET',
    path: '/api/v1/evidence/signoffs/:id/check',
    summary: 'Whether the evidence of a signed period is as it was signed',
    permission: 'evidence:read',
    audit: 'none',
    phi: false,
    request: { params: idParams },
    response: z.object({ isSame: z.boolean(), runs: z.number() }).meta({ id: 'SignoffCheck' }),
    examples: [
      {
        name: 'as it was',
        request: { params: { id: EXAMPLE.id } },
        response: { isSame: true, runs: 42 },
      },
    ],
    run: ({ rooms }, { params }) => checkSignoff(rooms, params.id),
  }),
  operation({
    id: 'evidence.bundle',
    method: 'POST',
    path: '/api/v1/evidence/bundle',
    summary: 'Take the evidence of a period out as a signed bundle that verifies offline',
    description: 'A ZIP file in base64, as "orderly evidence export" writes it.',
    permission: 'evidence:read',
    audit: 'read',
    phi: false,
    forgetful: true,
    request: {
      body: z.object({
        type: z.string().min(1).max(200).optional(),
        from: moment.optional(),
        to: moment.optional(),
      }),
    },
    response: z
      .object({
        entry: z.string().describe('The entry of the audit log.'),
        runs: z.number(),
        invalid: z.number().describe('Runs that did not complete, or left a check that failed.'),
        base64: z.string(),
      })
      .meta({ id: 'EvidenceBundle' }),
    examples: [
      {
        name: 'all there is',
        request: { body: {} },
        response: { entry: EXAMPLE.entry, runs: 42, invalid: 1, base64: 'UEsDBA==' },
      },
    ],
    async run(context, { body }) {
      demandAll(context)
      const { about, archive, entry } = await bundleOf(context.rooms, body)
      context.note({ runs: about.runs, entry })
      const { runs, invalid } = about
      return { entry, runs, invalid, base64: archive.toString('base64') }
    },
  }),
]
