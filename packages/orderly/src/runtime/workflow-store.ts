// Workflows as people handle them: those of the program and those that were deployed, drafts, versions, what is wrong.
import { DECIDING_ROLES } from '../access/roles.ts'
import { OrderlyError } from '../primitives/errors.ts'
import {
  deployDraft,
  dropDraft as dropStoredDraft,
  findDraft,
  findDrafts,
  findVersion,
  findVersions,
  putDraft,
} from '../state/documents.ts'
import type { JobDefinition } from '../job/define-job.ts'
import { knownJobs } from '../workflow/catalog.ts'
import { diffWorkflows, type WorkflowDiff } from '../workflow/diff.ts'
import { workflowDocument, type WorkflowDocument } from '../workflow/document.ts'
import type { Finding } from '../workflow/finding.ts'
import { validateWorkflow, type Validation } from '../workflow/validate.ts'
import type { Rooms } from './rooms.ts'

/** A version of a workflow. Times are milliseconds since 1970 UTC. */
export interface WorkflowVersion {
  readonly version: number
  /** `code`: the program brings it with it. `store`: somebody deployed it. */
  readonly source: 'code' | 'store'
  readonly by: string
  readonly note: string
  /** Null for what the program brings. */
  readonly at: number | null
}

export interface WorkflowDraft {
  readonly revision: number
  readonly by: string
  readonly at: number
}

export interface WorkflowSummary {
  readonly id: string
  readonly title: string
  /** The version that runs begin with; null while there is only a draft. */
  readonly version: number | null
  readonly versions: readonly WorkflowVersion[]
  readonly draft: WorkflowDraft | null
}

const LARGEST_DOCUMENT = 8 * 1024 * 1024

/** @throws OrderlyError `ORDERLY_NOT_FOUND`; the latest version unless told */
export async function findWorkflow(
  rooms: Rooms,
  id: string,
  version?: number,
): Promise<WorkflowDocument> {
  const own = rooms.workflows.find(id, version)
  const stored = await findVersion(rooms.state, id, version)
  // Of two of one number the one that somebody deployed holds: what a person says wins over the code.
  if (stored && stored.version >= (own?.version ?? 0))
    return JSON.parse(stored.document) as WorkflowDocument
  if (own) return own
  throw new OrderlyError(
    'ORDERLY_NOT_FOUND',
    `no workflow of this id${version === undefined ? '' : ' and version'} is known here; add it to createOrderly, or deploy it`,
  )
}

/** Every workflow there is, drafts included. */
export async function listWorkflows(rooms: Rooms): Promise<WorkflowSummary[]> {
  const [stored, drafts] = await Promise.all([findVersions(rooms.state), findDrafts(rooms.state)])
  const ids = new Set([
    ...rooms.workflows.all().map(({ id }) => id),
    ...[...stored, ...drafts].map(({ id }) => id),
  ])
  const summaries: WorkflowSummary[] = []
  for (const id of [...ids].toSorted()) {
    const versions = versionsOf(rooms, id, stored)
    const draft = drafts.find((one) => one.id === id)
    const [latest] = versions
    const title = latest ? (await findWorkflow(rooms, id, latest.version)).title : undefined
    summaries.push({
      id,
      title: title ?? id,
      version: latest?.version ?? null,
      versions,
      draft: draft ? { revision: draft.revision, by: draft.who, at: draft.at } : null,
    })
  }
  return summaries
}

function versionsOf(
  rooms: Rooms,
  id: string,
  stored: Awaited<ReturnType<typeof findVersions>>,
): WorkflowVersion[] {
  const deployed = stored
    .filter((one) => one.id === id)
    .map(({ version, who, note, at }) => ({ version, source: 'store' as const, by: who, note, at }))
  const taken = new Set(deployed.map(({ version }) => version))
  const own = rooms.workflows
    .all()
    .filter((one) => one.id === id && !taken.has(one.version))
    .map(({ version }) => ({ version, source: 'code' as const, by: '', note: '', at: null }))
  return [...deployed, ...own].toSorted((a, b) => b.version - a.version)
}

/** The versions of a workflow, the latest first. */
export async function workflowVersions(rooms: Rooms, id: string): Promise<WorkflowVersion[]> {
  return versionsOf(rooms, id, await findVersions(rooms.state, id))
}

/** What somebody is working on; undefined where nobody is. */
export async function readDraft(
  rooms: Rooms,
  id: string,
): Promise<(WorkflowDraft & { readonly document: unknown }) | undefined> {
  const draft = await findDraft(rooms.state, id)
  if (!draft) return undefined
  const { revision, who, at, document } = draft
  return { revision, by: who, at, document: JSON.parse(document) as unknown }
}

/** What somebody may know of an installation: what is out of their sight is as if it were not there. */
export interface Sight {
  job(job: JobDefinition): boolean
  workflow(id: string): Promise<boolean>
}

export const WHOLE_SIGHT: Sight = { job: () => true, workflow: () => Promise.resolve(true) }

