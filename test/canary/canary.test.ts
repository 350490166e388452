// No byte of what jobs carry stands in the clear in any store, and the scan that says so sees every way it could.
import { afterEach, describe, expect, it } from 'vitest'
import { findTokens, plant } from './needles.ts'
import { runScenario } from './scenario.ts'
import { openWall, STORES, type Walled } from './wall.ts'

let wall: Walled | undefined
afterEach(async () => {
  await wall?.close()
  wall = undefined
})

describe('the canary', () => {
  it.each(Object.keys(STORES))(
    'finds nothing in the clear on %s',
    async (kind) => {
      wall = await openWall(kind)
      const tokens = await runScenario(wall.classes, wall.connection)
      const dump = await wall.dump()
      expect(dump.length).toBeGreaterThan(10_000)
      expect(dump.includes('o1.')).toBe(true)
      expect(findTokens(dump, tokens)).toEqual([])
    },
    120_000,
  )

  it.each([
    'addJob',
    'addJobs',
    'addFlow',
    'addJobScheduler',
    'updateJobSchedulerNextMillis',
    'getJobScheduler',
    'getJobSchedulerData',
    'moveToActive',
    'moveToCompleted',
    'moveToFailed',
    'moveToDelayed',
    'retryJob',
    'updateData',
    'updateProgress',
    'addLog',
    'getJobLogs',
    'getJobData',
    'isFinished',
    'getDeduplicationJobId',
    'deleteDeduplicationKey',
    'removeDeduplicationKey',
    'getProcessedChildrenValues',
    'getIgnoredChildrenFailures',
    'getDependencies',
    'paginate',
    'publishEvent',
    'readEvents',
  ])(
    'dies when the seal forgets %s',
    async (member) => {
      wall = await openWall('sqlite', member)
      const { classes, connection } = wall
      const tokens = await runScenario(classes, connection).catch(
        (error: unknown) => error as Error,
      )
      const found =
        tokens instanceof Error ? [tokens.message] : findTokens(await wall.dump(), tokens)
      expect(found).not.toEqual([])
    },
    60_000,
  )

  it.each<[string, (token: string) => Buffer]>([
    ['as it is', (token) => Buffer.from(token)],
    ['base64', (token) => Buffer.from(Buffer.from(`x${token}yz`).toString('base64'))],
    [
      'base64 at another offset',
      (token) => Buffer.from(Buffer.from(`xy${token}z`).toString('base64')),
    ],
    ['base64url', (token) => Buffer.from(Buffer.from(`${token}z`).toString('base64url'))],
    ['hex', (token) => Buffer.from(Buffer.from(token).toString('hex').toUpperCase())],
    ['UTF-16', (token) => Buffer.from(token, 'utf16le')],
    [
      'URL-escaped',
      (token) =>
        Buffer.from(
          [...token].map((c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`).join(''),
        ),
    ],
    [
      'JSON-escaped',
      (token) =>
        Buffer.from([...token].map((c) => `\\u00${c.charCodeAt(0).toString(16)}`).join('')),
    ],
  ])('sees a token that is %s', (_spelling, write) => {
    const token = plant('x')
    const haystack = Buffer.concat([Buffer.from('before '), write(token), Buffer.from(' after')])
    expect(findTokens(haystack, new Map([['x', token]]))).not.toEqual([])
  })
})
