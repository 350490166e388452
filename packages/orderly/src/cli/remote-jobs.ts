// `orderly jobs add|list|show|replay-life|explain|retry|cancel`, asked of a running server.
import { Command } from 'commander'
import { addNewJob } from './add-job.ts'
import { jobText } from './job-text.ts'
import { wholeNumber } from './numbers.ts'
import { printResult, say, table, tableOr } from './print.ts'
import { asking, remote, type RemoteFlags } from './remote.ts'

/** What came of it, as people read it. */
const CANCELLED = {
  cancelled: 'It is cancelled.',
  cancelling: 'It runs now and was told to stop; it ends once its handler does.',
  finished: 'Nothing was cancelled: it had ended before.',
  unknown: 'Nothing was cancelled: no queue holds it.',
} as const

interface ReasonFlags extends RemoteFlags {
  readonly reason?: string
}

export function addRemoteJobs(jobs: Command): void {
  addNewJob(jobs)

  remote(jobs.command('list').description('Find jobs, newest first'))
    .argument('[search]', 'such as "state:failed queue:mail created:-24h"', '')
    .option('--limit <number>', 'how many', wholeNumber(1, 500), 50)
    .action(async (search: string, _flags, command: Command) => {
      const { limit, ...flags } = command.optsWithGlobals<RemoteFlags & { limit: number }>()
      const found = await asking(flags, (client) =>
        client.call('jobs.search', { body: { q: search, limit } }),
      )
      await printResult(found, flags.json ?? false, () =>
        tableOr(
          search === '' ? 'There are no jobs yet.' : 'No job is found by this search.',
          ['id', 'type', 'state', 'attempts', 'created', 'error'],
          found.data.map((job) => [
            job.id,
            job.type,
            job.state,
            String(job.attempts),
            new Date(job.createdAt).toISOString(),
            job.errorCode ?? '',
          ]),
        ),
      )
      if (found.page.next !== null && flags.json !== true)
        say(
          `These are the newest ${found.data.length}; there are more. Narrow the search, or show up to 500 with --limit.`,
        )
    })

  remote(jobs.command('show').description('One job with its life; PHI is masked'))
    .argument('<id>')
    .action(async (id: string, _flags, command: Command) => {
      const flags = command.optsWithGlobals<RemoteFlags>()
      const job = await asking(flags, (client) => client.call('jobs.get', { params: { id } }))
      await printResult(job, flags.json ?? false, () => jobText(job))
    })

  remote(jobs.command('replay-life').description('The life of a job once more, a step at a time'))
    .argument('<id>')
    .action(async (id: string, _flags, command: Command) => {
      const flags = command.optsWithGlobals<RemoteFlags>()
      const life = await asking(flags, (client) => client.call('jobs.life', { params: { id } }))
      await printResult(life, flags.json ?? false, () =>
        [
          table(
            ['time', 'event', 'changes'],
            life.steps.map(({ at, type, code, counted, changes }) => [
              new Date(at).toISOString(),
              code === null ? type : `${type} ${code}`,
              counted
                ? changes.map(({ field, from, to }) => `${field}: ${from} → ${to}`).join(', ')
                : 'came too late, and changed nothing',
            ]),
          ),
          life.agrees
            ? 'The record stands where these steps end.'
            : 'The record does not stand where these steps end; see "orderly rebuild".',
        ].join('\n'),
      )
    })

  remote(jobs.command('explain').description('Why a job does not run, or how it ended'))
    .argument('<id>')
    .action(async (id: string, _flags, command: Command) => {
      const flags = command.optsWithGlobals<RemoteFlags>()
      const why = await asking(flags, (client) => client.call('jobs.explain', { params: { id } }))
      await printResult(why, flags.json ?? false, () =>
        [
          why.sentence,
          ...why.proof.map(({ what, value }) => `  ${what}: ${value}`),
          ...(why.action ? [toDo(why.action)] : []),
        ].join('\n'),
      )
    })

  remote(jobs.command('retry').description('Run a finished job again as a new one'))
    .argument('<id>')
    .option('--reason <text>', 'why; it holds nothing of a patient')
    .action(async (id: string, _flags, command: Command) => {
      const { reason, ...flags } = command.optsWithGlobals<ReasonFlags>()
      const body = reason === undefined ? {} : { reason }
      const added = await asking(flags, (client) =>
        client.call('jobs.retry', { params: { id }, body }),
      )
      await printResult(added, flags.json ?? false, () => `It runs again as ${added.id}.`)
    })

  remote(jobs.command('cancel').description('Cancel a job that waits or runs'))
    .argument('<id>')
    .option('--reason <text>', 'why; it holds nothing of a patient')
    .action(async (id: string, _flags, command: Command) => {
      const { reason, ...flags } = command.optsWithGlobals<ReasonFlags>()
      const body = reason === undefined ? {} : { reason }
      const done = await asking(flags, (client) =>
        client.call('jobs.cancel', { params: { id }, body }),
      )
      await printResult(done, flags.json ?? false, () => CANCELLED[done.outcome])
      if (done.outcome !== 'cancelled') process.exitCode = 1
    })
}

/** What one could do about it: in words, and as the operation of the API. */
function toDo({
  title,
  operation,
  params,
}: {
  readonly title: string
  readonly operation: string
  readonly params: Readonly<Record<string, string>>
}): string {
  const given = Object.entries(params).map(([name, value]) => ` ${name}=${value}`)
  return `  to do: ${title}: orderly call ${operation}${given.join('')}`
}
