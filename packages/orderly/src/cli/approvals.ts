// `orderly approvals …`: what two persons must agree on, decided by one of them who shows who they are.
import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { Command } from 'commander'
import { askingAs } from './as-person.ts'
import { printResult, say, tableOr } from './print.ts'

interface Flags {
  readonly url?: string
  readonly json?: boolean
  readonly login: string
  readonly code?: string
  readonly text?: string
}

export function approvalCommands(): Command {
  const approvals = new Command('approvals').description(
    'Requests to see PHI that wait for the consent of somebody else',
  )
  const verb = (name: string, description: string): Command =>
    approvals
      .command(name)
      .description(description)
      .requiredOption('--login <name>', 'who decides; the password is read from standard input')
      .option('--code <digits>', 'of the authenticator, where one is set up')
      .option('--url <address>', 'the server (ORDERLY_URL, or http://127.0.0.1:4400)')
      .option('--json', 'one line of JSON')

  verb('list', 'Show what was asked for').action(async (_flags, command: Command) => {
    const flags = command.optsWithGlobals<Flags>()
    const { data } = await askingAs({ ...flags, password: await readPassword() }, (client) =>
      client.call('approvals.list', {}),
    )
    await printResult(data, flags.json ?? false, () =>
      tableOr(
        'Nothing waits for consent.',
        ['id', 'state', 'job', 'fields', 'purpose', 'by'],
        data.map((each) => [
          each.id,
          each.state,
          each.job,
          each.pointers
            .map((pointer) => `/${[each.part, each.attempt].filter(Boolean).join('/')}${pointer}`)
            .join(' '),
          each.purpose,
          each.requestedBy,
        ]),
      ),
    )
  })

  for (const [name, approve, description] of [
    ['approve', true, 'Consent to what somebody else asked for'],
    ['refuse', false, 'Refuse what somebody else asked for'],
  ] as const)
    verb(name, description)
      .argument('<id>', 'the request')
      .option('--text <why>', 'why; it is kept under seal in the audit log')
      .action(async (id: string, _flags, command: Command) => {
        const { text, ...flags } = command.optsWithGlobals<Flags>()
        const decided = await askingAs({ ...flags, password: await readPassword() }, (client) =>
          client.call('approvals.decide', {
            params: { id },
            body: { approve, ...(text === undefined ? {} : { text }) },
          }),
        )
        await printResult(decided, flags.json ?? false, () => `${id} is ${decided.state}.`)
      })
  return approvals
}

/** A line of standard input. Where somebody types it, it is not shown. */
async function readPassword(): Promise<string> {
  const { stdin } = process
  if (stdin.isTTY) say('Password:')
  const nowhere = new Writable({ write: (_piece, _encoding, done) => done() })
  const lines = createInterface({ input: stdin, output: nowhere, terminal: stdin.isTTY ?? false })
  try {
    for await (const line of lines) return line
    return ''
  } finally {
    lines.close()
  }
}
