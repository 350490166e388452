// Operations on views that people keep: a search with its columns, shared with a role if they like.
import { z } from 'zod'
import { ROLE_NAMES } from '../../access/roles.ts'
import { OrderlyError } from '../../primitives/errors.ts'
import { newId } from '../../primitives/ids.ts'
import { planSearch } from '../../runtime/search.ts'
import { parseSearch } from '../../search/parse.ts'
import type { ViewRow } from '../../state/answer-tables.ts'
import { countViews, dropView, findView, findViews, putView } from '../../state/views.ts'
import { EXAMPLE_IDS, operation, type ApiContext, type ApiOperation } from '../contract.ts'
import { demandMatch } from '../etag.ts'
import { idParams, time } from '../fields.ts'

const pages = z.enum(['jobs', 'runs', 'failures', 'schedules'])
const columns = z.array(z.string().max(100)).max(50)

const view = z
  .object({
    id: z.string(),
    page: pages,
    name: z.string(),
    query: z.string(),
    columns,
    own: z.boolean(),
    sharedWith: z.string().nullable().describe('A role.'),
    pinned: z.boolean(),
    updatedAt: time,
  })
  .meta({ id: 'View' })

const request = z
  .object({
    page: pages,
    name: z.string().trim().min(1).max(100),
    query: z.string().max(4_000),
    columns: columns.default([]),
    sharedWith: z
      .enum(ROLE_NAMES as [string, ...string[]])
      .nullable()
      .default(null),
    pinned: z.boolean().default(false),
  })
  .meta({ id: 'ViewRequest' })

const EXAMPLE: z.input<typeof view> = {
  id: EXAMPLE_IDS.view,
  page: 'jobs',
  name: 'Failed mails',
  query: 'state:failed queue:mail',
  columns: [],
  own: true,
  sharedWith: null,
  pinned: false,
  updatedAt: 1_767_225_600_000,
}
const EXAMPLE_REQUEST = { page: 'jobs', name: 'Failed mails', query: 'state:failed queue:mail' }

const MOST_VIEWS = 200

function show(row: ViewRow, { actor }: ApiContext): z.input<typeof view> {
  return {
    id: row.id,
    page: row.page as z.input<typeof pages>,
    name: row.name,
    query: row.query,
    columns: (JSON.parse(row.layout) as { columns: string[] }).columns,
    own: row.owner === actor.id,
    sharedWith: row.shared_with,
    pinned: row.pinned === 1,
    updatedAt: row.updated_at,
  }
}

/** What is kept is kept in the clear, so it may not name PHI. */
async function demandClear({ rooms }: ApiContext, text: string): Promise<void> {
  const planned = await planSearch(rooms, parseSearch(text))
  if (planned.usesPhi)
    throw new OrderlyError(
      'ORDERLY_INPUT_INVALID',
      'a view is kept in the clear and cannot hold a value of PHI; leave that condition out',
    )
}

async function write(
  context: ApiContext,
  id: string,
  body: z.output<typeof request>,
  before: ViewRow | undefined,
): Promise<z.input<typeof view>> {
  if (body.page === 'jobs') await demandClear(context, body.query)
  const now = context.rooms.clock.now()
  const row: ViewRow = {
    id,
    page: body.page,
    name: body.name,
    query: body.query,
    layout: JSON.stringify({ columns: body.columns }),
    owner: context.actor.id,
    shared_with: body.sharedWith,
    pinned: body.pinned ? 1 : 0,
    created_at: before?.created_at ?? now,
    updated_at: now,
  }
  await putView(context.rooms.state, row)
  return show(row, context)
}

async function ownView({ rooms, actor }: ApiContext, id: string): Promise<ViewRow> {
  const row = await findView(rooms.state, id)
  if (row?.owner === actor.id) return row
  throw new OrderlyError('ORDERLY_NOT_FOUND', 'there is no view of yours of this id')
}

export const viewOperations: readonly ApiOperation[] = [
  operation({
    id: 'views.list',
    method: 'GET',
    path: '/api/v1/views',
    summary: 'One’s own views, and those shared with one’s roles',
    permission: 'signed-in',
    audit: 'none',
    phi: false,
    request: {},
    response: z.object({ data: z.array(view) }).meta({ id: 'Views' }),
    examples: [{ name: 'one view', request: {}, response: { data: [EXAMPLE] } }],
    async run(context) {
      const { rooms, actor } = context
      const rows = await findViews(rooms.state, actor.id, actor.roles)
      return { data: rows.map((row) => show(row, context)) }
    },
  }),
  operation({
    id: 'views.create',
    method: 'POST',
    path: '/api/v1/views',
    summary: 'Keep a view',
    permission: 'views:write',
    audit: 'write',
    phi: false,
    status: 201,
    request: { body: request },
    response: view,
    examples: [{ name: 'failed mails', request: { body: EXAMPLE_REQUEST }, response: EXAMPLE }],
    async run(context, { body }) {
      const { rooms, actor } = context
      if ((await countViews(rooms.state, actor.id)) >= MOST_VIEWS)
        throw new OrderlyError('ORDERLY_CONFLICT', `a person keeps ${MOST_VIEWS} views at most`)
      return write(context, newId(rooms.clock.now()), body, undefined)
    },
  }),
  operation({
    id: 'views.change',
    method: 'PUT',
    path: '/api/v1/views/:id',
    summary: 'Change a view of one’s own',
    permission: 'views:write',
    audit: 'write',
    phi: false,
    request: { params: idParams, body: request },
    response: view,
    examples: [
      {
        name: 'another search',
        request: { params: { id: EXAMPLE_IDS.view }, body: EXAMPLE_REQUEST },
        response: EXAMPLE,
      },
    ],
    async run(context, { params, body }) {
      const before = await ownView(context, params.id)
      demandMatch(context, view, show(before, context))
      return write(context, params.id, body, before)
    },
  }),
  operation({
    id: 'views.delete',
    method: 'DELETE',
    path: '/api/v1/views/:id',
    summary: 'Drop a view of one’s own',
    permission: 'views:write',
    audit: 'write',
    phi: false,
    request: { params: idParams },
    response: z.object({ deleted: z.boolean() }).meta({ id: 'ViewDeletion' }),
    examples: [
      {
        name: 'not any more',
        request: { params: { id: EXAMPLE_IDS.view } },
        response: { deleted: true },
      },
    ],
    async run(context, { params }) {
      await ownView(context, params.id)
      return { deleted: await dropView(context.rooms.state, params.id) }
    },
  }),
]
