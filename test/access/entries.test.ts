// Every kind of event that must be on the audit log, done on an instance; docs/guides/audit.md lists them.
import { createOrderly, defineJob, handle, phi, type Orderly, type WorkflowDocument } from 'orderly'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { HistoryTables } from '../../packages/orderly/src/history/tables.ts'
import type { LedgerRecord } from '../../packages/orderly/src/ledger/entry.ts'
import { findEntries } from '../../packages/orderly/src/ledger/read.ts'
import { roomsOf } from '../../packages/orderly/src/orderly.ts'
import { systemClock } from '../../packages/orderly/src/primitives/clock.ts'
import { CHORES } from '../../packages/orderly/src/runtime/chores.ts'
import type { Rooms } from '../../packages/orderly/src/runtime/rooms.ts'
import { silent } from './desk.ts'

const DAY_MS = 86_400_000
const visit = defineJob({
  name: 'visit',
  queue: 'clinic',
  input: z.object({ patient: phi.name() }),
  evidence: 'required',
})
const WAITING: WorkflowDocument = {
  format: 'orderly.workflow/1',
  id: 'parcel',
  version: 1,
  start: 'wait',
  nodes: { wait: { type: 'wait', until: { signal: 'arrived' } } },
  edges: [],
}

let home: string
let orderly: Orderly
let rooms: Rooms
const clock = { ...systemClock, ahead: 0, now: () => systemClock.now() + clock.ahead }
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'orderly-entries-'))
  orderly = await createOrderly({
    home,
    clock,
    log: silent,
    jobs: [visit],
    handlers: [handle(visit, async ({ evidence }) => evidence.check('seen', true))],
    workflows: [WAITING],
    historyRetention: '30d',
  })
  rooms = roomsOf(orderly)
})
afterAll(async () => {
  await orderly.close()
  rmSync(home, { recursive: true, force: true })
})

const entries = async (op: string): Promise<LedgerRecord[]> => {
  await rooms.ledger.settled()
  return findEntries(rooms.ledger.database, { op, limit: 50 })
}
const chore = (name: string): Promise<unknown> =>
  CHORES.find((each) => each.name === name)!.run(rooms, new AbortController().signal)

describe('on the audit log', () => {
  it('is who began a run and gave it a signal, and what of it failed', async () => {
    const { id } = await orderly.startRun('parcel', {}, { by: 'Ana' })
    await orderly.signalRun(id, 'arrived', { secret: 'Zyxwelda' })
    await expect(orderly.signalRun('none', 'arrived')).rejects.toMatchObject({
      code: 'ORDERLY_NOT_FOUND',
    })
    const resource = { kind: 'workflow', id: 'parcel' }
    const [done, begun] = await entries('run.start')
    expect(begun).toMatchObject({ outcome: 'asked', actor: { name: 'Ana' }, resource })
    expect(done).toMatchObject({
      outcome: 'ok',
      actor: { name: 'Ana' },
      resource,
      follows: begun!.id,
    })
    const [failed, asked, , first] = await entries('run.signal')
    expect(first).toMatchObject({
      outcome: 'asked',
      resource: { id },
      detail: { signal: 'arrived' },
    })
    expect(failed).toMatchObject({
      outcome: 'failed',
      code: 'ORDERLY_NOT_FOUND',
      follows: asked!.id,
    })
    expect(JSON.stringify([failed, asked, first])).not.toContain('Zyx')
  })

  it('is what code changes of alerts, webhooks and sources, without their secrets', async () => {
    await orderly.alerts.putRule({ name: 'slow', metric: 'queue.depth', above: 10 })
    await orderly.alerts.removeRule('slow')
    const { webhook, secret } = await orderly.webhooks.create({
      name: 'Sink',
      url: 'https://example.org/hook',
      filter: { types: ['job.failed'] },
    })
    await orderly.webhooks.remove(webhook.id)
    await rooms.ledger.settled()
    const all = await findEntries(rooms.ledger.database, { limit: 10 })
    const asked = all.filter(({ outcome }) => outcome === 'asked')
    expect(asked.slice(0, 4).map(({ op }) => op)).toEqual([
      'webhook.remove',
      'webhook.create',
      'alert-rule.remove',
      'alert-rule.write',
    ])
    expect(JSON.stringify(all)).not.toContain(secret)
  })

  it('is each value that was not opened and why, once, however often it is looked at', async () => {
    const { id } = await orderly.enqueue(visit, { patient: 'Zyxwelda' }, { delay: '1h' })
    await rooms.recorder.flush()
    const { query } = orderly.database.withTables<Pick<HistoryTables, 'orderly_jobs'>>()
    const row = await query
      .selectFrom('orderly_jobs')
      .select('input')
      .where('id', '=', id)
      .executeTakeFirstOrThrow()
    const broken = row.input!.replace(
      /.(.{30})$/,
      (whole, rest: string) => `${whole.startsWith('A') ? 'B' : 'A'}${rest}`,
    )
    await query.updateTable('orderly_jobs').set({ input: broken }).where('id', '=', id).execute()
    for (let n = 0; n < 3; n++) await orderly.inspectJob(id)
    expect(await entries('crypto.open')).toMatchObject([
      {
        outcome: 'failed',
        code: 'ORDERLY_SEAL_BROKEN',
        resource: { kind: 'job', queue: 'clinic' },
        detail: { slot: 'input' },
      },
    ])
  })

  it('is what was dropped when its time was over, and nothing where nothing was', async () => {
    await orderly.start()
    await orderly.enqueue(visit, { patient: 'Zyxwelda' })
    await expect.poll(async () => (await orderly.findJobs({ state: ['completed'] })).length).toBe(1)
    await chore('expire')
    expect(await entries('retention.*')).toEqual([])
    clock.ahead += 2 * DAY_MS
    await chore('expire')
    expect(await entries('retention.expire')).toMatchObject([
      { action: 'D', detail: { contents: 1, jobs: 0 } },
    ])
    clock.ahead += 31 * DAY_MS
    await chore('expire')
    expect((await entries('retention.expire'))[0]).toMatchObject({
      detail: { contents: 0, jobs: 1 },
    })
    await chore('forget')
    const dropped = [
      { outcome: 'ok', detail: { runs: 1 } },
      { outcome: 'asked', detail: { runs: 1 } },
    ]
    expect(await entries('retention.evidence')).toMatchObject(dropped)
    await chore('forget')
    expect(await entries('retention.evidence')).toHaveLength(2)
  })
})
