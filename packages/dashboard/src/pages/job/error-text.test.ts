import { expect, it } from 'vitest'
import { errorText } from './error-text.ts'

it('writes what was thrown with its frames, what it carried, and its causes', () => {
  expect(
    errorText({
      name: 'Error',
      message: 'no paper',
      stack: 'Error: no paper\n    at print (print.ts:1:2)',
      own: { printer: '7' },
      cause: { value: 'jam' },
    }),
  ).toBe('Error: no paper\n    at print (print.ts:1:2)\nprinter: 7\nCaused by: jam')
  expect(
    errorText({ name: 'Error', message: 'late', stack: 'Error: early\n    at a (a.ts:1:1)' }),
  ).toBe('Error: late\nError: early\n    at a (a.ts:1:1)')
})
