// Templates as people handle them: those of the packs and those that were imported or copied.
import { OrderlyError } from '../primitives/errors.ts'
import type { TemplateRow } from '../state/flow-tables.ts'
import { findTemplate, findTemplates, insertTemplate } from '../state/documents.ts'
import type { WorkflowDocument } from '../workflow/document.ts'
import {
  instantiate,
  readTemplate as parseTemplate,
  type Provenance,
  type WorkflowTemplate,
} from '../workflow/template.ts'
import type { Rooms } from './rooms.ts'
import { saveDraft, type SavedDraft } from './workflow-store.ts'

export interface TemplateSummary {
  readonly id: string
  readonly version: number
  readonly title: string
  readonly description: string
  readonly parameters: WorkflowTemplate['parameters']
  readonly provenance: Provenance
}

/** The latest version of each template. */
export async function listTemplates(rooms: Rooms): Promise<TemplateSummary[]> {
  const latest = new Map<string, WorkflowTemplate>()
  const all = [...rooms.templates, ...(await findTemplates(rooms.state)).map(templateOf)]
  for (const template of all)
    if ((latest.get(template.id)?.version ?? 0) <= template.version)
      latest.set(template.id, template)
  return [...latest.values()]
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
    .map(({ id, version, title, description, parameters, provenance }) => ({
      id,
      version,
      title: title ?? id,
      description: description ?? '',
      parameters,
      provenance: provenance ?? {},
    }))
}

function templateOf({ body }: TemplateRow): WorkflowTemplate {
  return JSON.parse(body) as WorkflowTemplate
}

/** @throws OrderlyError `ORDERLY_NOT_FOUND`; the latest version unless told */
export async function readTemplate(
  rooms: Rooms,
  id: string,
  version?: number,
): Promise<WorkflowTemplate> {
  const stored = await findTemplate(rooms.state, id, version)
  const [own] = rooms.templates
    .filter((one) => one.id === id && one.version === (version ?? one.version))
    .toSorted((a, b) => b.version - a.version)
  if (stored && stored.version >= (own?.version ?? 0)) return templateOf(stored)
  if (own) return own
  throw new OrderlyError('ORDERLY_NOT_FOUND', 'there is no template of this id')
}

/** @throws OrderlyError `ORDERLY_DEFINITION_INVALID` naming what is wrong with it */
export async function importTemplate(
  rooms: Rooms,
  value: unknown,
  { by = '', source }: { readonly by?: string; readonly source?: string } = {},
): Promise<{ readonly version: number }> {
  const template = parseTemplate(value)
  return put(
    rooms,
    source === undefined
      ? template
      : { ...template, provenance: { ...template.provenance, source } },
    by,
  )
}

/** @throws OrderlyError `ORDERLY_NOT_FOUND` */
export async function forkTemplate(
  rooms: Rooms,
  id: string,
  {
    as,
    by = '',
    version,
  }: { readonly as: string; readonly by?: string; readonly version?: number },
): Promise<{ readonly version: number }> {
  const { provenance: _own, ...template } = await readTemplate(rooms, id, version)
  const forkedFrom = { id, version: template.version }
  const provenance = { forkedFrom, ...(by === '' ? {} : { author: by }) }
  return put(rooms, parseTemplate({ ...template, id: as, provenance }), by)
}

/** Keeps a template as the next version of its id. */
async function put(
  rooms: Rooms,
  template: WorkflowTemplate,
  who: string,
): Promise<{ readonly version: number }> {
  for (;;) {
    const latest = await readTemplate(rooms, template.id).catch(() => undefined)
    const version = (latest?.version ?? 0) + 1
    const row = {
      id: template.id,
      version,
      body: JSON.stringify({ ...template, version }),
      provenance: JSON.stringify(template.provenance ?? {}),
      who,
      at: rooms.clock.now(),
    }
    if (await insertTemplate(rooms.state, row)) return { version }
  }
}

export interface InstantiateOptions {
  /** The id of the workflow that is made. */
  readonly as: string
  readonly params?: Readonly<Record<string, unknown>>
  readonly version?: number
  readonly by?: string
}

/** @throws OrderlyError `ORDERLY_NOT_FOUND`, `ORDERLY_INPUT_INVALID`, `ORDERLY_DEFINITION_INVALID` */
export async function instantiateTemplate(
  rooms: Rooms,
  id: string,
  { as, params, version, by = '' }: InstantiateOptions,
): Promise<SavedDraft & { readonly document: WorkflowDocument }> {
  const document = instantiate(await readTemplate(rooms, id, version), as, params)
  return { ...(await saveDraft(rooms, document, { by })), document }
}
