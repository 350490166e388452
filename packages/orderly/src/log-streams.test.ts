import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import * as winston from 'winston'
import { z } from 'zod'
import {
  createOrderly,
  defineJob,
  handle,
  phi,
  servicesOf,
  type LogStreams,
  type Orderly,
} from './index.ts'
import { newApiKey } from './access/api-key-format.ts'
import { openLogs } from './job/log-streams.ts'

const CANARY = 'Zyxwelda Quorvantine'
const sendMail = defineJob({
  name: 'mail.send',
  queue: 'mail',
  input: z.object({ patient: phi.name() }),
  retry: { attempts: 1 },
})
const renderPdf = defineJob({
  name: 'pdf.render',
  queue: 'pdf',
  input: z.object({ orderId: z.number() }),
})

type Line = Record<string, any>

/** A stream that keeps what it is written, line by line. */
function keeping(): { lines: Line[]; stream: Writable } {
  const lines: Line[] = []
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      for (const line of chunk.toString().split('\n'))
        if (line !== '') lines.push(JSON.parse(line) as Line)
      done()
    },
  })
  return { lines, stream }
}

function winstonOf(stream: Writable, options: winston.LoggerOptions = {}): winston.Logger {
  return winston.createLogger({
    level: 'debug',
    format: winston.format.combine(winston.format.timestamp(), winston.format.json()),
    transports: [new winston.transports.Stream({ stream })],
    ...options,
  })
}

describe('a logger of somebody else', () => {
  it('of winston gets each message whole, with its fields beside it', () => {
    const { lines, stream } = keeping()
    const { log } = openLogs(winstonOf(stream))
    for (const level of ['debug', 'info', 'warn', 'error'] as const)
      log[level]({ jobId: 'j1', level: 'x', message: 'y', splat: 1 }, `a ${level} line`)
    expect(lines).toEqual(
      ['debug', 'info', 'warn', 'error'].map((level) => ({
        level,
        message: `a ${level} line`,
        timestamp: expect.any(String) as string,
        jobId: 'j1',
        'field.level': 'x',
        'field.message': 'y',
        'field.splat': 1,
      })),
    )
  })

  it('of winston with the levels of syslog is warned by their name for it', () => {
    const { lines, stream } = keeping()
    const logger = winstonOf(stream, { levels: winston.config.syslog.levels })
    openLogs(logger).log.warn({ n: 1 }, 'careful')
    expect(lines).toMatchObject([{ level: 'warning', message: 'careful', n: 1 }])
  })

  it('of pino is used as it is', () => {
    const { lines, stream } = keeping()
    const logger = pino({ base: null, level: 'debug' }, stream)
    openLogs(logger).log.debug({ n: 1 }, 'as it is')
    expect(lines).toMatchObject([{ level: 20, n: 1, msg: 'as it is' }])
  })
})

describe('a line of a log', () => {
  it('holds no API key, wherever somebody put it (attack 34)', () => {
    const { lines, stream } = keeping()
    const { text } = newApiKey()
    const { log } = openLogs(pino({ base: null, level: 'debug' }, stream))
    const at = new Date(0)
    for (const level of ['debug', 'info', 'warn', 'error'] as const)
      log[level](
        { url: `/x?key=${text}`, deep: [{ header: `Bearer ${text}` }], at },
        `got ${text}!`,
      )
    const left = `${text.slice(0, 13)}[secret]`
    expect(lines).toHaveLength(4)
    for (const line of lines)
      expect(line).toMatchObject({
        url: `/x?key=${left}`,
        deep: [{ header: `Bearer ${left}` }],
        at: at.toISOString(),
        msg: `got ${left}!`,
      })
  })
})

describe('one logger for each stream', () => {
  const [operation, error, audit, debug] = [keeping(), keeping(), keeping(), keeping()]
  let home: string
  let orderly: Orderly

  beforeEach(async () => {
    home = mkdtempSync(join(tmpdir(), 'orderly-logs-'))
    const log: LogStreams = {
      operation: winstonOf(operation.stream),
      error: pino({ base: null }, error.stream),
      audit: winstonOf(audit.stream),
      debug: winstonOf(debug.stream),
    }
    orderly = await createOrderly({
      home,
      log,
      jobs: [sendMail, renderPdf],
      handlers: [
        handle(sendMail, async ({ input, log: own }) => {
          own.info({ who: input.patient }, `mail for ${input.patient}`)
          throw new Error(`no address for ${input.patient}`)
        }),
        handle(renderPdf, async () => undefined),
      ],
    })
  })
  afterEach(async () => {
    await orderly.close()
    rmSync(home, { recursive: true, force: true })
  })

  it('has operations, errors, the audit log and debugging apart, and PHI in none of them', async () => {
    await orderly.start()
    await orderly.enqueue(sendMail, { patient: CANARY })
    await orderly.enqueue(renderPdf, { orderId: 1 })
    await orderly.pause({ queue: 'pdf' }, { reason: `paper for ${CANARY}`, by: 'Ana' })
    await expect
      .poll(() => error.lines.some(({ msg }) => msg === 'job failed'), { timeout: 10_000 })
      .toBe(true)
    await orderly.close()
    const messages = ({ lines }: { lines: Line[] }): unknown[] =>
      lines.map(({ message, msg }) => message ?? msg)
    expect(messages(operation)).toContain('workers started for mail, pdf')
    expect(messages(operation)).not.toContain('job failed')
    expect(messages(debug)).toContain('attempt ended')
    const paused = audit.lines.filter(({ op }) => op === 'pause.set')
    const whole = { level: 'info', actor: { name: 'Ana' }, resource: { id: 'pdf' } }
    expect(paused).toMatchObject([
      { ...whole, outcome: 'asked' },
      { ...whole, outcome: 'ok' },
    ])
    // Each entry that this process wrote, once, in order.
    const indexes = audit.lines.map(({ index }) => index as number)
    expect(indexes).toEqual([...new Set(indexes)].toSorted((a, b) => a - b))
    const everything = JSON.stringify([operation, error, audit, debug].map(({ lines }) => lines))
    expect(everything).not.toContain(CANARY)
  })

  it('gives what the services write to the stream it is for', async () => {
    const { logging } = servicesOf(orderly)
    for (const name of ['operation', 'error', 'audit', 'debug'] as const)
      logging[name]({ n: 7 }, `said on ${name}`)
    for (const [name, { lines }] of Object.entries({ operation, error, audit, debug }))
      expect(lines.filter(({ n }) => n === 7)).toMatchObject([{ channel: name }])
  })
})
