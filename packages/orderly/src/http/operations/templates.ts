// Operations on templates: workflows with parameters, taken over, copied, imported.
import { z } from 'zod'
import type { TemplateSummary } from '../../runtime/templates.ts'
import { operation, type ApiOperation } from '../contract.ts'
import { idParams } from '../fields.ts'

const templateId = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9._-]{0,99}$/)
  .describe('A letter, then letters, digits and . _ - (100 at most).')

const parameter = z
  .object({
    type: z.enum(['string', 'number', 'integer', 'boolean', 'array', 'object']),
    title: z.string().optional(),
    default: z.unknown().optional(),
    enum: z.array(z.unknown()).optional(),
  })
  .meta({ id: 'TemplateParameter' })

const summaryFields = {
  id: z.string(),
  version: z.number(),
  title: z.string(),
  description: z.string(),
  parameters: z.record(z.string(), parameter),
  provenance: z.object({
    pack: z.string().optional(),
    author: z.string().optional(),
    source: z.string().optional(),
    forkedFrom: z.object({ id: z.string(), version: z.number() }).optional(),
  }),
}

const version = z.object({ version: z.number() }).meta({ id: 'TemplateVersion' })

/** The id that the tests import an example under. */
const ID = 'recall'
const OF_ONE = { params: { id: ID } }
const EXAMPLE = {
  id: ID,
  version: 1,
  title: 'Recall',
  description: '',
  parameters: { wait: { type: 'string', default: '1m' } },
  provenance: { pack: 'example' },
}
const EXAMPLE_DOCUMENT = {
  start: 'pause',
  nodes: { pause: { type: 'delay', for: { $param: 'wait' } } },
  edges: [],
}

function show(template: TemplateSummary): z.input<z.ZodObject<typeof summaryFields>> {
  const { id, version: latest, title, description, provenance } = template
  const { forkedFrom, ...origin } = provenance
  return {
    id,
    version: latest,
    title,
    description,
    parameters: Object.fromEntries(
      Object.entries(template.parameters).map(([name, { enum: choices, ...rest }]) => [
        name,
        { ...rest, ...(choices ? { enum: [...choices] } : {}) },
      ]),
    ),
    provenance: { ...origin, ...(forkedFrom ? { forkedFrom: { ...forkedFrom } } : {}) },
  }
}

export const templateOperations: readonly ApiOperation[] = [
  operation({
    id: 'templates.list',
    method: 'GET',
    path: '/api/v1/templates',
    summary: 'The latest version of every template, of packs and of people',
    permission: 'workflows:read',
    audit: 'none',
    phi: false,
    request: {},
    response: z
      .object({ data: z.array(z.object(summaryFields).meta({ id: 'Template' })) })
      .meta({ id: 'Templates' }),
    examples: [{ name: 'one template', request: {}, response: { data: [EXAMPLE] } }],
    run: async ({ orderly }) => ({ data: (await orderly.templates()).map(show) }),
  }),
  operation({
    id: 'templates.get',
    method: 'GET',
    path: '/api/v1/templates/:id',
    summary: 'One version of a template with its document, the latest unless told',
    permission: 'workflows:read',
    audit: 'none',
    phi: false,
    etag: true,
    request: {
      params: idParams,
      query: z.object({ version: z.coerce.number().int().min(1).optional() }),
    },
    response: z
      .object({
        ...summaryFields,
        document: z.unknown().describe('With `{ "$param": "<name>" }` where a value goes.'),
      })
      .meta({ id: 'TemplateDetail' }),
    examples: [
      {
        name: 'the latest version',
        request: OF_ONE,
        response: { ...EXAMPLE, document: EXAMPLE_DOCUMENT },
      },
    ],
    async run({ orderly }, { params, query }) {
      const { title, description, provenance, ...found } = await orderly.template(
        params.id,
        query.version,
      )
      const summary = show({
        ...found,
        title: title ?? found.id,
        description: description ?? '',
        provenance: provenance ?? {},
      })
      return { ...summary, document: found.document }
    },
  }),
  operation({
    id: 'templates.use',
    method: 'POST',
    path: '/api/v1/templates/:id/use',
    summary: 'Make a draft of a workflow from a template and values for its parameters',
    permission: 'workflows:write',
    audit: 'write',
    of: 'installation',
    phi: false,
    status: 201,
    request: {
      params: idParams,
      body: z.object({
        as: templateId.describe('The id of the workflow that is made.'),
        params: z.record(z.string().max(64), z.unknown()).default({}),
        version: z.int().min(1).optional(),
      }),
    },
    response: z
      .object({
        workflow: z.string(),
        revision: z.number(),
        findings: z.array(z.object({ node: z.string(), code: z.string(), message: z.string() })),
      })
      .meta({ id: 'WorkflowFromTemplate' }),
    examples: [
      {
        name: 'with another wait',
        request: { ...OF_ONE, body: { as: 'recall-north', params: { wait: '5m' } } },
        response: { workflow: 'recall-north', revision: 1, findings: [] },
      },
    ],
    async run({ orderly, actor, note }, { params, body }) {
      const made = await orderly.instantiateTemplate(params.id, {
        as: body.as,
        params: body.params,
        by: actor.name,
        ...(body.version === undefined ? {} : { version: body.version }),
      })
      note({ workflow: body.as })
      return {
        workflow: body.as,
        revision: made.revision,
        findings: made.findings.map(({ node, code, message }) => ({ node, code, message })),
      }
    },
  }),
  operation({
    id: 'templates.fork',
    method: 'POST',
    path: '/api/v1/templates/:id/fork',
    summary: 'Copy a template under another id, which names the one it came from',
    permission: 'workflows:write',
    audit: 'write',
    of: 'installation',
    phi: false,
    status: 201,
    request: {
      params: idParams,
      body: z.object({ as: templateId, version: z.int().min(1).optional() }),
    },
    response: version,
    examples: [
      {
        name: 'a copy',
        request: { ...OF_ONE, body: { as: 'recall-own' } },
        response: { version: 1 },
      },
    ],
    async run({ orderly, actor, note }, { params, body }) {
      note({ as: body.as })
      return orderly.forkTemplate(params.id, {
        as: body.as,
        by: actor.name,
        ...(body.version === undefined ? {} : { version: body.version }),
      })
    },
  }),
  operation({
    id: 'templates.import',
    method: 'POST',
    path: '/api/v1/templates',
    summary: 'Keep a template as the next version of its id',
    permission: 'workflows:write',
    audit: 'write',
    of: 'installation',
    phi: false,
    status: 201,
    request: {
      body: z.object({
        template: z.record(z.string(), z.unknown()).describe('Of the format `orderly.template/1`.'),
        source: z.string().max(500).optional().describe('Where it comes from, in words.'),
      }),
    },
    response: version,
    examples: [
      {
        name: 'a small one',
        request: {
          body: {
            template: {
              format: 'orderly.template/1',
              id: 'recall-imported',
              version: 1,
              parameters: EXAMPLE.parameters,
              document: EXAMPLE_DOCUMENT,
            },
          },
        },
        response: { version: 1 },
      },
    ],
    run: ({ orderly, actor }, { body }) =>
      orderly.importTemplate(body.template, {
        by: actor.name,
        ...(body.source === undefined ? {} : { source: body.source }),
      }),
  }),
]
