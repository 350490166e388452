import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  createOrderly,
  defineJob,
  definePack,
  handle,
  type Orderly,
  serve,
  type Server,
} from '../index.ts'
import { remoteSettings } from '../settings.ts'

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
const greet = defineJob({ name: 'greet', input: z.object({ patient: z.string() }) })

let home: string
let orderly: Orderly
let server: Server

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'orderly-'))
  const pack = definePack({
    name: 'greetings',
    jobs: [greet],
    queues: [],
    open: async () => ({
      handlers: [handle(greet, async () => {})],
      panels: [{ title: 'Greetings', columns: ['to', 'count'], rows: async () => [['all', 2]] }],
    }),
  })
  orderly = await createOrderly({ home, log: silent, packs: [pack] })
  server = await serve(orderly, { port: 0 })
})

afterEach(async () => {
  await server.close()
  await orderly.close()
  rmSync(home, { recursive: true, force: true })
})

function statusFor(host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request(`${server.url}/api/v1/status`, { headers: { host } }, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
      .on('error', reject)
      .end()
  })
}

describe('serve', () => {
  it('notes in its home where it is, for the command line of that home, until it closes', async () => {
    expect(remoteSettings(home, {})).toMatchObject({ url: server.url, isUsual: false })
    const elsewhere = { ORDERLY_URL: 'https://jobs.example.org/' }
    expect(remoteSettings(home, elsewhere).url).toBe(server.url)
    expect(remoteSettings(undefined, { ...elsewhere, ORDERLY_HOME: home }).url).toBe(
      'https://jobs.example.org',
    )
    expect(remoteSettings(undefined, { ORDERLY_HOME: home }).url).toBe(server.url)
    const later = await serve(orderly, { port: 0 })
    expect(remoteSettings(home, {}).url).toBe(later.url)
    await server.close()
    expect(remoteSettings(home, {}).url).toBe(later.url)
    await later.close()
    expect(remoteSettings(home, {})).toMatchObject({ isUsual: true })
    // What a process left that is gone says nothing.
    const left = { url: 'http://127.0.0.1:1', pid: 2 ** 22 + 1 }
    writeFileSync(join(home, 'server.json'), JSON.stringify(left))
    expect(remoteSettings(home, {})).toMatchObject({ isUsual: true })
  })

  it('shows queues, jobs and panels, and no input of a job', async () => {
    const { id } = await orderly.enqueue(greet, { patient: 'CANARY-7f3a' })
    const body = await (await fetch(`${server.url}/api/v1/status`)).text()
    expect(JSON.parse(body)).toMatchObject({
      queues: [{ name: 'greet', counts: { prioritized: 1 } }],
      jobs: [{ id, name: 'greet', state: 'prioritized' }],
      panels: [{ title: 'Greetings', rows: [['all', 2]] }],
    })
    expect(body).not.toContain('CANARY')
  })

  it('says that it is ready, and which way jobs go', async () => {
    const ready = await fetch(`${server.url}/ready`)
    expect(ready.status).toBe(200)
    expect(await ready.json()).toMatchObject({ status: 'ready', reason: '' })
    const status = (await (await fetch(`${server.url}/api/v1/status`)).json()) as object
    expect(status).toMatchObject({ engine: { mode: 'normal' } })
  })

  it('answers only requests that name this machine', async () => {
    expect(await statusFor('localhost:4400')).toBe(200)
    expect(await statusFor('attacker.example')).toBe(421)
  })

  it('allows the page no script, style or connection from elsewhere', async () => {
    const page = await fetch(server.url)
    const policy = page.headers.get('content-security-policy')
    expect(policy).toContain("default-src 'none'")
    expect(policy).not.toContain('unsafe')
    const html = await page.text()
    for (const [, path] of html.matchAll(/(?:src|href)="(\/[^"]+)"/g)) {
      expect((await fetch(server.url + path!)).status, path).toBe(200)
    }
  })

  it('does not listen where others could reach it', async () => {
    await expect(serve(orderly, { port: 0, host: '0.0.0.0' })).rejects.toMatchObject({
      code: 'ORDERLY_SETTING_INVALID',
    })
  })

  it('says so when the port is taken', async () => {
    const port = Number(new URL(server.url).port)
    await expect(serve(orderly, { port })).rejects.toThrow(/give serve another \{ port \}/)
  })
})
