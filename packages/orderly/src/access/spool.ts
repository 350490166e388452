// What emergencies write while the ledger cannot be written: a signed file of this machine, sequenced later.
import { createHash, createPublicKey, sign, verify } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { canonical } from '../ledger/canonical.ts'
import type { LedgerEntry } from '../ledger/entry.ts'
import { ledgerKey, openLedgerText } from '../ledger/seal.ts'
import { makeFolder } from '../primitives/folder.ts'
import { OrderlyError } from '../primitives/errors.ts'
import { newId } from '../primitives/ids.ts'
import type { Clock } from '../primitives/clock.ts'
import type { DataKeys } from '../vault/data-keys.ts'
import type { EmergencyRow } from './tables.ts'

/** An entry that waits for the ledger. `why.text` is clear here, and sealed in the file. */
export interface SpooledEntry {
  readonly id: string
  readonly at: number
  readonly entry: LedgerEntry
  /** The emergency that began with it. */
  readonly emergency?: EmergencyRow
}

/** A line that is none, or was changed: what comes behind it proves nothing. */
export interface SpoolFault {
  readonly line: number
}

export interface Spool {
  /**
   * Takes an entry down on the disk of this machine.
   *
   * @throws OrderlyError `ORDERLY_LEDGER_UNAVAILABLE`: then what it is about must not happen
   */
  append(entry: LedgerEntry, emergency?: EmergencyRow): Promise<string>
  /** Whether anything may wait. */
  hasAny(): boolean
  /** What waits. */
  waiting(): Promise<readonly SpooledEntry[]>
  /**
   * Hands over what waits, entry by entry, and forgets it once `write` has taken all of it. What was handed over
   * before a crash is handed over again.
   *
   * @returns where the file is broken, and where it was put aside for whoever looks into that
   */
  drain(
    write: (entry: SpooledEntry) => Promise<void>,
  ): Promise<{ readonly entries: number; readonly fault?: SpoolFault & { readonly file: string } }>
}

const DOMAIN = 'orderly/emergency-spool/1\n'
const MOST_BYTES = 4_194_304

interface Line {
  /** Canonical JSON of what follows, exactly as it was signed. */
  readonly body: string
  /** Ed25519, base64. */
  readonly sig: string
}

interface Body {
  readonly v: 1
  readonly id: string
  readonly at: number
  readonly n: number
  /** SHA-256 of the body before, hex; empty for the first. */
  readonly previous: string
  readonly entry: LedgerEntry
  readonly emergency?: EmergencyRow
}

export function openSpool(path: string, keys: DataKeys, clock: Clock): Spool {
  const draining = `${path}.draining`

  const read = async (
    file: string,
  ): Promise<{ entries: SpooledEntry[]; fault?: SpoolFault; bytes: number }> => {
    const text = existsSync(file) ? readFileSync(file, 'utf8') : ''
    const lines = text.split('\n').filter((line) => line !== '')
    const entries: SpooledEntry[] = []
    if (lines.length === 0) return { entries, bytes: text.length }
    const { signer } = await ledgerKey(keys)
    const publicKey = createPublicKey(signer.key)
    let previous = ''
    for (const [index, line] of lines.entries()) {
      const parsed = parseLine(line)
      const isSigned =
        parsed &&
        verify(
          null,
          Buffer.from(DOMAIN + parsed.body),
          publicKey,
          Buffer.from(parsed.sig, 'base64'),
        )
      const body = isSigned ? (JSON.parse(parsed.body) as Body) : undefined
      if (!body || body.n !== index || body.previous !== previous)
        return { entries, fault: { line: index + 1 }, bytes: Buffer.byteLength(text) }
      previous = digestOf(parsed!.body)
      entries.push(await opened(body, keys))
    }
    return { entries, bytes: Buffer.byteLength(text) }
  }

  const last = (): { n: number; previous: string } => {
    if (!existsSync(path)) return { n: 0, previous: '' }
    if (statSync(path).size > MOST_BYTES) throw new RangeError('the spool is full')
    const lines = readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
    const final = lines.at(-1)
    const parsed = final === undefined ? undefined : parseLine(final)
    return { n: lines.length, previous: parsed ? digestOf(parsed.body) : '' }
  }

  const drain: Spool['drain'] = async (take) => {
    let count = 0
    // What a crash left comes first, then what was written since.
    for (const isFirst of [true, false]) {
      if (!isFirst && existsSync(path) && !existsSync(draining)) renameSync(path, draining)
      if (!existsSync(draining)) continue
      const { entries, fault, bytes } = await read(draining)
      for (const entry of entries) await take(entry)
      count += entries.length
      if (fault) {
        const file = `${path}.broken-${newId(clock.now())}`
        renameSync(draining, file)
        return { entries: count, fault: { ...fault, file } }
      }
      // Another process may have had it open while it got its new name; that comes with the next turn.
      if (statSync(draining).size === bytes) unlinkSync(draining)
    }
    return { entries: count }
  }
  /** One after the other. */
  let turn: ReturnType<Spool['drain']> = Promise.resolve({ entries: 0 })

  return {
    async append(entry, emergency) {
      try {
        const { signer, seal } = await ledgerKey(keys)
        const at = clock.now()
        const id = newId(at)
        const { why } = entry
        // From here to the disk nothing waits, so no other entry of this process comes in between.
        const body = canonical({
          v: 1,
          id,
          at,
          ...last(),
          // Spread, not handed on: what is signed is exactly these members.
          entry: {
            ...entry,
            actor: entry.actor && { ...entry.actor },
            source: entry.source && { ...entry.source },
            why: why && {
              ...why,
              ...(why.text === undefined ? {} : { text: seal(why.text, id) }),
            },
          },
          emergency: emergency && { ...emergency },
        })
        const sig = sign(null, Buffer.from(DOMAIN + body), signer.key).toString('base64')
        write(path, `${JSON.stringify({ body, sig } satisfies Line)}\n`)
        return id
      } catch (cause) {
        throw new OrderlyError(
          'ORDERLY_LEDGER_UNAVAILABLE',
          'neither the audit log nor the spool for emergencies can be written, so this is refused; see that the database or the disk of this machine can be written',
          { cause },
        )
      }
    },
    hasAny: () => existsSync(path) || existsSync(draining),
    waiting: async () => [...(await read(draining)).entries, ...(await read(path)).entries],
    drain(take) {
      turn = turn.catch(() => undefined).then(() => drain(take))
      return turn
    },
  }
}

function write(path: string, line: string): void {
  makeFolder(dirname(path))
  const descriptor = openSync(path, 'a', 0o600)
  try {
    writeSync(descriptor, line)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

function parseLine(text: string): Line | undefined {
  try {
    const { body, sig } = JSON.parse(text) as Partial<Line>
    return typeof body === 'string' && typeof sig === 'string' ? { body, sig } : undefined
  } catch {
    return undefined
  }
}

async function opened({ id, at, entry, emergency }: Body, keys: DataKeys): Promise<SpooledEntry> {
  const sealed = entry.why?.text
  return {
    id,
    at,
    entry:
      sealed === undefined
        ? entry
        : { ...entry, why: { ...entry.why, text: await openLedgerText(keys, sealed, id) } },
    ...(emergency ? { emergency } : {}),
  }
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
