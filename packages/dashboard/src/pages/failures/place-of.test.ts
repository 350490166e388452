import { describe, expect, it } from 'vitest'
import { placeOf } from './place-of.ts'

describe('the place of a failure in short', () => {
  it.each([
    ['at sendMail (lib/mail/send.ts:42:11)', 'sendMail, send.ts:42'],
    ['at Object.run (dist/cli/demo/clinic.js:149:23)', 'run, clinic.js:149'],
    ['at async Mailer.send (send.ts:7:3)', 'Mailer.send, send.ts:7'],
    ['at jobs/clean.ts:9:1', 'clean.ts:9'],
    ['native code', 'native code'],
  ])('writes %s as %s', (frame, place) => {
    expect(placeOf(frame)).toBe(place)
  })
})
