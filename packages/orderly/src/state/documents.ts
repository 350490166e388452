// Workflow documents that people have deployed or are working on, and templates.
import type { TemplateRow, WorkflowDraftRow, WorkflowVersionRow } from './flow-tables.ts'
import type { StateDatabase } from './tables.ts'

/** A deployed version, the latest one unless told. */
export async function findVersion(
  { query }: StateDatabase,
  id: string,
  version?: number,
): Promise<WorkflowVersionRow | undefined> {
  let found = query.selectFrom('orderly_workflow_versions').selectAll().where('id', '=', id)
  if (version !== undefined) found = found.where('version', '=', version)
  return found.orderBy('version', 'desc').limit(1).executeTakeFirst()
}

/** Every version that was deployed, of one workflow or of all, the latest first. */
export async function findVersions(
  { query }: StateDatabase,
  id?: string,
): Promise<Omit<WorkflowVersionRow, 'document'>[]> {
  let found = query
    .selectFrom('orderly_workflow_versions')
    .select(['id', 'version', 'who', 'note', 'at'])
  if (id !== undefined) found = found.where('id', '=', id)
  return found.orderBy('id').orderBy('version', 'desc').limit(10_000).execute()
}

export async function findDraft(
  { query }: StateDatabase,
  id: string,
): Promise<WorkflowDraftRow | undefined> {
  return query
    .selectFrom('orderly_workflow_drafts')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirst()
}

export async function findDrafts({
  query,
}: StateDatabase): Promise<Omit<WorkflowDraftRow, 'document'>[]> {
  return query
    .selectFrom('orderly_workflow_drafts')
    .select(['id', 'who', 'at', 'revision'])
    .orderBy('id')
    .limit(10_000)
    .execute()
}

/**
 * Writes a draft.
 *
 * @param after the revision it was made from; 0 for the first
 * @returns false when the draft stands at another revision
 */
export async function putDraft(
  { query }: StateDatabase,
  draft: Omit<WorkflowDraftRow, 'revision'>,
  after: number,
): Promise<boolean> {
  const row = { ...draft, revision: after + 1 }
  const { id, ...change } = row
  const put =
    after === 0
      ? await query
          .insertInto('orderly_workflow_drafts')
          .values(row)
          .onConflict((conflict) => conflict.column('id').doNothing())
          .executeTakeFirst()
          .then(({ numInsertedOrUpdatedRows }) => numInsertedOrUpdatedRows)
      : await query
          .updateTable('orderly_workflow_drafts')
          .set(change)
          .where('id', '=', id)
          .where('revision', '=', after)
          .executeTakeFirst()
          .then(({ numUpdatedRows }) => numUpdatedRows)
  return (put ?? 0n) > 0n
}

export async function dropDraft({ query }: StateDatabase, id: string): Promise<boolean> {
  const dropped = await query
    .deleteFrom('orderly_workflow_drafts')
    .where('id', '=', id)
    .executeTakeFirst()
  return dropped.numDeletedRows > 0n
}

/**
 * Makes a draft the next version, and ends the draft.
 *
 * @param draft the revision of the draft that is deployed
 * @returns false when the draft has changed since, or somebody else has deployed that version
 */
export async function deployDraft(
  database: StateDatabase,
  version: WorkflowVersionRow,
  draft: number,
): Promise<boolean> {
  return database.transaction(async ({ query }) => {
    const inserted = await query
      .insertInto('orderly_workflow_versions')
      .values(version)
      .onConflict((conflict) => conflict.columns(['id', 'version']).doNothing())
      .executeTakeFirst()
    if ((inserted.numInsertedOrUpdatedRows ?? 0n) === 0n) return false
    const dropped = await query
      .deleteFrom('orderly_workflow_drafts')
      .where('id', '=', version.id)
      .where('revision', '=', draft)
      .executeTakeFirst()
    if (dropped.numDeletedRows > 0n) return true
    await query
      .deleteFrom('orderly_workflow_versions')
      .where('id', '=', version.id)
      .where('version', '=', version.version)
      .execute()
    return false
  })
}

export async function findTemplate(
  { query }: StateDatabase,
  id: string,
  version?: number,
): Promise<TemplateRow | undefined> {
  let found = query.selectFrom('orderly_templates').selectAll().where('id', '=', id)
  if (version !== undefined) found = found.where('version', '=', version)
  return found.orderBy('version', 'desc').limit(1).executeTakeFirst()
}

export async function findTemplates({ query }: StateDatabase): Promise<TemplateRow[]> {
  return query
    .selectFrom('orderly_templates')
    .selectAll()
    .orderBy('id')
    .orderBy('version', 'desc')
    .limit(1_000)
    .execute()
}

/** @returns false when there is such a version already */
export async function insertTemplate({ query }: StateDatabase, row: TemplateRow): Promise<boolean> {
  const inserted = await query
    .insertInto('orderly_templates')
    .values(row)
    .onConflict((conflict) => conflict.columns(['id', 'version']).doNothing())
    .executeTakeFirst()
  return (inserted.numInsertedOrUpdatedRows ?? 0n) > 0n
}
