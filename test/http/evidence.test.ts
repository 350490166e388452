import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { roomsOf } from '../../packages/orderly/src/orderly.ts'
import { writeEvidence } from '../../packages/orderly/src/state/evidence.ts'
import { ask, openWorld, type World } from './world.ts'

let world: World

beforeAll(async () => {
  world = await openWorld()
  const { state } = roomsOf(world.orderly)
  // Two runs a moment, so that a page may end between two of the same time.
  for (let n = 0; n < 12; n++)
    await writeEvidence(state, rowOf(n % 3 === 0 ? 'pdf' : 'mail', n, 1_000 + Math.floor(n / 2)))
})
afterAll(() => world.close())

function rowOf(queue: string, n: number, at: number): Parameters<typeof writeEvidence>[1] {
  const time = new Date(at).toISOString()
  const type = queue === 'pdf' ? 'pdf.render' : 'mail.send'
  return {
    job_id: `${queue}-${n}`,
    queue,
    run: 1,
    type,
    at,
    attached: null,
    body: JSON.stringify({
      job_id: `${queue}-${n}`,
      job: type,
      job_type: type,
      run: 1,
      attempt: 1,
      outcome: 'completed',
      started_at: time,
      ended_at: time,
      checks: [{ name: 'looked at', passed: n !== 5 }],
      attached: [],
      input_commitment: 'b1:in',
      output_commitment: null,
      input_version: 1,
      code_version: '',
      validation_status: { is_valid: n !== 5, timestamp: time },
      path: '',
    }),
  }
}

async function readAll(query: string, as?: string): Promise<{ jobId: string; isValid: boolean }[]> {
  const all: { jobId: string; isValid: boolean }[] = []
  let cursor = ''
  do {
    const path = `/api/v1/evidence?limit=5&${query}${cursor}`
    const { json } = await ask(world, 'GET', path, as === undefined ? {} : { as })
    all.push(...json.data)
    cursor = json.page.next === null ? '' : `&cursor=${encodeURIComponent(json.page.next)}`
  } while (cursor !== '')
  return all
}

describe('evidence of a period', () => {
  it('is told page by page, each run once, the newest first', async () => {
    const all = await readAll('')
    expect(all.map(({ jobId }) => Number(jobId.split('-')[1]))).toEqual([
      11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0,
    ])
    expect(all.filter(({ isValid }) => !isValid).map(({ jobId }) => jobId)).toEqual(['mail-5'])
  })

  it('is of one type and between two times, the later one not counted', async () => {
    const found = await readAll('type=mail.send&from=1001&to=1003')
    expect(found.map(({ jobId }) => jobId)).toEqual(['mail-5', 'mail-4', 'mail-2'])
    const { json } = await ask(world, 'GET', '/api/v1/evidence/types?from=1001&to=1003')
    expect(json.data).toEqual([
      { type: 'mail.send', runs: 3, jobs: 3, first: 1_001, last: 1_002 },
      { type: 'pdf.render', runs: 1, jobs: 1, first: 1_001, last: 1_001 },
    ])
  })

  it('refuses a cursor of another period', async () => {
    const { json } = await ask(world, 'GET', '/api/v1/evidence?limit=5')
    const cursor = encodeURIComponent(json.page.next)
    expect((await ask(world, 'GET', `/api/v1/evidence?from=5&cursor=${cursor}`)).status).toBe(400)
  })
})
