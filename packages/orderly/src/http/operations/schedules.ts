// Operations on schedules: looked at, made, changed, paused, fired by hand, filled in for the past.
import { z } from 'zod'
import type { Duration } from '../../primitives/duration.ts'
import { scheduleInput } from '../../runtime/schedules.ts'
import { EXAMPLE_IDS, operation, type ApiOperation } from '../contract.ts'
import { demandMatch } from '../etag.ts'
import { duration, idParams, reason } from '../fields.ts'
import { definitionFor, demandInput } from '../new-job.ts'
import {
  EXAMPLE_SPEC,
  policy,
  scheduleFor,
  scheduleView,
  showSchedule,
  specOf,
  specRequest,
  type ScheduleView,
} from '../schedule-view.ts'

const example: ScheduleView = {
  id: EXAMPLE_IDS.schedule,
  job: 'pdf.render',
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
    async run({ orderly, rooms, reaches }) {
      const all = await orderly.schedules()
      const data = all.filter(({ job }) => reaches(rooms.registry.jobs.get(job)?.queue ?? job))
      return { data: data.map(showSchedule) }
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
          job: z.string().max(100),
          input: z.unknown().optional(),
          spec: specRequest,
          policy: policy.optional(),
        })
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
      const job = definitionFor(context, body.job)
      context.demand(job.queue)
      const before = (await context.orderly.schedules()).find(({ id }) => id === params.id)
      if (before) await scheduleFor(context, params.id)
      demandMatch(context, scheduleView, before && showSchedule(before))
      const input =
        body.input === undefined && before
          ? await scheduleInput(context.rooms, params.id)
          : (body.input ?? {})
      await demandInput(job, input, 'body/input')
      const made = await context.orderly.schedule({
        id: params.id,
        job,
        input,
        spec: specOf(body.spec),
        by: context.actor.name,
        ...(body.policy ? { policy: body.policy } : {}),
      })
      return showSchedule(made)
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
    response: z.object({ job: z.string() }).meta({ id: 'FiredSchedule' }),
    examples: [
      {
        name: 'now',
        request: { params: { id: EXAMPLE_IDS.schedule } },
        response: { job: EXAMPLE_IDS.job },
      },
    ],
    async run(context, { params }) {
      await scheduleFor(context, params.id)
      const job = await context.orderly.runNow(params.id, context.actor.name)
      context.note({ job })
      return { job }
    },
  }),
]
