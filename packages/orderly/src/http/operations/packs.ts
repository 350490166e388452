// Operations on packs: which there are, and the pages they add.
import { z } from 'zod'
import { reachesAll } from '../../access/can.ts'
import { ledgerActorOf } from '../../access/room.ts'
import { jsonSchemaOf } from '../../job/json-schema.ts'
import type { PackPage, PageBlock } from '../../job/pack-page.ts'
import { OrderlyError } from '../../primitives/errors.ts'
import { operation, type ApiOperation } from '../contract.ts'
import { fitted } from '../new-job.ts'
import { pageBlock } from '../page-blocks.ts'
import { problemOf } from '../problem.ts'

const packPage = z
  .object({
    id: z.string(),
    title: z.string(),
    inRail: z
      .boolean()
      .describe('Whether it stands in the rail; a page with params is reached by links only.'),
    params: z.array(z.string()),
  })
  .meta({ id: 'PackPage' })

const packAction = z
  .object({
    id: z.string(),
    title: z.string(),
    input: z.record(z.string(), z.unknown()).describe('The JSON Schema of its input.'),
  })
  .meta({ id: 'PackAction' })

const EXAMPLE_BLOCK: PageBlock = {
  block: 'table',
  title: 'Files',
  columns: [
    { key: 'name', label: 'File' },
    { key: 'rows', label: 'Rows', kind: 'number' },
  ],
  rows: [{ name: 'adams-county.csv', rows: 1_204 }],
  empty: 'No file has come yet.',
}

function shown({ id, title, inRail, params = [] }: PackPage): z.input<typeof packPage> {
  return { id, title, inRail, params: [...params] }
}

