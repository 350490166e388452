import { expect, it } from 'vitest'
import { Wake } from './wake.ts'

const clock = { now: () => Date.now() }

it('ends every wait when its file is closed, and looks at nothing after that', async () => {
  let looks = 0
  let isClosed = false
  const look = (): undefined => {
    if (isClosed) throw new Error('the file is closed')
    looks++
  }
  const wake = new Wake(clock as never, look, () => false)
  const wait = () =>
    wake.wait({ queue: 'q', probe: look, dueAt: () => Date.now() + 20, timeoutMs: Infinity })
  const waits = [wait(), wait()]
  // Somebody else wrote, and it is to be looked at in a moment.
  wake.foreignChange()
  wake.close()
  isClosed = true
  const before = looks
  expect(await Promise.all(waits.map(({ result }) => result))).toEqual([null, null])
  expect(await wait().result).toBeNull()
  await new Promise((resolve) => setTimeout(resolve, 80))
  expect(looks).toBe(before)
})
