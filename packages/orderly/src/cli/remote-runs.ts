// `orderly workflows list|start|runs|cancel|replay-life`, asked of a running server.
import { Option, type Command } from 'commander'
import { OrderlyError } from '../primitives/errors.ts'
import { wholeNumber } from './numbers.ts'
import { printResult, table, tableOr } from './print.ts'
import { asking, remote, type RemoteFlags } from './remote.ts'

const STATES = ['running', 'paused', 'completed', 'failed', 'cancelled'] as const

export function addRemoteRuns(workflows: Command): void {
  remote(workflows.command('list').description('Every workflow and its versions')).action(
    async (_flags, command: Command) => {
      const flags = command.optsWithGlobals<RemoteFlags>()
      const { data } = await asking(flags, (client) => client.call('workflows.list', {}))
      await printResult({ data }, flags.json ?? false, () =>
        tableOr(
          'No workflow is within your reach.',
          ['workflow', 'version', 'title', ''],
          data.map(({ id, version, title, draft }) => [
            id,
            version === null ? '' : String(version),
            title,
            draft ? `draft of ${draft.by}` : '',
          ]),
        ),
      )
    },
  )
  remote(workflows.command('runs [workflow]').description('Runs, newest first'))
    .addOption(new Option('--state <state>', 'only these').choices(STATES))
    .option('--limit <number>', 'how many; 50 unless told', wholeNumber(1, 500))
    .action(async (workflow: string | undefined, _flags, command: Command) => {
      const { state, limit, ...flags } = command.optsWithGlobals<
        RemoteFlags & { state?: (typeof STATES)[number]; limit?: number }
      >()
      const query = {
        ...(workflow === undefined ? {} : { workflow }),
        ...(state === undefined ? {} : { state }),
        ...(limit === undefined ? {} : { limit }),
      }
      const found = await asking(flags, (client) => client.call('runs.list', { query }))
      await printResult(found, flags.json ?? false, () =>
        tableOr(
          'No run is found.',
          ['run', 'workflow', 'version', 'state', 'began', 'by'],
          found.data.map((run) => [
            run.id,
            run.workflow,
            String(run.version),
            run.state,
            new Date(run.createdAt).toISOString(),
            run.by,
          ]),
        ),
      )
    })
  remote(workflows.command('start <workflow>').description('Begin a run'))
    .option('--input <json>', 'what it is given', '{}')
    .option('--version <number>', 'the latest unless told', wholeNumber(1, 1_000_000))
    .action(async (id: string, _flags, command: Command) => {
      const { input, version, ...flags } = command.optsWithGlobals<
        RemoteFlags & { input: string; version?: number }
      >()
      const body = { input: jsonOf(input), ...(version === undefined ? {} : { version }) }
      const began = await asking(flags, (client) =>
        client.call('runs.start', { params: { id }, body }),
      )
      await printResult(began, flags.json ?? false, () => `Began run ${began.id}.`)
    })
  remote(
    workflows.command('cancel <run>').description('End a run: nothing of it begins any more'),
  ).action(async (id: string, _flags, command: Command) => {
    const flags = command.optsWithGlobals<RemoteFlags>()
    const done = await asking(flags, (client) => client.call('runs.cancel', { params: { id } }))
    await printResult(done, flags.json ?? false, () =>
      done.wasRunning ? `Run ${id} is cancelled.` : `Run ${id} had ended.`,
    )
  })
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

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new OrderlyError('ORDERLY_INPUT_INVALID', '--input is JSON, such as \'{"orderId":7}\'')
  }
}
