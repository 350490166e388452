// Checks a bundle of evidence with nothing but its files and public keys had from elsewhere.
import { openNote, parseCheckpoint, parseProof, type Verifier } from '../ledger/note.ts'
import { includes, leafHash } from '../ledger/tree.ts'
import {
  BUNDLE_PREDICATE,
  digestOf,
  ENTRY,
  MANIFEST,
  PROOF,
  RUNS,
  RUN_PREDICATE,
  STATEMENT,
  type BundlePredicate,
  type Statement,
} from './bundle.ts'
import { openStatement } from './dsse.ts'
import type { Files } from './zip.ts'

export type BundleFault = 'missing' | 'added' | 'altered' | 'signature' | 'proof'

export interface BundleFinding {
  readonly fault: BundleFault
  readonly file: string
  readonly text: string
}

export interface BundleVerification {
  /** What the bundle says of itself. Null where nobody trusted has signed it. */
  readonly about: BundlePredicate | null
  readonly files: number
  readonly findings: readonly BundleFinding[]
}

const MOST_FINDINGS = 100

type Find = (fault: BundleFault, file: string, text: string) => void

/** Names every file that was altered, added or left out, and every signature that does not hold. */
export function verifyBundle(files: Files, trusted: readonly Verifier[]): BundleVerification {
  const findings: BundleFinding[] = []
  const find: Find = (fault, file, text) => {
    if (findings.length < MOST_FINDINGS) findings.push({ fault, file, text })
  }
  const about = checkManifest(files, trusted, find)
  if (about) {
    checkRuns(files, trusted, about, find)
    checkEntry(files, trusted, find)
  }
  return { about: about ?? null, files: files.size, findings }
}

function checkManifest(
  files: Files,
  trusted: readonly Verifier[],
  find: Find,
): BundlePredicate | undefined {
  const manifest = files.get(MANIFEST)
  if (!manifest) {
    find('missing', MANIFEST, 'the list of what belongs to the bundle is gone')
    return undefined
  }
  const statement = openStatement(manifest.toString('utf8'), trusted)
  if (!isStatement<BundlePredicate>(statement, BUNDLE_PREDICATE)) {
    find(
      'signature',
      MANIFEST,
      'the list of what belongs to the bundle is not signed by a key that is trusted',
    )
    return undefined
  }
  const digests = new Map(statement.subject.map(({ name, digest }) => [name, digest.sha256]))
  for (const name of [RUNS, ENTRY, PROOF])
    if (!digests.has(name))
      find('missing', name, `${name} belongs to every bundle, and is not listed`)
  for (const [name, digest] of digests) {
    const content = files.get(name)
    if (!content) find('missing', name, `${name} is gone`)
    else if (digestOf(content) !== digest) find('altered', name, `${name} is not what was signed`)
  }
  for (const name of files.keys())
    if (name !== MANIFEST && !digests.has(name)) find('added', name, `${name} does not belong here`)
  return statement.predicate
}

function checkRuns(
  files: Files,
  trusted: readonly Verifier[],
  about: BundlePredicate,
  find: Find,
): void {
  const lines = (files.get(RUNS)?.toString('utf8') ?? '').split('\n').slice(0, -1)
  lines.forEach((line, index) => {
    if (!isStatement(openStatement(line, trusted), RUN_PREDICATE))
      find('signature', RUNS, `line ${index + 1} is not a run signed by a key that is trusted`)
  })
  if (lines.length !== about.runs)
    find('altered', RUNS, `${about.runs} runs were signed for, and there are ${lines.length}`)
}

/** That the bundle was taken out is in the audit log: the proof leads from the entry to a signed checkpoint. */
function checkEntry(files: Files, trusted: readonly Verifier[], find: Find): void {
  const [body, text, runs] = [files.get(ENTRY), files.get(PROOF), files.get(RUNS)]
  if (!body || !text || !runs) return
  const proof = parseProof(text.toString('utf8'))
  const note = proof && openNote(proof.checkpoint, trusted)
  const checkpoint = note === undefined ? undefined : parseCheckpoint(note)
  if (!proof || !checkpoint)
    return find(
      'signature',
      PROOF,
      'the checkpoint of the audit log is not signed by a key that is trusted',
    )
  if (!includes(leafHash(body), proof.index, checkpoint.size, proof.path, checkpoint.root))
    return find('proof', PROOF, 'the entry is not in the audit log of this checkpoint')
  const said = readEntryFacts(body.toString('utf8'))
  if (said?.op !== 'evidence.export' || said.digest !== digestOf(runs))
    find('proof', ENTRY, 'the entry of the audit log is about another bundle')
}

function readEntryFacts(text: string): { op: unknown; digest: unknown } | undefined {
  try {
    const { op, d } = JSON.parse(text) as { op?: unknown; d?: { sha256?: unknown } }
    return { op, digest: d?.sha256 }
  } catch {
    return undefined
  }
}

function isStatement<Predicate = unknown>(
  value: unknown,
  predicateType: string,
): value is Statement<Predicate> {
  if (typeof value !== 'object' || value === null) return false
  const statement = value as Partial<Statement<Predicate>>
  return (
    statement._type === STATEMENT &&
    statement.predicateType === predicateType &&
    typeof statement.predicate === 'object' &&
    Array.isArray(statement.subject) &&
    (statement.subject as Partial<Statement<Predicate>['subject'][number]>[]).every(
      (each) => typeof each?.name === 'string' && typeof each.digest?.sha256 === 'string',
    )
  )
}
