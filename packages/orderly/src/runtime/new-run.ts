// The row that a run begins with.
import { newId } from '../primitives/ids.ts'
import { digestOf, keepRunDocument } from '../state/runs.ts'
import type { RunRow } from '../state/run-tables.ts'
import type { WorkflowDocument } from '../workflow/document.ts'
import type { Rooms } from './rooms.ts'
import { sealValue } from './run-values.ts'
import { findWorkflow } from './workflow-store.ts'

export interface NewRun {
  /** The latest version unless told. */
  readonly version?: number
  readonly by?: string
  readonly parent?: string
  /** Beginning it again under one id is beginning it once. A new one unless told. */
  readonly id?: string
}

/** @throws OrderlyError `ORDERLY_NOT_FOUND` for a workflow that is not there */
export async function newRunRow(
  rooms: Rooms,
  workflow: string,
  input: unknown,
  { version, by = '', parent, id: given }: NewRun = {},
): Promise<RunRow> {
  const document = await findWorkflow(rooms, workflow, version)
  const now = rooms.clock.now()
  const id = given ?? newId(now)
  return {
    id,
    workflow: document.id,
    version: document.version,
    document: await keepDocument(rooms, document, now),
    input: await sealValue(rooms, id, 'input', input),
    output: null,
    state: 'running',
    who: by,
    revision: 0,
    created_at: now,
    finished_at: null,
    parent: parent ?? null,
    forked_from: null,
    forked_at: null,
  }
}

/** A document that nobody begins with is dropped after a day; one that was kept in this hour is there. */
const KEPT_MS = 3_600_000
const MOST_REMEMBERED = 1_000

async function keepDocument(
  rooms: Rooms,
  document: WorkflowDocument,
  now: number,
): Promise<string> {
  const { documents } = rooms.runs
  const text = JSON.stringify(document)
  const digest = digestOf(text)
  const kept = documents.get(digest)
  if (kept !== undefined && now - kept < KEPT_MS) return digest
  await keepRunDocument(rooms.state, text, now)
  if (documents.size >= MOST_REMEMBERED) documents.clear()
  documents.set(digest, now)
  return digest
}
