// `orderly prices scan` and `load`: price files from the web and from a folder.
import type { Orderly, PackCommand } from 'orderly'
import { cmsHptDirectory } from '../directory/cms-hpt.ts'
import type { HospitalDirectory } from '../directory/directory.ts'
import { registryDirectory } from '../directory/registry.ts'
import { listFiles } from '../inbox.ts'
import { praUnifiedScan, priceFileDownload } from '../jobs.ts'
import { reportRecent, reportSources, type FileReport } from '../report.ts'
import { listFlag, openFor, tableOf, textFlag } from './open.ts'

export const scanCommand: PackCommand = {
  name: 'scan',
  description: 'Look for new and changed price files, download, load, check and publish them',
  options: {
    '--domains <names>': 'hospital sites whose cms-hpt.txt is read, with commas between them',
    '--registry <file>': 'a list of hospitals: a path or an address of a CSV or JSON file',
    '--states <codes>': 'only hospitals of these states, with commas between them',
    '--force': 'download every file again',
    '--connect-to <pairs>': 'host=http://address pairs, for a mirror of your own',
    '--json': 'one JSON object on stdout',
  },
  async run(context) {
    const { options: flags, print, say } = context
    const directories: HospitalDirectory[] = []
    const domains = listFlag(flags, 'domains')
    const registry = textFlag(flags, 'registry')
    if (domains) directories.push(cmsHptDirectory(domains))
    if (registry) directories.push(registryDirectory(registry))
    if (directories.length === 0) {
      say('Say where hospitals come from: --domains hospital.example or --registry hospitals.csv')
      return 2
    }
    const pairs = (listFlag(flags, 'connectTo') ?? []).map((pair) => pair.split('='))
    await using orderly = await openFor(context, {
      directories,
      connectTo: Object.fromEntries(pairs) as Record<string, string>,
    })
    const states = listFlag(flags, 'states')
    const since = orderly.clock.now()
    await orderly.start()
    const found = await orderly.enqueueAndWait(
      praUnifiedScan,
      {
        ...(states && { states: states.map((each) => each.toUpperCase()) }),
        ...(flags['force'] && { forceRefresh: true }),
      },
      { timeout: '12h' },
    )
    await orderly.whenIdle()
    const loaded = await loadedSince(orderly, since)
    if (flags['json']) print(JSON.stringify({ scan: found, files: loaded }))
    else {
      print(
        `${found.newHospitals} new hospitals, ${found.newFiles} new files, ${found.updatedFiles} changed, ${found.unchangedFiles} unchanged`,
      )
      if (loaded.length > 0) print(filesTable(loaded))
      for (const error of found.errors) say(error)
    }
    const { newFiles, updatedFiles, unchangedFiles, errors } = found
    // What earlier scans have read does not make this one any better.
    return errors.length > 0 && newFiles + updatedFiles + unchangedFiles === 0 ? 1 : 0
  },
}

async function loadedSince(orderly: Orderly, since: number): Promise<readonly FileReport[]> {
  const names = (await reportRecent(orderly.database, 1_000)).map(({ name }) => name)
  const reports = await reportSources(orderly.database, [...new Set(names)], since)
  return reports.filter(({ state }) => state !== 'waiting')
}

export const loadCommand: PackCommand = {
  name: 'load',
  description: 'Load every price file below a folder',
  args: ['<folder>'],
  options: { '--json': 'one JSON object on stdout' },
  async run(context) {
    const { args, options: flags, print, say } = context
    const files = await listFiles(args[0]!).catch(() => undefined)
    if (!files) {
      say(`${args[0]} is not a folder that can be read.`)
      return 2
    }
    await using orderly = await openFor(context)
    const since = orderly.clock.now()
    await orderly.enqueueMany(
      priceFileDownload,
      files.map(({ source, location }) => ({
        input: { source, location },
        options: { unique: source },
      })),
    )
    await orderly.start()
    await orderly.whenIdle()
    const sources = files.map(({ source }) => source)
    const reports = await reportSources(orderly.database, sources, since)
    print(flags['json'] ? JSON.stringify({ files: reports }) : filesTable(reports))
    return reports.some(({ state }) => state === 'quarantined') ? 3 : 0
  },
}

function filesTable(files: readonly FileReport[]): string {
  return tableOf(
    ['file', 'state', 'format', 'rows', 'prices', 'bad rows', 'values left out', 'reason'],
    files.map((file) => [
      file.name,
      file.state,
      file.format,
      file.rowsRead,
      file.pricesLoaded,
      file.rowsQuarantined,
      file.valuesLeftOut,
      file.reason,
    ]),
  )
}
