// Helps whoever writes a search.
import { z } from 'zod'
import { complete } from '../../runtime/complete.ts'
import { operation, type ApiOperation } from '../contract.ts'

export const searchOperations: readonly ApiOperation[] = [
  operation({
    id: 'search.complete',
    method: 'POST',
    path: '/api/v1/search/complete',
    summary: 'What may follow in a search: fields, declared paths, values with counts',
    description: 'Values of PHI are never offered.',
    permission: 'jobs:read',
    audit: 'none',
    phi: true,
    forgetful: true,
    request: {
      body: z.object({ text: z.string().max(4_000).describe('The search up to the caret.') }),
    },
    response: z
      .object({
        from: z.number().describe('Where what is completed begins in the text.'),
        items: z.array(
          z.object({ text: z.string(), about: z.string(), count: z.number().nullable() }),
        ),
      })
      .meta({ id: 'Completion' }),
    examples: [
      {
        name: 'a state',
        request: { body: { text: 'queue:mail state:fa' } },
        response: { from: 17, items: [{ text: 'failed', about: '', count: 4 }] },
      },
    ],
    run: ({ rooms, reaches }, { body }) => complete(rooms, body.text, reaches),
  }),
]
