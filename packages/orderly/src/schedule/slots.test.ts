import { describe, expect, it } from 'vitest'
import { parseCron } from './cron.ts'
import { nextSlots, wallText } from './slots.ts'
import { zoneOf } from './zone.ts'

/** The first slots after `from`, as ISO instants. */
function slots(cron: string, zone: string, from: string, count: number): string[] {
  return nextSlots(parseCron(cron), zoneOf(zone), Date.parse(from), count).map(({ at }) =>
    new Date(at).toISOString().replace('.000Z', 'Z'),
  )
}

describe('hard cases', () => {
  it.each<[string, string, string, string, string[]]>([
    // Midnight gaps lose no day: the day begins at one o'clock.
    [
      'Santiago loses its midnight',
      '0 0 * * *',
      'America/Santiago',
      '2026-09-05T12:00:00Z',
      ['2026-09-06T04:00:00Z', '2026-09-07T03:00:00Z'],
    ],
    [
      'Cairo loses its midnight',
      '0 0 * * *',
      'Africa/Cairo',
      '2026-04-23T12:00:00Z',
      ['2026-04-23T22:00:00Z', '2026-04-24T21:00:00Z'],
    ],
    [
      'Beirut loses its midnight',
      '0 0 * * *',
      'Asia/Beirut',
      '2026-03-28T12:00:00Z',
      ['2026-03-28T22:00:00Z', '2026-03-29T21:00:00Z'],
    ],
    [
      'Havana loses its midnight',
      '0 0 * * *',
      'America/Havana',
      '2026-03-07T12:00:00Z',
      ['2026-03-08T05:00:00Z', '2026-03-09T04:00:00Z'],
    ],
    [
      'Asuncion has no summer time any more',
      '0 0 * * *',
      'America/Asuncion',
      '2026-10-03T12:00:00Z',
      ['2026-10-04T03:00:00Z', '2026-10-05T03:00:00Z'],
    ],
    // Gaps fire at the first instant that is shown.
    [
      'New York springs over half past two',
      '30 2 * * *',
      'America/New_York',
      '2026-03-08T00:00:00Z',
      ['2026-03-08T07:00:00Z', '2026-03-09T06:30:00Z'],
    ],
    [
      'New York springs over two and half past two, and three comes too',
      '0,30 2,3 * * *',
      'America/New_York',
      '2026-03-08T05:00:00Z',
      ['2026-03-08T07:00:00Z', '2026-03-08T07:30:00Z', '2026-03-09T06:00:00Z'],
    ],
    [
      'Berlin springs over half past two',
      '30 2 * * *',
      'Europe/Berlin',
      '2026-03-28T12:00:00Z',
      ['2026-03-29T01:00:00Z', '2026-03-30T00:30:00Z'],
    ],
    [
      'London springs over one',
      '0 1 * * *',
      'Europe/London',
      '2026-03-28T12:00:00Z',
      ['2026-03-29T01:00:00Z', '2026-03-30T00:00:00Z'],
    ],
    [
      'Lord Howe springs half an hour',
      '15 2 * * *',
      'Australia/Lord_Howe',
      '2026-10-03T00:00:00Z',
      ['2026-10-03T15:30:00Z', '2026-10-04T15:15:00Z'],
    ],
    [
      'a gap within a week of rest',
      '30 2 * * SUN',
      'America/New_York',
      '2026-03-02T00:00:00Z',
      ['2026-03-08T07:00:00Z', '2026-03-15T06:30:00Z'],
    ],
    [
      'Troll springs two hours',
      '0 2 * * *',
      'Antarctica/Troll',
      '2026-03-28T12:00:00Z',
      ['2026-03-29T01:00:00Z', '2026-03-30T00:00:00Z'],
    ],
    // Overlaps fire once.
    [
      'New York shows one twice',
      '0 1 * * *',
      'America/New_York',
      '2026-10-31T12:00:00Z',
      ['2026-11-01T05:00:00Z', '2026-11-02T06:00:00Z'],
    ],
    [
      'New York shows one twice and two once',
      '0 1,2 * * *',
      'America/New_York',
      '2026-10-31T12:00:00Z',
      ['2026-11-01T05:00:00Z', '2026-11-01T07:00:00Z', '2026-11-02T06:00:00Z'],
    ],
    [
      'Berlin shows half past two twice',
      '30 2 * * *',
      'Europe/Berlin',
      '2026-10-24T12:00:00Z',
      ['2026-10-25T00:30:00Z', '2026-10-26T01:30:00Z'],
    ],
    [
      'Lord Howe shows a quarter to two twice',
      '45 1 * * *',
      'Australia/Lord_Howe',
      '2026-04-03T20:00:00Z',
      ['2026-04-04T14:45:00Z', '2026-04-05T15:15:00Z'],
    ],
    [
      'Santiago shows eleven at night twice',
      '0 23 * * *',
      'America/Santiago',
      '2026-04-04T00:00:00Z',
      ['2026-04-04T02:00:00Z', '2026-04-05T02:00:00Z', '2026-04-06T03:00:00Z'],
    ],
    [
      'Casablanca puts its clocks back for Ramadan',
      '30 2 * * *',
      'Africa/Casablanca',
      '2026-02-14T12:00:00Z',
      ['2026-02-15T01:30:00Z', '2026-02-16T02:30:00Z'],
    ],
    // Days that are not every month's, or every year's.
    [
      '29 February waits for leap years',
      '0 0 29 2 *',
      'UTC',
      '2026-01-01T00:00:00Z',
      ['2028-02-29T00:00:00Z', '2032-02-29T00:00:00Z'],
    ],
    [
      '29 February waits over 2100',
      '0 0 29 2 *',
      'UTC',
      '2096-03-01T00:00:00Z',
      ['2104-02-29T00:00:00Z'],
    ],
    [
      'the 31st skips short months',
      '0 0 31 * *',
      'UTC',
      '2026-03-31T00:00:00Z',
      ['2026-05-31T00:00:00Z', '2026-07-31T00:00:00Z'],
    ],
    [
      'the last day is the last day',
      '0 12 L * *',
      'UTC',
      '2028-01-31T12:00:00Z',
      ['2028-02-29T12:00:00Z', '2028-03-31T12:00:00Z'],
    ],
    [
      'the third last day',
      '0 0 L-2 2 *',
      'UTC',
      '2026-01-01T00:00:00Z',
      ['2026-02-26T00:00:00Z', '2027-02-26T00:00:00Z', '2028-02-27T00:00:00Z'],
    ],
    [
      'the second Tuesday',
      '0 9 * * TUE#2',
      'UTC',
      '2026-01-01T00:00:00Z',
      ['2026-01-13T09:00:00Z', '2026-02-10T09:00:00Z'],
    ],
    [
      'the fifth Friday',
      '0 0 * * 5#5',
      'UTC',
      '2026-01-01T00:00:00Z',
      ['2026-01-30T00:00:00Z', '2026-05-29T00:00:00Z'],
    ],
    [
      'the last Friday',
      '0 0 * * 5L',
      'UTC',
      '2026-01-01T00:00:00Z',
      ['2026-01-30T00:00:00Z', '2026-02-27T00:00:00Z'],
    ],
    [
      'year end in a zone ahead',
      '0 0 1 1 *',
      'Pacific/Kiritimati',
      '2026-06-01T00:00:00Z',
      ['2026-12-31T10:00:00Z', '2027-12-31T10:00:00Z'],
    ],
    [
      'the last second of a year',
      '59 59 23 31 12 *',
      'UTC',
      '2026-01-01T00:00:00Z',
      ['2026-12-31T23:59:59Z'],
    ],
    [
      'a day that a zone skipped',
      '0 12 30 12 *',
      'Pacific/Apia',
      '2011-12-01T00:00:00Z',
      ['2011-12-30T10:00:00Z', '2012-12-29T22:00:00Z'],
    ],
    // The usual ones.
    [
      'a quarter of an hour',
      '*/15 * * * *',
      'UTC',
      '2026-01-05T12:07:00Z',
      ['2026-01-05T12:15:00Z', '2026-01-05T12:30:00Z'],
    ],
    [
      'half hours east of Greenwich',
      '0 8 * * MON-FRI',
      'Asia/Kolkata',
      '2026-01-02T00:00:00Z',
      ['2026-01-02T02:30:00Z', '2026-01-05T02:30:00Z'],
    ],
    [
      'three quarters of an hour off',
      '0 0 * * *',
      'Asia/Kathmandu',
      '2026-01-05T00:00:00Z',
      ['2026-01-05T18:15:00Z'],
    ],
    [
      'day or weekday, whichever comes',
      '0 0 13 * FRI',
      'UTC',
      '2026-02-01T00:00:00Z',
      ['2026-02-06T00:00:00Z', '2026-02-13T00:00:00Z', '2026-02-20T00:00:00Z'],
    ],
    ['Sunday is 0 and 7', '0 0 * * 7', 'UTC', '2026-01-01T00:00:00Z', ['2026-01-04T00:00:00Z']],
    [
      'every twenty seconds',
      '*/20 * * * * *',
      'UTC',
      '2026-01-01T00:00:01Z',
      ['2026-01-01T00:00:20Z', '2026-01-01T00:00:40Z', '2026-01-01T00:01:00Z'],
    ],
    ['a macro', '@weekly', 'UTC', '2026-01-01T00:00:00Z', ['2026-01-04T00:00:00Z']],
  ])('%s', (_title, cron, zone, from, expected) => {
    expect(slots(cron, zone, from, expected.length)).toEqual(expected)
  })

  it('say why a slot is not where the wall would have it', () => {
    const gap = nextSlots(
      parseCron('30 2 * * *'),
      zoneOf('America/New_York'),
      Date.parse('2026-03-08T00:00:00Z'),
      1,
    )
    expect(gap).toEqual([
      { at: Date.parse('2026-03-08T07:00:00Z'), wall: Date.UTC(2026, 2, 8, 2, 30), shift: 'gap' },
    ])
    const twice = nextSlots(
      parseCron('0 1 * * *'),
      zoneOf('America/New_York'),
      Date.parse('2026-11-01T00:00:00Z'),
      1,
    )
    expect(twice).toMatchObject([{ shift: 'overlap' }])
    expect(wallText(twice[0]!)).toBe('2026-11-01T01:00:00')
  })
})

describe('an expression', () => {
  it.each([
    '',
    '* * * *',
    '* * * * * * *',
    '60 * * * *',
    '* 24 * * *',
    '* * 0 * *',
    '* * 32 * *',
    '* * * 13 *',
    '* * * * 8',
    'a * * * *',
    '*/0 * * * *',
    '5-1 * * * *',
    '1,,2 * * * *',
    '* * * * MON#6',
    '* * L-31 * *',
    '* * * FOO *',
    '-1 * * * *',
    '0 0 31 2 *',
    '0 0 30 2 *',
    '1.5 * * * *',
    `${'1,'.repeat(200)}1 * * * *`,
  ])('is refused: %s', (text) => {
    expect(() => parseCron(text)).toThrowError(
      expect.objectContaining({ code: 'ORDERLY_DEFINITION_INVALID' }),
    )
  })

  it('in an unknown zone is refused', () => {
    expect(() => zoneOf('Mars/Olympus')).toThrowError(
      expect.objectContaining({ code: 'ORDERLY_DEFINITION_INVALID' }),
    )
  })
})
