// Operations that show PHI to a person who says why, and emergencies in which somebody may who otherwise may not.
import { z } from 'zod'
import {
  beginEmergency,
  endEmergency,
  listEmergencies,
  reviewEmergency,
  type Emergency,
} from '../../access/emergency.ts'
import type { PackDocument } from '../../job/define-pack.ts'
import { revealJob, revealOfPack } from '../../runtime/reveal.ts'
import { EXAMPLE_IDS, operation, type ApiOperation } from '../contract.ts'
import { idParams, time } from '../fields.ts'
import { attempt, part, pointers, purpose, text, ticket } from '../reveal-fields.ts'

const emergency: z.ZodType<Emergency> = z
  .object({
    id: z.string(),
    userId: z.string(),
    purpose: z.string(),
    startedAt: time,
    until: time,
    endedAt: time.nullable(),
    reviewDue: time,
    reviewedBy: z.string().nullable(),
    reviewedAt: time.nullable(),
    verdict: z.string().nullable(),
  })
  .meta({ id: 'Emergency' })

const EXAMPLE_EMERGENCY: Emergency = {
  id: 'e_0199c5f0c2b07a4e8f00',
  userId: 'u_0199c5f0c2b07a4e8f00',
  purpose: 'ETREAT',
  startedAt: 1_767_225_600_000,
  until: 1_767_229_200_000,
  endedAt: null,
  reviewDue: 1_767_484_800_000,
  reviewedBy: null,
  reviewedAt: null,
  verdict: null,
}

