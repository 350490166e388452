// Commands of packs: `orderly medication …` is answered by `@orderly/medication/cli`, when that is installed.
import { Command } from 'commander'
import type { PackCommand } from '../job/pack-command.ts'
import { print, say } from './print.ts'

const PACKS = ['medication', 'lab', 'prices'] as const

/** What the commands of each pack are about. */
const ABOUT: Readonly<Record<(typeof PACKS)[number], string>> = {
  medication: 'Patients, what is due, supply, interactions, backups',
  lab: 'Mails, documents, the plan and forecasts of an optical lab',
  prices: 'Price files of hospitals: scan, load, validate, compare, export',
}

/** What a pack answers under its own name alone: `orderly backup` is `orderly medication backup`. */
const SHORT: Readonly<Record<string, readonly [pack: (typeof PACKS)[number], about: string]>> = {
  backup: ['medication', 'Back up patients, medicines, schedules and figures, and prove it'],
  restore: ['medication', 'Put a backup back over what is there'],
  'restore-test': ['medication', 'Read a backup and compare it with its manifest'],
}

/** Adds the commands of the pack the command line names. The other packs are not loaded. */
export async function addPackCommands(program: Command, argv: readonly string[]): Promise<void> {
  for (const pack of PACKS) {
    const named = argv.includes(pack)
    const group = new Command(pack).description(ABOUT[pack]).helpGroup(HEADING)
    program.addCommand(group, { hidden: !named && !isInstalled(pack) })
    if (!named) continue
    for (const each of await commandsOf(pack)) group.addCommand(commandFrom(each, program))
  }
  const isOfPack = PACKS.some((pack) => argv.includes(pack))
  for (const [name, [pack, about]] of Object.entries(SHORT)) {
    const isNamed = !isOfPack && argv.includes(name)
    const found = isNamed ? (await commandsOf(pack)).find((each) => each.name === name) : undefined
    const command = found ? commandFrom(found, program) : new Command(name).description(about)
    command.summary(`${about} (${pack})`).helpGroup(HEADING)
    program.addCommand(command, { hidden: !isNamed && !isInstalled(pack) })
  }
}

const HEADING = 'Commands of packs:'

function isInstalled(pack: string): boolean {
  try {
    import.meta.resolve(`@orderly/${pack}/cli`)
    return true
  } catch {
    return false
  }
}

async function commandsOf(pack: string): Promise<readonly PackCommand[]> {
  try {
    const module: { commands?: readonly PackCommand[] } = await import(`@orderly/${pack}/cli`)
    return module.commands ?? []
  } catch (error) {
    if (!isMissing(error)) throw error
    say(`The ${pack} pack is not installed here: npm install @orderly/${pack}`)
    return []
  }
}

function isMissing(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    (error.code === 'ERR_MODULE_NOT_FOUND' || error.code === 'ERR_PACKAGE_PATH_NOT_EXPORTED')
  )
}

function commandFrom(from: PackCommand, program: Command): Command {
  const command = new Command(from.name).description(from.description)
  for (const argument of from.args ?? []) command.argument(argument)
  for (const [flags, meaning] of Object.entries(from.options ?? {})) command.option(flags, meaning)
  return command.action(async () => {
    // One after the other: each waits while the reader is slower.
    let printed = Promise.resolve()
    process.exitCode = await from.run({
      args: command.args,
      options: command.opts(),
      home: program.opts<{ home?: string }>().home,
      print: (line) => void (printed = printed.then(() => print(`${line}\n`))),
      say,
    })
    await printed
  })
}
