import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { definePack, type PackRooms, type PageBlock } from 'orderly'
import { openApiDocument } from '../../packages/orderly/src/http/openapi.ts'
import { operationsOf } from '../../packages/orderly/src/http/operations-of.ts'
import { ask, openWorld, renderPdf, type World } from './world.ts'

let world: World
const asked: unknown[] = []

beforeAll(async () => {
  const blocks = [
    {
      block: 'table',
      title: 'Patients',
      columns: [{ key: 'name', label: 'Name' }],
      rows: [{ name: { masked: 'J*** R***', kind: 'name', clear: 'Jane Roe' } }],
      empty: 'None yet.',
      note: 'Jane Roe',
    },
  ] as unknown as readonly PageBlock[]
  world = await openWorld({
    packs: [
      definePack<PackRooms>({
        name: 'clinic',
        jobs: [],
        queues: [],
        triggers: [{ path: '/jobs/pdf/render', job: renderPdf }],
        open: async () => ({
          handlers: [],
          pages: [
            { id: 'patients', title: 'Patients', inRail: true, load: async () => blocks },
            {
              id: 'patient',
              title: 'Patient',
              inRail: false,
              params: ['id'],
              load: async (params) => {
                asked.push(params)
                return []
              },
            },
          ],
        }),
      }),
    ],
  })
})
afterAll(() => world.close())

describe('pages of packs over HTTP', () => {
  it('are listed with the params they need', async () => {
    const { json } = await ask(world, 'GET', '/api/v1/packs', { as: 'viewer' })
    expect(json.data).toEqual([
      {
        name: 'clinic',
        pages: [
          { id: 'patients', title: 'Patients', inRail: true, params: [] },
          { id: 'patient', title: 'Patient', inRail: false, params: ['id'] },
        ],
        actions: [],
      },
    ])
  })

  it('let nothing out but what a page may hold', async () => {
    const { json, text } = await ask(world, 'GET', '/api/v1/packs/clinic/pages/patients')
    expect(json.blocks[0].rows).toEqual([{ name: { masked: 'J*** R***', kind: 'name' } }])
    expect(text).not.toContain('Jane')
  })

  it('are given their params and no others', async () => {
    await ask(world, 'GET', '/api/v1/packs/clinic/pages/patient?id=p1&evil=x')
    expect(asked).toEqual([{ id: 'p1' }])
    const bare = await ask(world, 'GET', '/api/v1/packs/clinic/pages/patient')
    expect(bare.status).toBe(422)
  })

  it('are not found in other packs, nor by other names', async () => {
    for (const path of ['other/pages/patients', 'clinic/pages/none'])
      expect((await ask(world, 'GET', `/api/v1/packs/${path}`)).status).toBe(404)
  })
})

describe('a path of a pack that adds a job', () => {
  it('adds it for those who may, with its input checked, and is in the documents', async () => {
    const add = (as: string, body?: unknown) =>
      ask(world, 'POST', '/jobs/pdf/render', { as, ...(body === undefined ? {} : { body }) })
    expect((await add('', { orderId: 1 })).status).toBe(401)
    expect((await add('viewer', { orderId: 1 })).status).toBe(403)
    expect((await add('all')).status).toBe(422)
    const added = await add('all', { orderId: 1 })
    expect(added).toMatchObject({ status: 201, json: { duplicate: false } })
    expect(await world.orderly.findJobs({ name: 'pdf.render' })).toMatchObject([
      { id: added.json.id },
    ])
    const { paths } = openApiDocument(operationsOf(world.orderly)) as { paths: object }
    expect(Object.keys(paths)).toContain('/jobs/pdf/render')
  })
})
