// Checks a file by the rules of CMS in one pass, in flat memory.
import { markLength } from '../read/encoding.ts'
import { RecordScanner } from '../read/delimited.ts'
import { PriceFileError } from '../read/error.ts'
import { JsonStream } from '../read/json-stream.ts'
import { DEFAULT_LIMITS, type Limits } from '../read/limits.ts'
import { sniff, type Sniffed } from '../read/sniff.ts'
import { openSource, readPiece, streamText, type Source } from '../read/source.ts'
import { findCmsHead } from '../shape/cms-head.ts'
import { cmsHeader } from '../shape/header.ts'
import { textOf } from '../directory/directory.ts'
import { checkColumns, checkHead } from './csv-head.ts'
import { rowChecker } from './csv-rows.ts'
import { cellName, Findings, type Finding } from './findings.ts'
import { jsonChecker } from './json-rules.ts'
import { cmsVersion, type CmsVersion } from './rules.ts'

export interface CmsCheck {
  readonly verdict: 'valid' | 'invalid' | 'not-cms'
  readonly layout: 'tall' | 'wide' | 'json' | null
  /** The version it was checked by. */
  readonly version: CmsVersion | null
  /** Data rows, or items. */
  readonly rows: number
  readonly findings: Findings
}

export interface CmsCheckOptions {
  /** Check by this version; by the one the file gives unless told. */
  readonly version?: CmsVersion
  readonly limits?: Partial<Limits>
  readonly signal?: AbortSignal
  readonly onFinding?: (finding: Finding) => void
}

const NEWEST: CmsVersion = '3.0.0'

/** @throws PriceFileError for what is no text at all */
export async function checkCms(path: string, options: CmsCheckOptions = {}): Promise<CmsCheck> {
  const source = await openSource(path)
  try {
    const sniffed = await sniff(source)
    const findings = new Findings(options.onFinding)
    if (sniffed.kind === 'text') return await checkText(source, sniffed, findings, options)
    if (sniffed.kind === 'json') return await checkJson(source, sniffed, findings, options)
    return notCms(findings, 0)
  } finally {
    await source.close()
  }
}

function notCms(findings: Findings, rows: number): CmsCheck {
  findings.add('CMS.FILE.LAYOUT', 'file', 'It is no table or JSON in the layout of CMS.')
  return { verdict: 'not-cms', layout: null, version: null, rows, findings }
}

async function checkText(
  source: Source,
  { encoding }: Sniffed,
  findings: Findings,
  options: CmsCheckOptions,
): Promise<CmsCheck> {
  const limits = { ...DEFAULT_LIMITS, ...options.limits }
  const start = markLength(encoding, await readPiece(source, 0, 4))
  const stream = streamText(source, encoding, start)
  const dialect = { delimiter: ',', quotes: true, newline: 'lf' } as const
  const head = new RecordScanner(
    streamText(source, encoding, start), dialect, encoding, limits, { byte: start, row: 0 },
  ) /* prettier-ignore */
  if (!(await looksLikeCms(head))) return notCms(findings, 0)
  const scanner = new RecordScanner(stream, dialect, encoding, limits, { byte: start, row: 0 })
  let headers: readonly string[] = []
  let version: CmsVersion = options.version ?? NEWEST
  let layout: CmsCheck['layout'] = null
  let check: ReturnType<typeof rowChecker> | undefined
  let rows = 0
  const record = (): string[] =>
    Array.from({ length: scanner.count }, (_, column) => scanner.text(column))
  const verdict = (): CmsCheck => ({
    verdict: findings.count('error') > 0 ? 'invalid' : 'valid',
    layout,
    version,
    rows,
    findings,
  })
  for (;;) {
    options.signal?.throwIfAborted()
    if (!(await scanner.fill())) break
    while (scanner.next()) {
      const row = scanner.row - 1
      if (row > 2) {
        if (scanner.blank) continue
        rows++
        check!(scanner, row)
      } else if (row === 1) {
        const values = record()
        const at = headers.findIndex((cell) => cmsHeader(cell) === 'version')
        version = readVersion(values[at] ?? '', options.version, cellName(1, at), findings)
        checkHead(headers, values, version, findings)
      } else {
        if (scanner.blank) {
          findings.add('CMS.HEAD.BLANK', `row ${row + 1}`, 'A row of headers is empty.')
          return verdict()
        }
        const cells = record()
        if (row === 0) {
          headers = cells
          continue
        }
        const columns = checkColumns(cells, version, findings)
        // With a head that is wrong, what stands below cannot be judged.
        if (!columns || findings.count('error') > 0) return verdict()
        layout = columns.isTall ? 'tall' : 'wide'
        check = rowChecker(columns, version, findings)
      }
    }
  }
  if (rows === 0) findings.add('CMS.FILE.NO_ROWS', 'file', 'There is no row below the headers.')
  return verdict()
}