export const packOperations: readonly ApiOperation[] = [
  operation({
    id: 'packs.list',
    method: 'GET',
    path: '/api/v1/packs',
    summary: 'The packs of this installation and their pages',
    permission: 'packs:read',
    audit: 'none',
    phi: false,
    etag: true,
    request: {},
    response: z
      .object({
        data: z.array(
          z.object({ name: z.string(), pages: z.array(packPage), actions: z.array(packAction) }),
        ),
      })
      .meta({ id: 'Packs' }),
    examples: [
      {
        name: 'one pack',
        request: {},
        response: {
          data: [
            {
              name: 'example',
              pages: [{ id: 'files', title: 'Files', inRail: true, params: [] }],
              actions: [{ id: 'forget', title: 'Forget', input: { type: 'object' } }],
            },
          ],
        },
      },
    ],
    run: async ({ orderly, actor }) => ({
      data: orderly.packs
        .filter(() => reachesAll(actor))
        .map(({ actions, name, pages }) => ({
          name,
          pages: pages.map(shown),
          actions: actions.map(({ id, input, title }) => ({
            id,
            title,
            input: jsonSchemaOf(input, 'input') ?? {},
          })),
        })),
    }),
  }),
  operation({
    id: 'packs.words',
    method: 'GET',
    path: '/api/v1/packs/words',
    summary: 'What packs and the program itself say in another language, by the English sentence',
    description:
      '`{0}`, `{1}` stand for what is put in. What the server itself says the dashboard knows.',
    permission: 'signed-in',
    audit: 'none',
    phi: false,
    etag: true,
    request: { query: z.object({ language: z.enum(['es']) }) },
    response: z
      .object({
        data: z.array(
          z.object({
            pack: z.string().nullable().describe('Null for the program itself.'),
            sentences: z.record(z.string(), z.string()),
          }),
        ),
      })
      .meta({ id: 'Words' }),
    examples: [
      {
        name: 'Spanish',
        request: { query: { language: 'es' } },
        response: { data: [{ pack: 'example', sentences: { '{0} rows': '{0} filas' } }] },
      },
    ],
    run: async ({ orderly }, { query: { language } }) => ({
      data: [...orderly.packs, { name: null, words: orderly.words }].flatMap(({ name, words }) =>
        words ? [{ pack: name, sentences: { ...words[language] } }] : [],
      ),
    }),
  }),
  operation({
    id: 'packs.page',
    method: 'GET',
    path: '/api/v1/packs/:pack/pages/:page',
    summary: 'A page of a pack, with PHI masked',
    description:
      'The params of the page go in the query, by their names; so do its filters, which may be left out.',
    permission: 'packs:read',
    audit: 'read',
    of: 'installation',
    phi: false,
    request: {
      params: z.object({ pack: z.string().min(1).max(100), page: z.string().min(1).max(100) }),
      query: z.object({}).catchall(z.string().max(400)),
    },
    response: z
      .object({ page: packPage, blocks: z.array(pageBlock).max(50) })
      .meta({ id: 'PackPageContent' }),
    examples: [
      {
        name: 'a table',
        request: { params: { pack: 'example', page: 'files' } },
        response: {
          page: { id: 'files', title: 'Files', inRail: true, params: [] },
          blocks: [EXAMPLE_BLOCK],
        },
      },
    ],
    async run({ about, orderly, note }, { params, query }) {
      const page = orderly.packs
        .find(({ name }) => name === params.pack)
        ?.pages.find(({ id }) => id === params.page)
      if (!page) throw new OrderlyError('ORDERLY_NOT_FOUND', 'no pack here has such a page')
      const missing = (page.params ?? []).find((name) => query[name] === undefined)
      if (missing !== undefined)
        throw new OrderlyError(
          'ORDERLY_INPUT_INVALID',
          `this page needs "${missing}" in the query; it is reached by links of other pages`,
        )
      note({ pack: params.pack, page: params.page })
      const [record] = (page.params ?? []).flatMap((name) => query[name] ?? [])
      if (record !== undefined) about({ kind: `pack/${params.pack}`, id: record })
      const wanted = [...(page.params ?? []), ...(page.filters ?? [])].flatMap((name) =>
        query[name] === undefined ? [] : [[name, query[name]] as const],
      )
      return { page: shown(page), blocks: [...(await page.load(Object.fromEntries(wanted)))] }
    },
  }),
  operation({
    id: 'packs.act',
    method: 'POST',
    path: '/api/v1/packs/:pack/actions/:action',
    summary: 'Do by hand what a pack offers',
    description: 'The schema of its input is in packs.list.',
    permission: 'packs:act',
    audit: 'write',
    of: 'installation',
    phi: true,
    request: {
      params: z.object({ pack: z.string().min(1).max(100), action: z.string().min(1).max(100) }),
      body: z.object({ input: z.record(z.string(), z.unknown()).default({}) }),
    },
    response: z.object({ done: z.literal(true) }).meta({ id: 'PackActed' }),
    examples: [
      {
        name: 'a file nobody needs',
        request: {
          params: { pack: 'example', action: 'forget' },
          body: { input: { file: 'adams-county.csv' } },
        },
        response: { done: true },
      },
    ],
    async run({ about, actor, note, orderly }, { body, params }) {
      const action = orderly.packs
        .find(({ name }) => name === params.pack)
        ?.actions.find(({ id }) => id === params.action)
      if (!action) throw new OrderlyError('ORDERLY_NOT_FOUND', 'no pack here has such an action')
      note({ pack: params.pack, action: params.action })
      const input = await fitted(action.input, body.input, action.title)
      const records = await action.about(input)
      const [id] = Object.values(records)
      if (id !== undefined) about({ kind: `pack/${params.pack}`, id })
      note({ ...records, pack: params.pack, action: params.action })
      if (await action.run(input, actor.name)) return { done: true as const }
      throw new OrderlyError(
        'ORDERLY_NOT_FOUND',
        'there is nothing here to do that to; it may have changed meanwhile',
      )
    },
  }),
  operation({
    id: 'packs.document',
    method: 'GET',
    path: '/api/v1/packs/:pack/documents/:id',
    summary: 'A document of a pack that holds no PHI, as pages link to it',
    description:
      'One that holds PHI is not found here: it is revealed by its record, with a purpose. Nothing in it can run.',
    permission: 'packs:read',
    audit: 'read',
    phi: false,
    contentType: 'application/pdf',
    request: {
      params: z.object({ pack: z.string().min(1).max(100), id: z.string().min(1).max(300) }),
    },
    response: z.string().describe('The bytes of the document, in its own content type.'),
    examples: [
      {
        name: 'an invoice',
        request: { params: { pack: 'lab', id: 'invoice.7' } },
        response: '%PDF-1.7…',
      },
    ],
    run: async () => '',
    async stream(context, { params: { id, pack } }, { response }) {
      const { actor, orderly, requestId, rooms } = context
      const given = orderly.packs.find(({ name }) => name === pack)?.document
      const found = reachesAll(actor) ? await given?.(id).catch(() => undefined) : undefined
      await rooms.ledger.record({
        op: 'packs.document',
        action: 'R',
        actor: ledgerActorOf(actor),
        source: { ip: context.address, request: requestId },
        resource: { kind: `pack/${pack}`, id },
        ...(found ? {} : { outcome: 'denied' as const }),
      })
      if (!found) {
        const error = new OrderlyError('ORDERLY_NOT_FOUND', 'no pack here has such a document')
        const problem = problemOf(error, requestId)
        response
          .writeHead(problem.status, { 'content-type': 'application/problem+json; charset=utf-8' })
          .end(JSON.stringify(problem))
        return
      }
      response
        .writeHead(200, {
          'content-type': found.contentType,
          'content-length': found.body.byteLength,
          'content-disposition': 'inline',
          'content-security-policy': "default-src 'none'; sandbox",
          'cache-control': 'no-store',
          'x-content-type-options': 'nosniff',
        })
        .end(found.body)
    },
  }),
]
