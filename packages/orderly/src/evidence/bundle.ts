// Bundles of evidence: what runs of a period left behind, signed, so that others can check it without us.
import { createHash } from 'node:crypto'
import type { Signer } from '../ledger/note.ts'
import { signStatement } from './dsse.ts'
import { reportPage } from './report.ts'

export const STATEMENT = 'https://in-toto.io/Statement/v1'
/** What a statement says: how one run went, and what is in a bundle. */
export const RUN_PREDICATE = 'urn:orderly:evidence:run:v1'
export const BUNDLE_PREDICATE = 'urn:orderly:evidence:bundle:v1'

export const MANIFEST = 'manifest.intoto.json'
export const RUNS = 'runs.intoto.jsonl'
export const ENTRY = 'audit/export.json'
export const PROOF = 'audit/export.tlog-proof'
const KEY = 'keys/ledger.vkey'
const REPORT = 'report.html'

export interface Subject {
  readonly name: string
  readonly digest: { readonly sha256: string }
}

export interface Statement<Predicate> {
  readonly _type: typeof STATEMENT
  readonly subject: readonly Subject[]
  readonly predicateType: string
  readonly predicate: Predicate
}

/** What was asked for, and what came of it. */
export interface BundlePredicate {
  /** ISO 8601 UTC, the second not included; null where there is no bound. */
  readonly period: { readonly from: string | null; readonly to: string | null }
  /** The type of evidence; all of them where it is null. */
  readonly type: string | null
  readonly runs: number
  /** Runs that did not complete, or left a check that did not hold. */
  readonly invalid: number
  /** The log that vouches for it, and the program that wrote it. */
  readonly source: { readonly log: string; readonly release: string }
  readonly madeAt: string
}

/** The evidence of one run as it is stored. */
export interface StoredRun {
  /** JSON without PHI. */
  readonly body: string
  /** What stays sealed: its digest alone goes along. */
  readonly attached: string | null
}

export function digestOf(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}

/** One signed statement a run, a line each. */
export function signRuns(runs: readonly StoredRun[], signer: Signer): string {
  return runs.map((run) => `${signStatement(runStatement(run), signer)}\n`).join('')
}

function runStatement({ body, attached }: StoredRun): Statement<unknown> {
  const run = JSON.parse(body) as { job_id: string; run: number }
  const name = `runs/${run.job_id}/${run.run}`
  return {
    _type: STATEMENT,
    subject: [
      { name, digest: { sha256: digestOf(body) } },
      ...(attached === null
        ? []
        : [{ name: `${name}/attached`, digest: { sha256: digestOf(attached) } }]),
    ],
    predicateType: RUN_PREDICATE,
    predicate: run,
  }
}

export interface BundleParts {
  readonly predicate: BundlePredicate
  /** What `signRuns` made. */
  readonly runs: string
  readonly stored: readonly StoredRun[]
  /** The entry of the audit log that says that this was taken out, and its proof. */
  readonly entry: { readonly body: string; readonly proof: string }
  readonly signer: Signer
}

/** The files of a bundle. */
export function makeBundle(parts: BundleParts): Map<string, Buffer> {
  const { predicate, runs, stored, entry, signer } = parts
  const files = new Map<string, Buffer>([
    [RUNS, Buffer.from(runs)],
    [ENTRY, Buffer.from(entry.body)],
    [PROOF, Buffer.from(entry.proof)],
    // For people; whoever verifies has it from elsewhere.
    [KEY, Buffer.from(`${signer.vkey}\n`)],
    [REPORT, Buffer.from(reportPage(predicate, stored))],
  ])
  const manifest: Statement<BundlePredicate> = {
    _type: STATEMENT,
    subject: [...files].map(([name, content]) => ({
      name,
      digest: { sha256: digestOf(content) },
    })),
    predicateType: BUNDLE_PREDICATE,
    predicate,
  }
  files.set(MANIFEST, Buffer.from(`${signStatement(manifest, signer)}\n`))
  return files
}
