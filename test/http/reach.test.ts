import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { actorOf } from '../../packages/orderly/src/access/actor.ts'
import { ROLES, type RoleName } from '../../packages/orderly/src/access/roles.ts'
import { EXAMPLE_IDS, type ApiOperation } from '../../packages/orderly/src/http/contract.ts'
import { OPERATIONS } from '../../packages/orderly/src/http/operations/index.ts'
import { ask, openWorld, type Answer, type World } from './world.ts'
import { seed } from './seed.ts'

/** They say back what the caller sent, or names of the house that hold nothing of a queue. */
const SAYS_BACK = new Set([
  'bulk.plan',
  'bulk.list',
  'views.create',
  'alertRules.list',
  'alertSilences.list',
])
/** Who holds a role is told what that role is told. */
const OF_A_ROLE = new Set(['notifications.list'])

let world: World
let ids: Readonly<Record<string, string | undefined>>

beforeAll(async () => {
  world = await openWorld({ api: { rate: { limit: 1_000_000, per: 1_000 } } })
  ids = await seed(world)
  const roles = Object.keys(ROLES) as RoleName[]
  const of = (id: string, queues: readonly string[]): void =>
    void world.actors.set(
      id,
      actorOf({ id, kind: 'user', name: id, roles, queues }, { production: false }),
    )
  of('elsewhere', ['nowhere.*'])
  of('pdf-all', ['pdf'])
})
afterAll(() => world.close())

function call({ method, path, examples }: ApiOperation, as: string): Promise<Answer> {
  let text = JSON.stringify(examples[0]!.request)
  for (const [name, id] of Object.entries(EXAMPLE_IDS)) text = text.replaceAll(id, ids[name] ?? id)
  const {
    params = {},
    query = {},
    body,
  } = JSON.parse(text) as ApiOperation['examples'][0]['request']
  const place = path.replaceAll(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name]!))
  const search = new URLSearchParams(query).toString()
  return ask(world, method, search === '' ? place : `${place}?${search}`, { as, body })
}

const asked = OPERATIONS.filter(({ stream, permission }) => !stream && permission !== 'anyone')

describe('whoever reaches no queue of those there are', () => {
  it('is shown nothing of any by any operation, whatever their roles', async () => {
    const made = Object.values(ids).filter((id) => id !== undefined && id.length > 20)
    const things = [
      'mail.send',
      'pdf.render',
      '"queue":"mail"',
      '"queue":"pdf"',
      'Z*** Q***',
      '"welcome"',
      '"broken"',
      ...made.map(String),
    ]
    const shown: string[] = []
    for (const operation of asked) {
      const { status, text } = await call(operation, 'elsewhere')
      if (status >= 400 || SAYS_BACK.has(operation.id) || OF_A_ROLE.has(operation.id)) continue
      const seen = things.filter((thing) => text.includes(thing))
      if (seen.length > 0) shown.push(`${operation.id}: ${seen.join(', ')}`)
    }
    expect(shown).toEqual([])
  })

  it('changes nothing by any operation, but what is their own', async () => {
    const own = /^(session|sessions|views|notifications)\.|^bulk\.plan$|^deadLetters\.redrive$/
    const done: string[] = []
    for (const operation of asked.filter(({ audit }) => audit === 'write')) {
      const { status, json } = await call(operation, 'elsewhere')
      if (status < 400 && !own.test(operation.id)) done.push(operation.id)
      if (operation.id === 'deadLetters.redrive') expect(json).toMatchObject({ redriven: 0 })
    }
    expect(done).toEqual([])
    expect((await world.orderly.run(ids['run']!))?.state).toBe('running')
  })
})

describe('a workflow', () => {
  it('is named by every operation on it or on its runs', () => {
    const of = (prefix: string): (string | undefined)[] => [
      ...new Set(OPERATIONS.filter(({ path }) => path.startsWith(prefix)).map(({ of }) => of)),
    ]
    expect(of('/api/v1/runs/:id')).toEqual(['run'])
    expect(of('/api/v1/workflows/:id')).toEqual(['workflow'])
  })

  it('is within reach of whoever reaches the queues of all its jobs', async () => {
    const list = await ask(world, 'GET', '/api/v1/workflows', { as: 'pdf-all' })
    expect(list.json.data.map(({ id }: { id: string }) => id)).toEqual(['broken'])
    const runs = await ask(world, 'GET', '/api/v1/runs', { as: 'pdf-all' })
    expect(runs.json.data.map(({ id }: { id: string }) => id)).toEqual([ids['failedRun']])
    const begun = await ask(world, 'POST', '/api/v1/workflows/broken/runs', {
      as: 'pdf-all',
      body: { input: {} },
    })
    expect(begun.status).toBe(201)
    const cancel = OPERATIONS.find(({ id }) => id === 'runs.cancel')!
    expect((await call(cancel, 'pdf-all')).status).toBe(404)
    const told = async (id: string): Promise<unknown> => {
      const { json } = await ask(world, 'GET', `/api/v1/runs/${id}`, { as: 'pdf-all' })
      return { ...json, instance: '' }
    }
    expect(await told(ids['run']!)).toEqual(await told('none'))
  })

  it('is not drafted, scheduled or deployed to do what its author may not', async () => {
    const draft = (job: string, input: object) =>
      ask(world, 'PUT', '/api/v1/workflows/sly/draft', {
        as: 'pdf-all',
        body: {
          document: {
            format: 'orderly.workflow/1',
            id: 'sly',
            version: 1,
            start: 'go',
            nodes: { go: { type: 'job', job, input } },
            edges: [],
          },
        },
      })
    expect((await draft('mail.send', { patient: '"x"', clinicId: '"y"' })).status).toBe(404)
    expect((await draft('pdf.render', { orderId: '1' })).status).toBe(200)
    const schedule = (workflow: string) =>
      ask(world, 'PUT', '/api/v1/schedules/sly', {
        as: 'pdf-all',
        body: { workflow, input: {}, spec: { cron: '0 2 * * *' } },
      })
    expect((await schedule('welcome')).status).toBe(404)
    expect((await schedule('broken')).status).toBe(200)
  })

  it('is found out in one look at each, however many name each other', async () => {
    const names = Array.from({ length: 12 }, (_, n) => `ring-${n}`)
    for (const name of names) {
      const others = names
        .filter((each) => each !== name)
        .map((each) => [each, { type: 'sub-workflow', workflow: each }] as const)
      const nodes = {
        own: { type: 'job', job: 'pdf.render', input: { orderId: '1' } },
        ...Object.fromEntries(others),
      }
      const document = { format: 'orderly.workflow/1', id: name, version: 1, start: 'own', nodes, edges: [] } // prettier-ignore
      const { status } = await ask(world, 'PUT', `/api/v1/workflows/${name}/draft`, {
        as: 'pdf-all',
        body: { document },
      })
      expect(status).toBe(200)
    }
    const seen = await ask(world, 'GET', '/api/v1/workflows/ring-0/draft', { as: 'pdf-all' })
    expect(seen.status).toBe(200)
  })
})
