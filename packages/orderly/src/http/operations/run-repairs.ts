// Operations that mend runs: retried, with a node left out, begun anew from a node.
import { z } from 'zod'
import { EXAMPLE_IDS, operation, type ApiOperation } from '../contract.ts'
import { idParams, reason } from '../fields.ts'

const nodeName = z.string().min(1).max(200)
const OF_FAILED = { params: { id: EXAMPLE_IDS.failedRun } }

export const runRepairs: readonly ApiOperation[] = [
  operation({
    id: 'runs.fork',
    method: 'POST',
    path: '/api/v1/runs/:id/fork',
    summary: 'Begin another run that has behind it what this one had before a node',
    permission: 'workflows:run',
    audit: 'write',
    of: 'run',
    phi: false,
    status: 201,
    request: { params: idParams, body: z.object({ node: nodeName, reason }) },
    response: z.object({ id: z.string() }).meta({ id: 'ForkedRun' }),
    examples: [
      {
        name: 'from the broken step',
        request: { ...OF_FAILED, body: { node: 'break', reason: 'the order is there now' } },
        response: { id: EXAMPLE_IDS.run },
      },
    ],
    async run({ orderly, actor, note }, { params, body }) {
      const forked = await orderly.forkRun(params.id, {
        from: body.node,
        by: actor.name,
      })
      note({ node: body.node, fork: forked.id, reason: body.reason })
      return forked
    },
  }),
  operation({
    id: 'runs.retry',
    method: 'POST',
    path: '/api/v1/runs/:id/retry',
    summary: 'Let the failed nodes of a run that failed begin anew, or one of them',
    permission: 'workflows:run',
    audit: 'write',
    of: 'run',
    phi: false,
    request: { params: idParams, body: z.object({ node: nodeName.optional() }).optional() },
    response: z.object({ retried: z.boolean() }).meta({ id: 'RunRetried' }),
    examples: [{ name: 'all of them', request: OF_FAILED, response: { retried: true } }],
    async run({ orderly, actor, note }, { params, body }) {
      await orderly.retryRun(params.id, {
        by: actor.name,
        ...(body?.node === undefined ? {} : { node: body.node }),
      })
      note({ node: body?.node ?? null })
      return { retried: true }
    },
  }),
  operation({
    id: 'runs.skip',
    method: 'POST',
    path: '/api/v1/runs/:id/skip',
    summary: 'Let a run go on without a node',
    permission: 'workflows:run',
    audit: 'write',
    of: 'run',
    phi: false,
    request: { params: idParams, body: z.object({ node: nodeName, reason }) },
    response: z.object({ skipped: z.boolean() }).meta({ id: 'NodeSkipped' }),
    examples: [
      {
        name: 'not needed',
        request: { ...OF_FAILED, body: { node: 'break', reason: 'it was printed by hand' } },
        response: { skipped: true },
      },
    ],
    async run({ orderly, actor, note }, { params, body }) {
      await orderly.skipNode(params.id, body.node, { by: actor.name, reason: body.reason })
      note({ node: body.node, reason: body.reason })
      return { skipped: true }
    },
  }),
]
