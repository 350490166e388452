// `orderly medication …`: what can be asked and done from a terminal.
import type { PackCommand, PackCommandContext } from 'orderly'
import { actCommands } from './act-commands.ts'
import { checkBundle } from './check-bundle.ts'
import { command, rows, show } from './command.ts'
import { readJsonFile, readRules } from './read-file.ts'
import { withMedication } from './with-medication.ts'

export const commands: readonly PackCommand[] = [
  command(
    'import',
    'take a FHIR R4 bundle in',
    {
      args: ['<file>'],
      options: { '--zone <zone>': 'the IANA time zone its patients live in; required' },
    },
    async (context) => {
      const { zone } = context.options
      if (typeof zone !== 'string') {
        context.say('say where its patients live, for FHIR does not: --zone Europe/Dublin')
        return 1
      }
      const bundle = await readJsonFile(context.args[0]!)
      return withMedication(context.home, async ({ api }) => {
        const done = await api.importBundle(bundle, zone)
        show(context, done, [
          `${done.patients.length} patients, ${done.orders} orders (${done.scheduled} dosages scheduled), ${done.fills} fills`,
          ...done.issues.map(
            (issue) => `${issue.severity} ${issue.code} at ${issue.at}: ${issue.text}`,
          ),
        ])
        return done.patients.length === 0 ? 1 : 0
      })
    },
  ),
  command('due', 'the next doses of every patient', {}, (context) =>
    withMedication(context.home, async ({ api }) => {
      const due = await api.due(100)
      show(
        context,
        { due },
        rows(
          'No dose is due: nothing is scheduled, or nobody was imported yet.',
          ['due (UTC)', 'patient', 'order'],
          due.map((dose) => [dose.due_at, dose.patient_id, dose.order_id]),
        ),
      )
      return 0
    }),
  ),
  command(
    'unscheduled',
    'dosages that have no times, and why: nobody is reminded of them',
    { args: ['[patient]'] },
    (context) =>
      withMedication(context.home, async ({ api }) => {
        const unscheduled = await api.unscheduled(context.args[0])
        show(
          context,
          { unscheduled },
          rows(
            'Every dosage has its times.',
            ['patient', 'order', 'dosage', 'why'],
            unscheduled.map((each) => [
              each.patient_id,
              each.order_id,
              String(each.dosage),
              each.why,
            ]),
          ),
        )
        return 0
      }),
  ),
  command('supply', 'what is left of each medicine', { args: ['[patient]'] }, (context) =>
    withMedication(context.home, async ({ api }) => {
      const supplies = []
      for (const id of await chosen(api, context.args[0])) supplies.push(...(await api.supply(id)))
      show(
        context,
        {
          supply_monitor: supplies.flatMap(({ monitor }) => monitor ?? []),
          unknown: supplies.filter(({ monitor }) => !monitor).length,
        },
        [
          ...rows(
            'There are no medicines to count.',
            ['order', 'left', 'days', 'level', 'refill'],
            supplies.map(({ level, monitor, orderId, refill, unknown }) =>
              monitor
                ? [
                    orderId,
                    String(monitor.current_supply),
                    String(monitor.days_remaining ?? 'enough'),
                    level,
                    refill.state,
                  ]
                : [orderId, '', '', unknown ?? '', refill.state],
            ),
          ),
          ...(supplies.some(({ unknown }) => unknown === 'no-fill')
            ? [
                'no-fill: import what was dispensed, or say what is there with "orderly medication count".',
              ]
            : []),
        ],
      )
      return 0
    }),
  ),
  command(
    'interactions',
    'check every pair of medicines, of a bundle or of those who are known here',
    {
      args: ['[patient]'],
      options: {
        '--bundle <file>': 'check this FHIR R4 bundle; nothing is stored, no server is needed',
        '--rules <file>': 'also a set of pairs that you have a licence for, as CSV; with --bundle',
        '--strict': 'exit with 3 when something major or contraindicated is found',
      },
    },
    async (context) => {
      const file = context.options['bundle']
      if (typeof file === 'string') {
        const set = context.options['rules']
        const more = typeof set === 'string' ? await readRules(set) : undefined
        if (more && more.leftOut.length > 0)
          context.say(`${more.leftOut.length} lines of the rules were left out`)
        const checked = checkBundle(await readJsonFile(file), more ? [more.set] : [])
        const all = [checked, ...(checked.others ?? [])]
        show(context, checked, [
          ...all.flatMap(({ active, findings }) => [
            ...(checked.patient === null ? [] : [`${active.length} active medicines`]),
            ...findings.map(
              ({ drugs, rule, severity }) => `${severity}  ${drugs.join(' + ')}  (${rule})`,
            ),
          ]),
          ...checked.issues.map(({ at, code, text }) => `${code} at ${at}: ${text}`),
        ])
        if (checked.patient === null) return 2
        return exitOf(
          context,
          all.flatMap(({ findings }) => findings),
        )
      }
      return withMedication(context.home, async ({ api }) => {
        const findings = []
        for (const id of await chosen(api, context.args[0]))
          for (const { drugs, rule, severity } of (await api.interactions(id)).findings)
            findings.push({ patient: id, drugs, rule, severity })
        show(
          context,
          { findings },
          findings.map(
            ({ drugs, patient, rule, severity }) =>
              `${patient}  ${severity}  ${drugs.join(' + ')}  (${rule})`,
          ),
        )
        return exitOf(context, findings)
      })
    },
  ),
  ...actCommands,
  command('adherence', 'the days, weeks or months that were summed up', {}, (context) =>
    withMedication(context.home, async ({ api }) => {
      const rollups = await api.rollups(90)
      show(
        context,
        { rollups },
        rows(
          'No day was summed up yet; each is once it is over.',
          ['span', 'of', 'taken', 'due'],
          rollups.map(({ day, metrics: { adherence }, range }) => [
            range,
            day,
            String(adherence.onTime + adherence.late),
            String(adherence.due),
          ]),
        ),
      )
      return 0
    }),
  ),
  command(
    'backup',
    'back up users, medications, schedules and analytics, and prove that it can be restored',
    { options: { '--incremental': 'write only what has changed since the last one' } },
    (context) =>
      withMedication(context.home, async ({ api }) => {
        const done = await api.backup(
          context.options['incremental'] === true ? 'incremental' : 'full',
        )
        show(context, done, [
          `${done.id}: ${done.rows} rows, ${done.bytes} bytes, validation passed`,
        ])
        return 0
      }),
  ),
  command('restore', 'put a backup back over what is there', { args: ['<id>'] }, (context) =>
    withMedication(context.home, async ({ api }) => {
      const done = await api.restore(context.args[0]!)
      show(context, done, [`${done.rows} rows restored`])
      return 0
    }),
  ),
  command(
    'restore-test',
    'read a backup and compare it with its manifest',
    { args: ['<id>'] },
    (context) =>
      withMedication(context.home, async ({ api }) => {
        const done = await api.testBackup(context.args[0]!)
        show(context, done, [`${done.rows} rows in ${done.chunks} parts are whole`])
        return 0
      }),
  ),
]

function exitOf(
  { options }: PackCommandContext,
  findings: readonly { readonly severity: string }[],
): number {
  const isBad = findings.some(
    ({ severity }) => severity === 'major' || severity === 'contraindicated',
  )
  return options['strict'] === true && isBad ? 3 : 0
}

const MOST_PATIENTS = 10_000

async function chosen(
  api: { patients(after?: string, limit?: number): Promise<readonly string[]> },
  patient: string | undefined,
): Promise<readonly string[]> {
  return patient === undefined ? api.patients('', MOST_PATIENTS) : [patient]
}
