// Checks a ledger from its first entry to its last, with nothing but its rows, its checkpoints and public keys.
import { readEntry, stampOf, type Columns } from './entry.ts'
import { openNote, parseCheckpoint, type Verifier } from './note.ts'
import { EMPTY, grow, isKept, leafHash, rootOf, type Frontier, type Hash } from './tree.ts'

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
  /** Its text was left out of an export, being of another time. */
  readonly out?: 1
}

/** Milliseconds since 1970 UTC, the first inclusive, the second not; null where there is no end. */
export interface LedgerRange {
  readonly from: number | null
  readonly to: number | null
}

/** Whether an entry of this time belongs to a range. */
export function isWithin(at: number, { from, to }: LedgerRange): boolean {
  return at >= (from ?? -Infinity) && at < (to ?? Infinity)
}

/** The operation of entries that say what was dropped. */
export const PRUNE = 'audit.prune'

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
  /** What the database keeps beside its entries, where it is a database that is verified. */
  readonly derived?: DerivedHashes
  /** Of an export: what it was to hold, and whether it is as it was made. The second is known once all rows are read. */
  readonly part?: LedgerRange & { readonly isSigned: () => boolean }
}

/** What follows from the entries, and is kept so that nobody works it out each time: proofs and the next entry rest on it. */
export interface DerivedHashes {
  /** Roots of complete subtrees, base64, under `level/index`. */
  readonly nodes: ReadonlyMap<string, string>
  /** How many entries the log counts, and the roots of the complete subtrees they make, base64. */
  readonly size: number
  readonly roots: readonly string[]
  /** How many entries there were when the nodes were read, at least. */
  readonly end: number
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
  | 'withheld'
  | 'derived'

export interface LedgerFinding {
  readonly fault: LedgerFault
  /** The entry, or the size of the checkpoint. */
  readonly index: number
  readonly text: string
}

export interface LedgerVerification {
  readonly entries: number
  readonly pruned: number
  /** How many are there by their hash alone, being outside the range of an export: what they say was not looked at. */
  readonly leftOut: number
  readonly size: number
  /** Base64. */
  readonly root: string
  readonly checkpoints: number
  /** How many checkpoints outside the database agree. Without any, nobody can tell whether the end was cut off. */
  readonly anchored: number
  readonly findings: readonly LedgerFinding[]
}

/** What a verification comes to. */
export type LedgerVerdict = 'ok' | 'tampered' | 'gap' | 'unanchored'

/**
 * A log that only lacks entries has a gap; one with anything else wrong was tampered with. One that is whole but that
 * nobody outside its database vouches for may have lost its end.
 */
export function verdictOf({ findings, anchored }: LedgerVerification): LedgerVerdict {
  if (findings.some(({ fault }) => fault !== 'missing')) return 'tampered'
  if (findings.length > 0) return 'gap'
  return anchored === 0 ? 'unanchored' : 'ok'
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
  const dropped: Dropped[] = []
  const due = new Map<string, string>()
  const keep = (level: number, index: number, hash: Hash): void => {
    if (ledger.derived && isKept(level)) due.set(`${level}/${index}`, hash.toString('base64'))
  }
  let leftOut = 0
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
      if (row.body !== null) collectPrune(row.body, dropped)
      else if (row.out !== 1 || !ledger.part) pruned.push(row.i)
      else if (isWithin(row.at, ledger.part))
        find('withheld', row.i, `entry ${row.i} is of the time of this export, without its text`)
      else leftOut++
      entries++
      if (!isWhole) continue
      tree = grow(tree, Buffer.from(row.leaf, 'base64'), keep)
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
  // Where the entries are not as they were signed, what was derived of them tells nothing new.
  const isAsSigned = head?.size === tree.size && rootOf(tree).equals(head.root)
  if (ledger.derived && isWhole && isAsSigned) checkDerived(ledger.derived, due, tree, find)
  checkPruned(pruned, dropped, find)
  if (ledger.part?.isSigned() === false)
    find(
      'signature',
      tree.size,
      'this export as a whole is not signed by a key that is trusted: texts may have been taken out of it; export anew',
    )
  const anchored = [...claims.values()].flat().filter(({ fault }) => fault === 'anchor').length
  return {
    entries,
    pruned: pruned.length,
    leftOut,
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
  const { body } = row
  const said = tryTo(() => stampOf(body))
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

function checkDerived(
  { nodes, size, roots, end }: DerivedHashes,
  due: ReadonlyMap<string, string>,
  tree: Frontier,
  find: Find,
): void {
  const firstOf = (node: string): number => {
    const [level, index] = node.split('/').map(Number) as [number, number]
    return index * 2 ** level
  }
  const told = (node: string, what: string): void =>
    find(
      'derived',
      firstOf(node),
      `the kept hash of the subtree ${node} ${what}: proofs fail by it`,
    )
  for (const [node, hash] of due)
    if (!nodes.has(node)) told(node, 'is gone')
    else if (nodes.get(node) !== hash) told(node, 'is not that of its entries')
  for (const node of nodes.keys())
    if (!due.has(node) && firstOf(node) + 2 ** Number.parseInt(node) > end)
      told(node, 'is of entries that there are not')
  if (
    size !== tree.size ||
    roots.join() !== tree.roots.map((root) => root.toString('base64')).join()
  )
    find(
      'derived',
      tree.size,
      'what the next entry would be signed with is not what the entries make: the log does not go on by it',
    )
}

function tryTo<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

/** What an entry says was dropped: how many texts, and between which indexes, the second not included. */
interface Dropped {
  readonly from: number
  readonly to: number
  readonly count: number
}

function collectPrune(body: string, dropped: Dropped[]): void {
  if (!body.includes(`"op":"${PRUNE}"`)) return
  const { op, detail } = tryTo(() => readEntry(0, body)) ?? {}
  const { from, to, count } = detail ?? {}
  if (op !== PRUNE || typeof from !== 'number' || typeof to !== 'number') return
  if (typeof count === 'number') dropped.push({ from, to, count })
}

/** Each text that is gone is accounted for: by where it stood, and all of them by their number. */
function checkPruned(pruned: readonly number[], dropped: readonly Dropped[], find: Find): void {
  const unknown = pruned.filter(
    (index) => !dropped.some(({ from, to }) => index >= from && index < to),
  )
  for (const index of unknown)
    find('pruned', index, `the text of entry ${index} is gone, and no entry says who dropped it`)
  const known = pruned.length - unknown.length
  const said = dropped.reduce((sum, { count }) => sum + count, 0)
  if (known > said)
    find(
      'pruned',
      pruned[0] ?? 0,
      `the texts of ${known} entries are gone, and ${said} are said to have been dropped`,
    )
}
