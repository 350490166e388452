// Numbers: without gaps, and one each, however many ask at the same time.
import { describe, expect, it } from 'vitest'
import { NEW_ORDER } from '../../../packs/lab/fixtures/lakeside.ts'
import type { LabKit } from '../kit.ts'

export function proveNumbers(lab: LabKit): void {
  describe('numbers', () => {
    it('are given to orders that come at the same time, one each and without gaps', async () => {
      const made = await Promise.all(
        Array.from({ length: 10 }, () => lab.desk.createOrder(NEW_ORDER)),
      )
      const numbers = made
        .map(({ number }) => Number(number.split('-').at(-1)))
        .toSorted((a, b) => a - b)
      expect(numbers).toEqual(numbers.map((_, at) => numbers[0]! + at))
    })
  })
}
