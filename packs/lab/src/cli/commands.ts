// The commands of the pack: `orderly lab …`.
import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import {
  createOrderly,
  definePack,
  type Mailer,
  type PackCommand,
  type PackCommandContext,
  type PackRooms,
} from 'orderly'
import { findAnomalies } from '../anomaly/detect.ts'
import { readDcs, writeDcs } from '../dcs/document.ts'
import { findingsOf } from '../dcs/findings.ts'
import { readDcsJob } from '../dcs/job.ts'
import { readTraces } from '../dcs/trace.ts'
import { forecast } from '../forecast/forecast.ts'
import { dayText } from '../forecast/series.ts'
import { htmlOf, subjectOf, textOf } from '../mail/letter.ts'
import { renderDocument } from '../pdf/render.ts'
import { readDays } from './days.ts'
import { outboxCommands } from './outbox.ts'
import { SAMPLE_DOCUMENTS, sampleLetters } from './samples.ts'

const DONE = 0
const FAILED = 1
const NOT_UNDERSTOOD = 2
const FOUND = 3

/** Data files hold no days of issue, expiry or birth. */
const ANY_DAY = '2026-01-01'

const JSON_OPTION = { '--json': 'print JSON' } as const

export const commands: readonly PackCommand[] = [
  ...outboxCommands,
  {
    name: 'email',
    description: 'shows a mail of the pack with made-up facts, or sends it to try the way out',
    args: ['<kind>'],
    options: {
      '--html': 'print the HTML instead of the text',
      '--send <address>': 'send it there, through ORDERLY_SMTP_URL',
    },
    async run({ args, options, home, print, say }) {
      const letters = sampleLetters()
      const letter = Object.hasOwn(letters, args[0] ?? '')
        ? letters[args[0] as keyof typeof letters]
        : undefined
      if (!letter) {
        say(`There is no such mail. There are: ${Object.keys(letters).join(', ')}`)
        return NOT_UNDERSTOOD
      }
      const to = options['send']
      if (typeof to !== 'string') {
        print(
          options['html'] === true
            ? htmlOf(letter)
            : `Subject: ${subjectOf(letter)}\n\n${textOf(letter)}`,
        )
        return DONE
      }
      return withMailer(home, say, async (send) => {
        await send({
          to,
          subject: `[Test] ${subjectOf(letter)}`,
          text: textOf(letter),
          html: htmlOf(letter),
        })
        print(`Sent to the mail server.`)
        return DONE
      })
    },
  },
  {
    name: 'pdf',
    description: 'writes a document of the pack with made-up facts to a file',
    args: ['<kind>', '<file>'],
    async run({ args: [kind = '', file = ''], print, say }) {
      const document = Object.values(SAMPLE_DOCUMENTS).find((each) => each.kind === kind)
      if (!document) {
        say(`There is no such document. There are: ${Object.keys(SAMPLE_DOCUMENTS).join(', ')}`)
        return NOT_UNDERSTOOD
      }
      const pdf = await renderDocument(document)
      await writeFile(file, pdf)
      print(
        `${file}: ${pdf.byteLength} bytes, SHA-256 ${createHash('sha256').update(pdf).digest('hex')}`,
      )
      return DONE
    },
  },
  {
    name: 'dcs',
    description:
      'reads a data file of an optical machine and says what is wrong with the order in it; exit 3 when something is',
    args: ['<file>'],
    options: JSON_OPTION,
    async run({ args: [file = ''], options, print, say }) {
      const bytes = await read(file, say)
      if (!bytes) return FAILED
      try {
        const document = readDcs(bytes)
        const { job, problems } = readDcsJob(document)
        const traces = readTraces(document)
        const findings = findingsOf(job, ANY_DAY)
        const result = {
          job: job.job,
          records: document.lines.filter(({ label }) => label !== null).length,
          unchanged: Buffer.from(writeDcs(document)).equals(bytes),
          problems: [...problems, ...traces.problems].map(({ code, message }) => ({
            code,
            message,
          })),
          findings: findings.map(({ code, severity, side, message }) => ({
            code,
            severity,
            side,
            message,
          })),
          traces: traces.traces.length,
        }
        if (options['json'] === true) print(JSON.stringify(result))
        else {
          print(`Job ${result.job ?? '—'}: ${result.records} records, ${result.traces} tracings`)
          for (const { code, message } of [...result.problems, ...result.findings])
            print(`${code}: ${message}`)
        }
        return result.problems.length + result.findings.length > 0 ? FOUND : DONE
      } catch (error) {
        if (!(error instanceof RangeError)) throw error
        say(error.message)
        return NOT_UNDERSTOOD
      }
    },
  },
  {
    name: 'forecast',
    description: 'forecasts a series of days from a CSV file with the columns date,value',
    args: ['<file>'],
    options: { '--days <count>': 'how many days ahead; 30 unless told', ...JSON_OPTION },
    async run({ args: [file = ''], options, print, say }) {
      const bytes = await read(file, say)
      if (!bytes) return NOT_UNDERSTOOD
      const series = readDays(bytes.toString('utf8'))
      if (typeof series === 'string') {
        say(series)
        return NOT_UNDERSTOOD
      }
      const days = Number(options['days'] ?? 30)
      if (!Number.isInteger(days) || days < 1 || days > 366) {
        say('--days is a whole number from 1 to 366')
        return NOT_UNDERSTOOD
      }
      const made = forecast(series.values, { horizon: days })
      const first = series.firstDay + series.values.length
      if (options['json'] === true) print(JSON.stringify({ firstDay: dayText(first), ...made }))
      else {
        print(`${made.method}, ${Math.round(made.gain * 100)}% better than repeating last week`)
        for (const [at, value] of made.values.entries())
          print(
            `${dayText(first + at)}  ${value.toFixed(1)}  ${made.low[at]!.toFixed(1)} to ${made.high[at]!.toFixed(1)}`,
          )
      }
      return DONE
    },
  },
  {
    name: 'anomalies',
    description:
      'finds unusual days in a CSV file with the columns date,value; exit 3 when there are some',
    args: ['<file>'],
    options: {
      '--kind <kind>':
        'counts (of what comes by chance) or amounts; found out by the values unless told',
      ...JSON_OPTION,
    },
    async run({ args: [file = ''], options, print, say }) {
      const { kind } = options
      if (kind !== undefined && kind !== 'counts' && kind !== 'amounts') {
        say('Say --kind counts or --kind amounts.')
        return NOT_UNDERSTOOD
      }
      const bytes = await read(file, say)
      if (!bytes) return NOT_UNDERSTOOD
      const series = readDays(bytes.toString('utf8'))
      if (typeof series === 'string') {
        say(series)
        return NOT_UNDERSTOOD
      }
      const { incidents, reason } = findAnomalies(series, kind === undefined ? {} : { kind })
      if (options['json'] === true) print(JSON.stringify({ incidents, reason }))
      else {
        if (reason !== null) say(reason)
        for (const { severity, kind, explanation } of incidents)
          print(`${severity} ${kind}: ${explanation}`)
      }
      return incidents.length > 0 ? FOUND : DONE
    },
  },
]

