// `orderly alerts …`, asked of a running server.
import { readFileSync, statSync } from 'node:fs'
import { Command } from 'commander'
import type { AlertRule, AlertRuleBody } from '../api/index.ts'
import { OrderlyError } from '../primitives/errors.ts'
import { printResult, table, tableOr } from './print.ts'
import { asking, remote, type RemoteFlags } from './remote.ts'

const LARGEST_FILE = 64 * 1024

export function alertCommands(): Command {
  const alerts = new Command('alerts')
  addList(alerts)
  addRules(alerts)
  addTry(alerts)
  addSilence(alerts)
  addAcknowledge(alerts)
  return alerts
}

function addList(alerts: Command): void {
  remote(alerts.command('list').description('Those that are open; exit code 3 if any is'))
    .option('--all', 'past ones, too')
    .action(async (_flags, command: Command) => {
      const flags = command.optsWithGlobals<RemoteFlags & { all?: boolean }>()
      const query = { limit: 200, ...(flags.all ? {} : { state: 'firing' as const }) }
      const page = await asking(flags, (client) => client.call('alerts.list', { query }))
      await printResult(page, flags.json ?? false, () =>
        tableOr(
          flags.all ? 'There were no alerts yet.' : 'No alert is open.',
          ['id', 'severity', 'rule', 'about', 'number', 'since', ''],
          page.data.map((each) => [
            each.id,
            each.severity,
            each.rule,
            each.subject,
            String(Math.round(each.value * 100) / 100),
            new Date(each.since).toISOString(),
            stateOf(each),
          ]),
        ),
      )
      if (page.data.some(({ state }) => state === 'firing')) process.exitCode = 3
    })
}

function addRules(alerts: Command): void {
  remote(alerts.command('rules').description('What is watched')).action(
    async (_flags, command: Command) => {
      const flags = command.optsWithGlobals<RemoteFlags>()
      const { data } = await asking(flags, (client) => client.call('alertRules.list', {}))
      await printResult({ data }, flags.json ?? false, () =>
        tableOr(
          'Nothing is watched.',
          ['rule', 'metric', 'limit', 'holds for', 'severity', 'tells', ''],
          data.map((rule) => [
            rule.name,
            rule.metric,
            rule.above === undefined ? `below ${rule.below}` : `above ${rule.above}`,
            rule.for ?? '',
            rule.severity ?? 'warning',
            (rule.routes ?? ['in-app']).join(','),
            rule.enabled ? (rule.source === 'house' ? 'of the house' : '') : 'off',
          ]),
        ),
      )
    },
  )
}

function addTry(alerts: Command): void {
  remote(alerts.command('try').description('When a rule would have been an alert'))
    .argument('<rule>', 'the name of a rule, or what a rule in a file would be called')
    .option('--file <path>', 'a rule as JSON, not saved yet')
    .option('--last <span>', 'how far back, 31d at most', '7d')
    .action(async (name: string, _flags, command: Command) => {
      const flags = command.optsWithGlobals<RemoteFlags & { file?: string; last: string }>()
      const { file, last } = flags
      const tried = await asking(flags, async (client) => {
        const rule =
          file === undefined
            ? bodyOf(name, (await client.call('alertRules.list', {})).data)
            : readRule(file)
        return client.call('alertRules.try', { params: { name }, body: { rule, last } })
      })
      await printResult(tried, flags.json ?? false, () =>
        [
          `${tried.episodes.length} ${tried.episodes.length === 1 ? 'alert' : 'alerts'} in ${last}; something is known of ${tried.minutes} minutes of it.`,
          ...(tried.episodes.length === 0
            ? []
            : [
                table(
                  ['about', 'told', 'over', 'worst'],
                  tried.episodes.map(({ subject, firedAt, resolvedAt, worst }) => [
                    subject,
                    new Date(firedAt).toISOString(),
                    resolvedAt === null ? 'not yet' : new Date(resolvedAt).toISOString(),
                    String(worst),
                  ]),
                ),
              ]),
        ].join('\n'),
      )
    })
}

function addSilence(alerts: Command): void {
  remote(alerts.command('silence').description('Tell nobody of certain alerts for a while'))
    .argument('<rule>', 'a rule, or with a * at the end those that begin so')
    .requiredOption('--for <span>', 'how long, such as 2h')
    .requiredOption('--reason <text>', 'why, for everybody to read')
    .option('--subject <name>', 'only what is about this queue, kind of job or worker', '*')
    .action(async (rule: string, _flags, command: Command) => {
      const flags = command.optsWithGlobals<
        RemoteFlags & { for: string; reason: string; subject: string }
      >()
      const { subject, reason } = flags
      const body = { rule, subject, reason, for: flags.for }
      const made = await asking(flags, (client) => client.call('alertSilences.create', { body }))
      await printResult(
        made,
        flags.json ?? false,
        () => `Nobody is told of "${rule}" until ${new Date(made.until).toISOString()}.`,
      )
    })
}

function addAcknowledge(alerts: Command): void {
  remote(alerts.command('ack').description('Say that somebody is at it'))
    .argument('<id>')
    .option('--note <text>', 'for everybody to read')
    .action(async (id: string, _flags, command: Command) => {
      const flags = command.optsWithGlobals<RemoteFlags & { note?: string }>()
      const body = flags.note === undefined ? {} : { note: flags.note }
      const alert = await asking(flags, (client) =>
        client.call('alerts.acknowledge', { params: { id }, body }),
      )
      await printResult(
        alert,
        flags.json ?? false,
        () => `${alert.acknowledgedBy} is at "${alert.rule}" of "${alert.subject}".`,
      )
    })
}

function stateOf(alert: {
  readonly state: string
  readonly silenced: boolean
  readonly acknowledgedBy: string | null
}): string {
  if (alert.state === 'resolved') return 'over'
  if (alert.acknowledgedBy !== null) return `${alert.acknowledgedBy} is at it`
  return alert.silenced ? 'silenced' : ''
}

function bodyOf(name: string, rules: readonly AlertRule[]): AlertRuleBody {
  const found = rules.find((rule) => rule.name === name)
  if (!found)
    throw new OrderlyError(
      'ORDERLY_NOT_FOUND',
      'there is no rule of this name; "orderly alerts rules" lists them, --file takes a new one',
    )
  const { name: _name, source: _source, by: _by, updatedAt: _updatedAt, ...rule } = found
  return rule
}

/** The server checks what is in it. */
function readRule(path: string): AlertRuleBody {
  try {
    if (statSync(path).size > LARGEST_FILE) throw new Error('too large')
    return JSON.parse(readFileSync(path, 'utf8')) as AlertRuleBody
  } catch (error) {
    throw new OrderlyError(
      'ORDERLY_INPUT_INVALID',
      `${path} holds no rule as JSON of at most 64 KiB`,
      { cause: error },
    )
  }
}
