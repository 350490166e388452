import { describe, expect, it } from 'vitest'
import { isFull, judgeRedis, readInfo } from './redis-safety.ts'
import { verdict } from './redis.ts'

const INFO =
  'redis_version:7.4.0\r\nmaxmemory:0\r\nmaxmemory_policy:noeviction\r\naof_enabled:1\r\n'

function judge(info: string, config?: Record<string, string>) {
  return judgeRedis({
    info: readInfo(info),
    config: config && new Map(Object.entries(config)),
  })
}

describe('what a Redis says of itself', () => {
  it('passes when it keeps everything and appends it to a file', () => {
    expect(judge(INFO, { appendonly: 'yes', maxmemory: '0' })).toMatchObject({
      unsafe: [],
      warnings: [],
    })
  })

  it('is a cluster when it says so', () => {
    expect(judge(`${INFO}cluster_enabled:1\r\n`).isCluster).toBe(true)
    expect(judge(`${INFO}cluster_enabled:0\r\n`).isCluster).toBe(false)
  })

  it('is not safe when it throws data away, keeps none on disk, or is too old', () => {
    const { unsafe } = judge('redis_version:6.0.16\n', {
      'maxmemory-policy': 'volatile-lru',
      maxmemory: '1000000',
      appendonly: 'no',
      save: '',
    })
    expect(unsafe).toEqual([
      expect.stringMatching(/version 6\.0\.16/),
      expect.stringMatching(/volatile-lru/),
      expect.stringMatching(/appendonly/),
    ])
  })

  it('may evict by a policy that no limit ever calls upon', () => {
    const config = { 'maxmemory-policy': 'allkeys-lru', maxmemory: '0', appendonly: 'yes' }
    expect(judge(INFO, config).unsafe).toEqual([])
  })

  it('passes with a warning when it writes to disk now and then', () => {
    const found = judge(INFO.replace('aof_enabled:1', 'aof_enabled:0'), {
      appendonly: 'no',
      save: '3600 1',
    })
    expect(found).toMatchObject({ unsafe: [], warnings: [expect.stringMatching(/now and then/)] })
  })

  it('is judged by INFO where CONFIG is not allowed, with a warning for what that leaves open', () => {
    expect(judge(INFO).warnings).toEqual([])
    expect(judge(INFO.replace('aof_enabled:1', 'aof_enabled:0'))).toMatchObject({
      unsafe: [],
      warnings: [expect.stringMatching(/CONFIG is not allowed/)],
    })
    expect(judge('maxmemory_policy:allkeys-lru\nmaxmemory:1000\naof_enabled:1\n').unsafe).toEqual([
      expect.stringMatching(/allkeys-lru/),
    ])
  })

  it.each(['valkey_version:8.0.1', 'dragonfly_version:df-v1.2'])('passes as %s', (line) => {
    expect(judge(`redis_version:5.0.0\n${line}\naof_enabled:1\n`).unsafe).toEqual([])
  })

  it('is full before it has to refuse, and stays so until there is room again', () => {
    const at = (used: number): ReadonlyMap<string, string> =>
      readInfo(`maxmemory:1000\nused_memory:${used}\n`)
    expect([isFull(at(850), false), isFull(at(950), false)]).toEqual([false, true])
    expect([isFull(at(850), true), isFull(at(750), true)]).toEqual([true, false])
    expect(isFull(readInfo('maxmemory:0\nused_memory:950\n'), false)).toBe(false)
  })
})

describe('an error of a Redis', () => {
  it.each([
    ["Stream isn't writeable and enableOfflineQueue options is false", 'unsent'],
    ["OOM command not allowed when used memory > 'maxmemory'.", 'declined'],
    ["READONLY You can't write against a read only replica.", 'declined'],
    ['Command timed out', 'unknown'],
    ['Connection is closed.', 'unknown'],
    ['Missing lock for job 1. moveToFinished', 'refused'],
  ])('%s leaves the job %s', (message, expected) => {
    expect(verdict(new Error(message))).toBe(expected)
  })
})
