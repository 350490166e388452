// The operations as an OpenAPI 3.1 document.
import { PERMISSIONS } from '../access/permissions.ts'
import type { Alias, ApiOperation, Example } from './contract.ts'
import { schemasOf, type JsonSchema, type OperationSchemas } from './schemas.ts'

const SUMMARIES: Readonly<Record<string, string>> = {
  200: 'It worked.',
  201: 'It was made.',
  202: 'It is worked on.',
}

const PROBLEMS = [
  [400, 'The request does not fit the operation.'],
  [401, 'Nobody known asks.'],
  [403, 'The caller may not do this.'],
  [404, 'There is no such thing within reach.'],
  [409, 'It is not in a state for that.'],
  [412, 'Somebody changed it meanwhile.'],
  [422, 'The content does not fit.'],
  [429, 'Asked too often.'],
  [503, 'Something it needs is away.'],
] as const

export function openApiDocument(operations: readonly ApiOperation[]): JsonSchema {
  const schemas = schemasOf(operations)
  const paths: Record<string, Record<string, unknown>> = {}
  const add = (method: string, path: string, entry: unknown): void => {
    const place = path.replaceAll(/:(\w+)/g, '{$1}')
    paths[place] = { ...paths[place], [method.toLowerCase()]: entry }
  }
  for (const operation of operations) {
    const known = schemas.of.get(operation)!
    add(operation.method, operation.path, entryOf(operation, known))
    for (const alias of operation.aliases ?? [])
      add(alias.method, alias.path, entryOf(operation, known, alias))
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Orderly',
      version: '1',
      description:
        'Background jobs for health-care software. What is PHI is masked in every answer but that of a reveal.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    paths,
    components: {
      schemas: schemas.named,
      securitySchemes: {
        key: { type: 'http', scheme: 'bearer', description: 'An API key.' },
        session: { type: 'apiKey', in: 'cookie', name: '__Host-orderly' },
      },
      responses: Object.fromEntries(
        PROBLEMS.map(([status, description]) => [
          `Problem${status}`,
          {
            description,
            content: {
              'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
            },
          },
        ]),
      ),
    },
  }
}

function entryOf(operation: ApiOperation, schemas: OperationSchemas, alias?: Alias): unknown {
  const { id, summary, description, permission, audit, phi, status = 200, examples } = operation
  const example = examples[0]
  const isFree = permission === 'anyone'
  const needs =
    isFree || permission === 'signed-in'
      ? 'Needs no permission.'
      : `Needs \`${permission}\`: to ${PERMISSIONS[permission]}.`
  const parts = [alias?.note, description, needs].filter((part) => part !== undefined)
  return {
    operationId: alias ? `${id}.alias.${alias.method.toLowerCase()}` : id,
    tags: [id.split('.')[0]!],
    summary,
    description: parts.join('\n\n'),
    ...(alias ? { deprecated: true, 'x-alias-of': id } : {}),
    ...(alias?.compatibility ? { 'x-compatibility': true } : {}),
    'x-permission': permission,
    'x-audit': audit,
    'x-phi': phi,
    ...(isFree ? {} : { security: [{ key: [] }, { session: [] }] }),
    parameters: [
      ...parameters('path', schemas.params, example),
      ...parameters('query', schemas.query, example),
      ...(operation.method === 'POST' && !operation.forgetful ? [IDEMPOTENCY] : []),
    ],
    ...(schemas.body && operation.method !== 'GET' && alias?.method !== 'GET'
      ? { requestBody: bodyOf(schemas, examples) }
      : {}),
    responses: {
      [status]: {
        description: SUMMARIES[status] ?? 'It worked.',
        content: {
          [operation.contentType ?? 'application/json']: {
            schema: schemas.response,
            ...(examples.length > 0
              ? { examples: named(examples, ({ response }) => response) }
              : {}),
          },
        },
      },
      ...Object.fromEntries(
        PROBLEMS.filter(([problem]) => !isFree || (problem !== 401 && problem !== 403)).map(
          ([problem]) => [problem, { $ref: `#/components/responses/Problem${problem}` }],
        ),
      ),
    },
  }
}

const IDEMPOTENCY = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  schema: { type: 'string', minLength: 1, maxLength: 255 },
  description: 'The same request under the same key is done once; its answer is kept for 24 hours.',
}

function bodyOf(schemas: OperationSchemas, examples: readonly Example[]): unknown {
  return {
    required: !schemas.isBodyOptional,
    content: {
      'application/json': {
        schema: schemas.body,
        examples: named(
          examples.filter(({ request }) => request.body !== undefined),
          ({ request }) => request.body,
        ),
      },
    },
  }
}

function named(examples: readonly Example[], value: (example: Example) => unknown): unknown {
  return Object.fromEntries(
    examples.map((example) => [
      example.name.replaceAll(/\W+/g, '-'),
      { summary: example.name, value: value(example) },
    ]),
  )
}

function parameters(
  place: 'path' | 'query',
  schema: JsonSchema | undefined,
  example: Example | undefined,
): unknown[] {
  const properties = (schema?.['properties'] ?? {}) as Record<string, JsonSchema>
  const required = new Set((schema?.['required'] ?? []) as string[])
  const values = place === 'path' ? example?.request.params : example?.request.query
  return Object.entries(properties).map(([name, { description, ...own }]) => ({
    name,
    in: place,
    required: place === 'path' || required.has(name),
    ...(description === undefined ? {} : { description }),
    schema: own,
    ...(values?.[name] === undefined ? {} : { example: exampleOf(own, values[name]) }),
  }))
}

function exampleOf({ type }: JsonSchema, text: string): unknown {
  return type === 'integer' || type === 'number' ? Number(text) : text
}
