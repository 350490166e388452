// A job as people read it on the command line. What is PHI in it came masked.
import type { JobDetail } from '../api/index.ts'
import { table } from './print.ts'

export function jobText(job: JobDetail): string {
  const facts: readonly (readonly [string, string | number | null | undefined])[] = [
    ['id', job.id],
    ['queue', job.queue],
    ['attempts', job.attempts],
    ['created', instant(job.createdAt)],
    ['due', job.runAt === job.createdAt ? null : instant(job.runAt)],
    ['started', instant(job.startedAt)],
    ['finished', instant(job.finishedAt)],
    ['took', job.duration === null ? null : `${job.duration} ms`],
    ['worker', job.worker],
    ['error', [job.errorCode, job.fingerprint].filter((part) => part !== null).join(' #')],
    ['message', job.message],
    ['parent', job.parent],
    ['schedule', job.schedule],
    ['repeats', job.replayOf],
    ['set', job.set],
    ['content until', instant(job.expiresAt)],
    ['input', content(job.input)],
    ['output', content(job.output)],
  ]
  const told = facts.filter(([, value]) => value !== null && value !== undefined && value !== '')
  const widest = Math.max(...told.map(([name]) => name.length))
  return [
    `${job.type}: ${job.state}`,
    ...told.map(([name, value]) => `  ${name.padEnd(widest)}  ${value}`),
    '',
    table(
      ['time', 'event', 'attempt', 'error'],
      job.life.map(({ at, type, attempt, code }) => [
        new Date(at).toISOString(),
        type,
        attempt === null ? '' : String(attempt),
        code ?? '',
      ]),
    ),
    ...VERBS.filter((verb) => job.actions.includes(verb)).map(
      (verb) => `\norderly jobs ${verb} ${job.id}`,
    ),
  ].join('\n')
}

/** What the command line can do of what can be done. */
const VERBS = ['retry', 'cancel'] as const

function instant(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString()
}

function content(value: unknown): string | null {
  return value === undefined || value === null ? null : JSON.stringify(value)
}
