// Checks a ledger from its first entry to its last, with nothing but its rows, its checkpoints and public keys.
import { stampOf, type Columns } from './entry.ts'
import { openNote, parseCheckpoint, type Verifier } from './note.ts'
import { EMPTY, grow, leafHash, rootOf, type Frontier, type Hash } from './tree.ts'

/** An entry as it is stored. */
export interface VerifiableRow extends Partial<{
  readonly [Name in keyof Columns]: Columns[Name] | null
}> {
  readonly i: number
  readonly id: string
  readonly at: number
  readonly writer: string
  readonly seq: number
  readonly leaf: string
  readonly body: string | null
}

export interface VerifiableLedger {
  /** Every entry, in the order of `i`. */
  readonly rows: AsyncIterable<readonly VerifiableRow[]>
  /** The signed checkpoint of now. */
  readonly head: string | undefined
  /** Checkpoints the database kept. */
  readonly checkpoints: readonly string[]
  /** Checkpoints that others kept. */
  readonly anchored: readonly string[]
  /** Keys that may sign checkpoints. */
  readonly trusted: readonly Verifier[]
  /** Entries whose text was left out on purpose, such as by an export of a range. */
  readonly isLeftOut?: (index: number) => boolean
}

export type LedgerFault =
  | 'missing'
  | 'edited'
  | 'reordered'
  | 'columns'
  | 'chain'
  | 'truncated'
  | 'surplus'
  | 'signature'
  | 'root'
  | 'anchor'
  | 'pruned'

export interface LedgerFinding {
  readonly fault: LedgerFault
  /** The entry, or the size of the checkpoint. */
  readonly index: number
  readonly text: string
}

export interface LedgerVerification {
  readonly entries: number
  readonly pruned: number
  readonly size: number
  /** Base64. */
  readonly root: string
  readonly checkpoints: number
  /** How many checkpoints outside the database agree. Without any, nobody can tell whether the end was cut off. */
  readonly anchored: number
  readonly findings: readonly LedgerFinding[]
}

const MOST_FINDINGS = 100

export async function verifyLedger(
  ledger: VerifiableLedger,
  onProgress: (entries: number) => void = () => undefined,
): Promise<LedgerVerification> {
  const findings: LedgerFinding[] = []
  const find = (fault: LedgerFault, index: number, text: string): void => {
    if (findings.length < MOST_FINDINGS) findings.push({ fault, index, text })
  }
  const claims = readClaims(ledger, find)
  const writers = new Map<string, { seq: number; leaf: string }>()
  const pruned: number[] = []
  const allowed: (readonly [from: number, to: number])[] = []
  let tree: Frontier = EMPTY
  let isWhole = true
  let entries = 0
  for await (const rows of ledger.rows) {
    for (const row of rows) {
      const next = tree.size + (isWhole ? 0 : Number.NaN)
      if (isWhole && row.i !== next) {
        isWhole = false
        find('missing', next, `entry ${next} is missing; the next one there is ${row.i}`)
      }
      checkRow(row, writers, find)
      if (row.body === null) {
        if (!ledger.isLeftOut?.(row.i)) pruned.push(row.i)
      } else collectPrune(row.body, allowed)
      entries++
      if (!isWhole) continue
      tree = grow(tree, Buffer.from(row.leaf, 'base64'))
      const root = rootAt(tree, claims)
      for (const claim of claims.get(tree.size) ?? [])
        if (root && !claim.root.equals(root))
          find(
            claim.fault,
            tree.size,
            `${claim.what} says that the first ${tree.size} entries were others`,
          )
    }
    onProgress(entries)
  }
  if (isWhole)
    for (const [size, made] of claims)
      if (size > tree.size)
        for (const claim of made)
          find(
            claim.fault === 'anchor' ? 'anchor' : 'truncated',
            tree.size,
            `${claim.what} counts ${size} entries, and there are ${tree.size}: the end was cut off`,
          )
  const head = ledger.head === undefined ? undefined : parseCheckpoint(ledger.head)
  if (isWhole && (head?.size ?? 0) < tree.size)
    find('surplus', head?.size ?? 0, 'there are entries behind the signed end of the log')
  for (const index of pruned)
    if (!allowed.some(([from, to]) => index >= from && index < to))
      find('pruned', index, `the text of entry ${index} is gone, and no entry says who dropped it`)
  const anchored = [...claims.values()].flat().filter(({ fault }) => fault === 'anchor').length
  return {
    entries,
    pruned: pruned.length,
    size: tree.size,
    root: rootOf(tree).toString('base64'),
    checkpoints: [...claims.values()].flat().length - anchored,
    anchored,
    findings,
  }
}

