import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { momentOf, wallText } from './wall-time.ts'

describe('the wall of a zone', () => {
  it('shows what was typed, and means the moment it was typed for', () => {
    const zones = ['UTC', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe', 'Africa/Cairo']
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 35_000_000 }),
        fc.constantFrom(...zones),
        (minute, zone) => {
          const at = minute * 60_000
          const again = momentOf(wallText(at, zone), zone)
          // An hour that is shown twice is its first.
          expect([at, at - 3_600_000, at - 1_800_000]).toContain(again)
          expect(wallText(again!, zone)).toBe(wallText(at, zone))
        },
      ),
    )
  })

  it('has one moment for an hour that it skips, and the first of an hour that it shows twice', () => {
    const zone = 'America/New_York'
    expect(momentOf('2026-03-08T02:30', zone)).toBe(Date.parse('2026-03-08T07:30Z'))
    expect(momentOf('2026-11-01T01:30', zone)).toBe(Date.parse('2026-11-01T05:30Z'))
  })

  it('knows what is no time', () => {
    expect(momentOf('', 'UTC')).toBeNull()
  })
})
