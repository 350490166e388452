// Operations on deploys: when the release that workers are started with changed.
import { z } from 'zod'
import { findDeploys } from '../../state/starts.ts'
import { milliseconds, type Duration } from '../../primitives/duration.ts'
import { operation, type ApiOperation } from '../contract.ts'
import { duration, time } from '../fields.ts'

export const deployOperations: readonly ApiOperation[] = [
  operation({
    id: 'metrics.deploys',
    method: 'GET',
    path: '/api/v1/metrics/deploys',
    summary: 'When the release that workers are started with changed, oldest first',
    permission: 'metrics:read',
    audit: 'none',
    phi: false,
    request: { query: z.object({ last: duration.default('1h').describe('How far back.') }) },
    response: z
      .object({
        data: z.array(
          z
            .object({
              at: time.describe('When its first worker was started.'),
              release: z.string(),
              before: z.string().nullable().describe('Null for the first release known.'),
            })
            .meta({ id: 'Deploy' }),
        ),
      })
      .meta({ id: 'Deploys' }),
    examples: [
      {
        name: 'one deploy',
        request: { query: { last: '24h' } },
        response: { data: [{ at: 1_767_225_600_000, release: '1.4.2', before: '1.4.1' }] },
      },
    ],
    run: async ({ rooms }, { query: { last } }) => ({
      data: await findDeploys(rooms.state, rooms.clock.now() - milliseconds(last as Duration)),
    }),
  }),
]
