import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { fastify } from 'fastify'
import { router, type Router } from 'orderly'
import { createClient } from 'orderly/api'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { callersOf, openWorld, type World } from './world.ts'

let world: World
const routers: Router[] = []
const servers: Server[] = []

beforeAll(async () => {
  world = await openWorld()
})
afterAll(async () => {
  for (const server of servers) {
    server.close()
    server.closeAllConnections()
  }
  await Promise.all(routers.map((each) => each.close()))
  await world.close()
})

function mount(prefix: string): Router {
  const mounted = router(world.orderly, {
    prefix,
    callers: callersOf(world),
    // The host knows its users by a header of its own.
    resolveUser: (request) =>
      request.headers['x-host-user'] === 'ana' ? world.actors.get('all') : undefined,
  })
  routers.push(mounted)
  return mounted
}

async function listen(handler: Parameters<typeof createServer>[1]): Promise<string> {
  const server = createServer(handler)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function useIt(baseUrl: string): Promise<void> {
  const client = createClient({ baseUrl, headers: () => ({ 'x-host-user': 'ana' }) })
  const { id } = await client.call('jobs.create', {
    body: { type: 'pdf.render', input: { orderId: 12 } },
  })
  const seen = await client.send('jobs.get', { params: { id } })
  expect(seen.data).toMatchObject({ id, type: 'pdf.render', input: { orderId: 12 } })
  expect(seen.etag).toMatch(/^"/)
  const stranger = createClient({ baseUrl })
  await expect(stranger.call('queues.list', {})).rejects.toMatchObject({
    problem: { status: 401, code: 'ORDERLY_UNAUTHENTICATED' },
  })
  const document = await (await fetch(`${baseUrl}/openapi.json`)).json()
  expect(document).toMatchObject({
    openapi: '3.1.0',
    servers: [{ url: new URL(baseUrl).pathname }],
  })
  const page = await fetch(`${baseUrl}/docs`)
  expect(page.headers.get('content-security-policy')).not.toContain('unsafe')
  const html = await page.text()
  for (const [, href] of html.matchAll(/(?:href|src)="(?!#|data:)([^"]+)"/g))
    expect((await fetch(new URL(href!, baseUrl))).status, href).toBe(200)
}

describe('the router', () => {
  it('works in Express under a prefix, after its body parser and beside its own routes', async () => {
    const app = express()
    app.use(express.json())
    app.use('/admin/orderly', mount('/admin/orderly'))
    app.get('/own', (_request, response) => void response.send('own'))
    const origin = await listen((request, response) => void app(request, response))
    await useIt(`${origin}/admin/orderly`)
    expect(await (await fetch(`${origin}/own`)).text()).toBe('own')
  })

  it('works in Fastify as a plugin beside its own routes, and closes with it', async () => {
    const app = fastify()
    await app.register(mount('/orderly').plugin)
    app.post('/own', (request, reply) => reply.send(request.body))
    const origin = await app.listen({ port: 0, host: '127.0.0.1' })
    await useIt(`${origin}/orderly`)
    const own = await fetch(`${origin}/own`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"n":1}',
    })
    expect(await own.json()).toEqual({ n: 1 })
    const stream = await fetch(`${origin}/orderly/api/v1/live`, {
      headers: { 'x-host-user': 'ana' },
    })
    const rest = stream.text()
    await app.close()
    expect(await rest).toContain('event: bye')
  })

  it('says so, rather than wait for ever, where the server around it has read the body and kept nothing', async () => {
    const mounted = mount('/orderly')
    const app = fastify()
    app.all('/orderly/*', (request, reply) => {
      reply.hijack()
      mounted(request.raw, reply.raw)
    })
    const origin = await app.listen({ port: 0, host: '127.0.0.1' })
    const client = createClient({
      baseUrl: `${origin}/orderly`,
      headers: () => ({ 'x-host-user': 'ana' }),
    })
    await expect(
      client.call('jobs.create', { body: { type: 'pdf.render', input: { orderId: 12 } } }),
    ).rejects.toMatchObject({
      problem: { status: 400, detail: expect.stringContaining('router.plugin') as string },
    })
    await app.close()
  })

  it("changes nothing that another site made a browser of the host's user send (attack 26)", async () => {
    const mounted = mount('/orderly')
    const origin = await listen((request, response) => mounted(request, response))
    const resume = async (headers: Record<string, string>): Promise<number> => {
      const url = `${origin}/orderly/api/v1/queues/pdf/resume`
      return (await fetch(url, { method: 'POST', headers: { 'x-host-user': 'ana', ...headers } }))
        .status
    }
    for (const headers of [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { origin: 'https://elsewhere.example' },
      { origin: 'null' },
    ])
      expect([headers, await resume(headers)]).toEqual([headers, 403])
    for (const headers of [
      {},
      { 'sec-fetch-site': 'same-origin' },
      { origin },
      // No browser sends this by itself.
      { 'sec-fetch-site': 'cross-site', authorization: 'Bearer of the host' },
    ])
      expect([headers, await resume(headers)]).toEqual([headers, 200])
  })

  it('works in a server of Node alone, and leaves what is not below its prefix to others', async () => {
    const mounted = mount('/orderly')
    const origin = await listen((request, response) =>
      mounted(request, response, () => response.writeHead(418).end()),
    )
    await useIt(`${origin}/orderly`)
    expect((await fetch(`${origin}/orderlyish`)).status).toBe(418)
    expect((await fetch(`${origin}/orderly/nowhere`)).status).toBe(404)
  })
})
