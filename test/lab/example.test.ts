import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { compareRoutes } from '../../examples/lab-shop/src/compare.ts'

it('answers each route of the lab shop sooner after the migration, and does all of its work', async () => {
  const home = mkdtempSync(join(tmpdir(), 'lab-shop-test-'))
  // The mail server takes so long that no machine is too slow to tell the two apart.
  const { timings, mailsSent } = await compareRoutes(home, {
    calls: 2,
    mailDelay: 300,
    roundTrip: 0,
    // What this machine has time for beside the routes is for the benchmark to say.
    workers: 'afterwards',
  })
  expect(timings.map(({ route }) => route)).toEqual([
    'create an order',
    'request a connection',
    'ship an order',
    'daily briefing',
  ])
  for (const { speedUp } of timings) expect(speedUp).toBeGreaterThan(1)
  // Two confirmations, two shipments, and one mail for a connection that was asked for twice.
  expect(mailsSent).toBe(5)
})
