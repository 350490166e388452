import { Validator } from '@seriousme/openapi-schema-validator'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isPermission, type Permission } from '../../packages/orderly/src/access/permissions.ts'
import { ROLE_NAMES } from '../../packages/orderly/src/access/roles.ts'
import { EXAMPLE_IDS, type ApiOperation } from '../../packages/orderly/src/http/contract.ts'
import { entryOf } from '../../packages/orderly/src/http/auth.ts'
import { openApiDocument } from '../../packages/orderly/src/http/openapi.ts'
import { OPERATIONS } from '../../packages/orderly/src/http/operations/index.ts'
import { ask, CANARY, CANARY_MRN, openWorld, type Answer, type World } from './world.ts'
import { seed } from './seed.ts'

const CANARIES = [CANARY, ...CANARY.split(' '), CANARY_MRN]
/** What a request may be filled with where it must not fit. */
const NONSENSE = { [CANARY]: CANARY, nothing: { of: CANARY } }

/** Areas whose own tests answer examples: they want a person who has signed in, or a thing that is made there. */
const OF_PERSONS = new Set([
  'session',
  'sessions',
  'setup',
  'users',
  'apikeys',
  'audit',
  'reveal',
  'emergency',
  'approvals',
  'signoffs',
])

let world: World
let ids: Readonly<Record<string, string | undefined>>
/** Everything that ever left. */
const left: string[] = []

beforeAll(async () => {
  world = await openWorld({ api: { rate: { limit: 1_000_000, per: 1_000 } } })
  ids = await seed(world)
})
afterAll(() => world.close())

/** What takes away what others need comes last. */
const last = ({ id, method }: ApiOperation): number =>
  id === 'deadLetters.redrive' || id === 'runs.retry' || id === 'runs.skip'
    ? 2
    : method === 'DELETE'
      ? 1
      : 0
const streamed = OPERATIONS.filter(({ stream }) => stream)
const answered = OPERATIONS.filter(({ stream }) => !stream).toSorted((a, b) => last(a) - last(b))

/** A request of an example with the ids of what is there. */
function real<T>(value: T): T {
  let text = JSON.stringify(value ?? null)
  for (const [name, id] of Object.entries(EXAMPLE_IDS)) text = text.replaceAll(id, ids[name] ?? id)
  return JSON.parse(text) as T
}

async function call(
  operation: ApiOperation,
  as: string,
  change: { readonly params?: object; readonly query?: object; readonly body?: unknown } = {},
): Promise<Answer> {
  const [example] = operation.examples
  const { params: own = {}, query = {}, body } = real(example!.request)
  const params: Readonly<Record<string, string>> = { ...own, ...change.params }
  const path = operation.path.replaceAll(/:(\w+)/g, (_whole, name: string) =>
    encodeURIComponent(params[name]!),
  )
  const search = new URLSearchParams({ ...query, ...change.query }).toString()
  const answer = await ask(world, operation.method, search === '' ? path : `${path}?${search}`, {
    as,
    body: 'body' in change ? change.body : (body ?? undefined),
  })
  left.push(answer.text, JSON.stringify(answer.headers))
  return answer
}

function expectProblem(answer: Answer, status: number): void {
  expect(answer.status, answer.text).toEqual(status)
  expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8')
  expect(answer.json).toMatchObject({
    status,
    title: expect.any(String),
    instance: expect.any(String),
  })
}

/** What a call addresses, or makes, is on its entry: whoever looks for a record finds what was done to it. */
function expectNamed(operation: ApiOperation, answer: Answer): void {
  const entry = entryOf(
    world.entries.findLast((each) => each.operation === operation.id)!,
    {},
  )
  const { params = {}, query = {}, body } = real(operation.examples[0]!.request)
  const asked = JSON.stringify([query, body])
  const addressed = [
    ...Object.values(params),
    // A token is no name of anything, and a secret.
    ...Object.entries(ids).flatMap(([name, id]) =>
      id !== undefined && name !== 'bulkToken' && asked.includes(JSON.stringify(id)) ? [id] : [],
    ),
    ...(answer.status === 201 && answer.json?.id ? [answer.json.id as string] : []),
  ]
  for (const id of addressed)
    expect(JSON.stringify([entry.resource, entry.detail]), operation.id).toContain(id)
  if (
    Object.keys(params).some((name) => name === 'id' || name === 'name') ||
    addressed.length === 1
  )
    expect(addressed, operation.id).toContain(entry.resource?.id)
}

