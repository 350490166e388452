// What the operations of the API answer, as far as the pages read it. Times are milliseconds since 1970 UTC.

export interface PageOf<Item> {
  readonly data: readonly Item[]
  readonly page: { readonly next: string | null }
}

export interface JobRow {
  readonly id: string
  readonly queue: string
  readonly type: string
  readonly state: string
  readonly priority: number
  readonly attempts: number
  readonly createdAt: number
  readonly runAt: number
  readonly startedAt: number | null
  readonly finishedAt: number | null
  readonly duration: number | null
  readonly errorCode: string | null
  readonly fingerprint: string | null
  readonly worker: string | null
  readonly parent: string | null
  readonly schedule: string | null
  readonly engine: string
  readonly expiresAt: number | null
  readonly updatedAt: number
}

export interface PhiField {
  readonly path: string
  readonly kind: string
}

export interface LifeEvent {
  readonly at: number
  readonly type: string
  readonly attempt: number | null
  readonly code?: string
  readonly fingerprint?: string
}

export type JobAction = 'retry' | 'cancel' | 'promote' | 'delete'

export interface JobDetail extends JobRow {
  readonly version: number
  readonly phi: boolean
  readonly input: unknown
  readonly output: unknown
  readonly inputFields: readonly PhiField[]
  readonly outputFields: readonly PhiField[]
  readonly life: readonly LifeEvent[]
  readonly replayOf?: string
  readonly set?: string
  readonly actions: readonly JobAction[]
}

export interface Pause {
  readonly kind: 'queue' | 'job' | 'schedule'
  readonly name: string
  readonly reason: string
  readonly by: string
  readonly at: number
  readonly until: number | null
}

export interface Limit {
  readonly kind: 'queue' | 'job'
  readonly name: string
  readonly limit: 'concurrency' | 'rate'
  readonly value: number
  readonly code: number | null
  readonly per: number | null
  readonly override: {
    readonly value: number
    readonly until: number | null
    readonly reason: string
    readonly by: string
    readonly at: number
  } | null
}

export interface QueueRow {
  readonly name: string
  readonly paused: boolean
  readonly pause: Pause | null
  readonly counts: Readonly<Record<string, number>>
  readonly types: readonly string[]
  readonly workers: number
  readonly holdsPhi: boolean
  readonly oldestDue: number | null
}

export type QueueCounts = { readonly data: readonly QueueRow[] }

export interface QueueDetail {
  readonly queue: QueueRow
  readonly limits: readonly Limit[]
  readonly typePauses: readonly Pause[]
}

export interface PackList {
  readonly data: readonly {
    readonly name: string
    readonly title?: string
    readonly pages: readonly {
      readonly id: string
      readonly title: string
      readonly inRail: boolean
      readonly params?: readonly string[]
    }[]
  }[]
}

export type PageTone = 'neutral' | 'good' | 'warning' | 'bad'

export type PageValue =
  | string
  | number
  | boolean
  | null
  | {
      readonly text: string
      readonly page?: string
      readonly params?: Readonly<Record<string, string>>
      readonly job?: string
    }
  | {
      readonly masked: string
      readonly kind: string
      readonly reveal?: { readonly record: string; readonly field: string }
    }

export type PageBlock =
  | {
      readonly block: 'facts'
      readonly title?: string
      readonly facts: readonly {
        readonly label: string
        readonly value: PageValue
        readonly tone?: PageTone
      }[]
    }
  | {
      readonly block: 'table'
      readonly title: string
      readonly columns: readonly {
        readonly key: string
        readonly label: string
        readonly kind?: 'text' | 'number' | 'money' | 'time' | 'state'
      }[]
      readonly rows: readonly Readonly<Record<string, PageValue>>[]
      readonly empty: string
    }
  | {
      readonly block: 'chart'
      readonly title: string
      readonly kind: 'line' | 'bar' | 'band'
      readonly x: {
        readonly label: string
        readonly kind: 'time' | 'category'
        readonly values: readonly (number | string)[]
      }
      readonly series: readonly {
        readonly label: string
        readonly unit?: string
        readonly values: readonly (number | null)[]
      }[]
    }
  | {
      readonly block: 'document'
      readonly title: string
      readonly contentType: string
      readonly href: string
    }
  | { readonly block: 'note'; readonly tone: PageTone; readonly text: string }

export interface PackPageAnswer {
  readonly title?: string
  readonly blocks: readonly PageBlock[]
}