export const revealOperations: readonly ApiOperation[] = [
  operation({
    id: 'reveal.job',
    method: 'POST',
    path: '/api/v1/jobs/:id/reveal',
    summary: 'Show fields of a job unmasked; the audit log says so before they leave',
    description:
      'Asks for a sign-in within the last five minutes. Beyond 30 values in an hour and 100 in a day, each value of a whole object or list being one, or where the installation says so, it needs the consent of somebody else.',
    permission: 'phi:reveal',
    audit: 'reveal',
    phi: true,
    forgetful: true,
    request: {
      params: idParams,
      body: z.object({
        part: part.default('input'),
        attempt,
        pointers,
        purpose,
        text,
        ticket,
        approval: z
          .string()
          .max(60)
          .optional()
          .describe('The consent of somebody else, as approvals.request named it.'),
      }),
    },
    response: z
      .object({
        entry: z.string().describe('The entry of the audit log.'),
        values: z.array(z.object({ pointer: z.string(), found: z.boolean(), value: z.unknown() })),
      })
      .meta({ id: 'Revealed' }),
    examples: [
      {
        name: 'a name',
        request: {
          params: { id: EXAMPLE_IDS.job },
          body: {
            part: 'input',
            pointers: ['/patient'],
            purpose: 'HSYSADMIN',
            text: 'The clinic reports a wrong address.',
            ticket: 'INC-9',
          },
        },
        response: {
          entry: '0199c5f0c2b07a4e8f00',
          values: [{ pointer: '/patient', found: true, value: 'Jane Roe' }],
        },
      },
    ],
    run: ({ rooms, actor, address, requestId }, { params, body }) =>
      revealJob(rooms, actor, params.id, body, { ip: address, request: requestId }),
  }),
  operation({
    id: 'reveal.pack',
    method: 'POST',
    path: '/api/v1/packs/:pack/reveal',
    summary:
      "Show a value that a pack's page has masked; the audit log says so before it is opened",
    description:
      'Record and field are those of the masked value. A document comes as its content type and its bytes in base64. The limits are those of jobs.',
    permission: 'phi:reveal',
    audit: 'reveal',
    phi: true,
    forgetful: true,
    request: {
      params: z.object({ pack: z.string().min(1).max(100) }),
      body: z.object({
        record: z.string().min(1).max(400),
        field: z.string().min(1).max(100),
        purpose,
        text,
        ticket: z.string().max(60).optional(),
      }),
    },
    response: z
      .object({
        entry: z.string().describe('The entry of the audit log.'),
        value: z.unknown(),
      })
      .meta({ id: 'RevealedOfPack' }),
    examples: [
      {
        name: 'a name',
        request: {
          params: { pack: 'medication' },
          body: {
            record: 'p3vX0b1YxT9',
            field: 'name',
            purpose: 'TREAT',
            text: 'The patient is on the phone.',
          },
        },
        response: { entry: '0199c5f0c2b07a4e8f00', value: 'Jane Roe' },
      },
    ],
    async run({ orderly, rooms, actor, address, requestId }, { params: { pack }, body }) {
      const { reveal } = orderly.packs.find(({ name }) => name === pack) ?? {}
      const source = { ip: address, request: requestId }
      const { entry, value } = await revealOfPack(rooms, actor, { pack, ...body }, reveal, source)
      return { entry, value: isDocument(value) ? inJson(value) : value }
    },
  }),
  operation({
    id: 'emergency.begin',
    method: 'POST',
    path: '/api/v1/emergencies',
    summary: 'Begin an emergency access of an hour; somebody else reviews it within three days',
    permission: 'breakglass:use',
    audit: 'write',
    phi: false,
    forgetful: true,
    status: 201,
    request: { body: z.object({ purpose, text }) },
    response: emergency,
    examples: [
      {
        name: 'begun',
        request: { body: { purpose: 'ETREAT', text: 'Patient in the ER, dose unknown.' } },
        response: EXAMPLE_EMERGENCY,
      },
    ],
    async run({ rooms, actor }, { body }) {
      const begun = await beginEmergency(rooms.access, actor, body)
      rooms.log.error(
        { emergency: begun.id, user: actor.id, until: begun.until },
        'an emergency access has begun; it must be reviewed',
      )
      return begun
    },
  }),
  operation({
    id: 'emergency.list',
    method: 'GET',
    path: '/api/v1/emergencies',
    summary: 'Emergency accesses, newest first',
    permission: 'breakglass:review',
    audit: 'none',
    phi: false,
    request: {},
    response: z.object({ data: z.array(emergency) }).meta({ id: 'Emergencies' }),
    examples: [{ name: 'one', request: {}, response: { data: [EXAMPLE_EMERGENCY] } }],
    run: async ({ rooms }) => ({ data: await listEmergencies(rooms.access) }),
  }),
  operation({
    id: 'emergency.end',
    method: 'POST',
    path: '/api/v1/emergencies/:id/end',
    summary: 'End my emergency access before its hour is over',
    permission: 'breakglass:use',
    audit: 'write',
    phi: false,
    request: { params: idParams },
    response: z.object({ ended: z.boolean() }).meta({ id: 'EmergencyEnded' }),
    examples: [
      {
        name: 'ended',
        request: { params: { id: EXAMPLE_EMERGENCY.id } },
        response: { ended: true },
      },
    ],
    async run({ rooms, actor }, { params }) {
      await endEmergency(rooms.access, actor, params.id)
      return { ended: true }
    },
  }),
  operation({
    id: 'emergency.review',
    method: 'POST',
    path: '/api/v1/emergencies/:id/review',
    summary: 'Review an emergency access of somebody else',
    permission: 'breakglass:review',
    audit: 'write',
    phi: false,
    request: {
      params: idParams,
      body: z.object({ verdict: z.enum(['justified', 'not-justified']), text }),
    },
    response: emergency,
    examples: [
      {
        name: 'justified',
        request: {
          params: { id: EXAMPLE_EMERGENCY.id },
          body: { verdict: 'justified', text: 'Agrees with the ER record.' },
        },
        response: {
          ...EXAMPLE_EMERGENCY,
          reviewedBy: 'u_2',
          reviewedAt: 1_767_312_000_000,
          verdict: 'justified',
        },
      },
    ],
    run: ({ rooms, actor }, { params, body }) =>
      reviewEmergency(rooms.access, actor, params.id, body),
  }),
]

function isDocument(value: unknown): value is PackDocument {
  return (
    typeof value === 'object' &&
    value !== null &&
    (value as Partial<PackDocument>).body instanceof Uint8Array
  )
}

function inJson({ body, contentType }: PackDocument): object {
  return { contentType, base64: Buffer.from(body).toString('base64') }
}