describe('the contract', () => {
  it('says everything about every operation, each once', () => {
    for (const operation of OPERATIONS) {
      const { id, permission, summary, examples, response, request } = operation
      expect(id).toMatch(/^[a-z][A-Za-z]*\.[a-z][A-Za-z-]*$/)
      expect(
        permission === 'anyone' || permission === 'signed-in' || isPermission(permission),
        id,
      ).toBe(true)
      expect(summary.length, id).toBeGreaterThan(5)
      expect(examples.length, id).toBeGreaterThan(0)
      for (const example of examples) {
        expect(response.safeParse(example.response).error, `${id} answer`).toBeUndefined()
        for (const part of ['params', 'query', 'body'] as const)
          expect(
            request[part]?.safeParse(example.request[part] ?? (part === 'body' ? undefined : {}))
              .error,
            `${id} ${part}`,
          ).toBeUndefined()
      }
      const named = [...operation.path.matchAll(/:(\w+)/g)].map(([, name]) => name)
      expect(Object.keys(request.params?.shape ?? {}).toSorted(), id).toEqual(named.toSorted())
      if (operation.method !== 'GET')
        expect(['write', 'reveal', 'read', 'none']).toContain(operation.audit)
    }
    const routes = OPERATIONS.flatMap(({ method, path, aliases = [] }) => [
      `${method} ${path}`,
      ...aliases.map((alias) => `${alias.method} ${alias.path}`),
    ])
    expect(new Set(routes).size).toBe(routes.length)
    expect(new Set(OPERATIONS.map(({ id }) => id)).size).toBe(OPERATIONS.length)
  })

  it('changes nothing on GET, unless somebody switches that on', () => {
    const changing = OPERATIONS.flatMap(({ id, method, audit, aliases = [] }) => [
      ...(method === 'GET' && audit === 'write' ? [id] : []),
      ...(audit === 'write'
        ? aliases.filter((alias) => alias.method === 'GET' && !alias.compatibility).map(() => id)
        : []),
    ])
    expect(changing).toEqual([])
  })

  it('is a valid document of OpenAPI 3.1', async () => {
    const document = openApiDocument(OPERATIONS)
    const written = JSON.parse(JSON.stringify(document)) as Parameters<Validator['validate']>[0]
    const { valid, errors } = await new Validator().validate(written)
    expect(errors).toBeUndefined()
    expect(valid).toBe(true)
  })
})

describe('every operation', () => {
  it.each(answered.map((operation) => [operation.id, operation] as const))(
    '%s refuses strangers, roles without its permission and what does not fit, and answers its example',
    async (_id, operation) => {
      const { permission } = operation
      if (permission !== 'anyone') {
        expectProblem(await call(operation, ''), 401)
        if (permission !== 'signed-in')
          for (const role of ROLE_NAMES) {
            const actor = world.actors.get(role)!
            if (!actor.permissions.includes(permission))
              expectProblem(await call(operation, role), 403)
          }
      }
      // Only an operation whose fields are named elsewhere takes any.
      if (operation.request.query?.def.catchall === undefined)
        expectProblem(await call(operation, 'all', { query: { [CANARY]: CANARY } }), 400)
      if (operation.request.body)
        expectProblem(await call(operation, 'all', { body: NONSENSE }), 400)
      // Whoever takes an address for a field to type in is told nothing of what they typed, nor is the ledger.
      for (const name of Object.keys(operation.request.params?.shape ?? {}))
        expectProblem(
          await call(operation, 'all', { params: { [name]: CANARY } }),
          expect.toBeOneOf([400, 401, 403, 404, 422]) as number,
        )
      const answer = await call(operation, 'all')
      // There is no stream open whose jobs could be told.
      if (operation.id === 'live.watch') return expectProblem(answer, 404)
      // It takes nothing that its source has not signed; test/http/events.test.ts signs.
      if (operation.id === 'events.receive') return expectProblem(answer, 401)
      // These want a person with a session of their own; test/access answers their examples.
      if (OF_PERSONS.has(operation.id.split('.')[0]!) && answer.status >= 400)
        return expectProblem(answer, expect.toBeOneOf([401, 403, 404, 409, 422]) as number)
      expect(answer.status, `${operation.id}: ${answer.text}`).toBe(operation.status ?? 200)
      if (operation.audit !== 'none') expectNamed(operation, answer)
    },
  )

  it.each(streamed.map((operation) => [operation.id, operation] as const))(
    '%s streams to nobody without its permission, and not what does not fit',
    async (_id, operation) => {
      expectProblem(await call(operation, ''), 401)
      for (const role of ROLE_NAMES)
        if (!world.actors.get(role)!.permissions.includes(operation.permission as Permission))
          expectProblem(await call(operation, role), 403)
      expectProblem(await call(operation, 'all', { query: { [CANARY]: CANARY } }), 400)
      if (operation.request.body)
        expectProblem(await call(operation, 'all', { body: NONSENSE }), 400)
      // A live stream does not end by itself; test/http/live.test.ts reads one.
      if (operation.id === 'live.stream') return
      const { status } = await call(operation, 'all')
      expect([operation.id, status]).toEqual([operation.id, expect.toBeOneOf([200, 404])])
    },
  )

  it('let nothing of the patient out: no body, no header, no log line, no entry of the ledger', () => {
    const everything = [
      ...left,
      ...world.lines,
      ...world.entries.map((entry) => JSON.stringify(entry)),
    ]
    const told = (canary: string): string[] =>
      everything.flatMap((text) => {
        const at = text.indexOf(canary)
        return at < 0 ? [] : [text.slice(Math.max(0, at - 100), at + 100)]
      })
    for (const canary of CANARIES) expect(told(canary)).toEqual([])
    expect(told('Z*** Q***')).not.toEqual([])
  })
})
