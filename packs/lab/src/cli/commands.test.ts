import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startSmtp, type SmtpKit } from '../../../../test/support/smtp.ts'
import { createOrderly } from 'orderly'
import { LAB, LAB_USER, settle } from '../../fixtures/lakeside.ts'
import { lab, queueWork } from '../index.ts'
import type { LabTables } from '../store/tables.ts'
import { commands } from './commands.ts'

const QUIET = { debug() {}, info() {}, warn() {}, error() {} }

let folder: string
let smtp: SmtpKit
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'orderly-lab-cli-'))
  smtp = await startSmtp()
})
afterAll(async () => {
  await smtp.stop()
  rmSync(folder, { recursive: true, force: true })
})

async function run(
  name: string,
  args: readonly string[],
  options: Readonly<Record<string, string | boolean>> = {},
): Promise<{ code: number; out: string; err: string }> {
  const out: string[] = []
  const err: string[] = []
  const command = commands.find((each) => each.name === name)!
  const code = await command.run({
    args,
    options,
    home: join(folder, 'home'),
    print: (line) => out.push(line),
    say: (line) => err.push(line),
  })
  return { code, out: out.join('\n'), err: err.join('\n') }
}

describe('orderly lab', () => {
  it.each([
    'order-confirmation',
    'shipment',
    'purchase-order',
    'marketplace-connection',
    'notification',
    'daily-briefing',
  ])('shows the mail %s as text and HTML', async (kind) => {
    const text = await run('email', [kind])
    expect(text).toMatchObject({ code: 0, out: expect.stringMatching(/^Subject: \S/) as string })
    expect((await run('email', [kind], { html: true })).out).toMatch(/^<!doctype html>/)
  })
  it('sends a test mail through the mail server that is set', async () => {
    process.env['ORDERLY_SMTP_URL'] = smtp.url
    process.env['ORDERLY_MAIL_FROM'] = 'lab@lab.example'
    try {
      expect(await run('email', ['shipment'], { send: 'me@lab.example' })).toMatchObject({
        code: 0,
      })
    } finally {
      delete process.env['ORDERLY_SMTP_URL']
      delete process.env['ORDERLY_MAIL_FROM']
    }
    expect(smtp.received[0]!.mail.subject).toMatch(/^\[Test\] Order/)
  })
  it('says what to set where no mail server is', async () => {
    expect(await run('email', ['shipment'], { send: 'me@lab.example' })).toMatchObject({
      code: 1,
      err: expect.stringContaining('ORDERLY_SMTP_URL') as string,
    })
  })
  it('writes a document', async () => {
    const file = join(folder, 'ticket.pdf')
    expect((await run('pdf', ['lab-work-ticket', file])).code).toBe(0)
    expect(readFileSync(file).subarray(0, 5).toString()).toBe('%PDF-')
  })
  it('reads a data file, and ends with 3 when the order cannot be made', async () => {
    const file = join(folder, 'job.oma')
    writeFileSync(file, 'JOB=9\r\nSPH=-1.00;-1.00\r\nCYL=-0.50;0.00\r\nIPD=31;31\r\n')
    const { code, out } = await run('dcs', [file], { json: true })
    expect(code).toBe(3)
    expect(JSON.parse(out)).toMatchObject({
      job: '9',
      unchanged: true,
      findings: [{ code: 'axis-missing', side: 'od' }],
    })
    writeFileSync(file, 'JOB=9\r\nSPH=-1.00;-1.00\r\nIPD=31;31\r\n')
    expect((await run('dcs', [file])).code).toBe(0)
  })
  it('forecasts a file of days and finds what is unusual in it', async () => {
    const file = join(folder, 'days.csv')
    const days = Array.from({ length: 90 }, (_, at) =>
      new Date(Date.UTC(2026, 0, 1 + at)).toISOString().slice(0, 10),
    )
    writeFileSync(
      file,
      [
        'date,value',
        ...days.map((day, at) => `${day},${at === 60 ? 900 : 100 + (at % 7) * 10}`),
      ].join('\n'),
    )
    const made = JSON.parse((await run('forecast', [file], { days: '7', json: true })).out) as {
      firstDay: string
      values: number[]
    }
    expect(made.firstDay).toBe('2026-04-01')
    expect(made.values).toHaveLength(7)
    const found = await run('anomalies', [file])
    expect(found).toMatchObject({
      code: 3,
      out: expect.stringMatching(/^critical spike: 900 on Monday 2026-03-02/) as string,
    })
  })
  it.each([
    ['a value in another writing', '2026-02-11,1e2', 'Line 3 '],
    ['a value with thousands', '2026-02-11,"1,200"', 'Line 3 '],
    ['no value', '2026-02-11,', 'Line 3 '],
    ['more columns', '2026-02-11,3,17.5', 'Line 3 '],
    ['a day that is none', '2026-02-31,3', 'line 3 is not in the calendar'],
    ['a day twice', '2026-02-10,3', 'line 3 stands in the file twice'],
  ])('forecasts no file with %s, and says which line it is', async (_, line, said) => {
    const file = join(folder, 'odd.csv')
    writeFileSync(file, `\uFEFFdate,value\r\n2026-02-10,104\r\n${line}\r\n`)
    for (const name of ['forecast', 'anomalies']) {
      const { code, err } = await run(name, [file])
      expect([name, code]).toEqual([name, 2])
      expect(err).toContain(said)
      expect(err).not.toContain('104')
    }
  })
  it('ends with 2 for what it does not understand', async () => {
    expect((await run('anomalies', [join(folder, 'days.csv')], { kind: 'prices' })).code).toBe(2)
    expect((await run('email', ['fax'])).code).toBe(2)
    expect((await run('pdf', ['poster', 'x'])).code).toBe(2)
    expect((await run('forecast', [join(folder, 'none.csv')])).code).toBe(2)
  })
  it('lists the outbox of a company and takes what a person decides about a mail', async () => {
    const home = join(folder, 'home')
    const pack = lab()
    const orderly = await createOrderly({
      home,
      packs: [pack],
      log: QUIET,
      smtpUrl: smtp.url,
      mailFrom: 'jobs@lab.example',
    })
    try {
      await settle(pack.desk())
      smtp.fail({ drop: 'data' })
      const { queueNotificationEmail } = queueWork(orderly)
      const message = { companyId: LAB, userId: LAB_USER, subject: 'Oven', text: 'Down.' }
      await queueNotificationEmail(message)
      await orderly.start()
      await orderly.whenIdle()
    } finally {
      await orderly.close()
    }
    const listed = await run('outbox', [LAB], { json: true, unsure: true })
    expect(listed.code).toBe(3)
    const [{ key, state }] = JSON.parse(listed.out).mails
    expect(state).toBe('unsure')
    expect((await run('mail', [LAB, key, 'perhaps'])).code).toBe(2)
    expect((await run('mail', [LAB, 'none', 'send'])).code).toBe(1)
    expect(await run('mail', [LAB, key, 'send'])).toMatchObject({ code: 0 })
    expect(await run('outbox', [LAB])).toMatchObject({
      code: 0,
      out: expect.stringContaining('waiting') as string,
    })
    expect(await run('outbox', ['co-nobody'])).toMatchObject({ code: 1, out: '' })
    expect((await run('suppress', ['mara'], { reason: 'bounced' })).code).toBe(2)
    const address = 'mara@lab.example'
    expect((await run('suppress', [address])).code).toBe(2)
    expect((await run('suppress', [address], { reason: 'bounced' })).code).toBe(0)
    expect((await run('suppress', [address], { lift: true })).code).toBe(0)
    expect((await run('suppress', [address], { lift: true })).code).toBe(1)
    // Its worker died at its end, and its job is gone since.
    const later = await createOrderly({ home, packs: [lab()], log: QUIET })
    await later.database
      .withTables<LabTables>()
      .query.updateTable('lab_mails')
      .set({ state: 'ending', holder: 'gone/1', at: 0 })
      .execute()
    await later.close()
    expect((await run('outbox', [LAB], { unsure: true })).out).toContain(key)
    expect(await run('mail', [LAB, key, 'send'])).toMatchObject({ code: 1 })
    expect((await run('outbox', [LAB])).out).toContain('waiting')
  })
})
