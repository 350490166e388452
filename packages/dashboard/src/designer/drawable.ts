// What can be drawn at all; what else is wrong with a document the server says.
import type { DesignDocument } from './document.ts'

/** The document that a value is, or why it cannot even be drawn. */
export function asDrawable(
  value: unknown,
): { readonly document: DesignDocument } | { readonly fault: string } {
  const fault = faultOf(value)
  return fault === undefined ? { document: value as DesignDocument } : { fault }
}

function faultOf(value: unknown): string | undefined {
  if (!isRecord(value)) return 'a workflow is an object'
  for (const key of ['format', 'id', 'start'])
    if (typeof value[key] !== 'string') return `"${key}" is a text`
  if (!isRecord(value['nodes'])) return '"nodes" is an object: nodes by their names'
  for (const [name, node] of Object.entries(value['nodes'])) {
    if (!isRecord(node) || typeof node['type'] !== 'string') return `node "${name}" has a "type"`
    if (node['at'] !== undefined && !isPlace(node['at']))
      return `"at" of node "${name}" has "x" and "y"`
    if (node['title'] !== undefined && typeof node['title'] !== 'string')
      return `"title" of node "${name}" is a text`
  }
  if (!Array.isArray(value['edges'])) return '"edges" is a list'
  for (const edge of value['edges'])
    if (!isRecord(edge) || typeof edge['from'] !== 'string' || typeof edge['to'] !== 'string')
      return 'an edge has "from" and "to"'
  return value['design'] === undefined ? undefined : designFault(value['design'])
}

function designFault(design: unknown): string | undefined {
  if (!isRecord(design)) return '"design" is an object'
  const { notes = {}, groups = {}, pins = {} } = design
  if (!isRecord(notes) || !isRecord(groups) || !isRecord(pins))
    return '"notes", "groups" and "pins" of "design" are objects'
  for (const [name, note] of Object.entries(notes))
    if (!isRecord(note) || typeof note['text'] !== 'string' || !isPlace(note['at']))
      return `note "${name}" has a "text" and "at"`
  for (const [name, group] of Object.entries(groups)) {
    if (!isRecord(group) || typeof group['title'] !== 'string')
      return `group "${name}" has a "title"`
    const { nodes } = group
    if (!Array.isArray(nodes) || !nodes.every((node) => typeof node === 'string'))
      return `"nodes" of group "${name}" is a list of names`
  }
  return undefined
}

function isPlace(value: unknown): boolean {
  return isRecord(value) && Number.isFinite(value['x']) && Number.isFinite(value['y'])
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
