// Two readers of one delivery: only one of them may go on. And one reader twice: what is done is done.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTestOrderly, type TestOrderly } from 'orderly/testing'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { priceFileDownload, prices, reportRecent } from '../index.ts'
import {
  describeIntake,
  findIntake,
  openIntake,
  quarantine,
  recognise,
  restartIntake,
  type Intake,
} from './intake.ts'
import { packItems } from './packed-items.ts'
import { stageBatch, type StagedBatch } from './stage-batch.ts'
import type { PriceTables } from './tables.ts'

let orderly: TestOrderly

beforeEach(async () => {
  orderly = await createTestOrderly({ packs: [prices()] })
})
afterEach(() => orderly.close())

const db = () => orderly.database.withTables<PriceTables>()
const CONTENT = { digest: 'd', hospital: null, validFrom: null, details: '{}' }
const BATCH: StagedBatch = {
  digests: ['a'], items: packItems([]), rejected: [], leftOut: [], valuesLeftOut: 0, rowsRead: 1, facts: 1, cursor: '{}',
} // prettier-ignore

async function begin(bytesDigest: string): Promise<Intake> {
  const intake = await openIntake(db(), 'one', 'hospital', 10, orderly.clock.now())
  const begun = intake.batches > 0 ? await restartIntake(db(), intake, 10) : intake
  await describeIntake(db(), intake.intake_id, { bytes_digest: bytesDigest, location: 'x' })
  return { ...begun, bytes_digest: bytesDigest }
}

const staged = () => db().query.selectFrom('staged_batches').select(['seq', 'digests']).execute()

it('refuses a batch of a reader whose file has been replaced, at whatever place it is', async () => {
  let first = await begin('old')
  first = await stageBatch(db(), first, BATCH)
  let second = await begin('new')
  await expect(stageBatch(db(), first, BATCH)).rejects.toThrow('another reader')
  second = await stageBatch(db(), second, { ...BATCH, digests: ['b'] })
  await expect(stageBatch(db(), first, BATCH)).rejects.toThrow('another reader')
  await expect(recognise(db(), first, CONTENT)).rejects.toThrow('another reader')
  expect(await staged()).toEqual([{ seq: 0, digests: 'b' }])
  expect(await recognise(db(), second, CONTENT)).toMatchObject({ version: expect.any(Number) })
})

it('refuses the slower of two readers of the same file', async () => {
  const slow = await begin('same')
  await stageBatch(db(), slow, BATCH)
  await expect(stageBatch(db(), slow, BATCH)).rejects.toThrow('another reader')
  expect(await staged()).toHaveLength(1)
})

it('leaves a file loaded whose reader dies at its very end and is run again, wherever the file is by then', async () => {
  await orderly.close()
  const pack = prices()
  const folder = mkdtempSync(join(tmpdir(), 'orderly-again-'))
  orderly = await createTestOrderly({
    packs: [
      {
        ...pack,
        async open(rooms) {
          const opened = await pack.open(rooms)
          const handlers = opened.handlers.map((each) => {
            if (each.job.name !== priceFileDownload.name) return each
            const run: typeof each.run = async (ctx) => {
              const output = await each.run(ctx)
              if (ctx.attempt === 1) throw new Error('lost')
              return output
            }
            return { ...each, run }
          })
          return { ...opened, handlers }
        },
      },
    ],
  })
  try {
    const location = join(folder, 'a.csv')
    writeFileSync(location, 'CPT Code,Description,Price\n10001,ONE,1.00\n')
    const { id } = await orderly.enqueue(priceFileDownload, { source: 'a.csv', location })
    await orderly.workOff()
    expect(await findIntake(db(), id)).toMatchObject({ state: 'loaded' })
    rmSync(location)
    expect(await orderly.workOff({ delayed: true })).toMatchObject({ failed: 0 })
    expect(await reportRecent(orderly.database, 9)).toMatchObject([
      { state: 'loaded', pricesLoaded: 1, reason: null },
    ])
    await quarantine(db(), { id, source: 'a.csv', bytes: 1 }, 'STOPPED', 'Too late.', 1)
    expect(await findIntake(db(), id)).toMatchObject({ state: 'loaded', code: null })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

it('reads a delivery that was stopped from its beginning when its job is run again', async () => {
  const first = await begin('old')
  await stageBatch(db(), first, BATCH)
  await quarantine(db(), { id: 'one', source: 'hospital', bytes: 10 }, 'STOPPED', 'Stopped.', 1)
  expect(await begin('old')).toMatchObject({ state: 'reading', code: null, reason: null, rows_read: 0, batches: 0 }) // prettier-ignore
  expect(await staged()).toEqual([])
})
