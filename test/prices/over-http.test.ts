// The pipeline as others run it: over HTTP, from the scan to the decision on what was held.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { prices, registryDirectory } from '../../packs/prices/src/index.ts'
import { startMirror, type Mirror } from '../../packs/prices/src/mirror/index.ts'
import { ask, openWorld, type World } from '../http/world.ts'

let folder: string
let mirror: Mirror
let world: World

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'orderly-over-http-'))
  mirror = await startMirror({ folder })
  const directories = [registryDirectory(`${mirror.origin}/registry.json`)]
  const pack = prices({ directories, connectTo: mirror.connectTo })
  world = await openWorld({ jobs: [], handlers: [], queues: [], workflows: [], packs: [pack] })
  await world.orderly.start()
})
afterAll(async () => {
  await world.close()
  await mirror[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

const publish = (dollars: string): void =>
  writeFileSync(join(folder, 'a.csv'), `CPT Code,Description,Gross Charge\n10001,ONE,${dollars}\n`)
const shown = async (): Promise<readonly string[]> =>
  (await sql<{ dollars: string }>`select dollars from price_list`.execute(world.orderly.database.query)).rows.map(({ dollars }) => dollars) // prettier-ignore

/** Runs the workflow until somebody is asked. */
async function untilAsked(): Promise<string> {
  const { json } = await ask(world, 'POST', '/api/v1/workflows/prices.pipeline/runs', { body: { input: {} } }) // prettier-ignore
  for (;;) {
    const { data } = (await ask(world, 'GET', '/api/v1/approvals')).json as { data: { run: string }[] } // prettier-ignore
    if (data.some(({ run }) => run === json.id)) return json.id as string
    await world.orderly.clock.sleep(20)
  }
}

async function decide(run: string, approved: boolean, as: string): Promise<number> {
  const body = { node: 'ask', approved }
  const { status } = await ask(world, 'POST', `/api/v1/runs/${run}/decide`, { as, body })
  for (;;) {
    const { json } = await ask(world, 'GET', `/api/v1/runs/${run}`)
    if (status >= 400 || json.state !== 'running') return status
    await world.orderly.clock.sleep(20)
  }
}

it('begins with a scan that whoever may enqueue jobs asks for, and nobody else', async () => {
  publish('100.00')
  expect((await ask(world, 'POST', '/jobs/pra/scan', { as: '' })).status).toBe(401)
  expect((await ask(world, 'POST', '/jobs/pra/scan', { as: 'viewer' })).status).toBe(403)
  const wrong = await ask(world, 'POST', '/jobs/pra/scan', { body: { states: ['Georgia'] } })
  expect(wrong.status).toBe(422)
  const { status, json } = await ask(world, 'POST', '/jobs/pra/scan', { as: 'operator' })
  expect(status).toBe(201)
  await world.orderly.whenIdle()
  expect((await ask(world, 'GET', `/api/v1/jobs/${json.id}`)).json).toMatchObject({ state: 'completed' }) // prettier-ignore
  expect(await shown()).toEqual(['100.0000'])
})

it('shows what was held only once somebody who may has approved it', async () => {
  publish('100000.00')
  const run = await untilAsked()
  expect(await decide(run, true, 'viewer')).toBe(403)
  expect(await shown()).toEqual(['100.0000'])
  expect(await decide(run, true, 'admin')).toBe(200)
  expect(await shown()).toEqual(['100000.0000'])
  // It is decided: nobody decides it again.
  expect(await decide(run, false, 'admin')).toBeGreaterThanOrEqual(400)
})

it('leaves what is refused as it was, and asks about it again', async () => {
  publish('5.00')
  expect(await decide(await untilAsked(), false, 'admin')).toBe(200)
  expect(await shown()).toEqual(['100000.0000'])
  expect(await decide(await untilAsked(), true, 'admin')).toBe(200)
  expect(await shown()).toEqual(['5.0000'])
})
