// `orderly queues …`, `dlq …`, `workers`, asked of a running server.
import { Command } from 'commander'
import { printResult, tableOr } from './print.ts'
import { asking, remote, type RemoteFlags } from './remote.ts'

export function queueCommands(): Command {
  const queues = new Command('queues')
  remote(queues.command('list').description('Every queue with its counts')).action(
    async (_flags, command: Command) => {
      const flags = command.optsWithGlobals<RemoteFlags>()
      const { data } = await asking(flags, (client) => client.call('queues.list', {}))
      await printResult({ data }, flags.json ?? false, () =>
        tableOr(
          'No queue is within your reach.',
          ['queue', 'waiting', 'active', 'delayed', 'failed', 'workers', ''],
          data.map(({ name, counts, workers, pause }) => [
            name,
            String(counts.waiting + counts.prioritized),
            String(counts.active),
            String(counts.delayed),
            String(counts.failed),
            String(workers),
            pause ? `paused by ${pause.by}: ${pause.reason}` : '',
          ]),
        ),
      )
    },
  )
  remote(queues.command('pause').description('Let no more jobs of a queue begin'))
    .argument('<queue>')
    .requiredOption('--reason <text>', 'why, for everybody to read')
    .option('--for <span>', 'it goes on by itself after this long, such as 2h')
    .action(async (name: string, _flags, command: Command) => {
      const flags = command.optsWithGlobals<RemoteFlags & { reason: string; for?: string }>()
      const body = { reason: flags.reason, ...(flags.for === undefined ? {} : { for: flags.for }) }
      const pause = await asking(flags, (client) =>
        client.call('queues.pause', { params: { name }, body }),
      )
      await printResult(pause, flags.json ?? false, () => `Queue "${name}" is paused.`)
    })
  remote(queues.command('resume').description('Let the jobs of a queue begin again'))
    .argument('<queue>')
    .action(async (name: string, _flags, command: Command) => {
      const flags = command.optsWithGlobals<RemoteFlags>()
      const done = await asking(flags, (client) =>
        client.call('queues.resume', { params: { name } }),
      )
      await printResult(done, flags.json ?? false, () =>
        done.wasPaused ? `Queue "${name}" goes on.` : `Queue "${name}" was not paused.`,
      )
    })
  return queues
}

export function deadLetterCommands(): Command {
  const letters = new Command('dlq')
  remote(letters.command('list').description('By the place of the error')).action(
    async (_flags, command: Command) => {
      const flags = command.optsWithGlobals<RemoteFlags>()
      const found = await asking(flags, (client) => client.call('failures.list', {}))
      await printResult(found, flags.json ?? false, () =>
        tableOr(
          'There are no dead letters.',
          ['count', 'type', 'error', 'fingerprint', 'last'],
          found.data.map((group) => [
            String(group.count),
            group.type,
            group.errorCode ?? '',
            group.fingerprint ?? '',
            new Date(group.last).toISOString(),
          ]),
        ),
      )
    },
  )
  remote(letters.command('redrive').description('Put dead letters back in their queues'))
    .requiredOption('--reason <text>', 'why, for the log')
    .option('--type <name>', 'only of this kind')
    .option('--fingerprint <text>', 'only of this error')
    .action(async (_flags, command: Command) => {
      const { reason, type, fingerprint, ...flags } = command.optsWithGlobals<
        RemoteFlags & { reason: string; type?: string; fingerprint?: string }
      >()
      const body = {
        reason,
        ...(type === undefined ? {} : { type }),
        ...(fingerprint === undefined ? {} : { fingerprint }),
      }
      const done = await asking(flags, (client) => client.call('deadLetters.redrive', { body }))
      const hasFound = done.redriven + done.skipped > 0
      await printResult(done, flags.json ?? false, () =>
        hasFound
          ? `${done.redriven} put back, ${done.skipped} left out.`
          : 'Nothing was put back: no dead letter fits. "orderly dlq list" shows what there is.',
      )
      // A kind or a fingerprint that nothing has is a slip of the hand: a script must not take it for done.
      if (!hasFound && (type ?? fingerprint) !== undefined) process.exitCode = 1
    })
  return letters
}

export function workersCommand(): Command {
  return remote(new Command('workers')).action(async (_flags, command: Command) => {
    const flags = command.optsWithGlobals<RemoteFlags>()
    const { data } = await asking(flags, (client) => client.call('workers.list', {}))
    await printResult({ data }, flags.json ?? false, () =>
      tableOr(
        'No worker is alive; "orderly worker --app …" starts one.',
        ['worker', 'host', 'pid', 'running', 'MiB', 'release', 'queues'],
        data.map((one) => [
          one.id,
          one.host,
          String(one.pid),
          String(one.running),
          String(one.memory),
          one.release,
          shortList(one.queues),
        ]),
      ),
    )
  })
}

const MOST_NAMED = 4

/** The first few names, and how many more there are: all of them are in --json. */
function shortList(names: readonly string[]): string {
  const more = names.length - MOST_NAMED
  return more <= 1 ? names.join(', ') : `${names.slice(0, MOST_NAMED).join(', ')} and ${more} more`
}
