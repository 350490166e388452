// Operations on a workflow document as somebody works on it: its text in three languages, and what a step would be given.
import { z } from 'zod'
import { tryWorkflowStep } from '../../runtime/simulation.ts'
import { printSource, readSource, SOURCE_LANGUAGES } from '../../workflow/source.ts'
import { operation, type ApiOperation } from '../contract.ts'
import { sightOf } from '../reach.ts'
import { EXAMPLE_DOCUMENT } from './workflows.ts'

const LONGEST_TEXT = 8 * 1024 * 1024

const language = z.enum(SOURCE_LANGUAGES)
const offset = z.number().describe('In UTF-16 units.')
const places = z
  .array(z.object({ node: z.string(), from: offset, to: offset }))
  .describe('Where the text speaks of each node.')

const EXAMPLE_TEXT = `${JSON.stringify(EXAMPLE_DOCUMENT)}\n`
const EXAMPLE_PLACE = {
  node: 'pause',
  from: EXAMPLE_TEXT.indexOf('"pause":'),
  to: EXAMPLE_TEXT.indexOf('}'),
}

export const workflowSourceOperations: readonly ApiOperation[] = [
  operation({
    id: 'workflows.print',
    method: 'POST',
    path: '/api/v1/workflows/source/print',
    summary: 'Write a document as JSON, YAML or TypeScript',
    permission: 'workflows:read',
    audit: 'none',
    phi: false,
    forgetful: true,
    request: { body: z.object({ document: z.looseObject({}), language }) },
    response: z.object({ text: z.string(), places }).meta({ id: 'WorkflowText' }),
    examples: [
      {
        name: 'as JSON',
        request: { body: { document: EXAMPLE_DOCUMENT, language: 'json' } },
        response: { text: EXAMPLE_TEXT, places: [EXAMPLE_PLACE] },
      },
    ],
    run: (_, { body }) => Promise.resolve(printSource(body.document, body.language)),
  }),
  operation({
    id: 'workflows.read',
    method: 'POST',
    path: '/api/v1/workflows/source/read',
    summary: 'Read a document from JSON, YAML or TypeScript, and run nothing of it',
    permission: 'workflows:read',
    audit: 'none',
    phi: false,
    forgetful: true,
    request: { body: z.object({ text: z.string().max(LONGEST_TEXT), language }) },
    response: z
      .object({
        document: z.unknown().describe('Null where it cannot be read.'),
        places,
        problem: z
          .object({
            message: z.string(),
            at: offset,
            line: z.number(),
            column: z.number(),
            node: z.string().describe('Empty where the place belongs to none.'),
          })
          .nullable(),
      })
      .meta({ id: 'WorkflowReading' }),
    examples: [
      {
        name: 'from JSON',
        request: { body: { text: EXAMPLE_TEXT, language: 'json' } },
        response: { document: EXAMPLE_DOCUMENT, places: [EXAMPLE_PLACE], problem: null },
      },
    ],
    run: (_, { body }) => Promise.resolve(readSource(body.text, body.language)),
  }),
  operation({
    id: 'workflows.try',
    method: 'POST',
    path: '/api/v1/workflows/try',
    summary: 'Say what one step would be given and which ways it would take; nothing runs',
    description:
      'What steps before it return is what the document pins, and a small value that fits their schema where it pins none.',
    permission: 'workflows:read',
    audit: 'none',
    phi: false,
    forgetful: true,
    request: {
      body: z.object({
        document: z.looseObject({}),
        node: z.string().max(64),
        input: z.unknown().optional(),
      }),
    },
    response: z
      .object({
        input: z.unknown(),
        worked: z.array(
          z.object({
            what: z.string(),
            text: z.string(),
            value: z.unknown(),
            wrong: z.string().nullable(),
          }),
        ),
        ways: z.array(z.object({ to: z.string(), taken: z.boolean().nullable() })),
        assumed: z.array(z.string()),
      })
      .meta({ id: 'TriedStep' }),
    examples: [
      {
        name: 'a step that takes nothing',
        request: { body: { document: EXAMPLE_DOCUMENT, node: 'pause' } },
        response: { input: null, worked: [], ways: [], assumed: [] },
      },
    ],
    run: (context, { body: { document, node, ...options } }) =>
      Promise.resolve(tryWorkflowStep(context.rooms, document, node, options, sightOf(context))),
  }),
]
