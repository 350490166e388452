// What expressions may look at from a node: for completion.
import { resolve, type JsonSchema } from '../parts/json-schema.ts'
import type { DesignDocument } from './document.ts'
import { upstream } from './model.ts'

export interface Suggestion {
  readonly text: string
  readonly type: string
}

const MOST = 300
const DEEPEST = 5

/** Every place that an expression of a node can look at, the nearest first. */
export function suggestionsFor(
  document: DesignDocument,
  name: string,
  schemaOf: (job: string) => { readonly outputSchema: JsonSchema | null } | undefined,
): Suggestion[] {
  const found: Suggestion[] = []
  const node = document.nodes[name]
  if (node?.type === 'for-each') {
    found.push({ text: 'item', type: 'an item' }, { text: 'index', type: 'integer' })
  }
  for (const step of upstream(document, name)) {
    const from = document.nodes[step]!
    const base = `steps.${step}.output`
    const job = typeof from['job'] === 'string' ? schemaOf(from['job']) : undefined
    if (from.type === 'approval')
      found.push({ text: `${base}.by`, type: 'string' }, { text: `${base}.note`, type: 'string' })
    else if (from.type === 'for-each')
      found.push({ text: base, type: 'array' }, { text: `size(${base})`, type: 'integer' })
    else if (['job', 'wait', 'sub-workflow'].includes(from.type))
      walk(job?.outputSchema ?? undefined, base, found)
    found.push({ text: `steps.${step}.state`, type: 'string' })
  }
  walk(document['input'] as JsonSchema | undefined, 'input', found)
  for (const key of Object.keys(document['params'] ?? {}))
    found.push({ text: `params.${key}`, type: 'a constant' })
  found.push({ text: 'run.id', type: 'string' }, { text: 'run.started', type: 'string' })
  return found.slice(0, MOST)
}

function walk(
  schema: JsonSchema | undefined,
  path: string,
  found: Suggestion[],
  depth = 0,
  root = schema,
): void {
  if (found.length >= MOST || depth > DEEPEST) return
  const real = schema && root ? resolve(schema, root) : undefined
  const type = Array.isArray(real?.type) ? real.type.join(' or ') : real?.type
  found.push({ text: path, type: typeof type === 'string' ? type : 'anything' })
  for (const [key, inner] of Object.entries(real?.properties ?? {}))
    walk(inner, `${path}.${key}`, found, depth + 1, root)
}
