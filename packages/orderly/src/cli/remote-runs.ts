// `orderly workflows replay-life`, asked of a running server.
import type { Command } from 'commander'
import { printResult, table } from './print.ts'
import { asking, remote, type RemoteFlags } from './remote.ts'

export function addRemoteRuns(workflows: Command): void {
  remote(
    workflows
      .command('replay-life <run>')
      .description('The life of a run once more, a step at a time'),
  ).action(async (id: string, _flags, command: Command) => {
    const flags = command.optsWithGlobals<RemoteFlags>()
    const life = await asking(flags, (client) => client.call('runs.life', { params: { id } }))
    await printResult(life, flags.json ?? false, () =>
      [
        table(
          ['time', 'step', 'node', 'what', 'run', 'nodes'],
          life.steps.map(({ at, revision, node, what, by, detail, run, nodes }) => [
            new Date(at).toISOString(),
            String(revision),
            node,
            [what, detail, by === '' ? '' : `by ${by}`].filter((part) => part !== '').join(' '),
            run,
            Object.entries(nodes)
              .filter(([, n]) => n > 0)
              .map(([state, n]) => `${n} ${state}`)
              .join(', '),
          ]),
        ),
        life.agrees
          ? 'The run stands where these steps end.'
          : 'The run does not stand where these steps end.',
      ].join('\n'),
    )
  })
}
