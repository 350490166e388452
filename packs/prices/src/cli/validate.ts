// `orderly prices validate`: a file by the rules of CMS, and decisions about versions that were held.
import { stat } from 'node:fs/promises'
import type { PackCommand, PackCommandContext } from 'orderly'
import { pricePublish } from '../jobs.ts'
import { listHeld } from '../store/publications.ts'
import type { PriceTables } from '../store/tables.ts'
import { checkCms } from '../validate/cms.ts'
import { cmsVersion } from '../validate/rules.ts'
import { openFor, tableOf, textFlag } from './open.ts'

export const validateCommand: PackCommand = {
  name: 'validate',
  description: 'Check a price file by the rules of CMS, or decide about versions that are held',
  args: ['[file]'],
  options: {
    '--layout <version>': 'check by this version of the layout instead of the one the file gives',
    '--held': 'list the versions that are held, and why',
    '--publish <version>': 'publish a version that is held',
    '--reject <version>': 'reject a version that is held',
    '--by <name>': 'who decides',
    '--json': 'one JSON object on stdout',
  },
  async run(context) {
    const { args, options: flags, say } = context
    const decided = textFlag(flags, 'publish') ?? textFlag(flags, 'reject')
    if (decided !== undefined) return decideAbout(context, Number(decided))
    if (flags['held']) return showHeld(context)
    if (args[0] === undefined) {
      say('Name a file, or say --held.')
      return 2
    }
    return checkFile(context, args[0])
  },
}

async function checkFile(
  { options: flags, print, say }: PackCommandContext,
  path: string,
): Promise<number> {
  if (!(await stat(path).catch(() => undefined))?.isFile()) {
    say(`There is no file at ${path}.`)
    return 2
  }
  const wanted = textFlag(flags, 'layout')
  const version = wanted === undefined ? undefined : cmsVersion(wanted)
  if (wanted !== undefined && version === undefined) {
    say('--layout is 2.0, 2.1, 2.2 or 3.0')
    return 2
  }
  const check = await checkCms(path, version ? { version } : {})
  const findings = check.findings.list()
  if (flags['json']) {
    const { verdict, layout, rows } = check
    print(JSON.stringify({ verdict, layout, version: check.version, rows, findings }))
  } else {
    const as =
      check.layout === null ? '' : ` (${check.layout} ${check.version}, ${check.rows} rows)`
    print(`${check.verdict}${as}`)
    if (findings.length > 0)
      print(
        tableOf(
          ['rule', 'severity', 'count', 'first', 'what it says'],
          findings.map(({ rule, severity, count, samples, title }) => [
            rule,
            severity,
            count,
            samples[0]?.cell ?? null,
            title,
          ]),
        ),
      )
  }
  return check.verdict === 'valid' ? 0 : 3
}

async function showHeld(context: PackCommandContext): Promise<number> {
  await using orderly = await openFor(context)
  const held = await listHeld(orderly.database.withTables<PriceTables>())
  const { options: flags, print } = context
  if (flags['json'])
    print(
      JSON.stringify(
        held.map(({ version_id, name, reasons }) => ({
          version: version_id,
          file: name,
          reasons: JSON.parse(reasons) as string[],
        })),
      ),
    )
  else if (held.length === 0) print('No version is held.')
  else
    print(
      tableOf(
        ['version', 'file', 'why'],
        held.map(({ version_id, name, reasons }) => [
          String(version_id),
          name,
          (JSON.parse(reasons) as string[]).join(' '),
        ]),
      ),
    )
  return held.length > 0 ? 3 : 0
}

async function decideAbout(context: PackCommandContext, versionId: number): Promise<number> {
  const { options: flags, print, say } = context
  const by = textFlag(flags, 'by')
  if (by === undefined || !Number.isSafeInteger(versionId)) {
    say('Give the number of the version, as --held shows it, and say who decides: --by NAME')
    return 2
  }
  await using orderly = await openFor(context)
  const approved = flags['publish'] !== undefined
  await orderly.start()
  const { decided } = await orderly.enqueueAndWait(pricePublish, {
    versionIds: [versionId],
    approved,
    by,
  })
  await orderly.whenIdle()
  if (decided === 0) {
    say('No such version is held.')
    return 1
  }
  print(approved ? 'Published.' : 'Rejected.')
  return 0
}
