// `orderly snapshot save|check|restore`
import { resolve } from 'node:path'
import { Command } from 'commander'
import { checkSnapshot, restoreSnapshot, saveSnapshot, type Snapshot } from '../snapshot.ts'
import type { SnapshotProgress } from '../snapshot-files.ts'
import { endProgress, printResult, sayProgress } from './print.ts'

interface Flags {
  readonly home?: string
  readonly json?: boolean
}

/** Something was found. */
const FOUND = 3

export function snapshotCommands(): Command {
  const snapshot = new Command('snapshot')
  const verb = (
    name: string,
    about: string,
    act: (options: { home?: string }, folder: string, json: boolean) => Promise<void>,
  ): void =>
    void snapshot
      .command(name)
      .description(about)
      .argument('<folder>', 'where the snapshot is')
      .option('--json', 'one line of JSON')
      .action(async (folder: string, _flags, command: Command) => {
        const { json = false, ...options } = command.optsWithGlobals<Flags>()
        try {
          await act(options, resolve(folder), json)
        } finally {
          endProgress()
        }
      })

  verb(
    'save',
    'Copy the record and its files into a new folder; programs may go on',
    async (options, folder, json) => {
      const saved = await saveSnapshot(options, folder, progress)
      endProgress()
      await printResult(saved, json, () =>
        [
          `Saved ${contentsOf(saved)} in ${folder}.`,
          'The keyring is not in it: keep a copy of that apart, without it nothing opens.',
        ].join('\n'),
      )
    },
  )
  verb(
    'check',
    'Compare a snapshot with its checksums, and see whether the keyring here opens it',
    async (options, folder, json) => {
      const { snapshot: found, faults } = await checkSnapshot(options, folder, progress)
      endProgress()
      await printResult({ ...found, faults }, json, () =>
        faults.length === 0 && found
          ? `Sound: ${contentsOf(found)}, taken ${found.takenAt}. The keyring here opens it.`
          : ['This snapshot cannot be put back:', ...faults].join('\n'),
      )
      if (faults.length > 0) process.exitCode = FOUND
    },
  )
  verb(
    'restore',
    'Put a snapshot into an installation that has nothing but its keyring',
    async (options, folder, json) => {
      const restored = await restoreSnapshot(options, folder, progress)
      endProgress()
      await printResult(restored, json, () =>
        [
          `Restored ${contentsOf(restored)}, as of ${restored.takenAt}.`,
          restored.unfinished === 0
            ? 'No job was unfinished then.'
            : `${restored.unfinished} of the jobs were unfinished then: the next program that starts puts them back into its queues.`,
        ].join('\n'),
      )
    },
  )
  return snapshot
}

function progress({ files, bytes }: SnapshotProgress): void {
  sayProgress(`${files} files, ${megabytes(bytes)}`)
}

function contentsOf({ jobs, files, bytes }: Snapshot): string {
  return `${counted(jobs, 'job')} and ${counted(files, 'file')}, ${megabytes(bytes)}`
}

function counted(count: number, thing: string): string {
  return `${count.toLocaleString('en')} ${thing}${count === 1 ? '' : 's'}`
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`
}
