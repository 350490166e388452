// A workflow document as the designer handles it: any JSON of that shape, faults and all.

export interface Place {
  readonly x: number
  readonly y: number
}

export interface DesignNode {
  readonly type: string
  readonly title?: string
  readonly at?: Place
  readonly [field: string]: unknown
}

export interface DesignEdge {
  readonly from: string
  readonly to: string
  readonly when?: string
  readonly otherwise?: true
}

/** A remark on the canvas. */
export interface Note {
  readonly text: string
  readonly at: Place
}

/** Steps that belong together: drawn in one frame. */
export interface Group {
  readonly title: string
  readonly nodes: readonly string[]
}

/** What the designer keeps beside the workflow. */
export interface Design {
  readonly notes?: Readonly<Record<string, Note>>
  readonly groups?: Readonly<Record<string, Group>>
  /** What a step is taken to have returned when one is tried or the workflow is played. */
  readonly pins?: Readonly<Record<string, unknown>>
}

export interface DesignDocument {
  readonly format: string
  readonly id: string
  readonly version: number
  readonly title?: string
  readonly start: string
  readonly nodes: Readonly<Record<string, DesignNode>>
  readonly edges: readonly DesignEdge[]
  readonly design?: Design
  readonly [field: string]: unknown
}

export const CONTROL_TYPES = [
  'branch',
  'parallel',
  'for-each',
  'join',
  'wait',
  'approval',
  'delay',
  'sub-workflow',
  'compensate',
] as const

export type NodeType = 'job' | (typeof CONTROL_TYPES)[number]

/** The smallest document there is. */
export function emptyDocument(id: string): DesignDocument {
  return { format: 'orderly.workflow/1', id, version: 1, start: '', nodes: {}, edges: [] }
}

/** A new node of a type, with what its document must have. */
export function newNode(type: NodeType, job = ''): DesignNode {
  switch (type) {
    case 'job':
      return { type, job }
    case 'for-each':
      return { type, items: 'input.items', job }
    case 'join':
      return { type, wait: 'all' }
    case 'wait':
      return { type, until: { signal: 'received' } }
    case 'approval':
      return { type, who: ['operator'], question: '' }
    case 'delay':
      return { type, for: '1h' }
    case 'sub-workflow':
      return { type, workflow: '' }
    case 'compensate':
      return { type, undoes: '', job }
    case 'branch':
    case 'parallel':
      return { type }
  }
}
