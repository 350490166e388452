// `orderly audit …`
import { writeFileSync } from 'node:fs'
import { Command } from 'commander'
import {
  auditKeys,
  exportAudit,
  proveAudit,
  proveAuditGrowth,
  pruneAudit,
  verifyAudit,
} from '../audit-maintenance.ts'
import { OrderlyError } from '../primitives/errors.ts'
import { timeOf } from './dates.ts'
import { openSink, type Sink } from './jobs.ts'
import { wholeNumber } from './numbers.ts'
import { endProgress, print, printResult, say, sayProgress, table } from './print.ts'

interface Flags {
  readonly home?: string
  readonly json?: boolean
}

const SHOWN = 20
/** What a script can tell apart. A whole log whose check could not be recorded ends with 1, like any command that fails. */
const EXIT_CODES = { ok: 0, tampered: 3, gap: 4, unanchored: 5 }
const MOST_ENTRIES = 999_999_999_999
const NOT_RECORDED =
  'The log took no entry of this check: it cannot be written. See that the database and the keyring can be reached.'
const NOBODY_ELSE =
  'No checkpoint outside the database agrees or disagrees: whether the end was cut off cannot be told. Keep ledger-checkpoints.jsonl elsewhere, and give it with --anchor.'

export function auditCommands(): Command {
  const audit = new Command('audit')
  const verb = (name: string, description: string): Command =>
    audit.command(name).description(description).option('--json', 'one line of JSON')

  verb(
    'verify',
    'Check every entry, checkpoint and signature; ends with 3 when something was changed, 4 when entries are missing, 5 when no checkpoint kept elsewhere vouches for the end',
  )
    .option('--file <export>', 'an export instead of the installation')
    .option('--trust <file>', 'public keys, a line each, as "orderly audit vkey" prints them')
    .option('--anchor <file...>', 'files of checkpoints that were kept elsewhere')
    .action(async (_flags, command: Command) => {
      const {
        json = false,
        file,
        trust,
        anchor,
        ...options
      } = command.optsWithGlobals<Flags & { file?: string; trust?: string; anchor?: string[] }>()
      const found = await verifyAudit(options, { file, trust, anchors: anchor }, (entries) =>
        sayProgress(`${entries} entries checked`),
      )
      endProgress()
      await printResult(found, json, () =>
        found.findings.length === 0
          ? [
              `All ${found.entries} entries are as they were written; ${found.checkpoints} checkpoints agree, and ${found.anchored} that are kept outside the database.`,
              ...(found.leftOut === 0
                ? []
                : [
                    `${found.leftOut} of them are outside the range of this export and there by their hash alone: that they are in the log is certain, what they say was not looked at.`,
                  ]),
              ...(found.anchored === 0 ? [NOBODY_ELSE] : []),
            ].join('\n')
          : [
              `${found.findings.length} things are wrong:`,
              table(
                ['what', 'entry', 'why'],
                found.findings
                  .slice(0, SHOWN)
                  .map(({ fault, index, text }) => [fault, String(index), text]),
              ),
            ].join('\n'),
      )
      if (found.isRecorded === false) say(NOT_RECORDED)
      process.exitCode =
        found.findings.length === 0 && found.isRecorded === false ? 1 : EXIT_CODES[found.verdict]
    })

  verb('vkey', 'Print the public keys that verify this log').action(
    async (_flags, command: Command) => {
      const { json = false, ...options } = command.optsWithGlobals<Flags>()
      const keys = await auditKeys(options)
      await printResult(keys, json, () => keys.join('\n'))
    },
  )

  verb('prove', 'Prove that an entry is in the log, or that the log has only grown since a size')
    .argument('[id]', 'the entry')
    .option('--since <size>', 'how many entries the log had then', wholeNumber(0, MOST_ENTRIES))
    .option('--out <file>', 'where the proof of an entry goes; stdout unless told')
    .action(async (id: string | undefined, _flags, command: Command) => {
      const {
        json = false,
        since,
        out,
        ...options
      } = command.optsWithGlobals<Flags & { since?: number; out?: string }>()
      if (since !== undefined) {
        const growth = await proveAuditGrowth(options, since)
        await printResult(growth, json, () =>
          [`${growth.from} to ${growth.to}`, ...growth.hashes, '', growth.checkpoint].join('\n'),
        )
        return
      }
      if (id === undefined)
        throw new OrderlyError('ORDERLY_INPUT_INVALID', 'say which entry, or since which size')
      const proof = await proveAudit(options, id)
      if (out !== undefined) {
        writeFileSync(out, proof.proof)
        say(`Entry ${proof.index} is proved in ${out}.`)
        return
      }
      await printResult(proof, json, () => proof.proof.trimEnd())
    })

  verb('export', 'Write the log as lines of JSON that verify offline')
    .option('--out <file>', 'where to; stdout unless told')
    .option('--from <date>', 'entries before are written as their hash alone')
    .option('--to <date>', 'and so are those from here on')
    .action(async (_flags, command: Command) => {
      const {
        json = false,
        out,
        from,
        to,
        ...options
      } = command.optsWithGlobals<Flags & { out?: string; from?: string; to?: string }>()
      let sink: Sink | undefined
      const entries = await exportAudit(
        options,
        {
          ...(from === undefined ? {} : { from: timeOf(from, '--from') }),
          ...(to === undefined ? {} : { to: timeOf(to, '--to') }),
        },
        async (line) => {
          if (out !== undefined) sink ??= openSink(out)
          await (sink ? sink.write(line) : print(line))
        },
      )
      await sink?.end()
      if (out !== undefined)
        await printResult({ entries, out }, json, () => `${entries} entries written to ${out}.`)
    })

  verb('prune', 'Drop the text of entries that are six years old; their hashes stay')
    .requiredOption('--before <date>', 'the first day that stays')
    .action(async (_flags, command: Command) => {
      const {
        json = false,
        before,
        ...options
      } = command.optsWithGlobals<Flags & { before: string }>()
      const pruned = await pruneAudit(options, timeOf(before, '--before'))
      await printResult(pruned, json, () => `The text of ${pruned.count} entries was dropped.`)
    })
  return audit
}
