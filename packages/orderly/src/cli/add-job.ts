// `orderly jobs add`, asked of a running server: the input from a file or the standard input where it is not for the shell's history.
import { readFileSync } from 'node:fs'
import { InvalidArgumentError, type Command } from 'commander'
import type { EnqueueOptions } from '../api/index.ts'
import { LOWEST_PRIORITY } from '../job/options.ts'
import { OrderlyError } from '../primitives/errors.ts'
import { printResult } from './print.ts'
import { asking, remote, type RemoteFlags } from './remote.ts'

const PRIORITIES = ['critical', 'high', 'normal', 'low'] as const
/** Options that are sent as they are typed. */
const PLAIN = ['delay', 'at', 'ttl', 'deadline', 'unique', 'idempotencyKey'] as const

interface Flags extends RemoteFlags, Omit<EnqueueOptions, 'priority' | 'tags'> {
  readonly input: string
  readonly priority?: NonNullable<EnqueueOptions['priority']>
  readonly tag?: string[]
}

export function addNewJob(jobs: Command): void {
  remote(jobs.command('add').description('Add a job; when it is answered the job is on disk'))
    .argument('<type>', 'the name of a kind of job; "orderly call types.list" lists them')
    .requiredOption(
      '--input <json>',
      'what it gets; @file, or - for stdin, keeps it out of the history of the shell',
    )
    .option('--delay <duration>', 'how long it waits, such as 5m')
    .option('--at <time>', 'when it runs, such as 2027-01-31T08:00:00Z')
    .option('--ttl <duration>', 'how long it may wait for a worker')
    .option('--deadline <duration>', 'how long it may take in all')
    .option('--priority <priority>', 'critical, high, normal, low, or a number from 1', priorityOf)
    .option('--unique <key>', 'a second one with this key stands for the first')
    .option('--idempotency-key <key>', 'a repeated request with this key adds nothing')
    .option(
      '--tag <word...>',
      'words to find it by: letters, digits and . _ : / -; nothing of a patient',
    )
    .action(async (type: string, _flags, command: Command) => {
      const flags = command.optsWithGlobals<Flags>()
      const body = { type, input: readInput(flags.input), options: optionsOf(flags) }
      const added = await asking(flags, (client) => client.call('jobs.create', { body }))
      await printResult(added, flags.json ?? false, () =>
        added.duplicate ? `Nothing was added: ${added.id} stands for it.` : `Added as ${added.id}.`,
      )
    })
}

function optionsOf(flags: Flags): EnqueueOptions {
  const given = PLAIN.filter((name) => flags[name] !== undefined)
  return {
    ...Object.fromEntries(given.map((name) => [name, flags[name]])),
    ...(flags.priority === undefined ? {} : { priority: flags.priority }),
    ...(flags.tag === undefined ? {} : { tags: flags.tag }),
  }
}

function priorityOf(text: string): NonNullable<EnqueueOptions['priority']> {
  const name = PRIORITIES.find((one) => one === text)
  if (name !== undefined) return name
  const number = /^\d{1,9}$/.test(text) ? Number(text) : 0
  if (number >= 1 && number <= LOWEST_PRIORITY) return number
  throw new InvalidArgumentError(
    `It is ${PRIORITIES.join(', ')}, or a whole number from 1 to ${LOWEST_PRIORITY}.`,
  )
}

function readInput(given: string): unknown {
  const text =
    given === '-' ? readText(0) : given.startsWith('@') ? readText(given.slice(1)) : given
  try {
    return JSON.parse(text)
  } catch {
    // Neither the text nor what the parser says of it: both show what may be a patient's.
    throw new OrderlyError('ORDERLY_INPUT_INVALID', '--input is no JSON')
  }
}

function readText(file: string | number): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new OrderlyError('ORDERLY_INPUT_INVALID', `--input: ${file} cannot be read`, { cause })
  }
}
