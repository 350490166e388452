// What is done with evidence from outside its programs: taking a period out as a signed bundle, and checking one.
import { lstatSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { readTrust } from './audit-maintenance.ts'
import {
  digestOf,
  makeBundle,
  signRuns,
  type BundlePredicate,
  type StoredRun,
} from './evidence/bundle.ts'
import { verifyBundle, type BundleVerification } from './evidence/verify.ts'
import { isFileName, readZip, writeZip } from './evidence/zip.ts'
import { proveEntry, readHead } from './ledger/read.ts'
import { ledgerKey } from './ledger/seal.ts'
import { withInstallation } from './maintenance.ts'
import { OrderlyError } from './primitives/errors.ts'
import type { Rooms } from './runtime/rooms.ts'
import type { SettingOptions } from './settings.ts'
import { listEvidence, type EvidenceEnd } from './state/evidence.ts'

export interface EvidencePeriod {
  readonly type?: string | undefined
  /** Milliseconds since 1970 UTC; `from` counts, `to` does not. */
  readonly from?: number | undefined
  readonly to?: number | undefined
}

export interface EvidenceBundle {
  readonly about: BundlePredicate
  /** The entry of the audit log that says so. */
  readonly entry: string
  /** A ZIP file. */
  readonly archive: Buffer
}

const MOST_RUNS = 50_000
const AT_ONCE = 1_000
const EVER = Number.MAX_SAFE_INTEGER

/** @throws OrderlyError `ORDERLY_PAYLOAD_TOO_LARGE` for a period with more than 50,000 runs */
export function exportEvidence(
  options: SettingOptions,
  period: EvidencePeriod,
): Promise<EvidenceBundle> {
  return withInstallation(options, ({ rooms }) => bundleOf(rooms, period))
}

/** The evidence of a period as a bundle. That it was taken out is on the ledger before it leaves. */
export async function bundleOf(rooms: Rooms, period: EvidencePeriod): Promise<EvidenceBundle> {
  const { ledger, clock, release } = rooms
  const stored = await readRuns(rooms, period)
  const { signer } = await ledgerKey(ledger.keys)
  const runs = signRuns(stored, signer)
  const [from, to] = [isoOf(period.from), isoOf(period.to)]
  const type = period.type ?? null
  const recorded = await ledger.record({
    op: 'evidence.export',
    action: 'R',
    resource: { kind: 'evidence' },
    detail: { runs: stored.length, sha256: digestOf(runs), type, from, to },
  })
  const proved = await proveEntry(ledger.database, recorded.id)
  const head = await readHead(ledger.database)
  if (!proved?.body || !head)
    throw new OrderlyError(
      'ORDERLY_LEDGER_BROKEN',
      'the audit log does not hold what was just written; run "orderly audit verify"',
    )
  const about: BundlePredicate = {
    period: { from, to },
    type,
    runs: stored.length,
    invalid: stored.filter(({ body }) => !isValid(body)).length,
    source: { log: head.origin, release },
    madeAt: new Date(clock.now()).toISOString(),
  }
  const files = makeBundle({
    predicate: about,
    runs,
    stored,
    entry: { body: proved.body, proof: proved.proof },
    signer,
  })
  return { about, entry: recorded.id, archive: writeZip(files) }
}

function isValid(body: string): boolean {
  return (JSON.parse(body) as { validation_status: { is_valid: boolean } }).validation_status
    .is_valid
}

async function readRuns({ state }: Rooms, period: EvidencePeriod): Promise<StoredRun[]> {
  const filter = { type: period.type, from: period.from ?? 0, to: period.to ?? EVER }
  const runs: StoredRun[] = []
  let before: EvidenceEnd | undefined
  for (;;) {
    const rows = await listEvidence(state, filter, { limit: AT_ONCE, before })
    runs.push(...rows)
    if (runs.length > MOST_RUNS)
      throw new OrderlyError(
        'ORDERLY_PAYLOAD_TOO_LARGE',
        `the period has more than ${MOST_RUNS} runs; take it out in shorter ones`,
      )
    if (rows.length < AT_ONCE) return runs.toReversed()
    before = rows.at(-1)!
  }
}

function isoOf(time: number | undefined): string | null {
  return time === undefined ? null : new Date(time).toISOString()
}

/**
 * Checks a bundle, as the file it came as or unpacked into a folder. It needs no installation and no network.
 *
 * @param trust a file of public keys, a line each, as "orderly audit vkey" prints them
 * @throws OrderlyError `ORDERLY_INPUT_INVALID` for what is no bundle at all
 */
export function verifyEvidence(path: string, trust: string): BundleVerification {
  return verifyBundle(readBundle(path), readTrust(trust))
}

function readBundle(path: string): Map<string, Buffer> {
  try {
    return statSync(path).isDirectory() ? readFolder(path) : readZip(readFileSync(path))
  } catch (cause) {
    if (cause instanceof OrderlyError) throw cause
    throw new OrderlyError('ORDERLY_INPUT_INVALID', `${path} cannot be read; check the path`, {
      cause,
    })
  }
}

function readFolder(folder: string): Map<string, Buffer> {
  const files = new Map<string, Buffer>()
  for (const entry of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const place = join(folder, entry)
    const found = lstatSync(place)
    if (found.isDirectory()) continue
    const name = entry.replaceAll('\\', '/')
    if (!found.isFile() || !isFileName(name))
      throw new OrderlyError(
        'ORDERLY_INPUT_INVALID',
        'the folder holds what is no file of a bundle, such as a link; unpack the bundle anew',
      )
    files.set(name, readFileSync(place))
  }
  return files
}
