// `orderly evidence …`
import { writeFileSync } from 'node:fs'
import { Command } from 'commander'
import { exportEvidence, verifyEvidence } from '../evidence-maintenance.ts'
import { timeOf } from './dates.ts'
import { printResult, table } from './print.ts'

interface Flags {
  readonly home?: string
  readonly json?: boolean
}

export function evidenceCommands(): Command {
  const evidence = new Command('evidence').description(
    'What runs left behind to prove that they did what they should',
  )
  const verb = (name: string, description: string): Command =>
    evidence.command(name).description(description).option('--json', 'one line of JSON')

  verb('export', 'Write the evidence of a period as a signed bundle that verifies offline')
    .requiredOption('--out <file>', 'where to: a ZIP file')
    .option('--from <date>', 'the first day; all that there is unless told')
    .option('--to <date>', 'the first day that is not part of it')
    .option('--type <type>', 'evidence of this type only')
    .action(async (_flags, command: Command) => {
      const {
        json = false,
        out,
        from,
        to,
        type,
        ...options
      } = command.optsWithGlobals<
        Flags & { out: string; from?: string; to?: string; type?: string }
      >()
      const { about, entry, archive } = await exportEvidence(options, {
        type,
        ...(from === undefined ? {} : { from: timeOf(from, '--from') }),
        ...(to === undefined ? {} : { to: timeOf(to, '--to') }),
      })
      writeFileSync(out, archive, { mode: 0o600 })
      await printResult(
        { ...about, entry, out },
        json,
        () =>
          `${about.runs} runs written to ${out}; ${about.invalid} of them are not valid. Entry ${entry} of the audit log says so.`,
      )
    })

  verb('verify', 'Check a bundle without database and network; ends with 3 when something is wrong')
    .argument('<bundle>', 'the ZIP file, or a folder it was unpacked into')
    .requiredOption(
      '--trust <file>',
      'public keys, a line each, as "orderly audit vkey" prints them',
    )
    .action(async (bundle: string, _flags, command: Command) => {
      const { json = false, trust } = command.optsWithGlobals<Flags & { trust: string }>()
      const found = verifyEvidence(bundle, trust)
      await printResult(found, json, () =>
        found.findings.length === 0
          ? `All ${found.files} files are as they were signed: ${found.about!.runs} runs, ${found.about!.invalid} of them not valid, of ${found.about!.source.log}.`
          : [
              `${found.findings.length} things are wrong:`,
              table(
                ['what', 'file', 'why'],
                found.findings.map(({ fault, file, text }) => [fault, file, text]),
              ),
            ].join('\n'),
      )
      if (found.findings.length > 0) process.exitCode = 3
    })
  return evidence
}