const HEAD_NAMES = new Set(['hospital_name', 'last_updated_on', 'version', 'hospital_address'])
const HEAD_RECORDS = 25

/** Whether the first records hold a head of CMS, in its place or not. */
async function looksLikeCms(scanner: RecordScanner): Promise<boolean> {
  const records: string[][] = []
  while (records.length < HEAD_RECORDS && (await scanner.fill()))
    while (records.length < HEAD_RECORDS && scanner.next())
      records.push(Array.from({ length: scanner.count }, (_, column) => scanner.text(column)))
  return (
    findCmsHead(records) !== null ||
    records.some((cells) => cells.filter((cell) => HEAD_NAMES.has(cmsHeader(cell))).length >= 2)
  )
}

function readVersion(
  said: string,
  wanted: CmsVersion | undefined,
  place: string,
  findings: Findings,
): CmsVersion {
  const own = cmsVersion(said)
  const version = wanted ?? own ?? NEWEST
  if (said !== '' && own !== version && !(own === '2.0.0' && version !== '3.0.0'))
    findings.add('CMS.HEAD.VERSION', place, `The file was checked by version ${version}.`)
  if (version !== NEWEST)
    findings.add('CMS.HEAD.OUTDATED', place, `The layout in force is version ${NEWEST}.`)
  return version
}

async function checkJson(
  source: Source,
  { encoding }: Sniffed,
  findings: Findings,
  options: CmsCheckOptions,
): Promise<CmsCheck> {
  const limits = { ...DEFAULT_LIMITS, ...options.limits }
  const start = markLength(encoding, await readPiece(source, 0, 4))
  const members = new Map<string, unknown>()
  let items = 0
  let version = options.version
  let checker: ReturnType<typeof jsonChecker> | undefined
  const open = (skipItems: boolean): JsonStream =>
    new JsonStream(streamText(source, encoding, start), limits, {
      encoding,
      byte: start,
      place: 'root',
      rooted: true,
      arrayKey: 'standard_charge_information',
      skipItems,
      isStrict: !skipItems,
    })
  const stream = open(false)
  const check = (): ReturnType<typeof jsonChecker> => {
    version ??= cmsVersion(textOf(members.get('version'))) ?? NEWEST
    return (checker ??= jsonChecker(version, findings))
  }
  try {
    for (let isOver = false; !isOver;) {
      const event = stream.next()
      if (event === null) {
        options.signal?.throwIfAborted()
        await stream.fill()
      } else if (event.is === 'member') members.set(event.key, event.value)
      else if (event.is === 'array') {
        // What stands behind the items is looked for before they are judged.
        if (!members.has('version'))
          version ??= cmsVersion(textOf(await memberOf(open(true), 'version', options.signal)))
      } else if (event.is === 'item') check().item(event.value, items++)
      else isOver = event.is === 'end'
    }
  } catch (error) {
    if (!(error instanceof PriceFileError)) throw error
    findings.add('CMS.FILE.JSON_BROKEN', 'file', error.message)
  }
  if (items === 0 && !members.has('hospital_name') && !members.has('version'))
    return notCms(findings, 0)
  check().root(members, items > 0)
  readVersion(textOf(members.get('version')) ?? '', version, '/version', findings)
  return {
    verdict: findings.count('error') > 0 ? 'invalid' : 'valid',
    layout: 'json',
    version: version ?? NEWEST,
    rows: items,
    findings,
  }
}

/** A member of the root, wherever it stands; undefined where there is none, or the JSON breaks off before it. */
async function memberOf(
  stream: JsonStream,
  key: string,
  signal: AbortSignal | undefined,
): Promise<unknown> {
  try {
    for (;;) {
      const event = stream.next()
      if (event === null) {
        signal?.throwIfAborted()
        await stream.fill()
      } else if (event.is === 'end') return undefined
      else if (event.is === 'member' && event.key === key) return event.value
    }
  } catch (error) {
    if (error instanceof PriceFileError) return undefined
    throw error
  }
}
