import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { sequenceSpool } from '../../packages/orderly/src/access/emergency-spool.ts'
import { auditKeys } from '../../packages/orderly/src/audit-maintenance.ts'
import { ledgerIn } from '../../packages/orderly/src/ledger/dump.ts'
import { parseVkey } from '../../packages/orderly/src/ledger/note.ts'
import { verifyLedger } from '../../packages/orderly/src/ledger/verify.ts'
import { openDesk, PATIENT, visit, type Answer, type Desk } from './desk.ts'

const WHY = { purpose: 'ETREAT', text: 'patient in the ER, dose unknown' }
const HOUR_MS = 3_600_000

let desk: Desk
let job: string
let spool: string
const errors: string[] = []
beforeAll(async () => {
  const write = (fields: object, message: string) =>
    void errors.push(`${message} ${JSON.stringify(fields)}`)
  desk = await openDesk({ log: { debug() {}, info() {}, warn() {}, error: write } })
  await desk.user('op', { roles: ['operator'], emergency: true })
  await desk.user('pri', { roles: ['privacy'] })
  await desk.user('aud', { roles: ['auditor'] })
  job = (await desk.orderly.enqueue(visit, { patient: PATIENT, clinicId: 'north' })).id
  spool = join(desk.home, 'emergency-spool.jsonl')
}, 30_000)
afterAll(() => desk.close())
afterEach(async () => {
  await isWritable(true)
  desk.clock.ahead += 2 * HOUR_MS
  desk.forget()
})

/** As when the disk is full, or a replica took the place of the database: it can be read, and not written. */
async function isWritable(value: boolean): Promise<void> {
  await sql.raw(`pragma query_only = ${value ? 0 : 1}`).execute(desk.rooms.history.query)
}

const begin = (as: string): Promise<Answer> =>
  desk.call('POST', '/api/v1/emergencies', { as, body: WHY })
const reveal = (as: string): Promise<Answer> =>
  desk.call('POST', `/api/v1/jobs/${job}/reveal`, { as, body: { pointers: ['/patient'], ...WHY } })
const review = (as: string, id: string): Promise<Answer> =>
  desk.call('POST', `/api/v1/emergencies/${id}/review`, {
    as,
    body: { verdict: 'justified', text: 'agrees with the record of the ER' },
  })
const signedIn = async (...logins: string[]): Promise<void> => {
  for (const login of logins) await desk.session(login)
}

