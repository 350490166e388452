// Operations on schedules: looked at, made, changed, paused, fired by hand, filled in for the past.
import { z } from 'zod'
import type { Duration } from '../../primitives/duration.ts'
import { OrderlyError } from '../../primitives/errors.ts'
import { scheduleInput } from '../../runtime/schedules.ts'
import { EXAMPLE_IDS, operation, type ApiOperation } from '../contract.ts'
import { demandMatch } from '../etag.ts'
import { duration, idParams, reason } from '../fields.ts'
import { definitionFor, demandInput } from '../new-job.ts'
import { isWorkflowWithinReach, outOfReach } from '../reach.ts'
import {
  EXAMPLE_SPEC,
  isWithinReach,
  policy,
  scheduleFor,
  scheduleView,
  showSchedule,
  specOf,
  specRequest,
  type ScheduleView,
} from '../schedule-view.ts'

/** @throws OrderlyError `ORDERLY_INPUT_INVALID` */
function runInput(input: unknown): Record<string, unknown> {
  const parsed = z.record(z.string(), z.unknown()).safeParse(input)
  if (parsed.success) return parsed.data
  throw new OrderlyError('ORDERLY_INPUT_INVALID', 'what a run takes is an object')
}

const example: ScheduleView = {
  id: EXAMPLE_IDS.schedule,
  job: 'pdf.render',
  workflow: null,
  version: null,
  spec: EXAMPLE_SPEC,
  policy: { overlap: 'skip', catchUp: 'one' },
  source: 'person',
  declared: null,
  by: 'Ana',
  nextAt: 1_767_247_200_000,
  paused: null,
}

