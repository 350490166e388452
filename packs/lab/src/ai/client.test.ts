import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createTestOrderly } from 'orderly/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { LAB, LAB_USER, settle } from '../../fixtures/lakeside.ts'
import { chatResponse, dailyBriefing, lab } from '../index.ts'
import { openModel, type ModelOptions } from './client.ts'
import { redact } from './redact.ts'

let server: Server
let url = ''
let asked: { authorization: string | undefined; body: string }[] = []
let reply: { status: number; body: string; headers?: Record<string, string> }

const says = (content: unknown, usage?: number): typeof reply => ({
  status: 200,
  body: JSON.stringify({
    choices: [{ message: { content } }],
    ...(usage ? { usage: { total_tokens: usage } } : {}),
  }),
})

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => (body += String(chunk)))
    request.on('end', () => {
      asked.push({ authorization: request.headers.authorization, body })
      if (reply.status === 0) return
      response.writeHead(reply.status, reply.headers).end(reply.body)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})
beforeEach(() => {
  asked = []
  reply = says('fine', 12)
})

function open(options: Partial<ModelOptions> = {}) {
  const used = new Map<string, number>()
  const client = openModel(
    { url, model: 'small', ...options },
    {
      used: async (id) => used.get(id) ?? 0,
      add: async (id, tokens) => void used.set(id, (used.get(id) ?? 0) + tokens),
    },
  )
  return { client, used }
}
const question = { companyId: LAB, system: 's', user: 'u', mayHoldPhi: false }

describe('the client of a model', () => {
  it('asks in the shape of the endpoint and counts what it says it used', async () => {
    const { client, used } = open({ apiKey: 'k' })
    expect(await client.ask({ ...question, schema: { type: 'object' } })).toBe('fine')
    expect(asked[0]!.authorization).toBe('Bearer k')
    expect(JSON.parse(asked[0]!.body)).toMatchObject({
      model: 'small',
      response_format: { type: 'json_schema' },
    })
    expect(used.get(LAB)).toBe(12)
  })
  it('sends nothing that people wrote without an agreement', async () => {
    await expect(open().client.ask({ ...question, mayHoldPhi: true })).rejects.toThrow('agreement')
    expect(asked).toHaveLength(0)
    expect(await open({ baa: true }).client.ask({ ...question, mayHoldPhi: true })).toBe('fine')
  })
  it('stops where the budget of the day ends', async () => {
    const { client, used } = open({ dailyTokens: 1_000, mostTokens: 100 })
    used.set(LAB, 950)
    await expect(client.ask(question)).rejects.toThrow('used up')
    expect(asked).toHaveLength(0)
    expect(await client.ask({ ...question, companyId: 'other' })).toBe('fine')
  })
  it('tells a busy endpoint from one that refuses, a silent one and one that talks nonsense', async () => {
    const kind = async (options?: Partial<ModelOptions>): Promise<unknown> =>
      open(options)
        .client.ask(question)
        .catch((error: { kind?: string }) => error.kind)
    reply = { status: 429, body: '', headers: { 'retry-after': '7' } }
    expect(await kind()).toBe('external')
    reply = { status: 401, body: '' }
    expect(await kind()).toBe('refused')
    reply = { status: 0, body: '' }
    expect(await kind({ timeout: 50 })).toBe('external')
    reply = { status: 200, body: 'not json' }
    expect(await kind()).toBe('external')
    reply = { status: 200, body: 'x'.repeat(300_000) }
    expect(await kind()).toBe('external')
    reply = { status: 302, body: '', headers: { location: 'http://127.0.0.1:1/' } }
    expect(await kind()).toBe('external')
  })
  it('takes out what could name somebody', () => {
    const text =
      'Mr. José Ríos, born 30 May 1972, MRN 4471, jose@x.example, (218) 555-0100, 123-45-6789 wants blue'
    const said = redact(text)
    for (const part of ['José', 'Ríos', '1972', '4471', 'jose@', '555', '6789'])
      expect(said).not.toContain(part)
    expect(said).toContain('wants blue')
  })
})

describe('tasks with a model', () => {
  it('use its words only if they are true to the facts, and its choice of a tool only if there is such a tool', async () => {
    const pack = lab({ model: { url, model: 'small', baa: true } })
    const orderly = await createTestOrderly({ packs: [pack] })
    try {
      await settle(pack.desk())
      const brief = async (date: string) =>
        (await orderly.perform(dailyBriefing, { companyId: LAB, date, userIds: [] })).output
      reply = says('A quiet day: 0 orders are late.')
      expect(await brief('2026-03-02')).toMatchObject({ by: 'model' })
      reply = says('Sales rose by 38 percent!')
      expect(await brief('2026-03-03')).toMatchObject({ by: 'template' })
      reply = { status: 500, body: '' }
      expect(await brief('2026-03-04')).toMatchObject({ by: 'template' })
      expect(asked[0]!.body).toContain('Lakeside Lab')

      const ask = async () =>
        (
          await orderly.perform(chatResponse, {
            companyId: LAB,
            userId: LAB_USER,
            conversationId: 'c',
            message: 'anything I should worry about?',
          })
        ).output
      reply = says(JSON.stringify({ answer: { tool: 'late-orders' } }))
      expect((await ask())!.answer).toMatch(/^There are 0 orders late/)
      reply = says(JSON.stringify({ answer: { tool: 'delete-orders', companyId: 'co-rival' } }))
      expect((await ask())!.sources).toEqual([])
    } finally {
      await orderly.close()
    }
  })
})
