// `orderly prices compare`: what a code costs, and where a price comes from.
import type { PackCommand } from 'orderly'
import { compare } from '../analytics/compare.ts'
import { decimal } from '../export/rows.ts'
import { historyOf } from '../history.ts'
import { openFor, tableOf, textFlag } from './open.ts'

export const compareCommand: PackCommand = {
  name: 'compare',
  description: 'What a code costs in a market, or each of its prices with where it stands',
  args: ['<code>'],
  options: {
    '--type <system>': 'the code system: CPT, HCPCS, MS-DRG, NDC, …',
    '--market <place>': 'us, a state such as CA, or a county by its FIPS number; us unless told',
    '--payer <id>': 'one payer instead of all together',
    '--small-cell <hospitals>': 'withhold statistics of fewer hospitals; 3 unless told',
    '--history': 'every price the code has had, with file, row and byte',
    '--json': 'one JSON object on stdout',
  },
  async run(context) {
    const { args, options: flags, print, say } = context
    const code = args[0]!
    const codeType = textFlag(flags, 'type')
    const smallCell = Number(textFlag(flags, 'smallCell') ?? 3)
    if (!Number.isInteger(smallCell) || smallCell < 1) {
      say('--small-cell is a whole number from 1.')
      return 2
    }
    await using orderly = await openFor(context)
    if (flags['history']) {
      const points = await historyOf(orderly.database, { code, ...(codeType && { codeType }) })
      if (flags['json']) print(JSON.stringify(points))
      else
        print(
          tableOf(
            ['kind', 'dollars', 'payer', 'from', 'to', 'file', 'row', 'byte'],
            points.map((point) => [
              point.kind,
              decimal(point.amount),
              point.payer,
              point.validFrom,
              point.validTo ?? (point.goneAt === null ? 'now' : 'gone'),
              point.lineage.source,
              [point.lineage.sheet, point.lineage.row].filter((each) => each !== null).join(' '),
              point.lineage.byte,
            ]),
          ),
        )
      return points.length > 0 ? 0 : 1
    }
    const market = textFlag(flags, 'market')
    const payerId = textFlag(flags, 'payer')
    const rows = await compare(orderly.database, {
      code,
      smallCell,
      ...(codeType && { codeType }),
      ...(market && { market }),
      ...(payerId && { payerId }),
    })
    if (flags['json']) print(JSON.stringify(rows))
    else if (rows.length === 0) print('No hospital prices this code there.')
    else
      print(
        tableOf(
          [
            'kind',
            'setting',
            'modifiers',
            'hospitals',
            'lowest',
            'p25',
            'median',
            'p75',
            'highest',
          ],
          rows.map(({ kind, setting, modifiers, hospitals, figures, withheld }) => [
            kind,
            setting,
            modifiers,
            hospitals,
            ...(figures
              ? [figures.min, figures.p25, figures.median, figures.p75, figures.max].map(decimal)
              : [withheld, '', '', '', '']),
          ]),
        ),
      )
    return rows.length > 0 ? 0 : 1
  },
}
