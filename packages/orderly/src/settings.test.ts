import { describe, expect, it } from 'vitest'
import { resolveSettings, shownSettings } from './settings.ts'

const urlFrom = (environment: Record<string, string>, options = {}): string =>
  resolveSettings(options, environment).queueUrl

describe('the queue URL', () => {
  it('is a file in the home folder unless told', () => {
    expect(urlFrom({ ORDERLY_HOME: '/data' })).toBe('sqlite:/data/queue.db')
  })

  it('comes from the usual variables of a Redis', () => {
    expect(urlFrom({ REDIS_URL: 'redis://cache:6380/2' })).toBe('redis://cache:6380/2')
    expect(urlFrom({ REDIS_HOST: 'localhost' })).toBe('redis://localhost:6379')
    expect(urlFrom({ REDIS_HOST: 'cache', REDIS_PORT: '7000', REDIS_PASSWORD: 'p@ss' })).toBe(
      'redis://:p%40ss@cache:7000',
    )
  })

  it('is taken from ORDERLY_QUEUE_URL first, and from nowhere when a home is given in code', () => {
    const environment = { ORDERLY_QUEUE_URL: 'postgres://db/jobs', REDIS_HOST: 'cache' }
    expect(urlFrom(environment)).toBe('postgres://db/jobs')
    expect(urlFrom(environment, { home: '/mine' })).toBe('sqlite:/mine/queue.db')
    expect(urlFrom(environment, { queueUrl: 'redis://code' })).toBe('redis://code')
  })

  it('is refused when it is none, without repeating what may be a password', () => {
    expect(() => urlFrom({ REDIS_URL: 'secret@host' })).toThrow(
      expect.objectContaining({ code: 'ORDERLY_SETTING_INVALID' }),
    )
    expect(() => urlFrom({ REDIS_URL: 'secret@host' })).not.toThrow(/secret/)
    expect(() => urlFrom({ REDIS_HOST: 'localhost', REDIS_PORT: 'many' })).toThrow(
      expect.objectContaining({ code: 'ORDERLY_SETTING_INVALID' }),
    )
  })
})

describe('a home given in code', () => {
  const environment = {
    ORDERLY_QUEUE_URL: 'redis://cache',
    ORDERLY_KEYRING: '{}',
    ORDERLY_DATABASE_URL: 'postgres://db/orderly',
  }

  it('names the variables that it stands above, and not those that an option stands above', () => {
    const ignored = (options: object): readonly string[] =>
      resolveSettings(options, environment).ignored
    expect(ignored({})).toEqual([])
    expect(ignored({ home: '/mine' })).toEqual([
      'ORDERLY_QUEUE_URL',
      'ORDERLY_DATABASE_URL',
      'ORDERLY_KEYRING',
    ])
    expect(ignored({ home: '/mine', queueUrl: 'redis://mine', keyringFile: '/k' })).toEqual([
      'ORDERLY_DATABASE_URL',
    ])
  })
})

describe('settings that are shown', () => {
  it('hold no password and no key', () => {
    const shown = shownSettings(
      resolveSettings(
        { queueUrl: 'rediss://app:SECRET@cache/1?password=SECRET' },
        { ORDERLY_DATABASE_URL: 'postgres://app:SECRET@db/jobs', ORDERLY_KEYRING: 'SECRET' },
      ),
    )
    expect(JSON.stringify(shown)).not.toContain('SECRET')
    expect(shown.queueUrl).toBe('rediss://app@cache/1')
    expect(shownSettings(resolveSettings({ home: '/mine' }, {})).queueUrl).toBe(
      'sqlite:/mine/queue.db',
    )
  })
})
