// What differs between two workflow documents: nodes, edges, and what is said of the whole.
import type { WorkflowDocument, WorkflowEdge } from './document.ts'

export interface NodeChange {
  readonly node: string
  /** The fields that differ, such as `input.url`. */
  readonly fields: readonly {
    readonly path: string
    readonly before: unknown
    readonly after: unknown
  }[]
}

export interface WorkflowDiff {
  readonly added: readonly string[]
  readonly removed: readonly string[]
  readonly changed: readonly NodeChange[]
  readonly edgesAdded: readonly WorkflowEdge[]
  readonly edgesRemoved: readonly WorkflowEdge[]
  /** What differs beside nodes and edges: title, start, input, output, params. */
  readonly document: NodeChange['fields']
  /** Whether nothing differs but versions and where the designer has the nodes. */
  readonly same: boolean
}

/** Compares two documents. Where nodes are drawn makes no difference, nor do notes and groups, nor the number of the version. */
export function diffWorkflows(before: WorkflowDocument, after: WorkflowDocument): WorkflowDiff {
  const [old, now] = [Object.keys(before.nodes), Object.keys(after.nodes)]
  const changed = now.flatMap((node) => {
    if (!Object.hasOwn(before.nodes, node)) return []
    const fields = compare(withoutPlace(before.nodes[node]), withoutPlace(after.nodes[node]))
    return fields.length > 0 ? [{ node, fields }] : []
  })
  const had = new Map(before.edges.map((edge) => [keyOf(edge), edge]))
  const has = new Map(after.edges.map((edge) => [keyOf(edge), edge]))
  const parts = {
    added: now.filter((node) => !Object.hasOwn(before.nodes, node)),
    removed: old.filter((node) => !Object.hasOwn(after.nodes, node)),
    changed,
    edgesAdded: [...has].flatMap(([key, edge]) => (had.has(key) ? [] : [edge])),
    edgesRemoved: [...had].flatMap(([key, edge]) => (has.has(key) ? [] : [edge])),
    document: compare(whole(before), whole(after)),
  }
  return { ...parts, same: Object.values(parts).every((part) => part.length === 0) }
}

function keyOf({ from, to, when, otherwise }: WorkflowEdge): string {
  return JSON.stringify([from, to, when ?? null, otherwise ?? false])
}

function withoutPlace(node: unknown): unknown {
  const { at: _at, ...rest } = node as Record<string, unknown>
  return rest
}

function whole({
  version: _v,
  nodes: _n,
  edges: _e,
  design: _d,
  ...rest
}: WorkflowDocument): unknown {
  return rest
}

function compare(before: unknown, after: unknown, path = ''): NodeChange['fields'] {
  if (isRecord(before) && isRecord(after))
    return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((key) =>
      compare(before[key], after[key], path === '' ? key : `${path}.${key}`),
    )
  if (JSON.stringify(before) === JSON.stringify(after)) return []
  return [{ path, before: before ?? null, after: after ?? null }]
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
