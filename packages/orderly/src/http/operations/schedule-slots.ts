// Operations on the slots of schedules: those to come, those that were, those to be filled in.
import { z } from 'zod'
import { wallText } from '../../schedule/slots.ts'
import { blackoutOf, slotsAfter, storeSpec } from '../../schedule/spec.ts'
import { EXAMPLE_IDS, operation, type ApiOperation } from '../contract.ts'
import { idParams, time } from '../fields.ts'
import { scheduleFor, specOf, specRequest } from '../schedule-view.ts'

const slot = z
  .object({
    at: time,
    wall: z.string().describe('What the wall shows then.'),
    shift: z
      .enum(['gap', 'overlap'])
      .optional()
      .describe('Why it is not where the wall would have it: the clocks were changed.'),
    blackout: z.string().optional().describe('Why it will be left out.'),
  })
  .meta({ id: 'Slot' })

const exampleSlot = { at: 1_767_247_200_000, wall: '2026-01-01 01:00' }

const range = z.object({
  from: z.iso.datetime({ offset: true }),
  to: z.iso.datetime({ offset: true }),
})

export const slotOperations: readonly ApiOperation[] = [
  operation({
    id: 'schedules.upcoming',
    method: 'GET',
    path: '/api/v1/schedules/:id/upcoming',
    summary: 'The slots to come, with the reason of each shift',
    permission: 'schedules:read',
    audit: 'none',
    phi: false,
    request: {
      params: idParams,
      query: z.object({ count: z.coerce.number().int().min(1).max(500).default(10) }),
    },
    response: z.object({ data: z.array(slot) }).meta({ id: 'UpcomingSlots' }),
    examples: [
      {
        name: 'the next one',
        request: { params: { id: EXAMPLE_IDS.schedule }, query: { count: '1' } },
        response: { data: [exampleSlot] },
      },
    ],
    async run(context, { params, query }) {
      await scheduleFor(context, params.id)
      return { data: await context.orderly.upcoming(params.id, query.count) }
    },
  }),
  operation({
    id: 'schedules.past',
    method: 'GET',
    path: '/api/v1/schedules/:id/past',
    summary: 'The slots that have had their turn, newest first: fired, left out and why, waiting',
    permission: 'schedules:read',
    audit: 'none',
    phi: false,
    request: {
      params: idParams,
      query: z.object({
        from: z.coerce.number().optional(),
        to: z.coerce.number().optional(),
        limit: z.coerce.number().int().min(1).max(500).default(100),
      }),
    },
    response: z
      .object({
        data: z.array(
          z.object({
            at: time,
            state: z.enum(['fired', 'skipped', 'buffered']),
            reason: z.string().nullable(),
            firedAt: time,
            job: z.string().nullable(),
            run: z.string().nullable(),
          }),
        ),
      })
      .meta({ id: 'PastSlots' }),
    examples: [
      {
        name: 'last night',
        request: { params: { id: EXAMPLE_IDS.schedule } },
        response: {
          data: [
            {
              at: 1_767_160_800_000,
              state: 'fired',
              reason: null,
              firedAt: 1_767_160_800_120,
              job: EXAMPLE_IDS.job,
              run: null,
            },
          ],
        },
      },
    ],
    async run(context, { params, query }) {
      await scheduleFor(context, params.id)
      const { from, to, limit } = query
      const data = await context.orderly.pastSlots(params.id, {
        limit,
        ...(from === undefined ? {} : { from }),
        ...(to === undefined ? {} : { to }),
      })
      return { data }
    },
  }),
  operation({
    id: 'schedules.backfill',
    method: 'POST',
    path: '/api/v1/schedules/:id/backfill',
    summary: 'Fire the slots of a range that never fired, or only say which they are',
    permission: 'schedules:run',
    audit: 'write',
    phi: false,
    request: {
      params: idParams,
      body: z.object({ ...range.shape, plan: z.boolean().default(true) }),
    },
    response: z
      .object({
        slots: z.array(time),
        enqueued: z.number().describe('0 for a plan alone.'),
      })
      .meta({ id: 'Backfill' }),
    examples: [
      {
        name: 'which are missing',
        request: {
          params: { id: EXAMPLE_IDS.schedule },
          body: { from: '2026-01-01T00:00:00Z', to: '2026-01-03T00:00:00Z', plan: true },
        },
        response: { slots: [1_767_247_200_000], enqueued: 0 },
      },
    ],
    async run(context, { params, body }) {
      await scheduleFor(context, params.id)
      const done = await context.orderly.backfill(params.id, {
        from: new Date(body.from),
        to: new Date(body.to),
        plan: body.plan,
      })
      context.note({ plan: body.plan, slots: done.slots.length, enqueued: done.enqueued })
      return done
    },
  }),
  operation({
    id: 'schedules.preview',
    method: 'POST',
    path: '/api/v1/schedules/preview',
    summary: 'The next slots of a schedule that is not made yet',
    permission: 'schedules:read',
    audit: 'none',
    phi: false,
    forgetful: true,
    request: {
      body: z.object({ spec: specRequest, count: z.int().min(1).max(100).default(10) }),
    },
    response: z.object({ data: z.array(slot) }).meta({ id: 'SlotPreview' }),
    examples: [
      {
        name: 'the next one',
        request: { body: { spec: { cron: '0 2 * * *' }, count: 1 } },
        response: { data: [exampleSlot] },
      },
    ],
    async run({ rooms }, { body }) {
      const stored = storeSpec(specOf(body.spec))
      const data: z.input<typeof slot>[] = []
      for (const one of slotsAfter(stored, rooms.clock.now())) {
        if (data.length >= body.count) break
        const blackout = blackoutOf(stored, one.at)
        data.push({
          at: one.at,
          wall: wallText(one),
          ...(one.shift ? { shift: one.shift } : {}),
          ...(blackout === undefined ? {} : { blackout }),
        })
      }
      return Promise.resolve({ data })
    },
  }),
]
