// Operations on workflows: documents, drafts, deployment, differences, simulation.
import { z } from 'zod'
import { simulateWorkflow } from '../../runtime/simulation.ts'
import { checkWorkflow } from '../../runtime/workflow-store.ts'
import { EXAMPLE_IDS, operation, type ApiOperation } from '../contract.ts'
import { idParams, reason, time } from '../fields.ts'
import { isWorkflowWithinReach, sightOf } from '../reach.ts'

const version = z
  .object({
    version: z.number(),
    source: z.enum(['code', 'store']).describe('`code`: the program brings it with it.'),
    by: z.string(),
    note: z.string(),
    at: time.nullable().describe('Null for what the program brings.'),
  })
  .meta({ id: 'WorkflowVersion' })

const draft = z
  .object({ revision: z.number(), by: z.string(), at: time })
  .meta({ id: 'WorkflowDraft' })

const summary = z
  .object({
    id: z.string(),
    title: z.string(),
    version: z.number().nullable().describe('Null while there is only a draft.'),
    versions: z.array(version),
    draft: draft.nullable(),
  })
  .meta({ id: 'Workflow' })

const finding = z
  .object({
    node: z.string().describe('Empty where it is about the document as a whole.'),
    code: z.string(),
    message: z.string(),
  })
  .meta({ id: 'WorkflowFinding' })

const document = z.unknown().describe('A document of the format `orderly.workflow/1`.')
const newDraft = z
  .object({ revision: z.number(), findings: z.array(finding) })
  .meta({ id: 'SavedDraft' })

const EXAMPLE_VERSION = { version: 1, source: 'code', by: '', note: '', at: null } as const
const EXAMPLE = {
  id: EXAMPLE_IDS.workflow,
  title: '',
  version: 1,
  versions: [EXAMPLE_VERSION],
  draft: null,
}
/** The smallest workflow there is. */
export const EXAMPLE_DOCUMENT = {
  format: 'orderly.workflow/1',
  id: 'example',
  version: 1,
  start: 'pause',
  nodes: { pause: { type: 'delay', for: '1m' } },
  edges: [] as const,
}

/** Of a draft that is not there nothing says what its id may be. */
const workflowParams = z.object({ id: z.string().regex(/^[A-Za-z][A-Za-z0-9._-]{0,99}$/) })

