// A workflow's document as pages draw it: its steps and what leads where.
import type { JsonSchema } from '../../parts/json-schema.ts'

export interface Step {
  readonly id: string
  readonly type: string
  readonly label: string
  readonly detail: string
}

export interface Shape {
  readonly steps: readonly Step[]
  readonly edges: readonly {
    readonly from: string
    readonly to: string
    /** When it is taken. */
    readonly label: string
    /** Taken where no other is. */
    readonly isLast: boolean
  }[]
  readonly input: JsonSchema | undefined
}

interface Written {
  readonly nodes?: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  readonly edges?: readonly { from: string; to: string; when?: string; otherwise?: boolean }[]
  readonly input?: JsonSchema
}

/** What a document says, whatever of it is there. */
export function shapeOf(document: unknown): Shape {
  const {
    nodes = {},
    edges = [],
    input,
  }: Written = typeof document === 'object' && document !== null ? document : {}
  return {
    steps: Object.entries(nodes).map(([id, node]) => ({
      id,
      type: textOf(node['type']) ?? '',
      label: textOf(node['title']) ?? id,
      detail:
        textOf(node['job']) ??
        textOf(node['workflow']) ??
        textOf(node['question']) ??
        textOf(node['for']) ??
        '',
    })),
    edges: edges.map(({ from, to, when, otherwise }) => ({
      from,
      to,
      label: when ?? '',
      isLast: otherwise === true,
    })),
    input,
  }
}

/** What a document calls itself. */
export function titleOf(document: unknown): string | undefined {
  return typeof document === 'object' && document !== null && 'title' in document
    ? textOf(document.title)
    : undefined
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
