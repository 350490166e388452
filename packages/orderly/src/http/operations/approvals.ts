// Operations by which two persons agree that one of them sees PHI.
import { z } from 'zod'
import {
  decideApproval,
  listApprovals,
  readApproval,
  requestApproval,
  type Approval,
} from '../../access/approvals.ts'
import { demandFresh } from '../../access/fresh.ts'
import { OrderlyError } from '../../primitives/errors.ts'
import { attemptOf, checkReveal } from '../../runtime/reveal.ts'
import { toldPointers } from '../../runtime/told-pointers.ts'
import { EXAMPLE_IDS, operation, type ApiOperation } from '../contract.ts'
import { idParams, time } from '../fields.ts'
import { jobFor } from '../find-page.ts'
import { attempt, part, pointers, purpose, text, ticket } from '../reveal-fields.ts'

const approval = z
  .object({
    id: z.string(),
    job: z.string(),
    queue: z.string(),
    part,
    attempt,
    pointers: z.array(z.string()),
    purpose: z.string(),
    ticket: z.string().optional(),
    requestedBy: z.string(),
    requestedAt: time,
    expiresAt: time.describe('Until when it can be decided, or used once it was.'),
    decidedBy: z.string().nullable(),
    decidedAt: time.nullable(),
    state: z.enum(['waiting', 'approved', 'refused', 'used', 'expired']),
  })
  .meta({ id: 'RevealApproval' })

const EXAMPLE: z.input<typeof approval> = {
  id: 'ap_0199c5f0c2b07a4e8f00',
  job: EXAMPLE_IDS.job,
  queue: 'mail',
  part: 'input',
  pointers: ['/patient'],
  purpose: 'HSYSADMIN',
  requestedBy: 'u_1',
  requestedAt: 1_767_225_600_000,
  expiresAt: 1_767_312_000_000,
  decidedBy: null,
  decidedAt: null,
  state: 'waiting',
}

function show({ pointers: fields, ticket: number, ...rest }: Approval): z.input<typeof approval> {
  return { ...rest, pointers: [...fields], ...(number === undefined ? {} : { ticket: number }) }
}

export const approvalOperations: readonly ApiOperation[] = [
  operation({
    id: 'approvals.request',
    method: 'POST',
    path: '/api/v1/reveal-approvals',
    summary: 'Ask somebody else to consent that I see fields of a job',
    description:
      'Needed beyond the budget of reveals, and for every reveal where the installation says so. It can be decided within a day; a consent is used once, within an hour.',
    permission: 'phi:reveal',
    audit: 'write',
    phi: false,
    forgetful: true,
    status: 201,
    request: {
      body: z.object({
        job: z.string().max(400),
        part: part.default('input'),
        attempt,
        pointers,
        purpose,
        text,
        ticket,
      }),
    },
    response: approval,
    examples: [
      {
        name: 'asked',
        request: {
          body: {
            job: EXAMPLE_IDS.job,
            part: 'input',
            pointers: ['/patient'],
            purpose: 'HSYSADMIN',
            text: 'The clinic reports a wrong address.',
          },
        },
        response: EXAMPLE,
      },
    ],
    async run(context, { body }) {
      const { rooms, actor } = context
      demandFresh(actor, rooms.clock.now())
      checkReveal(body)
      const { id: job, queue, name } = await jobFor(context, body.job)
      const exact = await attemptOf(rooms, { id: job, queue }, body)
      const made = await requestApproval(rooms.access, actor, {
        ...body,
        told: await toldPointers(rooms, body, name),
        attempt: exact,
        job,
        queue,
      })
      await rooms.notifications
        .notify({
          to: '#role/privacy',
          key: `approval/${made.id}`,
          kind: 'approval-requested',
          title: 'Somebody asks for consent to see fields of a job',
          priority: 'high',
          link: '/consents',
        })
        .catch((error: Error) =>
          rooms.log.warn({ error: error.message }, 'nobody was told of a request for consent'),
        )
      return show(made)
    },
  }),
  operation({
    id: 'approvals.list',
    method: 'GET',
    path: '/api/v1/reveal-approvals',
    summary: 'What was asked for, by me or of me, the newest first',
    description:
      'Names in the fields that others ask for are blind indexes where they may be PHI, such as keys of a record; reading one request shows them.',
    permission: 'phi:reveal',
    audit: 'none',
    phi: false,
    request: {},
    response: z.object({ data: z.array(approval) }).meta({ id: 'RevealApprovals' }),
    examples: [{ name: 'one', request: {}, response: { data: [EXAMPLE] } }],
    run: async ({ rooms, actor }) => ({
      data: (await listApprovals(rooms.access, actor)).map(show),
    }),
  }),
  operation({
    id: 'approvals.get',
    method: 'GET',
    path: '/api/v1/reveal-approvals/:id',
    summary: 'One request, and why somebody asks',
    permission: 'phi:approve',
    audit: 'read',
    phi: true,
    request: { params: idParams },
    response: approval.extend({ text: z.string() }).meta({ id: 'RevealApprovalReason' }),
    examples: [
      {
        name: 'a request',
        request: { params: { id: EXAMPLE.id } },
        response: { ...EXAMPLE, text: 'The clinic reports a wrong address.' },
      },
    ],
    async run({ rooms, actor }, { params }) {
      demandFresh(actor, rooms.clock.now())
      const { text: reason, ...found } = await readApproval(rooms.access, actor, params.id)
      return { ...show(found), text: reason }
    },
  }),
  operation({
    id: 'approvals.decide',
    method: 'POST',
    path: '/api/v1/reveal-approvals/:id/decision',
    summary: 'Consent to what somebody else asked for, or refuse it',
    permission: 'phi:approve',
    audit: 'write',
    phi: false,
    forgetful: true,
    request: {
      params: idParams,
      body: z.object({ approve: z.boolean(), text: z.string().min(1).max(500).optional() }),
    },
    response: approval,
    examples: [
      {
        name: 'consented',
        request: { params: { id: EXAMPLE.id }, body: { approve: true } },
        response: {
          ...EXAMPLE,
          state: 'approved',
          decidedBy: 'u_2',
          decidedAt: 1_767_225_900_000,
          expiresAt: 1_767_229_500_000,
        },
      },
    ],
    async run({ rooms, actor }, { params, body }) {
      if (!actor.session)
        throw new OrderlyError('ORDERLY_FORBIDDEN', 'only a person who is signed in may do this')
      demandFresh(actor, rooms.clock.now())
      return show(await decideApproval(rooms.access, actor, params.id, body))
    },
  }),
]
