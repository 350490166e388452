// `orderly schedules list|pause|resume|run`, asked of a running server.
import type { Command } from 'commander'
import { printResult, tableOr } from './print.ts'
import { asking, remote, type RemoteFlags } from './remote.ts'

export function addRemoteSchedules(schedules: Command): void {
  remote(schedules.command('list').description('Every schedule and its next time')).action(
    async (_flags, command: Command) => {
      const flags = command.optsWithGlobals<RemoteFlags>()
      const { data } = await asking(flags, (client) => client.call('schedules.list', {}))
      await printResult({ data }, flags.json ?? false, () =>
        tableOr(
          'No schedule is within your reach.',
          ['schedule', 'begins', 'next', ''],
          data.map(({ id, job, workflow, nextAt, paused }) => [
            id,
            job ?? workflow ?? '',
            nextAt === null || paused ? '' : new Date(nextAt).toISOString(),
            paused ? `paused by ${paused.by}: ${paused.reason}` : '',
          ]),
        ),
      )
    },
  )
  remote(schedules.command('pause').description('Let a schedule fire no more for now'))
    .argument('<schedule>')
    .requiredOption('--reason <text>', 'why, for everybody to read')
    .option('--for <span>', 'it goes on by itself after this long, such as 2h')
    .action(async (id: string, _flags, command: Command) => {
      const flags = command.optsWithGlobals<RemoteFlags & { reason: string; for?: string }>()
      const body = { reason: flags.reason, ...(flags.for === undefined ? {} : { for: flags.for }) }
      const paused = await asking(flags, (client) =>
        client.call('schedules.pause', { params: { id }, body }),
      )
      await printResult(paused, flags.json ?? false, () => `Schedule "${id}" is paused.`)
    })
  remote(schedules.command('resume').description('Let a schedule fire again'))
    .argument('<schedule>')
    .action(async (id: string, _flags, command: Command) => {
      const flags = command.optsWithGlobals<RemoteFlags>()
      const done = await asking(flags, (client) =>
        client.call('schedules.resume', { params: { id } }),
      )
      await printResult(done, flags.json ?? false, () => `Schedule "${id}" goes on.`)
    })
  remote(schedules.command('run').description('Fire a schedule now, beside its times'))
    .argument('<schedule>')
    .action(async (id: string, _flags, command: Command) => {
      const flags = command.optsWithGlobals<RemoteFlags>()
      const began = await asking(flags, (client) =>
        client.call('schedules.run', { params: { id } }),
      )
      await printResult(began, flags.json ?? false, () =>
        began.job === null ? `Began run ${began.run ?? ''}.` : `Began job ${began.job}.`,
      )
    })
}
