// What is done with the audit log from outside its programs: checking, proving, taking out, dropping what is past its time.
import { createReadStream, existsSync, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { keepCheckpoint, readAnchorFile } from './ledger/anchor.ts'
import { ledgerIn, pruneLedger, type Pruned } from './ledger/dump.ts'
import { exportLedger, ledgerOf } from './ledger/export.ts'
import { parseVkey, type Verifier } from './ledger/note.ts'
import { proveConsistency, proveEntry } from './ledger/read.ts'
import {
  verdictOf,
  verifyLedger,
  type LedgerVerdict,
  type LedgerVerification,
} from './ledger/verify.ts'
import { withInstallation } from './maintenance.ts'
import { OrderlyError } from './primitives/errors.ts'
import { ownKeys } from './runtime/check-ledger.ts'
import { resolveSettings, type SettingOptions } from './settings.ts'

export interface AuditCheck {
  /** An export; the installation itself unless told. */
  readonly file?: string | undefined
  /** A file of public keys, a line each. Those of the installation unless told; an export needs it. */
  readonly trust?: string | undefined
  /** Files of checkpoints beside the one of the installation. */
  readonly anchors?: readonly string[] | undefined
}

/** What a check found. */
export interface AuditVerification extends LedgerVerification {
  readonly verdict: LedgerVerdict
  /** Whether the log has an entry of the check. One of an export has none, and says nothing here. */
  readonly isRecorded?: boolean
}

/**
 * Checks the audit log from its first entry to its last. What it found is told also where the log takes no entry of it:
 * it may be just what was done to the log that keeps others from writing.
 *
 * @throws OrderlyError `ORDERLY_INPUT_INVALID` for files that are not what they should be
 */
export async function verifyAudit(
  options: SettingOptions,
  { file, trust, anchors = [] }: AuditCheck,
  onProgress?: (entries: number) => void,
): Promise<AuditVerification> {
  const trusted = trust === undefined ? undefined : readTrust(trust)
  for (const path of anchors) if (!existsSync(path)) throw unreadable(path)
  const kept = anchors.flatMap(readAnchorFile)
  if (file !== undefined) {
    if (!trusted)
      throw new OrderlyError(
        'ORDERLY_INPUT_INVALID',
        'an export is checked with keys you have from elsewhere: give --trust, a file of what "orderly audit vkey" printed',
      )
    const lines = createInterface({ input: createReadStream(file), crlfDelay: Infinity })
    const found = await verifyLedger(await ledgerOf(lines, notesIn(kept), trusted), onProgress)
    return judged(found, kept)
  }
  return withInstallation(options, async ({ rooms }) => {
    const all = [...readAnchorFile(resolveSettings(options).ledgerAnchor), ...kept]
    const found = judged(
      await verifyLedger(
        await ledgerIn(
          rooms.ledger.database,
          notesIn(all),
          trusted ?? (await ownKeys(rooms)).map((vkey) => parseVkey(vkey)!),
        ),
        onProgress,
      ),
      all,
    )
    const isRecorded = await rooms.ledger
      .record({
        op: 'audit.verify',
        action: 'R',
        resource: { kind: 'ledger' },
        outcome: found.findings.length === 0 ? 'ok' : 'failed',
        detail: { entries: found.entries, findings: found.findings.length },
      })
      .then(
        () => true,
        () => false,
      )
    return { ...found, isRecorded }
  })
}

/** Public keys of a file, a line each. @throws OrderlyError `ORDERLY_INPUT_INVALID` */
export function readTrust(file: string): Verifier[] {
  const keys = readText(file)
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map(parseVkey)
  const known = keys.filter((key) => key !== undefined)
  if (known.length === keys.length && known.length > 0) return known
  throw new OrderlyError(
    'ORDERLY_INPUT_INVALID',
    `${file} holds a line that is no public key; each is name+id+key, as "orderly audit vkey" prints it`,
  )
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw unreadable(file, cause)
  }
}

function unreadable(file: string, cause?: unknown): OrderlyError {
  return new OrderlyError('ORDERLY_INPUT_INVALID', `${file} cannot be read; check the path`, {
    cause,
  })
}

function notesIn(kept: readonly (string | OrderlyError)[]): string[] {
  return kept.filter((each) => typeof each === 'string')
}

/** What of the files of checkpoints could not be read is found as well: it may be what was to hide the rest. */
function judged(
  found: LedgerVerification,
  kept: readonly (string | OrderlyError)[],
): AuditVerification {
  const broken = kept.filter((each) => typeof each !== 'string')
  const findings = [
    ...found.findings,
    ...broken.map(({ message }) => ({
      fault: 'anchor' as const,
      index: found.size,
      text: message,
    })),
  ]
  const whole = { ...found, findings }
  return { ...whole, verdict: verdictOf(whole) }
}

/** The public keys of an installation, those of before included. */
export function auditKeys(options: SettingOptions): Promise<string[]> {
  return withInstallation(options, ({ rooms }) => ownKeys(rooms))
}

/** @throws OrderlyError `ORDERLY_NOT_FOUND` */
export function proveAudit(
  options: SettingOptions,
  id: string,
): Promise<{ index: number; body: string | null; proof: string }> {
  return withInstallation(options, async ({ rooms }) => {
    const proof = await proveEntry(rooms.ledger.database, id)
    if (proof) return proof
    throw new OrderlyError('ORDERLY_NOT_FOUND', 'there is no such entry in the audit log')
  })
}

/** @throws OrderlyError `ORDERLY_NOT_FOUND` when the log never had this size */
export function proveAuditGrowth(
  options: SettingOptions,
  size: number,
): Promise<{ from: number; to: number; hashes: string[]; checkpoint: string }> {
  return withInstallation(options, async ({ rooms }) => {
    const proof = await proveConsistency(rooms.ledger.database, size)
    if (proof) return proof
    throw new OrderlyError('ORDERLY_NOT_FOUND', 'the audit log never had this size')
  })
}

export function exportAudit(
  options: SettingOptions,
  range: { readonly from?: number; readonly to?: number },
  write: (line: string) => Promise<void>,
): Promise<number> {
  return withInstallation(options, async ({ rooms }) => {
    await rooms.ledger.record({ op: 'audit.export', action: 'R', resource: { kind: 'ledger' } })
    return exportLedger(rooms.ledger, range, rooms.clock.now(), write)
  })
}

/** Drops the text of entries older than `before`, six years at least. Checkpoints of before and after are kept. */
export function pruneAudit(options: SettingOptions, before: number): Promise<Pruned> {
  return withInstallation(options, async ({ rooms }) => {
    const { ledger, anchors, clock } = rooms
    await keepCheckpoint(ledger.database, anchors, clock)
    return pruneLedger(ledger, before, clock.now())
  })
}
