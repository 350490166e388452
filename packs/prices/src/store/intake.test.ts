// Two readers of one delivery: only one of them may go on.
import { createTestOrderly, type TestOrderly } from 'orderly/testing'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { prices } from '../index.ts'
import { describeIntake, openIntake, recognise, restartIntake, type Intake } from './intake.ts'
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
