// `orderly prices export`: prices or statistics as a file.
import { copyFile } from 'node:fs/promises'
import type { PackCommand } from 'orderly'
import { exportData } from '../jobs.ts'
import { openFor, textFlag } from './open.ts'

const WHAT = ['prices', 'statistics'] as const
const FORMATS = ['csv', 'json', 'parquet'] as const
const KINDS = ['gross', 'cash', 'negotiated', 'min', 'max'] as const

export const exportCommand: PackCommand = {
  name: 'export',
  description: 'Write prices or statistics as CSV, JSON or Parquet, with a manifest',
  args: ['<what>'],
  options: {
    '--format <name>': 'csv, json or parquet; csv unless told',
    '--code <code>': 'one code',
    '--type <system>': 'one code system',
    '--kind <name>': 'gross, cash, negotiated, min or max',
    '--market <place>': 'us, a state, or a county by its FIPS number',
    '--payer <id>': 'one payer',
    '--out <file>': 'copy it here, where the object store is a folder of this machine',
  },
  async run(context) {
    const { args, options: flags, print, say } = context
    const what = WHAT.find((each) => each === args[0])
    const format = FORMATS.find((each) => each === (textFlag(flags, 'format') ?? 'csv'))
    const kind = KINDS.find((each) => each === textFlag(flags, 'kind'))
    if (!what || !format || (flags['kind'] !== undefined && !kind)) {
      say(
        `Export ${WHAT.join(' or ')}, as --format ${FORMATS.join(', ')}, of --kind ${KINDS.join(', ')}.`,
      )
      return 2
    }
    await using orderly = await openFor(context)
    const [code, codeType, market, payerId] = ['code', 'type', 'market', 'payer'].map((name) =>
      textFlag(flags, name),
    )
    const filter = {
      ...(code && { code }),
      ...(codeType && { codeType }),
      ...(kind && { kind }),
      ...(market && { market }),
      ...(payerId && { payerId }),
    }
    await orderly.start()
    const made = await orderly.enqueueAndWait(
      exportData,
      { what, format, filter },
      { timeout: '2h' },
    )
    const out = textFlag(flags, 'out')
    if (out !== undefined) {
      const file = (await orderly.objects.head(made.objectKey))?.file
      if (file === undefined) {
        say(`The object store is no folder of this machine; take ${made.objectKey} from it.`)
        return 1
      }
      await copyFile(file, out)
    }
    print(JSON.stringify({ ...made, ...(out !== undefined && { out }) }))
    return 0
  },
}