export const workflowOperations: readonly ApiOperation[] = [
  operation({
    id: 'workflows.list',
    method: 'GET',
    path: '/api/v1/workflows',
    summary: 'Every workflow with its versions and its draft',
    permission: 'workflows:read',
    audit: 'none',
    phi: false,
    request: {},
    response: z.object({ data: z.array(summary) }).meta({ id: 'Workflows' }),
    examples: [{ name: 'one workflow', request: {}, response: { data: [EXAMPLE] } }],
    async run(context) {
      const all = await context.orderly.workflows()
      const isSeen = await Promise.all(all.map(({ id }) => isWorkflowWithinReach(context, id)))
      return { data: all.filter((_, at) => isSeen[at]) }
    },
  }),
  operation({
    id: 'workflows.get',
    method: 'GET',
    path: '/api/v1/workflows/:id',
    summary: 'One version of a workflow, the latest unless told',
    permission: 'workflows:read',
    audit: 'none',
    of: 'workflow',
    phi: false,
    etag: true,
    request: {
      params: idParams,
      query: z.object({ version: z.coerce.number().int().min(1).optional() }),
    },
    response: z
      .object({
        id: z.string(),
        version: z.number(),
        versions: z.array(version),
        document,
      })
      .meta({ id: 'WorkflowDetail' }),
    examples: [
      {
        name: 'the latest version',
        request: { params: { id: EXAMPLE_IDS.workflow } },
        response: {
          id: EXAMPLE_IDS.workflow,
          version: 1,
          versions: [EXAMPLE_VERSION],
          document: EXAMPLE_DOCUMENT,
        },
      },
    ],
    async run({ orderly }, { params, query }) {
      const [found, versions] = await Promise.all([
        orderly.workflow(params.id, query.version),
        orderly.workflowVersions(params.id),
      ])
      return { id: found.id, version: found.version, versions, document: found }
    },
  }),
  operation({
    id: 'workflows.validate',
    method: 'POST',
    path: '/api/v1/workflows/validate',
    summary: 'Say what is wrong with a document, and keep nothing',
    permission: 'workflows:read',
    audit: 'none',
    phi: false,
    forgetful: true,
    request: { body: z.object({ document }) },
    response: z
      .object({ valid: z.boolean(), findings: z.array(finding) })
      .meta({ id: 'WorkflowValidity' }),
    examples: [
      {
        name: 'a document that can run',
        request: { body: { document: EXAMPLE_DOCUMENT } },
        response: { valid: true, findings: [] },
      },
    ],
    async run(context, { body }) {
      const { findings } = await checkWorkflow(context.rooms, body.document, sightOf(context))
      return { valid: findings.length === 0, findings: findings.slice(0, 500) }
    },
  }),
  operation({
    id: 'workflows.draft',
    method: 'GET',
    path: '/api/v1/workflows/:id/draft',
    summary: 'What somebody is working on',
    permission: 'workflows:read',
    audit: 'none',
    of: 'workflow',
    phi: false,
    request: { params: workflowParams },
    response: z
      .object({ draft: draft.extend({ document }).nullable() })
      .meta({ id: 'WorkflowDraftDetail' }),
    examples: [
      {
        name: 'nobody works on it',
        request: { params: { id: EXAMPLE_IDS.workflow } },
        response: { draft: null },
      },
    ],
    run: async ({ orderly }, { params }) => ({
      draft: (await orderly.workflowDraft(params.id)) ?? null,
    }),
  }),
  operation({
    id: 'workflows.saveDraft',
    method: 'PUT',
    path: '/api/v1/workflows/:id/draft',
    summary: 'Keep a document that is worked on, faults and all, and say what they are',
    description: 'With `revision` it is refused when the draft stands at another one.',
    permission: 'workflows:write',
    audit: 'write',
    of: 'workflow',
    phi: false,
    request: {
      params: idParams,
      body: z.object({
        document: z.looseObject({}),
        revision: z.int().min(0).optional(),
      }),
    },
    response: newDraft,
    examples: [
      {
        name: 'the smallest there is',
        request: {
          params: { id: 'example' },
          body: { document: EXAMPLE_DOCUMENT },
        },
        response: { revision: 1, findings: [] },
      },
    ],
    async run({ orderly, actor, note }, { params, body }) {
      const saved = await orderly.saveDraft(
        { ...body.document, id: params.id },
        {
          by: actor.name,
          ...(body.revision === undefined ? {} : { revision: body.revision }),
        },
      )
      note({ revision: saved.revision, findings: saved.findings.length })
      return saved
    },
  }),
  operation({
    id: 'workflows.dropDraft',
    method: 'DELETE',
    path: '/api/v1/workflows/:id/draft',
    summary: 'Throw a draft away',
    permission: 'workflows:write',
    audit: 'write',
    of: 'workflow',
    phi: false,
    request: { params: workflowParams },
    response: z.object({ dropped: z.boolean() }).meta({ id: 'DroppedDraft' }),
    examples: [
      { name: 'a draft', request: { params: { id: 'example' } }, response: { dropped: true } },
    ],
    run: async ({ orderly }, { params }) => ({ dropped: await orderly.dropDraft(params.id) }),
  }),
  operation({
    id: 'workflows.deploy',
    method: 'POST',
    path: '/api/v1/workflows/:id/deploy',
    summary: 'Make the draft the next version; runs that have begun keep theirs',
    permission: 'workflows:deploy',
    audit: 'write',
    of: 'workflow',
    phi: false,
    status: 201,
    request: {
      params: idParams,
      body: z.object({ note: reason.optional(), revision: z.int().min(0).optional() }).optional(),
    },
    response: z.object({ version: z.number() }).meta({ id: 'DeployedWorkflow' }),
    examples: [
      {
        name: 'as it stands',
        request: { params: { id: 'example' }, body: { note: 'waits a minute' } },
        response: { version: 1 },
      },
    ],
    async run({ orderly, actor, note }, { params, body }) {
      const done = await orderly.deployWorkflow(params.id, {
        by: actor.name,
        ...(body?.note === undefined ? {} : { note: body.note }),
        ...(body?.revision === undefined ? {} : { revision: body.revision }),
      })
      note({ version: done.version })
      return done
    },
  }),
  operation({
    id: 'workflows.diff',
    method: 'GET',
    path: '/api/v1/workflows/:id/diff',
    summary: 'What differs between two versions, or a version and the draft',
    permission: 'workflows:read',
    audit: 'none',
    of: 'workflow',
    phi: false,
    request: {
      params: idParams,
      query: z.object({
        before: z.coerce.number().int().min(1),
        after: z.union([z.literal('draft'), z.coerce.number().int().min(1)]),
      }),
    },
    response: z
      .object({
        same: z.boolean(),
        added: z.array(z.string()),
        removed: z.array(z.string()),
        changed: z.array(z.object({ node: z.string(), fields: z.array(z.unknown()) })),
        edgesAdded: z.array(z.unknown()),
        edgesRemoved: z.array(z.unknown()),
        document: z.array(z.unknown()),
      })
      .meta({ id: 'WorkflowDiff' }),
    examples: [
      {
        name: 'a version with itself',
        request: { params: { id: EXAMPLE_IDS.workflow }, query: { before: '1', after: '1' } },
        response: {
          same: true,
          added: [],
          removed: [],
          changed: [],
          edgesAdded: [],
          edgesRemoved: [],
          document: [],
        },
      },
    ],
    run: ({ orderly }, { params, query }) =>
      orderly.diffWorkflow(params.id, query.before, query.after),
  }),
  operation({
    id: 'workflows.simulate',
    method: 'POST',
    path: '/api/v1/workflows/simulate',
    summary: 'Play a document on a clock of its own, with assumed durations and results',
    permission: 'workflows:read',
    audit: 'none',
    phi: false,
    forgetful: true,
    request: {
      body: z.object({
        document,
        input: z.unknown().optional(),
        start: time.optional(),
        nodes: z.record(z.string(), z.looseObject({})).optional(),
      }),
    },
    response: z
      .object({
        end: z.enum(['completed', 'failed', 'stuck']),
        duration: z.number().describe('Milliseconds.'),
        events: z.array(
          z.object({ at: time, node: z.string(), what: z.string(), items: z.number().optional() }),
        ),
        longest: z.array(z.string()),
        unsure: z.array(z.string()),
      })
      .meta({ id: 'Simulation' }),
    examples: [
      {
        name: 'a minute',
        request: { body: { document: EXAMPLE_DOCUMENT, start: 0 } },
        response: {
          end: 'completed',
          duration: 60_000,
          events: [{ at: 0, node: 'pause', what: 'began' }],
          longest: ['pause'],
          unsure: [],
        },
      },
    ],
    run: (context, { body: { document: played, ...options } }) =>
      simulateWorkflow(context.rooms, played, options as object, sightOf(context)),
  }),
]
