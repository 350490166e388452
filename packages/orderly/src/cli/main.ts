#!/usr/bin/env node
// The command line. Exit codes: 0 done, 1 it could not be done, 2 the command was not understood, 3 something was found; `audit verify` has two more.
import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { OrderlyError } from '../primitives/errors.ts'
import { addPackCommands } from './packs.ts'
import { endWithReader, print, say } from './print.ts'

/** What each command is for, and how to get it: only the one that is called is loaded, for each brings much with it. */
const COMMANDS: Readonly<Record<string, readonly [about: string, load: () => Promise<Command>]>> = {
  init: [
    'A project of your own: a job, its handler, and a program that runs it',
    async () => (await import('./init.ts')).initCommand(),
  ],
  keys: [
    'The keys that seal what jobs carry',
    async () => (await import('./keys.ts')).keyCommands(),
  ],
  jobs: ['The jobs of the record', async () => (await import('./jobs.ts')).jobCommands()],
  queues: [
    'The queues of a running server',
    async () => (await import('./remote-queues.ts')).queueCommands(),
  ],
  dlq: [
    'Jobs that failed for good, on a running server',
    async () => (await import('./remote-queues.ts')).deadLetterCommands(),
  ],
  workers: [
    'The processes that work on jobs now',
    async () => (await import('./remote-queues.ts')).workersCommand(),
  ],
  doctor: [
    'What needs somebody; exit code 3 if anything does',
    async () => (await import('./doctor.ts')).doctorCommand(),
  ],
  call: [
    'Any operation of the API of a running server',
    async () => (await import('./call.ts')).callCommand(),
  ],
  alerts: [
    'What is wrong, on a running server',
    async () => (await import('./alerts.ts')).alertCommands(),
  ],
  worker: [
    'Run the jobs of an application until it is told to stop (Ctrl-C, SIGTERM)',
    async () => (await import('./worker.ts')).workerCommand(),
  ],
  demo: [
    'A clinic with synthetic jobs and the dashboard on it; Ctrl-C ends it and leaves nothing behind',
    async () => (await import('./demo.ts')).demoCommand(),
  ],
  rebuild: [
    'Work out jobs, measures and alerts anew from their logs; says first what would change',
    async () => (await import('./rebuild.ts')).rebuildCommand(),
  ],
  snapshot: [
    'Copies of the whole record: taken, checked, and put back',
    async () => (await import('./snapshot.ts')).snapshotCommands(),
  ],
  schedules: [
    'When jobs are enqueued by the clock',
    async () => (await import('./schedules.ts')).scheduleCommands(),
  ],
  workflows: [
    'Workflow documents',
    async () => (await import('./workflows.ts')).workflowCommands(),
  ],
  audit: [
    'The log of who did what, which shows its own changes',
    async () => (await import('./audit.ts')).auditCommands(),
  ],
  approvals: [
    'Requests to see PHI that wait for the consent of somebody else',
    async () => (await import('./approvals.ts')).approvalCommands(),
  ],
  evidence: [
    'What runs left behind to prove that they did what they should',
    async () => (await import('./evidence.ts')).evidenceCommands(),
  ],
  users: [
    'Who may sign in, and what each may do',
    async () => (await import('./access.ts')).userCommands(),
  ],
  apikeys: [
    'Keys that programs send to the API',
    async () => (await import('./access.ts')).apiKeyCommands(),
  ],
}

endWithReader(process.stdout, () => process.exit())

const { version } = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
) as { version: string }
const program = new Command('orderly')
  .description('Background jobs for health-care software')
  .version(version, '--version', 'which version this is')
  .option('--home <folder>', 'where the installation is (ORDERLY_HOME, or .orderly)')
for (const [name, [about, load]] of Object.entries(COMMANDS)) {
  const command = process.argv.includes(name) ? await load() : new Command(name)
  program.addCommand(command.description(about))
}
await addPackCommands(program, process.argv)
for (const command of [
  program,
  ...program.commands,
  ...program.commands.flatMap((each) => each.commands),
])
  command
    .exitOverride()
    .showHelpAfterError('(add --help to see what there is)')
    .configureOutput({
      writeOut: (text) => void print(text),
      writeErr: (text) => say(text.trimEnd()),
    })

try {
  await program.parseAsync()
} catch (error) {
  process.exitCode = exitCodeOf(error)
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  if (!(error instanceof OrderlyError)) throw error
  say(`${error.code}: ${error.message}`)
  return 1
}
