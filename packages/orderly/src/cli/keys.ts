// `orderly keys …`
import { Command } from 'commander'
import { retireKey, shredKey } from '../key-disposal.ts'
import { initKeys, listKeys, reencryptKey, rotateKeys, verifyKeys } from '../maintenance.ts'
import { endProgress, printResult, sayProgress, table } from './print.ts'

interface Flags {
  readonly home?: string
  readonly json?: boolean
}

/** How many damaged values a person is shown; `--json` has them all. */
const SHOWN = 20

export function keyCommands(): Command {
  const keys = new Command('keys')
  const verb = (name: string, description: string): Command =>
    keys.command(name).description(description).option('--json', 'one line of JSON')

  verb(
    'init',
    'Make the keyring. Back it up apart from the data: without it nothing opens.',
  ).action(async (_flags, command: Command) => {
    const { json = false, ...options } = command.optsWithGlobals<Flags>()
    const made = await initKeys(options)
    await printResult(
      made,
      json,
      () =>
        `Made ${made.file} with key ${made.active}.\nBack it up apart from the data: without it nothing opens.`,
    )
  })

  verb('rotate', 'Add a key, make it the active one, and wrap every data key under it').action(
    async (_flags, command: Command) => {
      const { json = false, ...options } = command.optsWithGlobals<Flags>()
      const done = await rotateKeys(options)
      await printResult(
        done,
        json,
        () =>
          `Key ${done.active} is active; ${done.rewrapped} data keys were wrapped under it.\nBack the keyring up again. Older keys may be taken out once no backup needs them.`,
      )
    },
  )

  verb('list', 'Show the keys of the keyring and the data keys they wrap').action(
    async (_flags, command: Command) => {
      const { json = false, ...options } = command.optsWithGlobals<Flags>()
      const { ring, dataKeys } = await listKeys(options)
      await printResult({ ring, dataKeys }, json, () =>
        [
          table(
            ['key', 'state', 'created'],
            ring.map(({ id, state, created }) => [id, state, created]),
          ),
          '',
          table(
            ['data key', 'scope', 'state', 'wrapped by', 'created'],
            dataKeys.map((key) => [
              key.id,
              key.scope,
              key.state,
              key.wrappedBy,
              new Date(key.createdAt).toISOString(),
            ]),
          ),
        ].join('\n'),
      )
    },
  )

  verb(
    'reencrypt',
    'Seal anew what a data key sealed, and destroy it when nothing needs it any more',
  )
    .requiredOption('--dek <id>', 'the data key, as "orderly keys list" shows it')
    .action(async (_flags, command: Command) => {
      const { json = false, dek, ...options } = command.optsWithGlobals<Flags & { dek: string }>()
      const done = await reencryptKey(options, dek, ({ jobs, values }) =>
        sayProgress(`${jobs} jobs looked at, ${values} values sealed anew`),
      )
      endProgress()
      await printResult(done, json, () =>
        done.destroyed
          ? `${done.values} values were sealed anew. Data key ${dek} is destroyed.`
          : `${done.values} values were sealed anew; ${done.left} still need data key ${dek} (jobs that run or have just ended). It stays; run this again later.`,
      )
      if (!done.destroyed) process.exitCode = 3
    })

  verb('shred', 'Destroy a data key: nobody can read what it sealed any more, nowhere')
    .requiredOption('--dek <id>', 'the data key of a month, as "orderly keys list" shows it')
    .requiredOption('--yes', 'it cannot be undone')
    .action(async (_flags, command: Command) => {
      const { json = false, dek, ...options } = command.optsWithGlobals<Flags & { dek: string }>()
      const done = await shredKey(options, dek)
      await printResult(
        done,
        json,
        () =>
          `Data key ${done.id} (${done.scope}) is destroyed. Backups of before still hold it, wrapped: run "orderly keys rotate", then "orderly keys retire" for the key it was wrapped by.`,
      )
    })

  verb('retire', 'Take a rotated key out of the keyring: backups of before open no more')
    .argument('<key>', 'as "orderly keys list" shows it')
    .requiredOption('--yes', 'it cannot be undone')
    .action(async (key: string, _flags, command: Command) => {
      const { json = false, ...options } = command.optsWithGlobals<Flags>()
      await retireKey(options, key)
      await printResult(
        { key, retired: true },
        json,
        () => `Key ${key} is out of the keyring. Back the keyring up, and drop its older backups.`,
      )
    })

  verb('verify', 'Open every sealed value of the record, and list those that do not open').action(
    async (_flags, command: Command) => {
      const { json = false, ...options } = command.optsWithGlobals<Flags>()
      const found = await verifyKeys(options, ({ jobs, values }) =>
        sayProgress(`${jobs} jobs, ${values} values opened`),
      )
      endProgress()
      await printResult(found, json, () =>
        found.broken.length === 0
          ? `All ${found.values} sealed values of ${found.jobs} jobs open.`
          : [
              `${found.broken.length} of ${found.values} sealed values do not open:`,
              table(
                ['job', 'slot', 'why'],
                found.broken.slice(0, SHOWN).map(({ job, slot, code }) => [job, slot, code]),
              ),
            ].join('\n'),
      )
      if (found.broken.length > 0) process.exitCode = 3
    },
  )
  return keys
}
