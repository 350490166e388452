// The life of a run once more, for whoever looks for what went wrong.
import { z } from 'zod'
import { EXAMPLE_IDS, operation, type ApiOperation } from '../contract.ts'
import { idParams, time } from '../fields.ts'
import { runState } from './runs.ts'

const NODE_STATES = ['waiting', 'running', 'completed', 'failed', 'skipped', 'bypassed'] as const
const nodeState = z.enum(NODE_STATES)

const runLife = z
  .object({
    steps: z.array(
      z.object({
        revision: z.number().describe('The transition it belongs to.'),
        at: time,
        what: z.string(),
        node: z.string().describe('Empty where it is about the run as a whole.'),
        by: z.string(),
        detail: z.string(),
        run: runState.describe('The state of the run after it.'),
        nodes: z
          .record(nodeState, z.number())
          .describe('Nodes that have begun, by state after it.'),
        from: nodeState.nullable(),
        to: nodeState.nullable(),
      }),
    ),
    agrees: z.boolean().describe('Whether the steps end where the run stands.'),
  })
  .meta({ id: 'RunLife' })
const EXAMPLE_LIFE = {
  steps: [
    {
      revision: 1,
      at: 1_767_225_600_000,
      what: 'began',
      node: 'ask',
      by: '',
      detail: '',
      run: 'running' as const,
      nodes: { waiting: 0, running: 1, completed: 0, failed: 0, skipped: 0, bypassed: 0 },
      from: null,
      to: 'running' as const,
    },
  ],
  agrees: true,
}

export const runLifeOperations: readonly ApiOperation[] = [
  operation({
    id: 'runs.life',
    method: 'GET',
    path: '/api/v1/runs/:id/life',
    summary: 'The life of a run once more, a step at a time, for finding out what went wrong',
    permission: 'workflows:read',
    audit: 'none',
    of: 'run',
    phi: false,
    request: { params: idParams },
    response: runLife,
    examples: [
      {
        name: 'a run that waits',
        request: { params: { id: EXAMPLE_IDS.run } },
        response: EXAMPLE_LIFE,
      },
    ],
    run: ({ orderly }, { params }) => orderly.replayRun(params.id),
  }),
]
