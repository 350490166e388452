// How far a caller of some queues alone reaches beyond jobs: workflows by the jobs they can run, and nothing that
// concerns the whole installation.
import { reachesAll } from '../access/can.ts'
import { OrderlyError } from '../primitives/errors.ts'
import type { Sight } from '../runtime/workflow-store.ts'
import type { RunRow } from '../state/run-tables.ts'
import { findRunDocument } from '../state/runs.ts'
import type { ApiContext, ApiOperation } from './contract.ts'

type Reaching = Pick<ApiContext, 'orderly' | 'rooms' | 'actor' | 'reaches'>

interface Asked {
  readonly params: unknown
  readonly body?: unknown
}

/**
 * Refuses a caller of some queues alone what is beyond them, as if it were not there.
 *
 * @throws OrderlyError `ORDERLY_NOT_FOUND`; `ORDERLY_FORBIDDEN` for what concerns the whole installation
 */
export async function demandReach(
  context: Reaching,
  { of, id: operation }: Pick<ApiOperation, 'of' | 'id'>,
  { params, body }: Asked,
): Promise<void> {
  if (of === undefined || reachesAll(context.actor)) return
  const { id = '' } = Object(params) as { readonly id?: string }
  if (of === 'run') {
    if (await isRunWithinReach(context, id)) return
    throw new OrderlyError('ORDERLY_NOT_FOUND', 'there is no run of this id')
  }
  if (of === 'workflow') {
    const documents = await documentsOf(context, id)
    // Whoever drafts a new one is held to what is in it.
    if (operation === 'workflows.saveDraft')
      documents.push((body as { document: unknown }).document)
    const isWithin = await Promise.all(
      documents.map((each) => isDocumentWithinReach(context, each)),
    )
    if (documents.length > 0 && isWithin.every(Boolean)) return
    throw outOfReach()
  }
  throw new OrderlyError(
    'ORDERLY_FORBIDDEN',
    'this concerns every queue; it needs somebody who reaches all of them',
  )
}

/** Which runs of a list are within reach: each document is looked at once, however many runs began with it. */
export function runsInReach(
  context: Reaching,
): (row: Pick<RunRow, 'document'>) => Promise<boolean> {
  if (reachesAll(context.actor)) return () => Promise.resolve(true)
  const known = new Map<string, Promise<boolean>>()
  const look = async (row: Pick<RunRow, 'document'>): Promise<boolean> =>
    isDocumentWithinReach(
      context,
      JSON.parse(await findRunDocument(context.rooms.state, row)) as unknown,
    )
  return (row) => {
    const isWithin = known.get(row.document) ?? look(row)
    known.set(row.document, isWithin)
    return isWithin
  }
}

/** A run is within reach where the workflow it began with is. */
export async function isRunWithinReach(context: Reaching, id: string): Promise<boolean> {
  if (reachesAll(context.actor)) return true
  const document = await ifThere(context.orderly.runDocument(id))
  return document !== undefined && isDocumentWithinReach(context, document)
}

/** A workflow is within reach where each version and the draft of it can run jobs within reach alone. */
export async function isWorkflowWithinReach(context: Reaching, id: string): Promise<boolean> {
  if (reachesAll(context.actor)) return true
  const documents = await documentsOf(context, id)
  const isWithin = await Promise.all(documents.map((each) => isDocumentWithinReach(context, each)))
  return documents.length > 0 && isWithin.every(Boolean)
}

/** What the check of a document may tell a caller. */
export function sightOf(context: Reaching): Sight {
  return {
    job: ({ queue }) => context.reaches(queue),
    workflow: (id) => isWorkflowWithinReach(context, id),
  }
}

/** What is out of reach, and what is not there, are told alike. */
export function outOfReach(): OrderlyError {
  return new OrderlyError('ORDERLY_NOT_FOUND', 'there is no such thing within your reach')
}

async function documentsOf({ orderly }: Reaching, id: string): Promise<unknown[]> {
  const [versions, draft] = await Promise.all([
    ifThere(orderly.workflowVersions(id)),
    orderly.workflowDraft(id),
  ])
  const deployed = await Promise.all(
    (versions ?? []).map(({ version }) => ifThere(orderly.workflow(id, version))),
  )
  return [...deployed.filter((each) => each !== undefined), ...(draft ? [draft.document] : [])]
}

async function ifThere<T>(asked: Promise<T>): Promise<T | undefined> {
  return asked.catch((error: unknown) => {
    if (error instanceof OrderlyError && error.code === 'ORDERLY_NOT_FOUND') return undefined
    throw error
  })
}

/** A workflow that runs no job is of no queue, and so of nobody's who has some queues alone. */
async function isDocumentWithinReach(context: Reaching, document: unknown): Promise<boolean> {
  const walk: Walk = { context, looked: new Set(), jobs: 0 }
  return (await runsWithinReach(walk, document)) && walk.jobs > 0
}

interface Walk {
  readonly context: Reaching
  /** Workflows that were looked at: each is once, however many lead to it. */
  readonly looked: Set<string>
  jobs: number
}

/** Whether no job of a document, nor of those it leads to, is out of reach. */
async function runsWithinReach(walk: Walk, document: unknown): Promise<boolean> {
  const { context, looked } = walk
  const { nodes } = Object(document) as { readonly nodes?: unknown }
  for (const node of Object.values(Object(nodes) as object) as unknown[]) {
    const { job, workflow } = Object(node) as {
      readonly job?: unknown
      readonly workflow?: unknown
    }
    if (typeof job === 'string') {
      const queue = context.rooms.registry.jobs.get(job)?.queue
      if (queue === undefined || !context.reaches(queue)) return false
      walk.jobs++
    }
    if (typeof workflow === 'string' && !looked.has(workflow)) {
      looked.add(workflow)
      for (const each of await documentsOf(context, workflow))
        if (!(await runsWithinReach(walk, each))) return false
    }
  }
  return true
}