export const scheduleOperations: readonly ApiOperation[] = [
  operation({
    id: 'schedules.list',
    method: 'GET',
    path: '/api/v1/schedules',
    summary: 'Every schedule',
    permission: 'schedules:read',
    audit: 'none',
    phi: false,
    etag: true,
    request: {},
    response: z.object({ data: z.array(scheduleView) }).meta({ id: 'Schedules' }),
    examples: [{ name: 'one schedule', request: {}, response: { data: [example] } }],
    async run(context) {
      const all = await context.orderly.schedules()
      const isSeen = await Promise.all(all.map((one) => isWithinReach(context, one)))
      return { data: all.filter((_, at) => isSeen[at]).map(showSchedule) }
    },
  }),
  operation({
    id: 'schedules.get',
    method: 'GET',
    path: '/api/v1/schedules/:id',
    summary: 'One schedule; send its ETag with a change',
    permission: 'schedules:read',
    audit: 'none',
    phi: false,
    etag: true,
    request: { params: idParams },
    response: scheduleView,
    examples: [
      {
        name: 'each night',
        request: { params: { id: EXAMPLE_IDS.schedule } },
        response: example,
      },
    ],
    run: async (context, { params }) => showSchedule(await scheduleFor(context, params.id)),
  }),
  operation({
    id: 'schedules.put',
    method: 'PUT',
    path: '/api/v1/schedules/:id',
    summary: 'Make a schedule, or change the one of this id',
    description:
      '`If-Match` refuses the change of what was changed meanwhile. Without `input`, a schedule keeps the one it has.',
    permission: 'schedules:write',
    audit: 'write',
    phi: true,
    request: {
      params: idParams,
      body: z
        .object({
          job: z.string().max(100).optional().describe('The kind of job to add at each slot.'),
          workflow: z
            .string()
            .max(200)
            .optional()
            .describe('Or the workflow to begin; that needs the permission to run workflows.'),
          version: z.int().min(1).optional().describe('Of the workflow; the latest unless told.'),
          input: z.unknown().optional(),
          spec: specRequest,
          policy: policy.optional(),
        })
        .refine(
          ({ job, workflow }) => (job === undefined) !== (workflow === undefined),
          'either job or workflow says what is done',
        )
        .meta({ id: 'ScheduleRequest' }),
    },
    response: scheduleView,
    examples: [
      {
        name: 'each night at two',
        request: {
          params: { id: EXAMPLE_IDS.schedule },
          body: {
            job: 'pdf.render',
            input: { orderId: 1 },
            spec: { cron: '0 2 * * *', zone: 'America/New_York' },
          },
        },
        response: example,
      },
    ],
    async run(context, { params, body }) {
      const before = (await context.orderly.schedules()).find(({ id }) => id === params.id)
      if (before) await scheduleFor(context, params.id)
      demandMatch(context, scheduleView, before && showSchedule(before))
      const input =
        body.input === undefined && before
          ? await scheduleInput(context.rooms, params.id)
          : (body.input ?? {})
      const asked = {
        id: params.id,
        spec: specOf(body.spec),
        by: context.actor.name,
        ...(body.policy ? { policy: body.policy } : {}),
      }
      if (body.workflow !== undefined) {
        if (!context.can('workflows:run'))
          throw new OrderlyError(
            'ORDERLY_FORBIDDEN',
            'a schedule of a workflow needs the permission "workflows:run" too',
          )
        const { workflow, version } = body
        if (!(await isWorkflowWithinReach(context, workflow))) throw outOfReach()
        const made = await context.orderly.schedule({
          ...asked,
          workflow,
          ...(version === undefined ? {} : { version }),
          input: runInput(input),
        })
        return showSchedule(made)
      }
      const job = definitionFor(context, body.job ?? '')
      context.demand(job.queue)
      await demandInput(job, input, 'body/input')
      return showSchedule(await context.orderly.schedule({ ...asked, job, input }))
    },
  }),
  operation({
    id: 'schedules.delete',
    method: 'DELETE',
    path: '/api/v1/schedules/:id',
    summary: 'Remove a schedule; one that a definition declares is again as that says',
    permission: 'schedules:write',
    audit: 'write',
    phi: false,
    request: { params: idParams },
    response: z.object({ removed: z.boolean() }).meta({ id: 'ScheduleRemoval' }),
    examples: [
      {
        name: 'not any more',
        request: { params: { id: EXAMPLE_IDS.schedule } },
        response: { removed: true },
      },
    ],
    async run(context, { params }) {
      const before = await scheduleFor(context, params.id)
      demandMatch(context, scheduleView, showSchedule(before))
      return { removed: await context.orderly.unschedule(params.id) }
    },
  }),
  operation({
    id: 'schedules.pause',
    method: 'POST',
    path: '/api/v1/schedules/:id/pause',
    summary: 'Let a schedule fire no more for now',
    permission: 'schedules:write',
    audit: 'write',
    phi: false,
    request: {
      params: idParams,
      body: z.object({ reason, for: duration.optional() }),
    },
    response: scheduleView,
    examples: [
      {
        name: 'for a day',
        request: {
          params: { id: EXAMPLE_IDS.schedule },
          body: { reason: 'the printer is away', for: '1d' },
        },
        response: example,
      },
    ],
    async run(context, { params, body }) {
      await scheduleFor(context, params.id)
      await context.orderly.pause(
        { schedule: params.id },
        {
          reason: body.reason,
          by: context.actor.name,
          ...(body.for === undefined ? {} : { for: body.for as Duration }),
        },
      )
      context.note({ reason: body.reason })
      return showSchedule(await scheduleFor(context, params.id))
    },
  }),
  operation({
    id: 'schedules.resume',
    method: 'POST',
    path: '/api/v1/schedules/:id/resume',
    summary: 'Let a schedule fire again',
    permission: 'schedules:write',
    audit: 'write',
    phi: false,
    request: { params: idParams },
    response: scheduleView,
    examples: [
      {
        name: 'go on',
        request: { params: { id: EXAMPLE_IDS.schedule } },
        response: example,
      },
    ],
    async run(context, { params }) {
      await scheduleFor(context, params.id)
      await context.orderly.resume({ schedule: params.id })
      return showSchedule(await scheduleFor(context, params.id))
    },
  }),
  operation({
    id: 'schedules.run',
    method: 'POST',
    path: '/api/v1/schedules/:id/run',
    summary: 'Fire a schedule now, beside its slots',
    permission: 'schedules:run',
    audit: 'write',
    phi: false,
    status: 201,
    request: { params: idParams },
    response: z
      .object({ job: z.string().nullable(), run: z.string().nullable() })
      .describe('What it began: a job, or a run of a workflow.')
      .meta({ id: 'FiredSchedule' }),
    examples: [
      {
        name: 'now',
        request: { params: { id: EXAMPLE_IDS.schedule } },
        response: { job: EXAMPLE_IDS.job, run: null },
      },
    ],
    async run(context, { params }) {
      const { workflow } = await scheduleFor(context, params.id)
      const id = await context.orderly.runNow(params.id, context.actor.name)
      const began = workflow === null ? { job: id, run: null } : { job: null, run: id }
      context.note(began)
      return began
    },
  }),
]