describe('an emergency while the audit log cannot be written', () => {
  it('attack 36: goes on by the spool of the machine, and is sequenced when it can be', async () => {
    await signedIn('op', 'pri')
    await isWritable(false)
    // Nobody else sees PHI now, the privileged neither.
    expect((await reveal('pri')).status).toBe(503)
    expect((await reveal('op')).status).toBe(403)
    const begun = await begin('op')
    expect([begun.status, begun.text]).toEqual([201, expect.stringContaining('ETREAT')])
    expect((await begin('op')).status).toBe(409)
    const seen = await reveal('op')
    expect(seen.json.values).toEqual([{ pointer: '/patient', found: true, value: PATIENT }])
    expect(errors.join('\n')).toContain('an emergency access has begun')
    const text = readFileSync(spool, 'utf8')
    expect(text.trimEnd().split('\n')).toHaveLength(2)
    expect(text).not.toMatch(/dose unknown|Zyx/)

    await isWritable(true)
    await sequenceSpool(desk.rooms.access)
    await expect.poll(() => existsSync(spool) || existsSync(`${spool}.draining`)).toBe(false)
    expect((await desk.entries('emergency.begin'))[0]).toMatchObject({
      actor: { name: 'op' },
      resource: { id: begun.json.id },
      detail: { spooled: expect.any(String), spooledAt: expect.any(String) },
    })
    expect(
      (await desk.entries('phi.reveal')).filter(({ detail }) => detail?.['spooled']),
    ).toMatchObject([
      { outcome: 'ok', actor: { name: 'op' }, follows: begun.json.id, resource: { id: job } },
    ])
    // From here on it is like every other one, and is reviewed by somebody else once it is over.
    expect((await reveal('op')).status).toBe(200)
    expect((await review('aud', begun.json.id)).status).toBe(409)
    desk.clock.ahead += 61 * 60_000
    desk.forget()
    expect((await reveal('op')).status).toBe(403)
    expect((await review('op', begun.json.id)).status).toBe(403)
    expect((await review('aud', begun.json.id)).json).toMatchObject({ verdict: 'justified' })
  })

  it('attack 36: is refused where the spool cannot be written either, and shows nothing', async () => {
    await signedIn('op')
    await isWritable(false)
    mkdirSync(spool)
    const begun = await begin('op')
    expect([begun.status, begun.json.code]).toEqual([503, 'ORDERLY_LEDGER_UNAVAILABLE'])
    expect((await reveal('op')).status).toBe(403)
    rmSync(spool, { recursive: true })
    expect((await begin('op')).status).toBe(201)
    rmSync(spool)
    mkdirSync(spool)
    const seen = await reveal('op')
    expect(seen.status).toBeGreaterThanOrEqual(400)
    expect(seen.text).not.toContain('Zyx')
    rmSync(spool, { recursive: true })
  })

  it('attack 36: ends after an hour there too, and sees no more than thirty values', async () => {
    await signedIn('op')
    await isWritable(false)
    expect((await begin('op')).status).toBe(201)
    const statuses: number[] = []
    for (let n = 0; n < 31; n++) statuses.push((await reveal('op')).status)
    expect(statuses).toEqual([...Array<number>(30).fill(200), 429])
    await isWritable(true)
    await sequenceSpool(desk.rooms.access)
    await signedIn('pri')
    await isWritable(false)
    expect((await begin('pri')).status).toBe(201)
    desk.clock.ahead += 10 * 60_000
    expect((await reveal('pri')).status).toBe(200)
    // A session that nobody could renew is over before its emergency is.
    desk.clock.ahead += 10 * 60_000
    expect((await reveal('pri')).status).toBe(401)
    await isWritable(true)
    desk.forget()
    await signedIn('pri')
    desk.clock.ahead += 41 * 60_000
    desk.forget()
    await signedIn('pri')
    await isWritable(false)
    expect((await reveal('pri')).status).toBe(503)
  })

  it('comes onto the ledger once, though what drains it dies in between', async () => {
    await signedIn('op')
    await isWritable(false)
    const { id } = (await begin('op')).json
    await reveal('op')
    const copy = readFileSync(spool)
    await isWritable(true)
    await sequenceSpool(desk.rooms.access)
    writeFileSync(`${spool}.draining`, copy)
    await sequenceSpool(desk.rooms.access)
    expect(existsSync(`${spool}.draining`)).toBe(false)
    const begun = (await desk.entries('emergency.begin')).filter(
      ({ resource }) => resource?.id === id,
    )
    expect(begun).toHaveLength(1)
  })

  it('shows where its spool was changed, keeps what was before, and puts the file aside', async () => {
    await signedIn('op')
    await isWritable(false)
    const { id } = (await begin('op')).json
    await reveal('op')
    await reveal('op')
    const lines = readFileSync(spool, 'utf8').trimEnd().split('\n')
    // One entry is left out: the next one does not follow what is there.
    writeFileSync(spool, `${[lines[0], lines[2]].join('\n')}\n`)
    await isWritable(true)
    await sequenceSpool(desk.rooms.access)
    expect((await desk.entries('emergency.spool'))[0]).toMatchObject({
      outcome: 'failed',
      code: 'ORDERLY_LEDGER_BROKEN',
      detail: { line: 2 },
    })
    expect(readdirSync(desk.home).filter((name) => name.includes('.broken-'))).toHaveLength(1)
    const begun = (await desk.entries('emergency.begin')).filter(
      ({ resource }) => resource?.id === id,
    )
    expect(begun).toHaveLength(1)
  })

  it('leaves a ledger that verifies', async () => {
    const trusted = (await auditKeys({ home: desk.home })).map((vkey) => parseVkey(vkey)!)
    const { findings } = await verifyLedger(await ledgerIn(desk.rooms.ledger.database, [], trusted))
    expect(findings).toEqual([])
  })
})

describe('every emergency access', () => {
  it('is an alert within a minute, until somebody has reviewed it', async () => {
    await signedIn('op')
    const { id } = (await begin('op')).json
    await desk.rooms.alerts.evaluate()
    const alert = async () =>
      (await desk.rooms.alerts.list()).find(
        ({ rule, subject }) => rule === 'emergency-access' && subject === id,
      )
    expect(await alert()).toMatchObject({ state: 'firing', severity: 'critical' })
    desk.clock.ahead += 61 * 60_000
    desk.forget()
    expect((await review('aud', id)).status).toBe(200)
    await desk.rooms.alerts.evaluate()
    desk.clock.ahead += 10 * 60_000
    await desk.rooms.alerts.evaluate()
    expect(await alert()).toMatchObject({ state: 'resolved' })
  })
})
