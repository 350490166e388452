import { expect, it } from 'vitest'
import { openAdmission } from './admission.ts'

const never = new AbortController().signal
const machine = { memory: 1_000, cpu: 2, free: () => 10_000 }

it('lets in what fits, and the next one when something has left', async () => {
  const gate = openAdmission(machine)
  const leave = await gate.enter({ memory: 600, cpu: 1 }, never)
  let isIn = false
  const second = gate.enter({ memory: 600, cpu: 1 }, never).then((leaving) => {
    isIn = true
    return leaving
  })
  await Promise.resolve()
  expect(isIn).toBe(false)
  leave()
  ;(await second)()
  expect(gate.inUse()).toEqual({ memory: 0, cpu: 0 })
})

it('lets a job in alone that says it needs more than the machine has', async () => {
  const gate = openAdmission(machine)
  const leave = await gate.enter({ memory: 99_000, cpu: 64 }, never)
  leave()
  leave()
  expect(gate.inUse()).toEqual({ memory: 0, cpu: 0 })
})

it('lets no small job overtake a large one for ever', async () => {
  const gate = openAdmission(machine)
  const leave = await gate.enter({ memory: 500, cpu: 0 }, never)
  const order: string[] = []
  const large = gate.enter({ memory: 900, cpu: 0 }, never).then((done) => {
    order.push('large')
    return done
  })
  const small = gate.enter({ memory: 100, cpu: 0 }, never).then((done) => {
    order.push('small')
    return done
  })
  leave()
  ;(await large)()
  ;(await small)()
  expect(order).toEqual(['large', 'small'])
})

it('forgets a job that is told to stop while it waits', async () => {
  const gate = openAdmission(machine)
  const leave = await gate.enter({ memory: 900, cpu: 0 }, never)
  const stop = new AbortController()
  const waiting = gate.enter({ memory: 900, cpu: 0 }, stop.signal)
  stop.abort(new Error('stopped'))
  await expect(waiting).rejects.toThrow('stopped')
  leave()
  expect(gate.inUse()).toEqual({ memory: 0, cpu: 0 })
})