type Find = (fault: LedgerFault, index: number, text: string) => void

interface Claim {
  readonly root: Hash
  readonly what: string
  readonly fault: 'root' | 'anchor'
}

/** What signed checkpoints say of the tree, by its size. One that nobody trusted has signed says nothing. */
function readClaims(
  { head, checkpoints, anchored, trusted }: VerifiableLedger,
  find: Find,
): Map<number, Claim[]> {
  const claims = new Map<number, Claim[]>()
  const add = (note: string, what: string, fault: Claim['fault']): void => {
    const said = parseCheckpoint(note)
    if (!said || openNote(note, trusted) === undefined)
      return find('signature', said?.size ?? 0, `${what} is not signed by a key that is trusted`)
    claims.set(said.size, [...(claims.get(said.size) ?? []), { root: said.root, what, fault }])
  }
  if (head !== undefined) add(head, 'the end of the log', 'root')
  for (const note of checkpoints) add(note, 'a kept checkpoint', 'root')
  for (const note of anchored) add(note, 'an anchored checkpoint', 'anchor')
  return claims
}

function rootAt(tree: Frontier, claims: ReadonlyMap<number, unknown>): Hash | undefined {
  return claims.has(tree.size) ? rootOf(tree) : undefined
}

function checkRow(
  row: VerifiableRow,
  writers: Map<string, { seq: number; leaf: string }>,
  find: Find,
): void {
  const before = writers.get(row.writer)
  writers.set(row.writer, { seq: row.seq, leaf: row.leaf })
  const due = (before?.seq ?? -1) + 1
  if (row.seq < due)
    find('reordered', row.i, `entry ${row.i} stands behind later ones of its writer`)
  else if (row.seq > due)
    find('missing', row.i, `before entry ${row.i}, ${row.seq - due} of its writer are missing`)
  if (row.body === null) return
  if (leafHash(row.body).toString('base64') !== row.leaf) {
    find('edited', row.i, `the text of entry ${row.i} is not what was written`)
    return
  }
  const said = parse(row.body)
  if (!said) return find('edited', row.i, `entry ${row.i} cannot be read`)
  const { stamp, columns } = said
  if (
    stamp.id !== row.id ||
    stamp.at !== row.at ||
    stamp.writer !== row.writer ||
    stamp.seq !== row.seq ||
    (['actor', 'op', 'kind', 'resource', 'queue', 'outcome'] as const).some(
      (name) => row[name] !== undefined && row[name] !== columns[name],
    )
  )
    find('columns', row.i, `entry ${row.i} is found under what it does not say`)
  if (row.seq === due && stamp.previous !== (before?.leaf ?? ''))
    find('chain', row.i, `entry ${row.i} follows another entry of its writer than the one there is`)
}

function parse(body: string): ReturnType<typeof stampOf> | undefined {
  try {
    return stampOf(body)
  } catch {
    return undefined
  }
}

/** Takes down which entries an entry says were dropped. */
function collectPrune(body: string, allowed: (readonly [number, number])[]): void {
  if (!body.includes('"op":"audit.prune"')) return
  const { op, d } = JSON.parse(body) as { op: string; d?: { from?: number; to?: number } }
  if (op === 'audit.prune' && d?.from !== undefined && d.to !== undefined)
    allowed.push([d.from, d.to])
}
