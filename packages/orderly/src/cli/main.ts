#!/usr/bin/env node
// The command line. Exit codes: 0 done, 1 it could not be done, 2 the command was not understood, 3 something was found.
import { Command, CommanderError } from 'commander'
import { OrderlyError } from '../primitives/errors.ts'
import { apiKeyCommands, userCommands } from './access.ts'
import { alertCommands } from './alerts.ts'
import { auditCommands } from './audit.ts'
import { demoCommand } from './demo.ts'
import { jobCommands } from './jobs.ts'
import { keyCommands } from './keys.ts'
import { scheduleCommands } from './schedules.ts'
import { addPackCommands } from './packs.ts'
import { workflowCommands } from './workflows.ts'
import {
  deadLetterCommands,
  doctorCommand,
  queueCommands,
  workersCommand,
} from './remote-queues.ts'
import { print, say } from './print.ts'
import { workerCommand } from './worker.ts'

const program = new Command('orderly')
  .description('Background jobs for health-care software')
  .option('--home <folder>', 'where the installation is (ORDERLY_HOME, or .orderly)')
  .exitOverride()
  .addCommand(keyCommands())
  .addCommand(jobCommands())
  .addCommand(queueCommands())
  .addCommand(deadLetterCommands())
  .addCommand(workersCommand())
  .addCommand(doctorCommand())
  .addCommand(alertCommands())
  .addCommand(workerCommand())
  .addCommand(demoCommand())
  .addCommand(scheduleCommands())
  .addCommand(workflowCommands())
  .addCommand(auditCommands())
  .addCommand(userCommands())
  .addCommand(apiKeyCommands())
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
