// No byte of what jobs carry stands in the clear in any store, and the scan that says so sees every way it could.
import type { IQueueBackend } from 'bullmq'
import { afterEach, describe, expect, it } from 'vitest'
import { sealed } from '../../packages/orderly/src/engine/sealed.ts'
import { systemClock } from '../../packages/orderly/src/primitives/clock.ts'
import { memoryVault } from '../../packages/orderly/src/testing/memory-vault.ts'
import { findTokens, plant } from './needles.ts'
import { runScenario } from './scenario.ts'
import { openWall, STORES, type Walled } from './wall.ts'

/** Every member of the seal that can leak or fail to open. */
const MEMBERS = [
  'addJob',
  'addJobs',
  'addFlow',
  'addJobScheduler',
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
] as const

/** Stores take a scheduler's template from where it was first put, and never look at what this member brings. */
const UNHEARD = 'updateJobSchedulerNextMillis'

const rules = {
  vault: memoryVault(),
  suiteOf: () => 'encrypted' as const,
  newId: () => 'id',
  onRefused: () => undefined,
}

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

  it.each(MEMBERS)(
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

  it('leaves no member of the seal out', () => {
    const layer = sealed({} as IQueueBackend, 'q', rules, systemClock)
    expect(Object.keys(layer).toSorted()).toEqual([...MEMBERS, UNHEARD].toSorted())
  })

  it('seals what no store listens to as well', async () => {
    const given: string[] = []
    const inner = {
      getJobSchedulerData: async () => ({ name: 'remind' }),
      [UNHEARD]: async (_id: string, _at: number, data: string) => void given.push(data),
    }
    const layer = sealed(inner as never, 'q', rules, systemClock)
    await layer[UNHEARD]!('id', 0, '{"a":"plain"}', {})
    expect(given).toEqual([expect.stringMatching(/^\{"\$o":"o1\./)])
  })

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
          token
            .split('')
            .map((c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
            .join(''),
        ),
    ],
    [
      'JSON-escaped',
      (token) =>
        Buffer.from(
          token
            .split('')
            .map((c) => `\\u00${c.charCodeAt(0).toString(16)}`)
            .join(''),
        ),
    ],
  ])('sees a token that is %s', (_spelling, write) => {
    const token = plant('x')
    const haystack = Buffer.concat([Buffer.from('before '), write(token), Buffer.from(' after')])
    expect(findTokens(haystack, new Map([['x', token]]))).not.toEqual([])
  })
})
