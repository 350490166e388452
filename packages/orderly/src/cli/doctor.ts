// `orderly doctor`: what needs somebody, where it is, and the command that goes on from there.
import { Command } from 'commander'
import { ApiProblem, type FailureGroup, type Overview } from '../api/index.ts'
import { printResult } from './print.ts'
import { asking, remote, type RemoteFlags } from './remote.ts'

type Concern = Overview['concerns'][number]

/** Exit code 3 where something needs somebody. */
export function doctorCommand(): Command {
  return remote(new Command('doctor')).action(async (_flags, command: Command) => {
    const flags = command.optsWithGlobals<RemoteFlags>()
    const { seen, groups } = await asking(flags, async (client) => {
      const overview = await client.call('overview.get', {})
      const hasDead = overview.concerns.some(({ kind }) => kind === 'dead-letters')
      if (!hasDead) return { seen: overview, groups: undefined }
      // A key that may see numbers alone may not see jobs: then the concern is told as it is.
      const found = await client.call('failures.list', {}).catch((error: unknown) => {
        if (error instanceof ApiProblem && error.problem.status === 403) return undefined
        throw error
      })
      return { seen: overview, groups: found }
    })
    await printResult(seen, flags.json ?? false, () =>
      [seen.sentence, ...linesOf(seen.concerns, groups?.data ?? [])].join('\n'),
    )
    if (seen.concerns.length > 0) process.exitCode = 3
  })
}

/** Dead letters are told by the place of their error; each other concern as it is. */
function linesOf(concerns: readonly Concern[], groups: readonly FailureGroup[]): string[] {
  const others = concerns.filter(({ kind }) => kind !== 'dead-letters' || groups.length === 0)
  return [
    ...others.flatMap((concern) => [
      `${concern.severity === 'bad' ? '!' : '-'} ${concern.title}: ${concern.detail}`,
      ...after(nextFor(concern)),
    ]),
    ...groups.flatMap((group) => [
      `- ${group.count} dead letter${group.count === 1 ? '' : 's'} of "${group.type}": ${group.errorCode ?? 'an error'}${group.fingerprint === null ? '' : `#${group.fingerprint}`}${group.frame === null ? '' : ` ${group.frame}`}`,
      ...after(group.sample === null ? undefined : `orderly jobs explain ${group.sample}`),
      ...after(
        `orderly dlq redrive --type ${group.type}${group.fingerprint === null ? '' : ` --fingerprint ${group.fingerprint}`} --reason '…'`,
      ),
    ]),
  ]
}

function after(command: string | undefined): string[] {
  return command === undefined ? [] : [`    ${command}`]
}

/** The command that goes on from a concern, where one does. */
function nextFor({ kind, about, title }: Concern): string | undefined {
  if (kind === 'no-worker') return 'orderly worker --app …'
  if (kind === 'backlog' || kind === 'held' || kind === 'stuck-handler') return 'orderly workers'
  if (kind === 'schedule-missed') return 'orderly schedules list'
  if (kind === 'dead-letters' || kind === 'failing-type') return 'orderly dlq list'
  if (kind !== 'paused') return undefined
  if (title.startsWith('Queue')) return `orderly queues resume ${about}`
  return title.startsWith('Schedule') ? `orderly schedules resume ${about}` : undefined
}
