// What can be drawn at all; what else is wrong with a document the server says.
import type { Values } from '../app/texts.ts'
import type { DesignDocument } from './document.ts'

/** What cannot be drawn, as a text of DRAWABLE_TEXTS and what is put into it. */
export interface Fault {
  readonly key: keyof typeof DRAWABLE_TEXTS
  readonly values?: Values
}

export const DRAWABLE_TEXTS = {
  isWorkflow: ['a workflow is an object', 'un flujo es un objeto'],
  isText: ['"{field}" is a text', '«{field}» es un texto'],
  areNodes: [
    '"nodes" is an object: nodes by their names',
    '«nodes» es un objeto: los nodos por su nombre',
  ],
  hasType: ['node "{name}" has a "type"', 'el nodo «{name}» tiene un «type»'],
  hasPlace: ['"at" of node "{name}" has "x" and "y"', '«at» del nodo «{name}» tiene «x» e «y»'],
  hasTitle: ['"title" of node "{name}" is a text', '«title» del nodo «{name}» es un texto'],
  areEdges: ['"edges" is a list', '«edges» es una lista'],
  hasEnds: ['an edge has "from" and "to"', 'una arista tiene «from» y «to»'],
  isDesign: ['"design" is an object', '«design» es un objeto'],
  areParts: [
    '"notes", "groups" and "pins" of "design" are objects',
    '«notes», «groups» y «pins» de «design» son objetos',
  ],
  isNote: ['note "{name}" has a "text" and "at"', 'la nota «{name}» tiene «text» y «at»'],
  isGroup: ['group "{name}" has a "title"', 'el grupo «{name}» tiene un «title»'],
  areNames: [
    '"nodes" of group "{name}" is a list of names',
    '«nodes» del grupo «{name}» es una lista de nombres',
  ],
} as const

/** The document that a value is, or why it cannot even be drawn. */
export function asDrawable(
  value: unknown,
): { readonly document: DesignDocument } | { readonly fault: Fault } {
  const fault = faultOf(value)
  return fault === undefined ? { document: value as DesignDocument } : { fault }
}

function faultOf(value: unknown): Fault | undefined {
  if (!isRecord(value)) return { key: 'isWorkflow' }
  for (const key of ['format', 'id', 'start'])
    if (typeof value[key] !== 'string') return { key: 'isText', values: { field: key } }
  if (!isRecord(value['nodes'])) return { key: 'areNodes' }
  for (const [name, node] of Object.entries(value['nodes'])) {
    if (!isRecord(node) || typeof node['type'] !== 'string')
      return { key: 'hasType', values: { name } }
    if (node['at'] !== undefined && !isPlace(node['at']))
      return { key: 'hasPlace', values: { name } }
    if (node['title'] !== undefined && typeof node['title'] !== 'string')
      return { key: 'hasTitle', values: { name } }
  }
  if (!Array.isArray(value['edges'])) return { key: 'areEdges' }
  for (const edge of value['edges'])
    if (!isRecord(edge) || typeof edge['from'] !== 'string' || typeof edge['to'] !== 'string')
      return { key: 'hasEnds' }
  return value['design'] === undefined ? undefined : designFault(value['design'])
}

function designFault(design: unknown): Fault | undefined {
  if (!isRecord(design)) return { key: 'isDesign' }
  const { notes = {}, groups = {}, pins = {} } = design
  if (!isRecord(notes) || !isRecord(groups) || !isRecord(pins)) return { key: 'areParts' }
  for (const [name, note] of Object.entries(notes))
    if (!isRecord(note) || typeof note['text'] !== 'string' || !isPlace(note['at']))
      return { key: 'isNote', values: { name } }
  for (const [name, group] of Object.entries(groups)) {
    if (!isRecord(group) || typeof group['title'] !== 'string')
      return { key: 'isGroup', values: { name } }
    const { nodes } = group
    if (!Array.isArray(nodes) || !nodes.every((node) => typeof node === 'string'))
      return { key: 'areNames', values: { name } }
  }
  return undefined
}

function isPlace(value: unknown): boolean {
  return isRecord(value) && Number.isFinite(value['x']) && Number.isFinite(value['y'])
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
