import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { actorOf } from '../../packages/orderly/src/access/actor.ts'
import { ROLES, type RoleName } from '../../packages/orderly/src/access/roles.ts'
import { EXAMPLE_IDS, type ApiOperation } from '../../packages/orderly/src/http/contract.ts'
import { roomsOf } from '../../packages/orderly/src/orderly.ts'
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

describe('a list, to whoever reaches some queues alone', () => {
  it('is their own, however many others ask for it in the same moment', async () => {
    const asked = ['all', 'pdf-all', 'elsewhere', 'pdf-all', 'all', 'viewer'].flatMap((as) =>
      ['/api/v1/queues', '/api/v1/overview', '/api/v1/jobs?limit=50'].map((path) => ({ as, path })),
    )
    const alone = new Map<string, number>()
    for (const { as, path } of asked)
      alone.set(`${as} ${path}`, (await ask(world, 'GET', path, { as })).text.length)
    const together = await Promise.all(asked.map(({ as, path }) => ask(world, 'GET', path, { as })))
    for (const [at, { as, path }] of asked.entries()) {
      const { text } = together[at]!
      expect(Math.abs(text.length - alone.get(`${as} ${path}`)!)).toBeLessThan(20)
      if (as === 'pdf-all') expect(text).not.toMatch(/"(name|queue)":"mail"|mail\.send/)
      if (as === 'elsewhere') expect(text).not.toMatch(/"(name|queue)":"(mail|pdf)"/)
    }
  })

  it('of runs goes on to what is theirs behind any number of others, page by page', async () => {
    for (let n = 0; n < 3; n++) await world.orderly.startRun('broken', {})
    for (let n = 0; n < 12; n++) await world.orderly.startRun('welcome', {})
    const page = (query: string) => ask(world, 'GET', `/api/v1/runs?${query}`, { as: 'pdf-all' })
    const whole = await page('limit=100')
    const own = whole.json.data.map(({ id }: { id: string }) => id)
    expect(own.length).toBeGreaterThanOrEqual(3)
    expect(whole.json.data.every(({ workflow }: any) => workflow === 'broken')).toBe(true)
    const walked: string[] = []
    for (let query = 'limit=2'; ;) {
      const { json } = await page(query)
      walked.push(...json.data.map(({ id }: { id: string }) => id))
      if (json.page.next === null) break
      expect(json.data).toHaveLength(2)
      query = `limit=2&cursor=${encodeURIComponent(json.page.next)}`
    }
    expect(walked).toEqual(own)
    const { json } = await page('limit=1')
    const others = await ask(world, 'GET', `/api/v1/runs?cursor=${json.page.next}`)
    expect(others.status).toBe(400)
  })

  it('of plans has their own behind those of others', async () => {
    const plan = (as: string) =>
      ask(world, 'POST', '/api/v1/bulk', {
        as,
        body: { q: 'state:failed', action: 'retry', reason: 'again' },
      })
    const { json } = await plan('pdf-all')
    for (let n = 0; n < 3; n++) await plan('all')
    const own = await ask(world, 'GET', '/api/v1/bulk?limit=1', { as: 'pdf-all' })
    expect(own.json.data).toMatchObject([{ id: json.id }])
  })

  it('of entries of the audit log is filled with what is theirs', async () => {
    const { ledger } = roomsOf(world.orderly)
    const entry = (queue: string) =>
      ledger.record({
        op: 'queue.pause',
        action: 'U',
        resource: { kind: 'queue', id: queue, queue },
      })
    for (let n = 0; n < 3; n++) await entry('pdf')
    for (let n = 0; n < 9; n++) await entry('mail')
    const { json } = await ask(world, 'GET', '/api/v1/audit?op=queue.pause&limit=2', {
      as: 'pdf-all',
    })
    expect(json.data.map(({ resource }: any) => resource.id)).toEqual(['pdf', 'pdf'])
    expect(json.page.next).not.toBeNull()
  })
})

describe('what looks at a document', () => {
  const of = (job: string, input: object, after: object = {}) => ({
    format: 'orderly.workflow/1',
    id: 'looked-at',
    version: 1,
    start: 'go',
    nodes: { go: { type: 'job', job, input }, ...after },
    edges: Object.keys(after).map((to) => ({ from: 'go', to })),
  })
  const look = (what: string, body: object, as: string) =>
    ask(world, 'POST', `/api/v1/workflows/${what}`, { as, body })

  it('tells nothing of jobs and workflows out of reach that it would not of ones that are not there', async () => {
    const said = async (what: string, body: object, name: string) => {
      const { status, text } = await look(what, body, 'pdf-all')
      return [status, text.replaceAll(name, 'THAT').replace(/"instance":"[^"]*"/, '')]
    }
    const then = { end: { type: 'job', job: 'pdf.render', input: { orderId: 'steps.go.output.sentTo' } } } // prettier-ignore
    for (const what of ['validate', 'simulate', 'try']) {
      const body = (job: string) => ({
        document: of(job, { nothing: '1' }, then),
        ...(what === 'try' ? { node: 'end' } : {}),
      })
      expect(await said(what, body('mail.send'), 'mail.send'), what).toEqual(
        await said(what, body('mail.sent'), 'mail.sent'),
      )
    }
    const sub = (workflow: string) => ({
      document: { ...of('x', {}), nodes: { go: { type: 'sub-workflow', workflow } } },
    })
    expect(await said('validate', sub('welcome'), 'welcome')).toEqual(
      await said('validate', sub('nowhere'), 'nowhere'),
    )
    const whole = await look('validate', { document: of('mail.send', { nothing: '1' }) }, 'all')
    expect(whole.text).toContain('clinicId')
    const own = await look('validate', { document: of('pdf.render', {}) }, 'pdf-all')
    expect(own.text).toContain('orderId')
  })
})