/** What is wrong with a document, by the jobs and workflows that are known here. */
export async function checkWorkflow(
  rooms: Rooms,
  document: unknown,
  sight: Sight = WHOLE_SIGHT,
): Promise<Validation> {
  const own = (document as { id?: unknown } | null)?.id
  const workflows = [
    ...rooms.workflows.all().map(({ id }) => id),
    ...(await findVersions(rooms.state)).map(({ id }) => id),
  ]
  const seen: string[] = typeof own === 'string' ? [own] : []
  for (const id of new Set(workflows)) if (await sight.workflow(id)) seen.push(id)
  return validateWorkflow(document, {
    jobs: knownJobs([...rooms.registry.jobs.values()].filter((job) => sight.job(job))),
    workflows: seen,
    deciders: DECIDING_ROLES,
  })
}

export interface DraftOptions {
  readonly by?: string
  /** The revision of the draft that it was made from; left out, it takes the place of whatever draft there is. */
  readonly revision?: number
}

export interface SavedDraft {
  readonly revision: number
  /** What is still wrong with it: a draft need not be able to run. */
  readonly findings: readonly Finding[]
}

const ID = /^[A-Za-z][A-Za-z0-9._-]{0,99}$/

/**
 * Keeps a document that somebody is working on, faults and all.
 *
 * @throws OrderlyError `ORDERLY_INPUT_INVALID` for what is no object with an id, `ORDERLY_PAYLOAD_TOO_LARGE`,
 *   `ORDERLY_CHANGED_MEANWHILE` when the draft stands at another revision
 */
export async function saveDraft(
  rooms: Rooms,
  document: unknown,
  { by = '', revision }: DraftOptions = {},
): Promise<SavedDraft> {
  const id = (document as { id?: unknown } | null)?.id
  if (typeof id !== 'string' || !ID.test(id))
    throw new OrderlyError(
      'ORDERLY_INPUT_INVALID',
      'a workflow is an object with an id: a letter, then letters, digits, ".", "_" and "-", 100 at most',
    )
  const text = JSON.stringify(document)
  if (text.length > LARGEST_DOCUMENT)
    throw new OrderlyError('ORDERLY_PAYLOAD_TOO_LARGE', 'a workflow document is 8 MiB at most')
  const after = revision ?? (await findDraft(rooms.state, id))?.revision ?? 0
  const row = { id, document: text, who: by, at: rooms.clock.now() }
  if (!(await putDraft(rooms.state, row, after))) throw changed()
  const { findings } = await checkWorkflow(rooms, document)
  return { revision: after + 1, findings }
}

/** @returns whether there was a draft */
export function dropDraft(rooms: Rooms, id: string): Promise<boolean> {
  return dropStoredDraft(rooms.state, id)
}

export interface DeployOptions {
  readonly by?: string
  /** What has changed and why, for the list of versions. */
  readonly note?: string
  /** The revision of the draft that is meant; the one there is unless told. */
  readonly revision?: number
}

/**
 * Makes the draft of a workflow its next version: new runs begin with it, those that run keep theirs.
 *
 * @throws OrderlyError `ORDERLY_NOT_FOUND` without a draft, `ORDERLY_DEFINITION_INVALID` naming the first fault,
 *   `ORDERLY_CHANGED_MEANWHILE` when the draft has changed since
 */
export async function deployWorkflow(
  rooms: Rooms,
  id: string,
  { by = '', note = '', revision }: DeployOptions = {},
): Promise<{ readonly version: number }> {
  const draft = await findDraft(rooms.state, id)
  if (!draft) throw new OrderlyError('ORDERLY_NOT_FOUND', 'this workflow has no draft')
  if (revision !== undefined && revision !== draft.revision) throw changed()
  const [latest] = await workflowVersions(rooms, id)
  const version = (latest?.version ?? 0) + 1
  const document = { ...(JSON.parse(draft.document) as object), version }
  const { valid, findings } = await checkWorkflow(rooms, document)
  if (!valid)
    throw new OrderlyError(
      'ORDERLY_DEFINITION_INVALID',
      `workflow "${id}" cannot run: ${findings[0]!.message}`,
    )
  const row = {
    id,
    version,
    document: JSON.stringify(document),
    who: by,
    note,
    at: rooms.clock.now(),
  }
  if (!(await deployDraft(rooms.state, row, draft.revision))) throw changed()
  return { version }
}

function changed(): OrderlyError {
  return new OrderlyError(
    'ORDERLY_CHANGED_MEANWHILE',
    'somebody else has changed the draft meanwhile; read it again and put your change on top',
  )
}

/**
 * What differs between two versions of a workflow, or between a version and the draft.
 *
 * @throws OrderlyError `ORDERLY_NOT_FOUND`, `ORDERLY_DEFINITION_INVALID` for a draft that is no document at all
 */
export async function diffVersions(
  rooms: Rooms,
  id: string,
  before: number,
  after: number | 'draft',
): Promise<WorkflowDiff> {
  const old = await findWorkflow(rooms, id, before)
  if (after !== 'draft') return diffWorkflows(old, await findWorkflow(rooms, id, after))
  const draft = await readDraft(rooms, id)
  if (!draft) throw new OrderlyError('ORDERLY_NOT_FOUND', 'this workflow has no draft')
  const parsed = workflowDocument.safeParse(draft.document)
  if (!parsed.success)
    throw new OrderlyError(
      'ORDERLY_DEFINITION_INVALID',
      'the draft is no workflow document yet; mend what its check finds',
    )
  return diffWorkflows(old, parsed.data)
}
