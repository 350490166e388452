// The row that a run begins with.
import { newId } from '../primitives/ids.ts'
import { digestOf, keepRunDocument } from '../state/runs.ts'
import type { RunRow } from '../state/run-tables.ts'
import { inputFor } from '../workflow/check-input.ts'
import type { WorkflowDocument } from '../workflow/document.ts'
import type { Rooms } from './rooms.ts'
import { sealValue } from './run-values.ts'
import { findWorkflow } from './workflow-store.ts'

export interface NewRun {
  /** The latest version unless told. */
  readonly version?: number
  readonly by?: string
  /** The run that it is within, and the outermost of those. */
  readonly within?: { readonly parent: string; readonly root: string }
  /** Beginning it again under one id is beginning it once. A new one unless told. */
  readonly id?: string
}

/**
 * @throws OrderlyError `ORDERLY_NOT_FOUND` for a workflow that is not there, `ORDERLY_INPUT_INVALID` for what it does not
 *   take
 */
export async function newRunRow(
  rooms: Rooms,
  workflow: string,
  input: unknown,
  { version, by = '', within, id: given }: NewRun = {},
): Promise<RunRow> {
  const document = await findWorkflow(rooms, workflow, version)
  const taken = inputFor(document, input)
  const now = rooms.clock.now()
  const id = given ?? newId(now)
  return {
    id,
    workflow: document.id,
    version: document.version,
    document: await keepDocument(rooms, document, now),
    input: await sealValue(rooms, id, 'input', taken),
    output: null,
    state: 'running',
    who: by,
    revision: 0,
    created_at: now,
    finished_at: null,
    parent: within?.parent ?? null,
    forked_from: null,
    forked_at: null,
    root: within?.root ?? null,
    look: 0,
    ending: 0,
  }
}

/** A document that nobody begins with is dropped after a day; one that was kept in this hour is there. */
const KEPT_MS = 3_600_000
const MOST_REMEMBERED = 1_000

/** What the program brings is the same object for each run, and may be large. */
const texts = new WeakMap<WorkflowDocument, { readonly text: string; readonly digest: string }>()

function textOf(document: WorkflowDocument): { readonly text: string; readonly digest: string } {
  const known = texts.get(document)
  if (known) return known
  const text = JSON.stringify(document)
  const made = { text, digest: digestOf(text) }
  texts.set(document, made)
  return made
}

async function keepDocument(
  rooms: Rooms,
  document: WorkflowDocument,
  now: number,
): Promise<string> {
  const { documents } = rooms.runs
  const { text, digest } = textOf(document)
  let kept = documents.get(digest)
  if (!kept || now - kept.at >= KEPT_MS) {
    if (documents.size >= MOST_REMEMBERED) documents.clear()
    kept = { at: now, done: keepRunDocument(rooms.state, text, now) }
    documents.set(digest, kept)
    kept.done.catch(() => documents.delete(digest))
  }
  await kept.done
  return digest
}
