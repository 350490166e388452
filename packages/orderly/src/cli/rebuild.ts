// `orderly rebuild`
import { Command } from 'commander'
import { rebuildInstallation } from '../rebuild-maintenance.ts'
import { printResult, table } from './print.ts'

/** Something was found. */
const FOUND = 3

export function rebuildCommand(): Command {
  return new Command('rebuild')
    .option('--apply', 'change it; without this the plan is shown, and nothing is changed')
    .option('--json', 'one line of JSON')
    .action(async (_flags, command: Command) => {
      const {
        apply = false,
        json = false,
        ...options
      } = command.optsWithGlobals<{ apply?: boolean; json?: boolean; home?: string }>()
      const { record, alerts } = await rebuildInstallation(options, !apply)
      const wrong = record.jobs + record.counts + record.measures + alerts.episodes
      const result = { applied: apply, wrong, record, alerts }
      await printResult(result, json, () =>
        [
          table(
            ['what', 'looked at', apply ? 'mended' : 'would be mended'],
            [
              ['jobs', String(record.read), String(record.jobs)],
              ['counts', '', String(record.counts)],
              ['minutes of measures', '', String(record.measures)],
              ['alerts', String(alerts.read), String(alerts.episodes)],
            ],
          ),
          ...(wrong > 0 && !apply ? ['Run it with --apply while nothing works on jobs.'] : []),
        ].join('\n'),
      )
      if (wrong > 0 && !apply) process.exitCode = FOUND
    })
}