type Say = PackCommandContext['say']
type Send = (mail: { to: string; subject: string; text: string; html: string }) => Promise<void>

async function withMailer(
  home: string | undefined,
  say: Say,
  work: (send: Send) => Promise<number>,
): Promise<number> {
  let mailer: Mailer | undefined
  const pack = definePack<PackRooms>({
    name: 'lab-test-mail',
    jobs: [],
    queues: [],
    async open(rooms) {
      mailer = rooms.mailer
      return { handlers: [] }
    },
  })
  await using orderly = await createOrderly({
    packs: [pack],
    log: QUIET,
    ...(home === undefined ? {} : { home }),
  })
  if (!mailer) {
    say('Set ORDERLY_SMTP_URL and ORDERLY_MAIL_FROM first.')
    return FAILED
  }
  const { send } = mailer
  return await work(async (mail) => {
    const seed = JSON.stringify([mail, orderly.clock.now()])
    const id = createHash('sha256').update(seed).digest('hex').slice(0, 32)
    await send({ ...mail, messageId: `<${id}@test.invalid>` })
  })
}

const QUIET = { debug() {}, info() {}, warn() {}, error() {} }

async function read(file: string, say: Say): Promise<Buffer | undefined> {
  try {
    return await readFile(file)
  } catch {
    say('This file cannot be read; is its path right?')
    return undefined
  }
}
